"""Lecture 6: the given consensus algorithms keep their promises, the reference solves the tasks."""

import pytest

from emulators.SyncEmulator import SyncEmulator
from tests.running import run
from tests.solutions import exercise6 as solutions

SMALL = [(seed, 2 + seed % 9) for seed in range(97)]
LARGE = [(97, 20), (98, 30), (99, 50)]
HUNDRED = SMALL + LARGE  # (seed, number of devices): 100 seeds, 2 to 50 devices


def decisions(result, but=()):
    """What the devices decided, without those that failed on purpose."""
    return [d._application._decision for d in result.devices if d.index not in but]


def proposals(result):
    return [device._application.initial_value for device in result.devices]


def all_agree(result, but=()):
    decided = decisions(result, but)
    return None not in decided and len(set(decided)) == 1


def only_disagreements(result):
    """Whether nothing worse happened than that devices decided different values."""
    return all("NoAgreement" in failure.text for failure in result.failures)


# ---------------------------------------------------------------- given: the requester


def test_a_second_device_that_decides_another_value_is_reported():
    module = run(6, "FResilientConsensus", "sync", devices=2, seed=1).module
    module.SimpleRequester._some = False
    module.SimpleRequester().consensus_reached(3)
    module.SimpleRequester().consensus_reached(3)
    with pytest.raises(module.NoAgreement, match="decides 4, but 3 was decided before"):
        module.SimpleRequester().consensus_reached(4)


def test_a_report_of_no_agreement_names_the_device_and_the_values():
    # Three generals cannot stand a traitor: device 1 cannot know who of the others lies.
    result = run(6, "SingleByzantine", "sync", devices=3, seed=2, settings={"TRAITOR": 2})
    order = proposals(result)[0]
    assert order not in (0, 1)  # what this traitor says
    (failure,) = result.failures
    assert failure.device == 1
    assert f"decides 0, but {order} was decided before" in failure.text


def test_every_run_starts_without_a_decision_of_the_run_before():
    decided = {decisions(run(6, "PAXOS", "sync", 2, seed=s, solution=True))[0] for s in range(9)}
    assert len(decided) > 1


def test_nobody_decides_in_the_abstract_requester():
    module = run(6, "FResilientConsensus", "sync", devices=2, seed=1).module
    with pytest.raises(NotImplementedError):
        module.ConsensusRequester().initial_value()
    with pytest.raises(NotImplementedError):
        module.ConsensusRequester().consensus_reached(1)


# ---------------------------------------------------------------- given: functions


@pytest.fixture(scope="module")
def functions():
    return run(6, "FResilientConsensus", "sync", devices=2, seed=1).module


@pytest.mark.parametrize(
    ("raw", "majority"),
    [
        ([(0, 7), (1, 7), (2, 3)], 7),
        ([(0, 7), (1, 3)], None),
        ([(0, 7), (1, 7), (2, 3), (3, 3)], None),
        ([(0, 7)], 7),
        ([], None),
    ],
)
def test_a_majority_is_more_than_half_of_the_pairs(functions, raw, majority):
    assert functions.find_majority(raw) == majority


def test_the_most_common_value_comes_with_its_votes(functions):
    assert functions.most_common([7, 3, 7]) == (7, 2)
    assert functions.most_common() == (None, 0)


# ---------------------------------------------------------------- given: f-resilient


@pytest.mark.slow
def test_f_resilient_decides_the_smallest_proposal_on_100_seeds_in_sync():
    for seed, devices in HUNDRED:
        result = run(6, "FResilientConsensus", "sync", devices=devices, seed=seed)
        assert result.failures == []
        assert result.ended == "done"
        assert set(decisions(result)) == {min(proposals(result))}


def test_f_resilient_ends_on_100_seeds_in_async_and_only_agreement_can_be_lost():
    for seed, devices in HUNDRED:
        result = run(6, "FResilientConsensus", "async", devices=devices, seed=seed)
        assert not result.ended.startswith("limit")
        assert only_disagreements(result)
        assert None not in decisions(result)


def test_f_resilient_takes_one_round_more_than_it_tolerates_crashes():
    result = run(6, "FResilientConsensus", "sync", 5, seed=1, settings={"TOLERATED_CRASHES": 3})
    rounds_of_sending = {event.time for event in result.trace.of("send")}
    assert len(rounds_of_sending) == 4


def test_f_resilient_in_async_says_how_many_messages_came_too_late():
    result = run(6, "FResilientConsensus", "async", devices=5, seed=1)
    missing = sum(device._missing for device in result.devices)
    assert missing > 0
    assert "of 15 messages did not come in time" in result.output


@pytest.mark.parametrize("seed", range(10))
def test_f_resilient_stands_a_chain_of_f_crashes(seed):
    result = run(6, "CrashingFResilient", "sync", devices=6, seed=seed, solution=True)
    assert result.failures == []
    assert decisions(result, but=(0, 1, 2)) == [0, 0, 0]


