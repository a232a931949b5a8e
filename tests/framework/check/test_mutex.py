"""Mutual exclusion: who is inside, who waits too long, who is passed over, who goes first."""

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.check.mutex import EntryOrder, EveryoneEnters, Fairness, MutualExclusion
from emulators.Device import WorkerDevice
from tests.framework.check.histories import guilty, reason, told
from tests.framework.making import both, run


def test_who_enters_while_another_is_inside_violates() -> None:
    history = [("round", None, 1), ("enter", 0), ("round", None, 2), ("enter", 2)]
    one = MutualExclusion()
    assert reason(one, history) == (
        "device 2 enters the critical section in round 2 while device 0 is inside"
    )
    assert guilty(one) == ["enter 0", "enter 2"]


def test_in_async_the_moment_is_a_time() -> None:
    assert " at 0.1 virtual seconds " in reason(MutualExclusion(), [("enter", 0), ("enter", 2)])


@pytest.mark.parametrize("kind", ["leave", "crash"])
def test_who_enters_after_another_has_left_or_crashed_does_not(kind: str) -> None:
    assert not reason(MutualExclusion(), [("enter", 0), (kind, 0), ("enter", 2)])


@both
def test_a_run_in_which_two_enter_together_is_judged_at_that_event(emulator: object) -> None:
    class Greedy(WorkerDevice):
        def run(self) -> None:
            self.do_work()

    one = MutualExclusion()
    ran = run(emulator, Greedy, properties=[one])  # type: ignore[arg-type]
    assert one.violation is not None
    assert one.violation.events[-1] == [e for e in ran.trace if e.kind == "enter"][1]


def test_a_device_asks_once_for_each_piece_of_work() -> None:
    class Worker(WorkerDevice):
        def run(self) -> None:
            for _ in range(3):
                while not self.has_work:
                    self.medium.wait_for_next_round()
                assert self.has_work
                if self.index == 0:
                    self.do_work()

    ran = run(AsyncEmulator, Worker)
    assert sum(event.device == 0 for event in ran.trace.of("ask")) == 3
    assert sum(event.device == 1 for event in ran.trace.of("ask")) == 1


def test_who_waits_longer_than_the_bound_violates() -> None:
    history = [("ask", 1), *[("enter", 0), ("leave", 0)] * 5, ("enter", 1)]
    one = EveryoneEnters(rounds=10)
    assert reason(one, history) == (
        "device 1 asks for the critical section and enters only at 1.1 virtual seconds, "
        "11 rounds later; 10 are allowed"
    )
    assert guilty(one) == ["ask 1", "enter 1"]
    assert not reason(EveryoneEnters(rounds=11), history)


class Starving(WorkerDevice):
    """Device 0 waits for ever, the others do not ask."""

    def run(self) -> None:
        while not self.has_work:
            self.medium.wait_for_next_round()
        while self.index == 0 or self.medium.now < 90:
            self.medium.wait_for_next_round()


@both
def test_who_waits_when_the_run_ends_is_judged_then(emulator: object) -> None:
    one = EveryoneEnters(rounds=50)
    ran = run(emulator, Starving, devices=2, properties=[one])  # type: ignore[arg-type]
    ran.simulation.judge()
    assert one.violation is not None
    assert "is not inside when the run ends" in one.violation.reason


@pytest.mark.parametrize("kind", ["end", "crash"])
def test_who_is_gone_is_not_expected_to_enter(kind: str) -> None:
    one = told(EveryoneEnters(rounds=0), [("ask", 1), (kind, 1), ("enter", 1)])
    assert one.violation is None


def test_who_is_passed_over_again_and_again_violates() -> None:
    history = [("ask", 1), *[("enter", 0), ("leave", 0)] * 3]
    one = Fairness(most=2)
    assert reason(one, history) == (
        "device 0 enters 3 times while device 1 waits; 2 times are allowed"
    )
    assert guilty(one) == ["ask 1", "enter 0"]


def test_each_of_the_others_may_be_faster() -> None:
    history = [("ask", 0), ("enter", 1), ("leave", 1), ("enter", 2), ("leave", 2), ("enter", 0)]
    assert not reason(Fairness(most=1), history)


KNOWN = [("ask", 0), ("send", 0, 1, 1), ("receive", 0, 1, 1), ("ask", 1)]


def test_who_knew_of_a_request_may_not_go_first() -> None:
    one = EntryOrder()
    assert reason(one, [*KNOWN, ("enter", 1)]) == (
        "device 1 enters at 0.4 virtual seconds before device 0, although it knew of the request "
        "of device 0 when it asked itself"
    )
    assert guilty(one) == ["ask 0", "ask 1", "enter 1"]


def test_knowledge_goes_by_way_of_a_third_device() -> None:
    history = [
        *[("ask", 0), ("send", 0, 2, 1), ("receive", 0, 2, 1)],
        *[("send", 2, 1, 2), ("receive", 2, 1, 2), ("ask", 1), ("enter", 1)],
    ]
    assert reason(EntryOrder(), history)


def test_equal_messages_with_one_number_carry_what_all_of_them_know() -> None:
    early_and_late = [("send", 0, 1, 7), ("ask", 0), ("send", 0, 1, 7), ("receive", 0, 1, 7)]
    assert not reason(EntryOrder(), [*early_and_late, ("ask", 1), ("enter", 1)])


@pytest.mark.parametrize(
    "history",
    [
        [*KNOWN, ("enter", 0), ("leave", 0), ("enter", 1)],
        [("ask", 0), ("send", 0, 1, 1), ("ask", 1), ("receive", 0, 1, 1), ("enter", 1)],
        [*KNOWN, ("crash", 0), ("enter", 1)],
    ],
    ids=["in order", "concurrent", "crashed"],
)
def test_requests_in_order_and_concurrent_ones_are_right(history: list[tuple[object, ...]]) -> None:
    assert not reason(EntryOrder(), history)
