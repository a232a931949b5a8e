"""What has to stay possible in every schedule, and what a search cannot judge."""

from emulators.explore.answer import BOUNDED, HOLDS, VIOLATED
from tests.framework.explore.asking import CRASH, LOSS, ask

CAN_FINISH = ("can_finish",)


def test_whoever_has_no_work_yet_has_to_be_able_to_get_it():
    answer = ask("TokenRing", checks=CAN_FINISH, faults=LOSS)
    assert answer.verdict == VIOLATED
    reason = answer.counterexample.violation.reason
    assert reason == "after this, devices 0, 1 and 2 can never be let in any more, whatever happens"


def test_a_token_that_goes_round_lets_everybody_finish():
    assert ask("TokenRing", checks=CAN_FINISH).verdict == HOLDS


def test_without_its_coordinator_nobody_can_be_let_in():
    answer = ask("Centralised", checks=CAN_FINISH, faults=CRASH)
    assert [line.text for line in answer.counterexample.lines] == ["device 0 crashes"]


def test_a_message_that_is_lost_is_no_line_of_the_code():
    lines = ask("TokenRing", checks=CAN_FINISH, faults=LOSS).counterexample.lines
    assert [line.place is None for line in lines] == [False, True]


def test_a_property_that_counts_time_is_said_to_be_left_out():
    answer = ask("TokenRing", checks=("mutual_exclusion", "everyone_enters"))
    assert answer.verdict == BOUNDED
    assert answer.because == [
        "everyone_enters counts time, of which a search has none: not looked for, ask can_finish"
    ]
