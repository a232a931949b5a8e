"""Lecture 6: consensus. The King algorithm is the task; kings that lie and Paxos go further."""

from emulators.check import consensus
from emulators.grading import case

LONG = {"max_rounds": 400, "max_time": 60}
ROUNDS = {"types": ("sync",), "max_rounds": 100}
ROLES = (
    "Proposer.check_prepare",
    "Proposer.handle_promise",
    "Proposer.handle_accept",
    "Acceptor.handle_prepare",
    "Acceptor.handle_request_accept",
)


def liar(king):
    """A scenario: this device tells each device 0 or 1, whatever it should say."""
    lie = {"probability": 0.7, "message": "Propose", "field": "value", "values": [0, 1]}
    return {"corrupt": [{**lie, "from": king}]}


def few_values(submission):
    """Options: two values are proposed only, so that votes are close; where that can be set."""
    text = submission.file.read_text(encoding="utf-8", errors="replace")
    can = "NUMBER_OF_VALUES" in text or "exercises.exercise6" in text
    return {"settings": {"NUMBER_OF_VALUES": 2}} if can else {}


def honest(kind, *liars, **options):
    """A property of consensus among all but the liars."""
    return kind(faulty=liars, **options)


# -- given


@case(
    ("FResilientConsensus", "SingleByzantine"),
    given=True,
    hint="the rules stand in the docstring of the class",
)
def test_what_is_given_decides(submission):
    """{algorithm}: all devices decide the same value, one that was proposed."""
    names = ("agreement", "termination")
    submission.runs(devices=(4, 5, 7), seeds=5, **ROUNDS).satisfy(*names)


# -- task 1: King


@case("King", task="1.2", hint="tell the application: consensus_reached(value)")
def test_king_decides(submission):
    """King: every device decides."""
    submission.runs(devices=(5, 6, 9), seeds=5, **ROUNDS).satisfy("termination")


@case(
    "King",
    points=2,
    task="1.2",
    needs=[test_king_decides],
    hint="when is a device sure enough to keep its majority value, and what does it take if not?",
)
def test_king_agrees(submission):
    """King: all devices decide the same value, and it was proposed."""
    submission.runs(devices=(5, 6, 9, 13), seeds=10, **ROUNDS).satisfy("agreement", "validity")


@case(
    "King",
    task="1.4",
    needs=[test_king_agrees],
    hint="n - f equal votes are more than n/2 + f",
)
def test_king_keeps_what_all_propose(submission):
    """King: what all propose, they decide, though one device lies (byzantine integrity)."""
    few = few_values(submission)
    for king in (0, 1, 4):
        submission.runs(devices=(5, 9), seeds=20, network=liar(king), **few, **ROUNDS).satisfy(
            honest(consensus.ByzantineIntegrity, king)
        )


@case(
    "King",
    points=3,
    task="1.3",
    needs=[test_king_agrees],
    hint="n/2 + f: how many of the votes for a value may be lies? At most one vote of each counts",
)
def test_king_agrees_though_a_device_lies(submission):
    """King: the honest devices decide the same value, whoever lies, the king too."""
    few = few_values(submission)
    for king in (0, 1, 3):
        submission.runs(devices=(5, 6, 9), seeds=40, network=liar(king), **few, **ROUNDS).satisfy(
            honest(consensus.Agreement, king), honest(consensus.Decision, king)
        )


@case(
    "ByzantineKing",
    bonus=True,
    task="1.3",
    hint="device 0 uses lie_to_all, and does not report a decision",
)
def test_a_byzantine_king(submission):
    """ByzantineKing: device 0 lies, and the others decide the same value all the same."""
    submission.runs(devices=(5, 6, 9), seeds=10, **ROUNDS).satisfy(
        device_0_lies, honest(consensus.Agreement, 0), honest(consensus.Decision, 0)
    )


