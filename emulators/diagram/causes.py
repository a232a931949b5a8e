"""What an event could have known of and what could know of it; Lamport and vector clocks.

The past of an event is a beginning of every device's events, and its future an end of them, so
both are told by one row a device. Lamport, CACM 21(7), 1978; vector clocks: Fidge 1988 and Mattern
1989 ([CDK] 14.4). What a person or the network does (a loss, a choice, a crash) stands beside the
order.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from emulators.diagram.history import History

ORDERED = frozenset(
    {"send", "receive", "undeliverable", "ask", "enter", "leave", "cut"}
    | {"log", "invoke", "respond", "end", "fail"}
)
"""Events that are steps of a device."""
SELECTED, PAST, FUTURE, CONCURRENT = "selected", "past", "future", "concurrent"


@dataclass(frozen=True)
class Cone:
    """The past and the future of the event in row `row`: a row of each device that is in them.

    All events of a device up to `past[device]` are in the past, all from `future[device]` on in
    the future, those between are concurrent. `seen` rows of the run were looked at.
    """

    row: int
    past: dict[int, int]
    future: dict[int, int]
    seen: int

    def relation(self, row: int, device: int | None) -> str:
        """Return how the event in a row is related to the selected one; "" without a device."""
        if row == self.row:
            return SELECTED
        if device is None:
            return ""
        if row <= self.past.get(device, -1):
            return PAST
        return FUTURE if row >= self.future.get(device, self.seen) else CONCURRENT


def cone(history: History, row: int) -> Cone | None:
    """Return past and future of an event, None for one beside the order."""
    device = place_of(history, row)
    if device is None:
        return None
    past = _past(history, row, device)
    return grown(Cone(row, past, {device: row}, row + 1), history)


def place_of(history: History, row: int) -> int | None:
    """Return the device of which an event is a step, None for one beside the order."""
    if not 0 <= row < len(history):
        return None
    event = history.rows[row]
    return event.device if event.kind in ORDERED else None


def _past(history: History, row: int, device: int) -> dict[int, int]:
    """Walk backwards: what a device received brings in what its sender did up to then."""
    past = {device: row}
    rows = history.rows
    for at in range(row, -1, -1):
        event = rows[at]
        if event.kind != "receive" or event.device is None or at > past.get(event.device, -1):
            continue
        start = history.send_of(at)
        source = rows[start].device if start is not None else None
        if start is not None and source is not None and start > past.get(source, -1):
            past[source] = start
    return past


def grown(known: Cone, history: History) -> Cone:
    """Return the same cone with what has happened since, or without what was taken back."""
    rows = history.rows
    future = {device: row for device, row in known.future.items() if row < len(rows)}
    for at in range(min(known.seen, len(rows)), len(rows)):
        event = rows[at]
        if event.kind == "receive" and event.device is not None and event.device not in future:
            start = history.send_of(at)
            source = rows[start].device if start is not None else None
            if start is not None and source is not None and start >= future.get(source, len(rows)):
                future[event.device] = at
    return Cone(known.row, known.past, future, len(rows))


# -- clocks


class Clocks:
    """Lamport and vector clocks of every event of a history, computed as far as they are asked."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._lamport: list[int] = []
        self._vectors: list[tuple[int, ...]] = []

    def keep(self, count: int) -> None:
        """Forget all but the first `count` events."""
        del self._lamport[count:], self._vectors[count:]

    def lamport(self, row: int) -> int:
        """Return the Lamport time of an event, 0 for one that is not at a device."""
        for at in range(len(self._lamport), row + 1):
            self._lamport.append(self._next_lamport(at))
        return self._lamport[row]

    def _next_lamport(self, row: int) -> int:
        device = place_of(self._history, row)
        if device is None:
            return 0
        before, start = self._causes(row, device)
        own = self._lamport[before] if before is not None else 0
        return 1 + max(own, self._lamport[start] if start is not None else 0)

    def vector(self, row: int) -> tuple[int, ...]:
        """Return the vector clock of an event, one number a device, () for one without."""
        for at in range(len(self._vectors), row + 1):
            self._vectors.append(self._next_vector(at))
        return self._vectors[row]

    def _next_vector(self, row: int) -> tuple[int, ...]:
        device = place_of(self._history, row)
        if device is None:
            return ()
        before, start = self._causes(row, device)
        clock = [0] * len(self._history.lanes)
        for cause in (before, start):
            if cause is not None:
                known = self._vectors[cause]
                clock[: len(known)] = map(max, clock, known)
        clock[device] += 1
        return tuple(clock)

    def _causes(self, row: int, device: int) -> tuple[int | None, int | None]:
        """Return the event before at the same device, and the send of what is received."""
        rows = self._history.lane(device).rows
        number = bisect_left(rows, row) - 1
        while number >= 0 and self._history.rows[rows[number]].kind not in ORDERED:
            number -= 1
        received = self._history.rows[row].kind == "receive"
        start = self._history.send_of(row) if received else None
        return rows[number] if number >= 0 else None, start
