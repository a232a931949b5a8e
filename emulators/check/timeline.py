"""Operations as a timeline of text: a line for each, from its invocation to its response."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulators.check.specifications import Operation
from emulators.kernel.clock import ROUND

_WIDTH = 3


def timeline(
    operations: Sequence[Operation], when: Callable[[Operation], str] | None = None
) -> str:
    """Return a picture of operations; before and after in it are before and after in the history.

    Distances mean nothing. `when` says the times of an operation in words; by default in rounds.
    """
    when = when or _in_rounds
    places = sorted({place for one in operations for place in (one.start, one.end) if place})
    columns = {place: _WIDTH * number for number, place in enumerate(places)}
    width = _WIDTH * len(places)
    rows = [
        (f"client {one.client}", str(one), _bar(one, columns, width), when(one))
        for one in sorted(operations, key=lambda one: one.start)
    ]
    widths = [max((len(row[part]) for row in rows), default=0) for part in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(wide) for text, wide in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def _bar(one: Operation, columns: dict[int, int], width: int) -> str:
    first = columns[one.start]
    if one.end is None:
        return " " * first + "|" + "-" * (width - first - 1) + ">"
    return " " * first + "|" + "-" * (columns[one.end] - first - 1) + "|"


def _in_rounds(one: Operation) -> str:
    began = f"{one.invoked / ROUND:.1f}"
    if one.returned is None:
        return f"rounds {began} to ?"
    return f"rounds {began} to {one.returned / ROUND:.1f}"
