"""Devices and events in words."""

import pytest

from emulators.check.words import devices, listed, what_happens
from tests.framework.check.histories import event


def test_devices_are_listed_in_order() -> None:
    assert devices([3]) == "device 3"
    assert devices({2, 0, 1}) == "devices 0, 1 and 2"
    assert devices(range(12)) == "devices 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert listed(["a", "b"]) == "a and b"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (("send", 0, 1, 7), "device 0 sends Letter 0 -> 1"),
        (("receive", 0, 1, 7), "device 1 receives Letter 0 -> 1"),
        (("lose", 0, 1, 7), "device 1 does not get Letter 0 -> 1"),
        (("ask", 2), "device 2 asks for the critical section"),
        (("crash", 2), "device 2 crashes"),
        (("call", 2, ("deliver", "x")), "device 2 calls deliver('x')"),
        (("log", 2, "a word"), "device 2 logs: a word"),
    ],
)
def test_an_event_is_a_sentence(step: tuple[object, ...], words: str) -> None:
    assert what_happens(event(0, *step)) == words  # type: ignore[arg-type]
