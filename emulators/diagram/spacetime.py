"""The space-time diagram: one lane a device, arrows from send to receive, as far as visible.

Across runs the order of events, one column each, so that nothing lies upon anything else however
many events one moment has. The work of a picture is that of what it shows: bisection finds the
visible stretch, and zoomed far out the lanes show how dense the events are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from emulators.diagram.causes import CONCURRENT, FUTURE, PAST, SELECTED, Clocks, Cone, place_of
from emulators.diagram.cuts import cut_lines
from emulators.diagram.history import LOST, RECEIVED, Arrow, History
from emulators.diagram.lanes import bands, lane_of, shades, splits, ticks
from emulators.diagram.parts import Line, Mark, SpaceTimePicture, View
from emulators.diagram.plane import Measure, Point, distance

MOST_ARROWS = 1200
"""With more messages than this the picture shows densities instead."""
LEAST_COLUMN = 2.0
"""Pixels of an event below which the picture shows densities instead."""
_STUB = 1.6
_LOST_AT = 0.72
_GAP = 6.0
_UNMARKED = frozenset({"lose", "round", "swap", "partition", "heal"})


class _Clocked:
    """Writes the clocks of events above or below their lane, where they fit as a whole."""

    def __init__(self, clocks: Clocks | None, kind: str, measure: Measure, view: View) -> None:
        self._clocks = clocks if kind != "none" else None
        self._kind = kind
        self._measure = measure
        self._sides = (False, True) if view.lane > 2.6 * view.line else (False,)
        self._left = view.gutter
        self._ends: dict[tuple[int, bool], float] = {}

    def text(self, row: int) -> str:
        if self._clocks is None:
            return ""
        if self._kind == "lamport":
            return str(self._clocks.lamport(row) or "")
        return " ".join(map(str, self._clocks.vector(row)))

    def labelled(self, mark: Mark) -> Mark:
        """Return a mark with its clock; those to the left of it were asked before."""
        text = self.text(mark.row)
        for below in self._sides if text and mark.center.x > self._left else ():
            if self._ends.get((mark.device, below), 0.0) <= mark.center.x:
                end = mark.center.x + self._measure(text) + _GAP
                self._ends[mark.device, below] = end
                return replace(mark, label=text, below=below)
        return mark


def spacetime_picture(
    history: History,
    view: View,
    *,
    cone: Cone | None = None,
    selected: int | None = None,
    clocks: Clocks | None = None,
    show: str = "none",
    measure: Measure = len,
) -> SpaceTimePicture:
    """Return what is visible of a history.

    `cone` tells past and future of the selected event apart; `show` is none, lamport or vector.
    """
    first = max(0.0, view.row(view.gutter) - 0.5)
    last = min(len(history) - 1.0, view.row(view.width) + 0.5)
    devices = range(
        max(0, view.device(view.header)), min(len(history.lanes), view.device(view.height) + 1)
    )
    arrows = None if view.column < LEAST_COLUMN else _arrows(history, first, last, view, devices)
    dense = arrows is None
    clocked = _Clocked(clocks, show, measure, view)
    marks: tuple[Mark, ...] = ()
    lines: tuple[Line, ...] = ()
    if arrows is not None:
        lines = tuple(_line(history, arrow, view, cone) for arrow in arrows)
        marks = tuple(_marks(history, first, last, view, devices, cone, selected, clocked))
    elif selected is not None and first <= selected <= last:
        marks = tuple(_mark(history, selected, view, cone, selected))
    return SpaceTimePicture(
        view,
        tuple(shades(history, first, last, view)),
        tuple(ticks(history, first, last, view, measure)),
        tuple(lane_of(history.lanes[device], device, view, first, last) for device in devices),
        tuple(bands(history, first, last, view, devices, cone)) if dense else (),
        lines,
        marks,
        view.x(len(history) - 0.5),
        dense,
        tuple(splits(history, first, last, view)),
        tuple(cut_lines(history.cuts, first, last, view)),
    )


# -- arrows


def _arrows(
    history: History, first: float, last: float, view: View, devices: range
) -> list[Arrow] | None:
    """Return the arrows that can be seen, None where they are too many to be told apart."""
    begin, end = history.between(first - _STUB, last)
    if end - begin > MOST_ARROWS:
        return None
    found = [history.arrow(number) for number in range(begin, end)]
    for number in history.passing(first - _STUB):
        found.append(history.arrow(number))
        if len(found) > 2 * MOST_ARROWS:
            return None
    in_sight = [arrow for arrow in found if _is_in_sight(arrow, devices)]
    return in_sight if len(in_sight) <= MOST_ARROWS else None


def _is_in_sight(arrow: Arrow, devices: range) -> bool:
    low, high = sorted((arrow.source, arrow.destination))
    return bool(devices) and low < devices.stop and high >= devices.start


def _line(history: History, arrow: Arrow, view: View, cone: Cone | None) -> Line:
    tail = Point(view.x(arrow.start), view.y(arrow.source))
    tip = _tip(history, arrow, view, tail)
    rise = 0.55 * view.lane if tail.y == tip.y else 0.0
    return Line(
        arrow.message,
        arrow.start,
        tail,
        Point((tail.x + tip.x) / 2, (tail.y + tip.y) / 2 - rise),
        tip,
        arrow.fate,
        _relation_of(arrow, cone),
    )


def _tip(history: History, arrow: Arrow, view: View, tail: Point) -> Point:
    """Return where an arrow ends: at its receiver, on the way, or just behind its sender."""
    down = 1.0 if arrow.destination >= arrow.source else -1.0
    if not 0 <= arrow.destination < len(history.lanes):
        return Point(tail.x + view.column, tail.y + 0.4 * view.lane)
    goal = view.y(arrow.destination)
    if arrow.source == arrow.destination:
        goal -= 0.3 * view.lane if arrow.fate != RECEIVED else 0.0
    if arrow.fate == RECEIVED and arrow.end is not None:
        return Point(view.x(arrow.end), goal)
    if arrow.fate == LOST and arrow.end is not None:
        return Point(view.x(arrow.end), tail.y + _LOST_AT * (goal - tail.y))
    reach = min(abs(goal - tail.y), max(0.62 * view.lane, 10.0)) * down
    return Point(tail.x + _STUB * min(view.column, 24.0), tail.y + reach)


def _relation_of(arrow: Arrow, cone: Cone | None) -> str:
    """Return how a message is related to the selected event: by its receive, else its send."""
    if cone is None:
        return ""
    sent = cone.relation(arrow.start, arrow.source)
    if sent in (SELECTED, FUTURE):
        return FUTURE
    if arrow.fate == RECEIVED and arrow.end is not None:
        received = cone.relation(arrow.end, arrow.destination)
        return PAST if received in (SELECTED, PAST) else CONCURRENT
    return sent


# -- marks


def _marks(
    history: History,
    first: float,
    last: float,
    view: View,
    devices: range,
    cone: Cone | None,
    selected: int | None,
    clocked: _Clocked,
) -> Iterator[Mark]:
    """Return the marks of the events in sight, from left to right, with their clocks."""
    for row in range(max(0, math.floor(first)), min(len(history), math.ceil(last) + 1)):
        device = _lane_of(history, row)
        if device is not None and device in devices:
            for mark in _mark(history, row, view, cone, selected):
                yield clocked.labelled(mark)


def _lane_of(history: History, row: int) -> int | None:
    """Return the lane on which an event is marked; a lost message is marked by its cross."""
    event = history.rows[row]
    return None if event.kind in _UNMARKED else event.device


def _mark(
    history: History,
    row: int,
    view: View,
    cone: Cone | None,
    selected: int | None,
) -> Iterable[Mark]:
    event = history.rows[row]
    device = event.source if event.kind in ("duplicate", "corrupt") else event.device
    if device is not None:
        relation = cone.relation(row, place_of(history, row)) if cone is not None else ""
        if row == selected:
            relation = SELECTED
        center = Point(view.x(row), view.y(device))
        yield Mark(row, device, center, event.kind, relation, "")


# -- finding


def event_at(picture: SpaceTimePicture, point: Point, reach: float = 7.0) -> int | None:
    """Return the row of the event nearest to a point, or of the message whose arrow is there."""
    mark = min(picture.marks, key=lambda mark: math.dist(mark.center, point), default=None)
    if mark is not None and math.dist(mark.center, point) <= reach:
        return mark.row
    line = line_at(picture, point, reach)
    return line.start_row if line is not None else None


def line_at(picture: SpaceTimePicture, point: Point, reach: float = 5.0) -> Line | None:
    """Return the arrow nearest to a point, or None."""
    best = min(picture.lines, key=lambda line: _away(point, line), default=None)
    if best is not None and _away(point, best) <= reach:
        return best
    return None


def _away(point: Point, line: Line) -> float:
    if line.tail.y != line.tip.y:
        return distance(point, line.tail, line.tip)
    top = Point(line.turn.x, (line.turn.y + line.tail.y) / 2)
    return min(distance(point, line.tail, top), distance(point, top, line.tip))