def test_f_resilient_breaks_when_one_more_device_crashes_than_it_is_built_for():
    result = run(
        6, "CrashingFResilient", "sync", 6, seed=1, solution=True, settings={"PLANNED_CRASHES": 2}
    )
    assert set(decisions(result, but=(0, 1, 2))) == {0, 1}
    assert result.failures
    assert only_disagreements(result)


# ---------------------------------------------------------------- given: one byzantine general


def test_loyal_generals_obey_the_commander_on_100_seeds_in_sync():
    for seed, devices in HUNDRED:
        result = run(6, "SingleByzantine", "sync", devices=devices, seed=seed)
        assert result.failures == []
        assert result.ended == "done"
        orders = {device._consensus for device in result.devices}
        assert orders == {proposals(result)[0]}


def test_generals_end_on_100_seeds_in_async_and_only_agreement_can_be_lost():
    for seed, devices in HUNDRED:
        result = run(6, "SingleByzantine", "async", devices=devices, seed=seed)
        assert not result.ended.startswith("limit")
        assert only_disagreements(result)
        assert all(device._consensus is not None for device in result.devices)


@pytest.mark.parametrize("traitor", [0, 1, 3])
@pytest.mark.parametrize("devices", [4, 5, 8, 20])
def test_four_and_more_generals_stand_one_traitor(devices, traitor):
    for seed in range(3):
        result = run(
            6, "SingleByzantine", "sync", devices=devices, seed=seed, settings={"TRAITOR": traitor}
        )
        assert result.failures == []
        loyal = {d._consensus for d in result.devices if d.index != traitor}
        assert len(loyal) == 1
        if traitor != 0:
            assert loyal == {proposals(result)[0]}


def test_generals_in_async_name_those_who_were_not_heard_in_time():
    outputs = [run(6, "SingleByzantine", "async", 4, seed=seed).output for seed in range(5)]
    assert any("nothing heard in time from [" in output for output in outputs)


# ---------------------------------------------------------------- King


@pytest.mark.slow
def test_the_reference_king_agrees_on_100_seeds_in_sync():
    for seed, devices in [*SMALL, (97, 13), (98, 20), (99, 50)]:
        result = run(6, "King", "sync", devices=devices, seed=seed, solution=True)
        assert result.failures == []
        assert result.ended == "done"
        assert all_agree(result)


@pytest.mark.parametrize("devices", [5, 6, 9, 13])
def test_a_first_king_that_lies_is_healed_by_the_second(devices):
    for seed in range(5):
        result = run(6, "ByzantineKing", "sync", devices=devices, seed=seed, solution=True)
        assert result.failures == []
        assert all_agree(result, but=(0,))


@pytest.mark.parametrize("phase", [0, 1])
def test_the_liar_may_lie_as_king_or_as_subject(phase):
    result = run(
        6, "ByzantineKing", "sync", 5, seed=3, solution=True, settings={"LYING_PHASE": phase}
    )
    assert result.failures == []
    assert all_agree(result, but=(0,))


def test_with_four_devices_one_lying_king_breaks_agreement():
    results = [run(6, "ByzantineKing", "sync", 4, seed=s, solution=True) for s in range(5)]
    assert any(result.failures for result in results)
    assert all(only_disagreements(result) for result in results)


class OfOneMind:
    """Proposes 7, as all do, and writes down what is decided."""

    initial_value = 7

    def __init__(self, decided):
        self.consensus_reached = decided.append


@pytest.mark.parametrize("algorithm", ["King", "ByzantineKing", "SlowKing"])
@pytest.mark.parametrize("devices", [5, 9])
def test_what_all_honest_devices_propose_is_decided_whatever_the_king_says(algorithm, devices):
    decided = []

    def kind(index, number_of_devices, medium):
        return getattr(solutions, algorithm)(
            index, number_of_devices, medium, application=OfOneMind(decided)
        )

    emulator = SyncEmulator(devices, kind, seed=1, quiet=True)
    emulator.run()
    assert emulator.all_terminated
    honest = devices if algorithm == "King" else devices - 1
    assert decided[:honest] == [7] * honest


def test_the_synchronous_king_ends_in_async_and_only_agreement_can_be_lost():
    for seed in range(20):
        result = run(6, "King", "async", devices=2 + seed % 9, seed=seed, solution=True)
        assert not result.ended.startswith("limit")
        assert only_disagreements(result)


@pytest.mark.parametrize("algorithm", ["AsyncKing", "SlowAsyncKing"])
@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_asynchronous_king_agrees_when_all_speak(algorithm, network):
    for seed in range(10):
        result = run(6, algorithm, network, devices=2 + seed, seed=seed, solution=True)
        assert result.failures == []
        assert all_agree(result)


