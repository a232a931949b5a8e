"""The monitor's token is one, and its state knows all tasks."""

import pytest

from emulators.check.monitor import AllCounted, AllInBuffer, OneToken
from exercises.exercise14 import MonitorRequest, MonitorToken
from tests.framework.check.histories import guilty, reason, told


def token(kind, sender, to, state=b"", serial=1):
    return (kind, sender, to, serial, {"state": state, "queue": [], "ln": []}, MonitorToken)


def counter(value):
    return value.to_bytes(4, "big")


def test_a_token_that_goes_from_hand_to_hand_is_one():
    steps = [token("send", 0, 1), token("receive", 0, 1), token("send", 1, 0)]
    assert reason(OneToken(), steps) == ""


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (
            [token("send", 1, 2)],
            "device 1 sends the token at 0 virtual seconds, and it is at device 0",
        ),
        (
            [token("send", 0, 1), token("send", 0, 2)],
            "device 0 sends the token at 0.1 virtual seconds, and it is on its way",
        ),
        (
            [token("send", 0, 1), token("receive", 0, 1), token("send", 0, 2)],
            "device 0 sends the token at 0.2 virtual seconds, and it is at device 1",
        ),
    ],
    ids=["never had it", "twice", "kept it"],
)
def test_who_sends_a_token_that_it_does_not_have_is_told(steps, why):
    judge = OneToken()
    assert reason(judge, steps) == why
    assert guilty(judge) == [f"send {steps[-1][1]}"]


def test_requests_are_no_tokens():
    assert reason(OneToken(), [("send", 2, 1, 1, {"number": 1}, MonitorRequest)]) == ""


def test_a_counter_that_misses_a_task_is_told():
    steps = [("enter", 0), ("leave", 0), token("send", 0, 1, counter(1)), ("enter", 1)]
    assert reason(AllCounted(), steps) == ""
    steps.append(token("send", 1, 0, counter(1)))
    assert "its counter is 1 after 2 tasks" in reason(AllCounted(), steps)


def test_after_a_crash_no_task_is_missed():
    steps = [("enter", 0), ("crash", 0), token("send", 1, 2, counter(0))]
    assert reason(AllCounted(), steps) == ""


def test_a_buffer_that_misses_an_item_is_told():
    steps = [("enter", 0), token("send", 0, 1, counter(7)), ("enter", 1)]
    assert reason(AllInBuffer(), [*steps, token("send", 1, 0)]) == ""
    why = reason(AllInBuffer(), [*steps, token("send", 1, 0, counter(7))])
    assert "its buffer has 1 items after 1 were put in and 1 taken out" in why


def test_the_holder_belongs_to_the_state_of_the_property():
    one, other = (told(OneToken(), [token("send", 0, to)]) for to in (1, 2))
    assert one.state() == other.state()
    assert one.state() != OneToken().state()