def device_0_lies(run):
    """Device 0 tells different devices different values in one round."""
    told = {}
    for event, message in run.messages(of="Propose"):
        if event.device == 0:
            told.setdefault(event.time, set()).add(message.value())
    if all(len(values) < 2 for values in told.values()):
        return "device 0 tells all devices the same"
    return None


@case(
    "AsyncKing",
    bonus=True,
    points=2,
    task="1.5",
    hint="say in each message to which phase and round it belongs; keep what comes too early",
)
def test_a_king_without_rounds(submission):
    """AsyncKing: in async all devices decide the same value, however late messages are."""
    names = ("agreement", "validity", "termination")
    late = {"types": ("async",), "latency": (0, 1), "max_time": 60}
    submission.runs(devices=(5, 9), seeds=8, **late).satisfy(*names)
    slow = {"pause": [{"device": 0, "from": "0s", "to": "60s", "factor": 5}]}
    submission.runs(devices=(5,), seeds=5, network=slow, **late).satisfy("agreement", "validity")


# -- bonus: Paxos


@case(
    "PAXOS",
    bonus=True,
    task="2.2",
    parts=ROLES,
    hint="with k acceptors device i can use the numbers i, k + i, 2k + i, …",
)
def test_paxos_numbers_are_unique(submission):
    """PAXOS: no two proposers use the same number."""
    submission.runs(devices=(2, 3, 5), seeds=8, **LONG).satisfy("own_numbers", proposals_are_made)


def proposals_are_made(run):
    """Somebody asks for promises."""
    if not any(True for _ in run.messages(of="PrepareMessage")):
        return "nobody sends a PrepareMessage"
    return None


@case(
    "PAXOS",
    bonus=True,
    points=2,
    task="2.2",
    parts=ROLES,
    hint="after a majority of promises: whose value has to be proposed?",
)
def test_paxos_proposers_follow_the_rules(submission):
    """PAXOS: a proposer asks to accept after promises of a majority, and the newest value of them.

    A wrong proposer is often lucky: so it is judged by what it does, and not by what comes of it.
    """
    late = {"types": ("async",), "latency": (0, 1), "max_time": 60}
    for options in (LONG, late):
        submission.runs(devices=(2, 3, 4, 5), seeds=12, **options).satisfy(
            a_majority_has_promised, the_newest_value_is_proposed
        )


def attempts(run):
    """For each number under which a value was proposed first: event, message, promises before."""
    promises, done = {}, set()
    for event in run.trace.of("send", "receive"):
        message = event.message
        name, uid = type(message).__name__, getattr(message, "uid", None)
        if name == "PromiseMessage" and event.kind == "receive":
            promises.setdefault((event.device, uid), {}).setdefault(message.source, message)
        elif name == "RequestAcceptMessage" and event.kind == "send" and uid not in done:
            done.add(uid)
            yield event, message, list(promises.get((event.device, uid), {}).values())


def a_majority_has_promised(run):
    """Before a proposer asks to accept, more than half of the acceptors have promised."""
    for event, message, promises in attempts(run):
        voters = {promise.source for promise in promises} | {event.device}
        if 2 * len(voters) <= run.config.devices:
            return run.wrong(
                f"device {event.device} asks to accept number {message.uid} "
                f"after promises of {len(promises)} of {run.config.devices} acceptors",
                event,
            )
    return None


def the_newest_value_is_proposed(run):
    """If a promise tells of an accepted value, the newest of these is proposed."""
    for event, message, promises in attempts(run):
        majority = run.config.devices // 2 + 1
        allowed = [newest(promises[:k]) for k in range(majority, len(promises) + 1)]
        values = [one.prev_value for one in allowed if one is not None]
        if values and None not in allowed and message.value not in values:
            return run.wrong(
                f"device {event.device} proposes {message.value} under number {message.uid}, "
                f"though it was told of {values[-1]}, accepted under {allowed[-1].prev_uid}",
                event,
            )
    return None


def newest(promises):
    """The promise that tells of the value accepted last, or None."""
    told = [one for one in promises if has_accepted(one)]
    return max(told, key=lambda one: one.prev_uid, default=None)