@pytest.mark.parametrize("algorithm", ["ByzantineAsyncKing", "SlowByzantineAsyncKing"])
def test_the_asynchronous_king_agrees_when_the_first_king_lies(algorithm):
    for seed in range(5):
        result = run(6, algorithm, "async", devices=9, seed=seed, solution=True)
        assert result.failures == []
        assert all_agree(result, but=(0,))


def test_the_asynchronous_king_agrees_with_delays_much_longer_than_a_wait():
    result = run(6, "AsyncKing", "async", devices=5, seed=2, solution=True, latency=(0, 3))
    assert result.failures == []
    assert all_agree(result)


def test_a_slow_king_makes_the_asynchronous_king_slow():
    usual, slow = (
        run(6, name, "async", devices=5, seed=4, solution=True)
        for name in ("AsyncKing", "SlowAsyncKing")
    )
    assert slow.trace[-1].time > 2 * usual.trace[-1].time


def test_a_king_that_never_speaks_takes_termination_from_the_asynchronous_king():
    result = run(
        6, "SlowAsyncKing", "async", 5, seed=4, solution=True, max_time=20,
        settings={"SLOW_ROUNDS": 10**9},
    )  # fmt: skip
    assert result.ended.startswith("limit")
    assert decisions(result) == [None] * 5


# ---------------------------------------------------------------- Paxos


@pytest.mark.slow
def test_the_reference_paxos_decides_on_100_seeds_in_async():
    for seed, devices in HUNDRED:
        result = run(6, "PAXOS", "async", devices=devices, seed=seed, solution=True)
        assert result.failures == []
        assert result.ended == "done"
        assert all_agree(result)
        assert set(decisions(result)) <= set(proposals(result))


@pytest.mark.parametrize("devices", [2, 3, 10, 30])
def test_the_reference_paxos_decides_in_sync(devices):
    result = run(6, "PAXOS", "sync", devices=devices, seed=devices, solution=True)
    assert result.failures == []
    assert all_agree(result)


def test_paxos_decides_although_proposers_interrupt_each_other():
    result = run(6, "PAXOS", "async", 5, seed=1, solution=True, settings={"PATIENCE": 1})
    assert any(device._proposer._tries > 1 for device in result.devices)
    assert result.ended == "done"
    assert all_agree(result)


def test_paxos_keeps_agreement_with_delays_longer_than_its_patience():
    result = run(6, "PAXOS", "async", devices=5, seed=3, solution=True, latency=(0, 2))
    assert result.failures == []
    assert all_agree(result)


def test_numbers_of_proposals_are_unique_and_grow():
    result = run(6, "PAXOS", "async", 5, seed=1, solution=True, settings={"PATIENCE": 1})
    prepares = [
        (event.message.source, event.message.uid)
        for event in result.trace.of("send")
        if type(event.message).__name__ == "PrepareMessage"
    ]
    owners = {}
    for source, uid in prepares:
        assert owners.setdefault(uid, source) == source
    for device in range(5):
        own = [uid for source, uid in prepares if source == device]
        assert own == sorted(own)


def test_a_majority_is_more_than_half(functions):
    sizes = [functions.PAXOSNetwork(0, None, list(range(n)), []).majority for n in (2, 3, 4, 5)]
    assert sizes == [2, 2, 3, 3]


# ---------------------------------------------------------------- the roles, message by message


class Notes:
    """A network that only writes down what a role says."""

    majority = 2
    index = 1
    acceptors = (0, 1, 2)

    def __init__(self):
        self.said = []

    def __getattr__(self, name):
        return lambda *what: self.said.append((name, *what))


@pytest.fixture
def solution():
    return run(6, "PAXOS", "sync", devices=2, seed=1, solution=True).module


@pytest.fixture
def notes():
    return Notes()


def test_an_acceptor_promises_larger_numbers_only(solution, notes):
    acceptor = solution.Acceptor(notes)
    for uid in (4, 3, 4, 7):
        acceptor.handle_prepare(solution.PrepareMessage(2, 1, uid))
    assert notes.said == [("promise", 2, 4, -1, None), ("promise", 2, 7, -1, None)]


def test_an_acceptor_does_not_accept_below_its_promise(solution, notes):
    acceptor = solution.Acceptor(notes)
    acceptor.handle_prepare(solution.PrepareMessage(2, 1, 4))
    acceptor.handle_request_accept(solution.RequestAcceptMessage(0, 1, 3, "late"))
    assert not acceptor.done()
    acceptor.handle_request_accept(solution.RequestAcceptMessage(2, 1, 4, "right"))
    assert acceptor.done()
    assert notes.said[1:] == [("accept", 2, 4, "right")]


