"""Two branches side by side, event by event: what is common and what differs. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from emulators.gui.snapshot import EventRow

_MOST_ALIGNED = 2000


@dataclass(frozen=True)
class Pair:
    """An event of each branch in one line, or of one branch only."""

    left: EventRow | None
    right: EventRow | None

    @property
    def same(self) -> bool:
        """Whether both branches have this event."""
        return self.left is not None and self.right is not None


def paired(left: Sequence[EventRow], right: Sequence[EventRow]) -> list[Pair]:
    """Return the events of two branches in lines, equal ones in the same line."""
    a, b = [_essence(event) for event in left], [_essence(event) for event in right]
    common = _common(a, b)
    pairs = [Pair(left[row], right[row]) for row in range(common)]
    rest, other = left[common:], right[common:]
    if len(rest) > _MOST_ALIGNED or len(other) > _MOST_ALIGNED:
        return pairs + [Pair(event, None) for event in rest] + [Pair(None, one) for one in other]
    matcher = SequenceMatcher(None, a[common:], b[common:], autojunk=False)
    for kind, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        if kind == "equal":
            both = zip(rest[from_a:to_a], other[from_b:to_b], strict=True)
            pairs += [Pair(one, two) for one, two in both]
        else:
            pairs += [Pair(event, None) for event in rest[from_a:to_a]]
            pairs += [Pair(None, event) for event in other[from_b:to_b]]
    return pairs


def _essence(event: EventRow) -> tuple[object, ...]:
    """Return what makes two events the same: not when, and not the number of the message."""
    return event.kind, event.device, event.source, event.destination, event.type, event.text


def _common(a: list[tuple[object, ...]], b: list[tuple[object, ...]]) -> int:
    for row, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return row
    return min(len(a), len(b))
