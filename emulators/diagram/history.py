"""The events of a run, indexed so that any stretch of it is found by bisection.

It grows by `extend` and forgets by `keep`, both at the cost of what changes and not of what is
there. Events keep the order in which they happened: the row of an event is its place in that order.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emulators.diagram.asked import RowLike
from emulators.diagram.cuts import Cuts

STEPS = frozenset({"send", "receive", "undeliverable"})
"""Events that count as a step of the run."""
OUTSIDE = frozenset(
    {"pick", "lose", "duplicate", "delay", "corrupt", "partition", "heal", "swap", "round"}
)
"""Events that happen to the network and not at a device."""

FLYING, RECEIVED, LOST, NOBODY = "flying", "received", "lost", "nobody"


@dataclass(frozen=True)
class Arrow:
    """A message from row `start` to row `end`, None as long as it is in flight."""

    number: int
    message: int
    source: int
    destination: int
    start: int
    end: int | None
    fate: str


class Highest:
    """A growing list of numbers that finds those above a bound without looking at the others.

    A tree of maxima over pairs: `_levels[0]` are the numbers, each level above has one for two.
    """

    def __init__(self) -> None:
        self._levels: list[list[int]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def __getitem__(self, place: int) -> int:
        return self._levels[0][place]

    def append(self, value: int) -> None:
        """Add a number at the end."""
        place = len(self)
        for level in self._levels:
            if place < len(level):
                level[place] = max(level[place], value)
            else:
                level.append(value)
            place //= 2
        while len(self._levels[-1]) > 1:
            top = self._levels[-1]
            self._levels.append([max(top[at : at + 2]) for at in range(0, len(top), 2)])

    def set(self, place: int, value: int) -> None:
        """Put another number at a place."""
        self._levels[0][place] = value
        for below, level in itertools.pairwise(self._levels):
            place //= 2
            highest = max(below[2 * place : 2 * place + 2])
            if level[place] == highest:
                break
            level[place] = highest

    def cut(self, length: int) -> None:
        """Forget what is behind the first `length` numbers."""
        levels = self._levels
        del levels[0][length:]
        for below, level in itertools.pairwise(levels):
            length = (length + 1) // 2
            del level[length:]
            if length:
                level[-1] = max(below[2 * length - 2 : 2 * length])

    def above(self, end: int, bound: int) -> Iterator[int]:
        """Return the places before `end` whose numbers are at least `bound`, the last first."""
        stack = [(len(self._levels) - 1, 0)] if len(self) and end > 0 else []
        while stack:
            height, place = stack.pop()
            level = self._levels[height]
            if place >= len(level) or (place << height) >= end or level[place] < bound:
                continue
            if height == 0:
                yield place
            else:
                stack += [(height - 1, 2 * place), (height - 1, 2 * place + 1)]


class Spans:
    """Stretches of rows that do not overlap: from a row to a row, None for one that goes on."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int | None] = []

    def begin(self, row: int) -> None:
        """Begin a stretch, unless one goes on."""
        if not self.is_open:
            self.starts.append(row)
            self.ends.append(None)

    def finish(self, row: int) -> None:
        """End the stretch that goes on, if one does."""
        if self.is_open:
            self.ends[-1] = row

    @property
    def is_open(self) -> bool:
        """Whether the last stretch goes on."""
        return bool(self.ends) and self.ends[-1] is None

    def keep(self, rows: int) -> None:
        """Forget everything from a row on."""
        count = bisect_left(self.starts, rows)
        del self.starts[count:], self.ends[count:]
        last = self.ends[-1] if self.ends else None
        if last is not None and last >= rows:
            self.ends[-1] = None

    def within(self, first: float, last: float) -> Iterator[tuple[int, int | None]]:
        """Return the stretches that reach into the rows from `first` to `last`."""
        begin = max(0, bisect_right(self.starts, first) - 1)
        for number in range(begin, bisect_right(self.starts, last)):
            end = self.ends[number]
            if end is None or end >= first:
                yield self.starts[number], end

    def touches(self, first: float, last: float) -> bool:
        """Return whether a stretch reaches into the rows."""
        return next(self.within(first, last), None) is not None


