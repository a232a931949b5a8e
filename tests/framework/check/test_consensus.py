"""Consensus: who decides what, who proposed it, who does not decide, and what Paxos chooses."""

from typing import Any

import pytest

from emulators.check.consensus import (
    Agreement,
    ByzantineIntegrity,
    Decision,
    OneChosen,
    OwnNumbers,
    Validity,
)
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, guilty, reason, verdict
from tests.running import run


class AcceptMessage(MessageStub):
    """As in lecture 6."""


class PrepareMessage(MessageStub):
    """As in lecture 6."""


def decide(index: int, value: Any) -> Step:
    return ("call", index, ("consensus_reached", value))


def propose(*values: Any) -> list[Step]:
    return [("call", index, ("initial_value", value)) for index, value in enumerate(values)]


def accept(index: int, number: int, value: Any, serial: int) -> Step:
    return ("send", index, 0, serial, {"uid": number, "value": value}, AcceptMessage)


def test_two_different_decisions_violate_agreement() -> None:
    one = Agreement()
    history = [decide(0, 7), decide(2, 7), decide(1, 8)]
    assert reason(one, history) == "device 1 decides 8, device 0 has decided 7"
    assert guilty(one) == ["call 0", "call 1"]


def test_what_faulty_and_crashed_devices_decide_is_of_no_interest() -> None:
    assert not reason(Agreement(faulty=(1,)), [decide(0, 7), decide(1, 8)])
    assert not reason(Agreement(), [decide(0, 7), ("crash", 1), decide(1, 8)])


def test_a_device_may_not_decide_twice_differently() -> None:
    assert reason(Agreement(), [decide(0, 7), decide(0, 8)])
    assert not reason(Agreement(), [decide(0, 7), decide(0, 7)])


def test_a_function_can_say_what_a_device_has_decided() -> None:
    def decided(made: Any) -> Any:
        return made.value

    devices = [device(index, value=value) for index, value in enumerate((5, None, 6))]
    one = Agreement(decided=decided)
    assert verdict(one, devices=devices) == "device 2 decides 6, device 0 has decided 5"


def test_a_value_that_nobody_proposed_violates_validity() -> None:
    assert reason(Validity(), [*propose(3, 4, 4), decide(1, 0)]) == (
        "device 1 decides 0; proposed were 3 and 4"
    )
    assert not reason(Validity(), [*propose(3, 4, 4), decide(1, 4)])


def test_what_all_propose_has_to_be_decided() -> None:
    one = ByzantineIntegrity()
    assert reason(one, [*propose(4, 4, 4), decide(1, 0)]) == (
        "device 1 decides 0, although devices 0, 1 and 2 proposed 4"
    )
    assert not reason(ByzantineIntegrity(), [*propose(4, 4, 3), decide(1, 3)])


def test_what_a_faulty_device_proposes_does_not_count() -> None:
    history = [*propose(4, 4, 3), decide(1, 3)]
    assert reason(ByzantineIntegrity(faulty=(2,)), history)


def test_a_loyal_commander_is_obeyed_and_a_traitor_need_not_be() -> None:
    history = [*propose(4)[:1], decide(1, 0)]
    assert reason(ByzantineIntegrity(proposers=(0,)), history)
    assert not reason(ByzantineIntegrity(proposers=(0,), faulty=(0,)), history)


def test_who_has_not_decided_is_named() -> None:
    assert verdict(Decision(), [decide(1, 3)], standing={0: "line 5"}) == (
        "devices 0 and 2 had not decided when the run was over"
    )
    assert not verdict(Decision(), [decide(0, 3), decide(1, 3), ("crash", 2)])


def test_two_values_that_are_chosen_violate_whoever_learns_of_it() -> None:
    one = OneChosen()
    history = [accept(0, 1, "a", 1), accept(1, 1, "a", 2), accept(1, 2, "b", 3)]
    assert not reason(OneChosen(), history)
    assert reason(one, [*history, accept(2, 2, "b", 4)]) == (
        "'b' is chosen under number 2 by devices 1 and 2, "
        "after 'a' was chosen under number 1 by devices 0 and 1"
    )
    assert guilty(one) == ["send 0", "send 1", "send 1", "send 2"]


def test_the_same_acceptor_counts_once_and_a_value_may_be_chosen_again() -> None:
    history = [accept(0, 1, "a", 1), accept(0, 1, "a", 2), accept(1, 2, "b", 3)]
    assert not reason(OneChosen(), [*history, accept(2, 2, "b", 4), accept(0, 3, "b", 5)])


def test_a_number_belongs_to_one_proposer() -> None:
    def prepare(index: int, number: int, serial: int) -> Step:
        return ("send", index, 0, serial, {"uid": number}, PrepareMessage)

    history = [prepare(0, 3, 1), prepare(0, 3, 2), prepare(1, 4, 3)]
    assert not reason(OwnNumbers(), history)
    assert reason(OwnNumbers(), [*history, prepare(2, 4, 4)]) == (
        "device 2 proposes under number 4, which device 1 has used"
    )


@pytest.mark.parametrize("network", ["sync", "async"])
def test_proposals_and_decisions_of_the_lecture_are_heard(network: str) -> None:
    one = Agreement()
    ran = run(6, "FResilientConsensus", network, 4, properties=[one])
    expected = {index: device._application._proposal for index, device in enumerate(ran.devices)}
    assert one.proposals == expected
    assert len(one.decisions) == 4


def test_a_traitor_named_by_the_exercise_is_not_judged() -> None:
    checks = ("agreement,byzantine_integrity",)
    for traitor in (-1, 2):
        ran = run(6, "SingleByzantine", "sync", 4, settings={"TRAITOR": traitor}, checks=checks)
        assert ran.violations == []
    ran = run(6, "SingleByzantine", "sync", 3, 3, settings={"TRAITOR": 2}, checks=checks)
    assert [one.property for one in ran.violations] == ["agreement", "byzantine_integrity"]