def has_accepted(promise):
    """Whether a promise tells of an accepted value."""
    nothing = promise.prev_uid is None or promise.prev_uid < 0 or promise.prev_value is None
    return not nothing


@case(
    "PAXOS",
    bonus=True,
    points=2,
    task="2.2",
    parts=ROLES,
    hint="an acceptor never goes back: neither behind a promise nor behind what it has accepted",
)
def test_paxos_chooses_one_value(submission):
    """PAXOS: only one value is ever accepted by a majority, and it was proposed."""
    late = {"types": ("async",), "latency": (0, 1), "max_time": 60}
    for options in (LONG, late):
        submission.runs(devices=(2, 3, 4, 5), seeds=12, **options).satisfy(
            "one_value_chosen", "agreement", "validity", promises_are_kept
        )
    submission.runs(
        devices=(3,), types=("async",), seeds=60, network=one_hears_late, max_time=60
    ).satisfy("one_value_chosen", promises_are_kept)
    few = few_values(submission)
    submission.schedules(devices=3, states=500, moves=15_000, **few).satisfy(
        "one_value_chosen", "agreement"
    )


def promises_are_kept(run):
    """An acceptor that has promised or accepted a number accepts nothing below it."""
    largest = {"promised": {}, "accepted": {}}
    for event, message in run.messages():
        name = type(message).__name__
        if name == "AcceptMessage":
            for did, numbers in largest.items():
                if message.uid < numbers.get(event.device, message.uid):
                    return run.wrong(
                        f"device {event.device} accepts number {message.uid} "
                        f"after it has {did} number {numbers[event.device]}",
                        event,
                    )
        did = {"PromiseMessage": "promised", "AcceptMessage": "accepted"}.get(name)
        if did is not None:
            before = largest[did].get(event.device, message.uid)
            largest[did][event.device] = max(before, message.uid)
    return None


def one_hears_late(devices, seed):
    """A scenario: to one device messages take long, and come in any order."""
    late = {"to": seed % devices, "latency": "0s:2s"}
    return {"latency": "0s:0.5s", "link": [late]}


@case(
    "PAXOS",
    bonus=True,
    points=2,
    task="2.2",
    parts=ROLES,
    needs=[test_paxos_numbers_are_unique, test_paxos_chooses_one_value],
    hint="a refused proposer hears nothing: it needs patience, and a random part in it",
)
def test_paxos_decides(submission):
    """PAXOS: every device decides in the end."""
    submission.runs(devices=(2, 3, 5), seeds=8, **LONG).satisfy("termination")


@case(
    "PAXOS",
    bonus=True,
    task="2.3",
    parts=ROLES,
    needs=[test_paxos_decides],
    hint="many proposers interrupt each other: let the patience grow, or draw it from a wide range",
)
def test_paxos_decides_among_many(submission):
    """PAXOS: 20 and 30 devices in async decide, too."""
    submission.runs(devices=(20, 30), types=("async",), seeds=1, max_time=60).satisfy(
        "agreement", "termination"
    )


@case(
    "PAXOS",
    bonus=True,
    task="2.3",
    parts=ROLES,
    needs=[test_paxos_decides],
    hint="a majority is enough: who is waited for that will never answer?",
)
def test_paxos_survives_a_crash(submission):
    """PAXOS: when one device of five fails, at any time, the others decide the same value."""
    for network in (any_crashes, the_largest_crashes_early):
        submission.runs(devices=(5,), seeds=8, network=network, **LONG).satisfy(
            "one_value_chosen", "agreement", "validity", "termination"
        )


def any_crashes(devices, seed):
    """A scenario: one device fails at some time."""
    return {"crash": [{"device": seed % devices, "at": f"{seed}r"}]}


def the_largest_crashes_early(devices, seed):
    """A scenario: the proposer with the largest first number fails in its first try."""
    return {"crash": [{"device": devices - 1, "at": f"{1 + seed % 4}r"}]}