class Lane:
    """What happened at one device: its rows, when it was inside, down, and over."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.inside = Spans()
        self.crashed = Spans()
        self.ended = Spans()

    def add(self, row: int, kind: str) -> None:
        """Take an event of this device."""
        self.rows.append(row)
        if kind == "enter":
            self.inside.begin(row)
        elif kind == "leave":
            self.inside.finish(row)
        elif kind == "crash":
            self.inside.finish(row)
            self.crashed.begin(row)
        elif kind == "end":
            self.ended.begin(row)
        elif kind == "restart":
            self.crashed.finish(row)
            self.ended.finish(row)

    def keep(self, rows: int) -> None:
        """Forget everything from a row on."""
        del self.rows[bisect_left(self.rows, rows) :]
        for spans in (self.inside, self.crashed, self.ended):
            spans.keep(rows)

    def count(self, first: float, last: float) -> int:
        """Return how many events there are from row `first` on and before row `last`."""
        return bisect_left(self.rows, last) - bisect_left(self.rows, first)


class History:
    """All events up to the cursor, with lanes, arrows and rounds."""

    def __init__(self, devices: int = 0) -> None:
        self._clear(devices)

    def _clear(self, devices: int) -> None:
        self.rows: list[RowLike] = []
        self.lanes: list[Lane] = [Lane() for _ in range(devices)]
        self.rounds: list[int] = []
        self.in_rounds = Spans()
        self.splits: list[int] = []
        self.healings: list[int] = []
        self.split = Spans()
        self.cuts = Cuts()
        self.steps: list[int] = []
        self.starts: list[int] = []
        self._ends = Highest()
        self._fates: list[str] = []
        self._messages: list[int] = []
        self._number: dict[int, int] = {}
        self._origins: dict[int, int | None] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def arrows(self) -> int:
        """How many messages there are."""
        return len(self.starts)

    # -- growing and forgetting

    def extend(self, rows: Iterable[RowLike]) -> None:
        """Take the next events."""
        for row in rows:
            self._add(len(self.rows), row)

    def _add(self, at: int, row: RowLike) -> None:
        self.rows.append(row)
        kind = row.kind
        if row.device is not None and kind not in OUTSIDE:
            self.lane(row.device).add(at, kind)
        if kind in STEPS:
            self.steps.append(at)
        if kind in ("send", "duplicate", "undeliverable"):
            self._sent(at, row, NOBODY if kind == "undeliverable" else FLYING)
        elif kind in ("receive", "lose"):
            self._arrived(at, row.message, RECEIVED if kind == "receive" else LOST)
        elif kind == "cut":
            self.cuts.add(at, row)
        elif kind == "round":
            self.rounds.append(at)
            self.in_rounds.begin(at)
        elif kind == "swap":
            self.in_rounds.finish(at)
        else:
            self._divided(at, kind)

    def _divided(self, at: int, kind: str) -> None:
        """Take the beginning or the end of a partition: several may overlap."""
        if kind == "partition":
            self.splits.append(at)
            self.split.begin(at)
        elif kind == "heal":
            self.healings.append(at)
            if len(self.healings) == len(self.splits):
                self.split.finish(at)

    def lane(self, device: int) -> Lane:
        """Return the lane of a device."""
        while len(self.lanes) <= device:
            self.lanes.append(Lane())
        return self.lanes[device]

    def _sent(self, at: int, row: RowLike, fate: str) -> None:
        self._number[row.message] = len(self.starts)
        self.starts.append(at)
        self._ends.append(at)
        self._fates.append(fate)
        self._messages.append(row.message)
        if row.kind == "duplicate":
            self._origins[at] = self._original(at)

    def _arrived(self, at: int, message: int, fate: str) -> None:
        number = self._number.get(message)
        if number is not None:
            self._ends.set(number, at)
            self._fates[number] = fate

    def keep(self, count: int) -> None:
        """Forget all but the first `count` events."""
        if count >= len(self.rows):
            return
        if count < len(self.rows) // 2:
            rows = self.rows[:count]
            self._clear(len(self.lanes))
            self.extend(rows)
            return
        for row in reversed(self.rows[count:]):
            self._undo(row)
        del self.rows[count:]
        for lane in self.lanes:
            lane.keep(count)
        for kept in (self.rounds, self.steps, self.splits, self.healings):
            del kept[bisect_left(kept, count) :]
        self.in_rounds.keep(count)
        self.split.keep(count)
        self.cuts.keep(count)

    def _undo(self, row: RowLike) -> None:
        if row.kind in ("receive", "lose"):
            number = self._number.get(row.message)
            if number is not None:
                self._ends.set(number, self.starts[number])
                self._fates[number] = FLYING
        elif row.kind in ("send", "duplicate", "undeliverable"):
            self._number.pop(row.message, None)
            self._origins.pop(self.starts.pop(), None)
            self._ends.cut(len(self.starts))
            self._fates.pop()
            self._messages.pop()

    # -- finding

    def arrow(self, number: int) -> Arrow:
        """Return a message by its place in the order of sending."""
        start = self.starts[number]
        row = self.rows[start]
        fate = self._fates[number]
        return Arrow(
            number,
            self._messages[number],
            row.source if row.source is not None else -1,
            row.destination if row.destination is not None else -1,
            start,
            self._ends[number] if fate in (RECEIVED, LOST) else None,
            fate,
        )

    def arrow_of(self, row: int) -> Arrow | None:
        """Return the message that an event is about."""
        number = self._number.get(self.rows[row].message) if 0 <= row < len(self.rows) else None
        return None if number is None else self.arrow(number)

    def send_of(self, row: int) -> int | None:
        """Return the row in which the message was sent that row `row` receives; of a copy too."""
        number = self._number.get(self.rows[row].message)
        if number is None:
            return None
        start = self.starts[number]
        return self._origins.get(start, start)

    def _original(self, row: int) -> int | None:
        """Return where the message was sent of which row `row` made a copy."""
        copy = self.rows[row]
        for number in range(bisect_left(self.starts, row) - 1, -1, -1):
            start = self.starts[number]
            one = self.rows[start]
            if (
                one.kind == "send"
                and (one.source, one.destination) == (copy.source, copy.destination)
                and (one.type, one.text) == (copy.type, copy.text)
            ):
                return start
        return None

    def between(self, first: float, last: float) -> tuple[int, int]:
        """Return which arrows start from row `first` to row `last`: from a number to one."""
        return bisect_left(self.starts, first), bisect_right(self.starts, last)

    def passing(self, first: float) -> Iterator[int]:
        """Return the numbers of the arrows that start before a row and end there or later."""
        return self._ends.above(bisect_left(self.starts, first), int(first))

    def position(self, row: int) -> int:
        """Return how many steps of the run lead to the event in a row."""
        return bisect_right(self.steps, row)

    def round_at(self, row: int) -> int | None:
        """Return the row at which the round of an event began, None outside of rounds."""
        number = bisect_right(self.rounds, row)
        return self.rounds[number - 1] if number and self.in_rounds.touches(row, row) else None
