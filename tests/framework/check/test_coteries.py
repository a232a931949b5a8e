"""Coteries that intersect, and votes for the oldest request: on real runs and on broken ones."""

import pytest

from emulators.check.coteries import IntersectingCoteries, OldestFirst
from emulators.trace.events import KINDS, listen
from exercises.exercise16 import Release, Request, Yes
from tests.running import run


def told(judge, events):
    """The property after it was told of the events."""
    heard = {kind: [] for kind in KINDS}
    listen(heard, judge)
    for event in events:
        for hear in heard[event[0]]:
            hear(tuple(event))
    return judge


class Story:
    """Events made by hand."""

    def __init__(self):
        self.events = []

    def __call__(self, kind, device, message=None):
        subject = message
        if message is not None:
            fields = vars(message)
            ends = message.source, message.destination
            subject = (0, len(self.events), *ends, type(message), fields, True, 0)
        self.events.append((kind, len(self.events), device, subject))
        return self

    def passes(self, message):
        """A message is sent and received."""
        return self("send", message.source, message)("receive", message.destination, message)


@pytest.mark.parametrize("judge", [IntersectingCoteries, OldestFirst])
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("devices", [2, 3, 10, 25])
def test_the_algorithm_of_sanders_has_both_properties(judge, kind, devices):
    result = run(16, "Sanders", kind, devices=devices, seed=3, latency=(0, 0.4))
    assert told(judge(), result.trace).violation is None
    assert any(event.kind == "enter" for event in result.trace)


def test_two_that_asked_nobody_in_common_are_named():
    story = Story().passes(Request(0, 1, 0))("enter", 0)("leave", 0)
    story.passes(Request(3, 2, 5))("enter", 3)
    violation = told(IntersectingCoteries(), story.events).violation
    assert violation.reason == (
        "device 3 entered after asking 2, 3, device 0 after asking 0, 1: nobody was asked by both"
    )
    assert violation.events[-1][:3] == ("enter", 6, 3)


def test_a_coterie_is_that_of_the_last_entry():
    story = Story().passes(Request(0, 1, 0))("enter", 0)("leave", 0)
    story.passes(Request(0, 2, 5))("enter", 0)("leave", 0).passes(Request(3, 2, 9))("enter", 3)
    assert told(IntersectingCoteries(), story.events).violation is None


def test_a_vote_for_a_younger_request_is_named():
    story = Story().passes(Request(1, 0, 4)).passes(Request(2, 0, 3))("send", 0, Yes(0, 1))
    violation = told(OldestFirst(), story.events).violation
    assert violation.reason == (
        "device 0 said Yes to the request of device 1 with timestamp 4, "
        "and knew the older one of device 2 with timestamp 3"
    )


def test_of_equal_timestamps_the_smaller_index_is_older():
    story = Story().passes(Request(1, 0, 4)).passes(Request(2, 0, 4))("send", 0, Yes(0, 2))
    assert told(OldestFirst(), story.events).violation is not None


def test_a_vote_for_nobody_that_asked_is_named():
    story = Story().passes(Request(1, 0, 4)).passes(Yes(0, 1))("enter", 1)("leave", 1)
    story.passes(Release(1, 0))("send", 0, Yes(0, 1))
    violation = told(OldestFirst(), story.events).violation
    assert "had not asked, or had released already" in violation.reason


def test_a_request_that_overtakes_the_release_before_it_stays_open():
    story = Story().passes(Request(1, 0, 4)).passes(Yes(0, 1))("enter", 1)("leave", 1)
    late = Release(1, 0)
    story("send", 1, late).passes(Request(1, 0, 9))("receive", 0, late)("send", 0, Yes(0, 1))
    assert told(OldestFirst(), story.events).violation is None


def test_a_request_that_is_next_in_the_list_of_messages_is_not_known_yet():
    story = Story().passes(Request(1, 0, 4)).passes(Request(2, 0, 3))("send", 0, Yes(0, 1))
    events = [(kind, 0, device, subject) for kind, _, device, subject in story.events]
    assert told(OldestFirst(), events).violation is None


def test_a_fork_judges_a_future_of_its_own():
    judge = told(OldestFirst(), Story().passes(Request(1, 0, 4)).passes(Request(2, 0, 3)).events)
    fork = judge.fork()
    assert fork.state() == judge.state()
    told(fork, Story()("send", 0, Yes(0, 1)).events)
    assert (judge.violation is None, fork.violation is None) == (True, False)
