"""What could have caused what: Lamport and vector clocks of every event of a trace.

Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978;
vector clocks: Fidge 1988 and Mattern 1989 ([CDK] 14.4). An event of a device counts one step of
its clock; a receive joins the clock of the send. Rounds and other events without a device count
nothing and stand beside the order, as does what a person does to a run (pick, drop, crash …).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulators.trace.events import Event

STEPS = frozenset(
    {"send", "receive", "undeliverable", "ask", "enter", "leave"}
    | {"cut", "log", "invoke", "respond", "end", "fail"}
)
"""The kinds of events that are steps of a device."""
VectorClock = dict[int, int]
"""Steps known of each device; a device that is missing has done none."""


def lamport_clocks(events: Iterable[Event]) -> Iterator[int]:
    """Return the Lamport time of each event, 0 for those without a device."""
    clocks: dict[int, int] = {}
    sent: dict[int, int] = {}
    for event in events:
        if event.device is None or event.kind not in STEPS:
            yield 0
            continue
        time = clocks.get(event.device, 0)
        if event.kind == "receive":
            time = max(time, sent.get(_message(event), 0))
        time += 1
        clocks[event.device] = time
        if event.kind == "send":
            sent[_message(event)] = time
        yield time


def _message(event: Event) -> int:
    """Return what all copies of one message share: the fields that were sent."""
    return id(event.subject[5])


def vector_clocks(events: Iterable[Event]) -> Iterator[VectorClock]:
    """Return the vector clock of each event, empty for those without a device."""
    clocks: dict[int, VectorClock] = {}
    sent: dict[int, VectorClock] = {}
    for event in events:
        if event.device is None or event.kind not in STEPS:
            yield {}
            continue
        clock = dict(clocks.get(event.device, {}))
        if event.kind == "receive":
            join(clock, sent.get(_message(event), {}))
        clock[event.device] = clock.get(event.device, 0) + 1
        clocks[event.device] = clock
        if event.kind == "send":
            sent[_message(event)] = clock
        yield clock


def join(clock: VectorClock, other: VectorClock) -> None:
    """Raise every step of `clock` to that of `other` where it is higher."""
    for device, step in other.items():
        if step > clock.get(device, 0):
            clock[device] = step


def happened_before(one: VectorClock, other: VectorClock) -> bool:
    """Return whether the event with clock `one` happened before that with clock `other`.

    An empty clock is that of an event outside the order: nothing happened before or after it.
    """
    return (
        bool(one)
        and one != other
        and all(step <= other.get(device, 0) for device, step in one.items())
    )


def concurrent(one: VectorClock, other: VectorClock) -> bool:
    """Return whether neither of two events with devices happened before the other."""
    return (
        bool(one and other)
        and one != other
        and not happened_before(one, other)
        and not happened_before(other, one)
    )
