"""Clocks of a trace agree with what could have caused what."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.trace.causality import concurrent, happened_before, lamport_clocks, vector_clocks
from tests.framework.making import Note, both, device, run


def traced(emulator, seed, devices=3):
    @device
    def kind(self):
        for number in range(4):
            self.medium.send(Note(self.index, (self.index + number) % self.number_of_devices))
            self.medium.wait_for_next_round()
            self.medium.receive()

    return list(run(emulator, kind, devices, seed).trace)


def causes(events):
    """Return the pairs of places where the first event happened before the second."""
    direct = set()
    latest, sends = {}, {}
    for place, event in enumerate(events):
        if event.device is None:
            continue
        if event.device in latest:
            direct.add((latest[event.device], place))
        latest[event.device] = place
        if event.kind == "send":
            sends[event.envelope.serial] = place
        if event.kind == "receive":
            direct.add((sends[event.envelope.serial], place))
    for middle, one, other in itertools.product(range(len(events)), repeat=3):
        if (one, middle) in direct and (middle, other) in direct:
            direct.add((one, other))
    return direct


@both
@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_lamport_time_grows_along_every_cause(emulator, seed):
    events = traced(emulator, seed)
    clocks = list(lamport_clocks(events))
    assert all(clocks[one] < clocks[other] for one, other in causes(events))


@both
def test_vector_clocks_tell_exactly_what_happened_before_what(emulator):
    for seed in range(3):
        events = traced(emulator, seed)
        clocks = list(vector_clocks(events))
        before = causes(events)
        placed = [place for place, event in enumerate(events) if event.device is not None]
        for one, other in itertools.permutations(placed, 2):
            assert happened_before(clocks[one], clocks[other]) == ((one, other) in before)
            unordered = (one, other) not in before and (other, one) not in before
            assert concurrent(clocks[one], clocks[other]) == unordered


@both
def test_no_event_happened_before_itself(emulator):
    for clock in vector_clocks(traced(emulator, 1)):
        assert not happened_before(clock, clock)
        assert not concurrent(clock, clock)


@both
def test_an_event_without_a_device_stands_beside_the_order(emulator):
    events = traced(emulator, 1)
    clocks = zip(events, lamport_clocks(events), vector_clocks(events), strict=True)
    assert {(time, len(clock)) for event, time, clock in clocks if event.device is None} <= {(0, 0)}
