"""The ground of a space-time picture: lanes, rounds, times, and densities seen from far away."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from emulators.diagram.causes import Cone
from emulators.diagram.history import History, Lane
from emulators.diagram.parts import Band, LaneLine, Shade, Tick, View
from emulators.diagram.plane import Measure

_BUCKET = 3.0
_SECOND = 1_000_000


def lane_of(lane: Lane, device: int, view: View, first: float, last: float) -> LaneLine:
    """Return the lane of a device with its stretches in sight."""

    def stretch(spans: Iterable[tuple[int, int | None]]) -> tuple[tuple[float, float], ...]:
        return tuple(_merged(spans, view, last))

    return LaneLine(
        device,
        view.y(device),
        str(device),
        stretch(lane.crashed.within(first, last)),
        stretch(lane.ended.within(first, last)),
        stretch(_thinned(lane, first, last, view)),
    )


def _thinned(lane: Lane, first: float, last: float, view: View) -> Iterator[tuple[int, int | None]]:
    """Return the times inside; zoomed far out at most one for every few pixels."""
    step = _BUCKET / view.column
    spans, row = lane.inside, first
    while row <= last:
        number = max(0, bisect_right(spans.starts, row) - 1)
        while number < len(spans.starts):
            end = spans.ends[number]
            if end is None or end >= row:
                break
            number += 1
        if number >= len(spans.starts) or spans.starts[number] > last:
            return
        end = spans.ends[number]
        yield spans.starts[number], end
        if end is None:
            return
        row = max(end + 1.0, row + step)


def _merged(
    spans: Iterable[tuple[int, int | None]], view: View, last: float
) -> Iterator[tuple[float, float]]:
    for start, end in spans:
        begin = max(view.gutter, view.x(start))
        until = min(view.width, view.x(end if end is not None else last + 0.5))
        if until >= begin:
            yield begin, max(1.5, until - begin)


def shades(history: History, first: float, last: float, view: View) -> Iterator[Shade]:
    """Return the rounds in sight, none where they are too narrow to be seen."""
    starts = history.rounds
    begin, end = max(0, bisect_right(starts, first) - 1), bisect_right(starts, last)
    if (end - begin) * 5 > view.width:
        return
    for number in range(begin, end):
        row = starts[number]
        finish = starts[number + 1] if number + 1 < len(starts) else len(history)
        swapped = next(
            (e for s, e in history.in_rounds.within(row, row) if e is not None and e < finish), None
        )
        x = max(view.gutter, view.x(row - 0.5))
        width = min(view.width, view.x((swapped or finish) - 0.5)) - x
        if width > 0:
            yield Shade(x, width, _round_name(history, row, number), number % 2 == 1)


def splits(history: History, first: float, last: float, view: View) -> Iterator[Shade]:
    """Return the partitions in sight, with the groups of the first that holds in each."""
    for start, end in history.split.within(first, last):
        x = max(view.gutter, view.x(start))
        until = view.x(end if end is not None else len(history) - 0.5)
        if min(view.width, until) > x:
            text = f"partition {history.rows[start].text}"
            yield Shade(x, min(view.width, until) - x, text, False)


def _round_name(history: History, row: int, number: int) -> str:
    digits = "".join(letter for letter in history.rows[row].text if letter.isdigit())
    return digits or str(number + 1)


def ticks(
    history: History, first: float, last: float, view: View, measure: Measure
) -> Iterator[Tick]:
    """Return the rounds by name, and times where there are no rounds; never one upon another."""
    taken = view.gutter
    for x, text in _times(history, first, last, view):
        if x >= taken and x + measure(text) <= view.width:
            yield Tick(x, text)
            taken = x + measure(text) + view.line


def _times(history: History, first: float, last: float, view: View) -> Iterator[tuple[float, str]]:
    starts = history.rounds
    begin, end = max(0, bisect_right(starts, first) - 1), bisect_right(starts, last)
    step = max(1, math.ceil((end - begin) * 60 / max(1.0, view.width)))
    named = [
        (
            max(view.gutter, view.x(starts[n] - 0.5)) + 4,
            "round " + _round_name(history, starts[n], n),
        )
        for n in range(begin, end)
        if n % step == 0 and (n > begin or starts[n] >= first or _still_there(history, first))
    ]
    row = math.ceil(first)
    stride = max(1, math.ceil(110 / view.column))
    row += -row % stride
    timed = [
        (view.x(at) + 4, f"{history.rows[at].time / _SECOND:.3f} s")
        for at in range(row, math.floor(last) + 1, stride)
        if not history.in_rounds.touches(at, at)
    ]
    return iter(sorted(named + timed))


def _still_there(history: History, row: float) -> bool:
    return history.in_rounds.touches(row, row)


def bands(
    history: History,
    first: float,
    last: float,
    view: View,
    devices: Sequence[int],
    cone: Cone | None,
) -> Iterator[Band]:
    """Return how many events each stretch of a lane has, as a share of the most."""
    step = max(1, math.ceil(_BUCKET / view.column))
    start = math.floor(first) // step * step
    edges = range(start, math.floor(last) + 1 + step, step)
    places = {
        device: [bisect_left(history.lanes[device].rows, edge) for edge in edges]
        for device in devices
    }
    counts = {
        device: [after - before for before, after in itertools.pairwise(found)]
        for device, found in places.items()
    }
    most = max(itertools.chain.from_iterable(counts.values()), default=0)
    for device, found in counts.items():
        rows = history.lanes[device].rows
        for number, count in enumerate(found):
            if count:
                x = max(view.gutter, view.x(edges[number] - 0.5))
                width = max(1.0, view.x(edges[number] + step - 0.5) - x)
                latest = rows[places[device][number + 1] - 1]
                relation = cone.relation(latest, device) if cone is not None else ""
                yield Band(device, x, view.y(device), width, count / most, relation)