def test_an_acceptor_tells_what_it_accepted_before(solution, notes):
    acceptor = solution.Acceptor(notes)
    acceptor.handle_request_accept(solution.RequestAcceptMessage(2, 1, 4, "old"))
    acceptor.handle_prepare(solution.PrepareMessage(0, 1, 6))
    assert notes.said[-1] == ("promise", 0, 6, 4, "old")


def test_a_proposer_takes_over_the_newest_value_that_was_accepted(solution, notes):
    notes.majority = 3
    proposer = solution.Proposer(notes, solution.given.SimpleRequester())
    proposer.check_prepare()
    uid = proposer._proposed_id
    for source, previous, value in ((0, 0, "older"), (1, -1, None), (2, 1, "newer")):
        proposer.handle_promise(solution.PromiseMessage(source, 1, uid, previous, value))
    assert notes.said == [("prepare", uid), ("request_accept", uid, "newer")]


def test_a_proposer_asks_for_acceptance_once_and_does_not_count_twice(solution, notes):
    requester = solution.given.SimpleRequester()
    proposer = solution.Proposer(notes, requester)
    proposer.check_prepare()
    uid = proposer._proposed_id
    for source in (0, 0, 1, 2):
        proposer.handle_promise(solution.PromiseMessage(source, 1, uid, -1, None))
        if source == 0:
            assert len(notes.said) == 1
    assert notes.said == [("prepare", uid), ("request_accept", uid, requester.initial_value)]


def test_a_proposer_is_done_when_a_majority_accepted_its_present_number(solution, notes):
    proposer = solution.Proposer(notes, solution.given.SimpleRequester())
    proposer.check_prepare()
    uid = proposer._proposed_id
    for source, number in ((0, uid), (0, uid), (1, uid + 1)):
        proposer.handle_accept(solution.AcceptMessage(source, 1, number, 5))
    assert not proposer.done()
    proposer.handle_accept(solution.AcceptMessage(2, 1, uid, 5))
    assert proposer.done()


def test_a_learner_waits_for_a_majority_under_one_number(functions, notes):
    functions.SimpleRequester._some = False
    learner = functions.Learner(notes, functions.SimpleRequester())
    for source, number in ((0, 1), (1, 2), (0, 1)):
        learner.handle_accept(functions.AcceptMessage(source, 1, number, 5))
        assert not learner.done()
    learner.handle_accept(functions.AcceptMessage(2, 1, 2, 5))
    assert learner.done()


# ---------------------------------------------------------------- the template


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("devices", [2, 50])
def test_the_open_king_runs_to_its_end_and_says_what_is_missing(network, devices):
    result = run(6, "King", network, devices=devices, seed=1)
    assert result.ended == "done"
    assert result.failures == []
    assert len(result.todos) == 3
    assert result.output.count("King: decide") == 1
    assert result.output.count("has not decided") == devices


@pytest.mark.parametrize(("network", "limit"), [("sync", "max_rounds"), ("async", "max_time")])
def test_the_open_paxos_runs_to_its_limit_and_says_what_is_missing(network, limit):
    result = run(6, "PAXOS", network, devices=5, seed=1, **{limit: 20})
    assert result.ended.startswith("limit")
    assert result.failures == []
    assert result.todos == ["Proposer.check_prepare: begin a try with a new number"]


def test_the_open_roles_say_what_is_missing_when_they_are_reached():
    result = run(6, "PAXOS", "sync", devices=2, seed=1, max_rounds=2)
    module = result.module
    proposer = module.Proposer(Notes(), module.SimpleRequester())
    proposer.handle_promise(module.PromiseMessage(0, 1, 1, -1, None))
    proposer.handle_accept(module.AcceptMessage(0, 1, 1, 5))
    assert not proposer.done()
    acceptor = module.Acceptor(Notes())
    acceptor.handle_prepare(module.PrepareMessage(0, 1, 1))
    acceptor.handle_request_accept(module.RequestAcceptMessage(0, 1, 1, 5))
    assert not acceptor.done()


def test_messages_can_be_read(functions):
    texts = [
        str(message)
        for message in (
            functions.Propose(3, 0, 1),
            functions.PrepareMessage(0, 1, 5),
            functions.PromiseMessage(1, 0, 5, -1, None),
            functions.PromiseMessage(1, 0, 5, 2, 8),
            functions.RequestAcceptMessage(0, 1, 5, 8),
            functions.AcceptMessage(1, 0, 5, 8),
        )
    ]
    assert texts == [
        "Propose 0 -> 1: 3",
        "Prepare 0 -> 1: number 5",
        "Promise 1 -> 0: number 5, accepted so far: nothing",
        "Promise 1 -> 0: number 5, accepted so far: 8 (number 2)",
        "RequestAccept 0 -> 1: 8, number 5",
        "Accept 1 -> 0: 8, number 5",
    ]
