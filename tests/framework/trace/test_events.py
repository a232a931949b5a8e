"""The trace in memory, and who is told of what."""

import pytest

from emulators.trace.events import KINDS, Event, Observer, Trace
from tests.framework.making import Note, both, device, run


@device
def kind(self):
    self.medium.log("hello")
    self.medium.send(Note(self.index, 1 - self.index))
    self.medium.wait_for_message()


@both
def test_a_trace_is_a_sequence_of_events(emulator):
    trace = run(emulator, kind).trace
    events = list(trace)
    assert len(trace) == len(events) > 0
    assert trace[0] == events[0]
    assert trace[len(trace) - 1] == events[-1] == trace[-1]
    assert all(isinstance(event, Event) and event.kind in KINDS for event in events)
    with pytest.raises(IndexError):
        trace[len(trace)]


@both
def test_times_never_go_back(emulator):
    times = [event.time for event in run(emulator, kind, 5).trace]
    assert times == sorted(times)


@both
def test_events_of_some_kinds_can_be_picked(emulator):
    trace = run(emulator, kind).trace
    picked = [event.kind for event in trace.of("log", "end")]
    assert picked == [event.kind for event in trace if event.kind in ("log", "end")]
    assert set(picked) == {"log", "end"}


@both
def test_the_message_of_an_event_is_a_fresh_copy_each_time(emulator):
    (event, *_) = run(emulator, kind).trace.of("send")
    assert event.message is not event.message
    assert (event.message.source, event.message.destination) == (0, 1)


@both
def test_events_without_a_message_have_none(emulator):
    (event, *_) = run(emulator, kind).trace.of("log")
    assert (event.message, event.envelope) == (None, None)


@both
def test_an_observer_is_told_of_the_kinds_it_has_methods_for(emulator):
    class Sends(Observer):
        def __init__(self):
            self.seen = []

        def on_send(self, event):
            self.seen.append(event[0])

    class Everything(Observer):
        def __init__(self):
            self.seen = []

        def on_event(self, event):
            self.seen.append(event[0])

    sends, everything = Sends(), Everything()
    simulation = emulator(2, kind, seed=1, quiet=True, observers=[sends, everything])
    simulation.run()
    assert sends.seen == ["send", "send"]
    assert everything.seen == [event.kind for event in run(emulator, kind).trace]


@both
def test_whoever_comes_late_is_told_of_what_happens_from_then_on(emulator):
    simulation = emulator(2, kind, seed=1, quiet=True)
    trace = Trace()
    simulation.observe(trace)
    simulation.run()
    assert [event[:3] for event in trace] == [event[:3] for event in run(emulator, kind).trace]
