"""States as one whole number each, and where they lead: additions, looked up in tables.

A state is a number with a field for each device's cell, one for what properties think and one for
the rest. What may happen next to a cell is a list of jumps; a jump is a difference to be added,
with the messages that it puts into other fields. Nothing here knows a device: what a table does not
have yet is asked for, in the same process or in another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

FIELD = 26
"""Bits of a field: fields that are spread evenly over the 61 bits of a hash hardly collide."""
MASK = (1 << FIELD) - 1

OWN, LATE, WRONG, WRONG_LATE, PUT, THINK = range(6)
"""What is asked for: a device's next moves, those that time brings about, what may go wrong beside
the first or the second; a cell with more messages; what properties think after more events."""

Puts = tuple[tuple[int, int], ...]
"""Fields of other devices, and in them the number of the messages that are put there."""
Jump = tuple[int, Puts, int]
"""A difference, what is put elsewhere, and what properties see of it (a number; 0: nothing)."""
Table = dict[int, int]
"""Differences, by what a field has."""
Step = tuple[int, tuple[tuple[int, int, Table], ...], int, Table]
"""A jump, with the tables of what it puts and of what is thought of what is seen."""
Row = tuple[tuple[int, ...], tuple[Step, ...]]
"""Either mere differences, or jumps: nearly all that a device does by itself is a difference."""
Ask = tuple[int, int, int, int]
"""What is asked for, then: a field, a cell, and the rest; or what is put or seen."""
Known = tuple[Jump, ...] | int
"""A list of jumps, or a difference."""


class Layout(NamedTuple):
    """So many devices; whether time is let pass where nothing else can happen, and faults."""

    devices: int
    patient: bool
    faults: bool


def packed(fields: Iterable[int]) -> int:
    """Return fields as one number. Raises `MemoryError` for a field that is too large."""
    number = 0
    for place, field in enumerate(fields):
        if field > MASK:
            raise MemoryError
        number |= field << (place * FIELD)
    return number


def unpacked(state: int, fields: int) -> tuple[int, ...]:
    """Return so many fields of a number."""
    return tuple([state >> place * FIELD & MASK for place in range(fields)])


class Jumps:
    """All jumps that are known. `ask` is told what is not, and returns it."""

    def __init__(self, layout: Layout, ask: Callable[[Ask], Known]) -> None:
        self.layout, self._ask = layout, ask
        devices = layout.devices
        self.places = tuple(place * FIELD for place in range(devices))
        self.thoughts, self.top = devices * FIELD, (devices + 1) * FIELD
        self._rows: list[dict[int, list[dict[int, Row]]]] = [{} for _ in range(PUT)]
        self._put: dict[tuple[int, int], Table] = {}
        self._thought: dict[int, Table] = {}
        self.resting = False
        self._stays = False

    def learn(self, ask: Ask) -> Any:
        """Return what is not known yet, and know it from now on."""
        return self.know(ask, self._ask(ask))

    def know(self, ask: Ask, known: Known) -> Any:
        """Take up what was asked for; return it as it is used."""
        kind, field, cell, more = ask
        if isinstance(known, int):
            table = self._thinking(more) if kind == THINK else self._putting(field, more)
            table[cell] = known
            return known
        row = self._row(known)
        self._of_rest(kind, more)[field][cell] = row
        return row

    def _row(self, jumps: tuple[Jump, ...]) -> Row:
        if not any(puts or seen for _, puts, seen in jumps):
            return tuple(difference for difference, _, _ in jumps), ()
        return (), tuple(
            (
                difference,
                tuple((there, what, self._putting(there, what)) for there, what in puts),
                seen,
                self._thinking(seen),
            )
            for difference, puts, seen in jumps
        )

    def _putting(self, there: int, what: int) -> Table:
        return self._put.setdefault((there, what), {})

    def _thinking(self, seen: int) -> Table:
        return self._thought.setdefault(seen, {})

    def _of_rest(self, kind: int, rest: int) -> list[dict[int, Row]]:
        rows = self._rows[kind]
        if rest not in rows:
            rows[rest] = [{} for _ in range(self.layout.devices)]
        return rows[rest]

    def after(self, state: int) -> list[int]:
        """Return the states to which a state leads; not itself, but perhaps one several times.

        Afterwards `resting` tells whether nothing happens there unless something goes wrong.
        """
        cells = [state >> place & MASK for place in self.places]
        rest = state >> self.top
        found = self._along(OWN, state, cells, rest)
        late = not found and not self._stays and self.layout.patient
        if late:
            found = self._along(LATE, state, cells, rest)
        self._stays = False
        self.resting = not found
        if self.layout.faults:
            found += self._along(WRONG_LATE if late else WRONG, state, cells, rest)
        return found

    def _along(self, kind: int, state: int, cells: list[int], rest: int) -> list[int]:
        """Return the states to which the jumps of a kind lead."""
        found: list[int] = []
        for field, rows in enumerate(self._of_rest(kind, rest)):
            cell = cells[field]
            row = rows.get(cell)
            if row is None:
                row = self.learn((kind, field, cell, rest))
            plain, steps = row
            found += map(state.__add__, plain)
            for difference, puts, seen, thought in steps:
                new = state + difference
                for there, what, put in puts:
                    more = put.get(cells[there])
                    new += self.learn((PUT, there, cells[there], what)) if more is None else more
                if seen:
                    before = state >> self.thoughts & MASK
                    more = thought.get(before)
                    new += self.learn((THINK, 0, before, seen)) if more is None else more
                if new != state:
                    found.append(new)
                else:
                    self._stays = True
        return found
