"""The space-time diagram of a failing run, as SVG. Its colours are variables that a page sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from emulators.diagram.history import History
from emulators.diagram.parts import View
from emulators.diagram.plane import about
from emulators.diagram.spacetime import spacetime_picture
from emulators.diagram.svg import spacetime_svg
from emulators.errors import safe_str
from emulators.trace.envelope import opened
from emulators.trace.events import OF_MESSAGES, Event

MOST_COLUMNS = 60
"""Events that are shown, the last ones."""
_COLUMN, _LANE, _LINE = 18.0, 44.0, 14.0

ROLES = (
    *("surface", "text", "muted", "accent", "sender", "receiver", "inside", "waiting", "lost"),
    *("crashed", "lane", "round_shade", "past", "future", "concurrent", "selection", "error"),
)
"""The colours of a theme that the diagram uses."""
_PALETTE = SimpleNamespace(**{role: f"var(--{role.replace('_', '-')})" for role in ROLES})


@dataclass(frozen=True)
class _Row:
    """An event as the diagram asks for it."""

    kind: str
    time: int
    device: int | None
    message: int
    source: int | None
    destination: int | None
    type: str
    text: str


def diagram(events: Iterable[Event], devices: int) -> str:
    """Return the diagram of a run up to its last event."""
    history = History(devices)
    history.extend(_rows(events))
    shown = min(len(history), MOST_COLUMNS)
    view = View(
        width=60 + (shown + 1) * _COLUMN,
        height=24 + devices * _LANE,
        column=_COLUMN,
        lane=_LANE,
        left=(len(history) - shown) * _COLUMN,
        line=_LINE,
    )
    return spacetime_svg(spacetime_picture(history, view, measure=about(_LINE)), _PALETTE)


def _rows(events: Iterable[Event]) -> Iterator[_Row]:
    for kind, time, device, subject in events:
        if kind not in OF_MESSAGES:
            yield _Row(kind, time, device, 0, None, None, "", "")
            continue
        to = subject[3] if isinstance(subject[3], int) else None
        text = safe_str(opened(subject))
        yield _Row(kind, time, device, subject[1], subject[2], to, subject[4].__name__, text)
