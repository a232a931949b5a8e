"""Channels, and the messages in flight on them: each a disc that no other disc covers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from emulators.diagram.asked import MessageLike
from emulators.diagram.parts import FEW, Canvas, Channel, Disc
from emulators.diagram.plane import Box, Point, around, bent, curve, distance

_BEND = 0.09
_FROM, _TO = 0.14, 0.86
_MOST_ON_CHANNEL = 6
_MANY = 100
_CROWD = 300
"""From so many on, discs may cover each other and channels are not drawn: no eye follows one."""

ByChannel = dict[tuple[int, int], list[MessageLike]]


def by_channel(messages: Iterable[MessageLike], count: int) -> ByChannel:
    """Return the messages of each channel, by source and destination."""
    channels: ByChannel = {}
    for message in messages:
        if 0 <= message.source < count and 0 <= message.destination < count:
            channels.setdefault((message.source, message.destination), []).append(message)
    return channels


class Courses:
    """The ways of all channels among devices at `centers` of a `radius`, each worked out once."""

    def __init__(self, centers: Sequence[Point], radius: float) -> None:
        self.centers = centers
        self._radius = radius
        count = len(centers) or 1
        self._inside = Point(
            sum(center.x for center in centers) / count, sum(center.y for center in centers) / count
        )
        self._known: dict[tuple[int, int], tuple[Point, Point, Point]] = {}

    def way(self, source: int, destination: int) -> tuple[Point, Point, Point]:
        """Return start, control point and end of a channel between two devices."""
        known = self._known.get((source, destination))
        if known is None:
            one, other = self.centers[source], self.centers[destination]
            control = self._control(one, other)
            known = self._known[source, destination] = (
                one.towards(control, self._radius * 1.15),
                control,
                other.towards(control, self._radius * 1.45),
            )
        return known

    def _control(self, one: Point, other: Point) -> Point:
        """Return the control point: to the right of the channel, and never out of the circle.

        A channel that is short, or has a device in its way, makes a detour on which discs find
        room.
        """
        inside, radius = self._inside, self._radius
        length, middle = math.dist(one, other), bent(one, other, 0)
        right = math.dist(bent(one, other, 0.01), inside) < math.dist(middle, inside)
        aside = min(1.0, math.dist(middle, inside) / (0.3 * length or 1.0))
        clearance = 1.9 * radius
        way = clearance - self._nearest(one, other, clearance)
        if (way > 0 or length < 2.4 * clearance) and aside > 0.5:
            depth = max(way, clearance - 0.2 * length, 0.0) + (0.0 if right else radius)
            return middle.towards(inside, 2 * depth)
        return bent(one, other, _BEND + aside * (0.07 if right else -0.13))

    def _nearest(self, one: Point, other: Point, enough: float) -> float:
        """Return how far the closest other device is from a channel, at most `enough`."""
        if len(self.centers) > _MANY:
            return enough
        distances = (
            distance(center, one, other) for center in self.centers if center not in (one, other)
        )
        return min(distances, default=enough)


class Ground:
    """What is known of a network besides its messages.

    `edges` are its channels, None where everybody reaches everybody. `places` are where devices
    stand in a unit square, if the network says so. `splits` are the partitions that hold, each a
    list of groups of devices.
    """

    def __init__(
        self,
        edges: Sequence[tuple[int, int]] | None = None,
        places: Sequence[tuple[float, float]] = (),
        splits: Iterable[Iterable[Iterable[int]]] = (),
    ) -> None:
        self.edges = edges
        self.places = places
        self._sides = [
            {device: at for at, group in enumerate(groups) for device in group} for groups in splits
        ]

    def quiet(self, count: int) -> Iterable[tuple[int, int]]:
        """Return the channels to draw even though nothing happens on them."""
        if self.edges is not None:
            return self.edges if len(self.edges) <= _CROWD else ()
        return combinations(range(count), 2) if count <= FEW else ()

    def is_cut(self, one: int, other: int) -> bool:
        """Return whether a partition stands between two devices."""
        return any(side.get(one) != side.get(other) for side in self._sides)


def channels_of(
    channels: ByChannel, courses: Courses, last: tuple[int, int] | None, ground: Ground
) -> Iterator[Channel]:
    """Return the channels to draw, from the back to the front."""
    centers = courses.centers
    for one, other in ground.quiet(len(centers)):
        start, end = centers[one], centers[other]
        kind = "cut" if ground.is_cut(one, other) else "quiet"
        yield Channel(one, other, start, bent(start, end, 0), end, kind)
    for source, destination in channels if len(channels) <= _CROWD else ():
        if source != destination and (source, destination) != last:
            yield Channel(source, destination, *courses.way(source, destination), "busy")
    if last is not None and last[0] != last[1] and min(last) > -1 and max(last) < len(centers):
        yield Channel(*last, *courses.way(*last), "last")


def discs_of(
    channels: ByChannel,
    courses: Courses,
    radius: float,
    canvas: Canvas,
    nodes: Sequence[Box],
) -> tuple[Disc, ...]:
    """Return the messages in flight as discs."""
    least = 4.0 if len(nodes) <= _MANY else 1.5
    size = max(least, min(radius * 0.42, canvas.line * 0.55))
    space = _Space(2 * size + 1, nodes)
    found = []
    for (source, destination), messages in channels.items():
        if source == destination:
            way = _loop(courses.centers[source], radius, canvas)
        else:
            way = courses.way(source, destination)
        room = _length(way) * (_TO - _FROM) / (2.6 * size)
        for group, preferred in _spread(messages, max(1, min(_MOST_ON_CHANNEL, int(room)))):
            share = space.free(way, preferred, size)
            center, tip = curve(*way, share), curve(*way, min(1.0, share + 0.02))
            found.append(
                Disc(
                    center,
                    size,
                    center.towards(tip, size),
                    tuple(message.serial for message in group),
                    source,
                    destination,
                    all(message.ready for message in group),
                )
            )
    return tuple(found)


def _loop(center: Point, radius: float, canvas: Canvas) -> tuple[Point, Point, Point]:
    """Return the way of a message that a device sends to itself: beside it, inside the circle."""
    middle = Point(canvas.width / 2, canvas.height / 2)
    start = center.towards(middle, radius * 1.6)
    end = center.towards(middle, radius * 3.4)
    return start, bent(start, end, 0), end


def _spread(
    messages: Sequence[MessageLike], room: int
) -> list[tuple[Sequence[MessageLike], float]]:
    """Return groups of messages and where they prefer to be; those that are ready come last."""
    ordered = sorted(messages, key=lambda message: (message.ready, -message.serial))
    groups: list[Sequence[MessageLike]] = [[message] for message in ordered]
    if len(groups) > room:
        own = len(ordered) - room + 1
        groups = [ordered[:own], *groups[own:]]
    step = (_TO - _FROM) / (len(groups) + 1)
    alone = len(groups) == 1
    return [
        (group, (0.62 if group[-1].ready else 0.42) if alone else _FROM + step * (number + 1))
        for number, group in enumerate(groups)
    ]


def _length(way: tuple[Point, Point, Point]) -> float:
    return (math.dist(way[0], way[1]) + math.dist(way[1], way[2]) + math.dist(way[0], way[2])) / 2


class _Space:
    """Which places are taken by discs: a grid of cells as large as a disc."""

    def __init__(self, cell: float, nodes: Sequence[Box]) -> None:
        self._cell = cell
        self._placed = 0
        self._taken: dict[tuple[int, int], list[Point]] = {}
        self._nodes = nodes if len(nodes) <= _MANY else ()

    def free(self, way: tuple[Point, Point, Point], preferred: float, size: float) -> float:
        """Return and take the free share of a way that is nearest to the preferred one.

        Where discs are everywhere, at least no device is covered; in a crowd nobody looks.
        """
        self._placed += 1
        if self._placed > _CROWD:
            return preferred
        beside = None
        for share in _around(preferred, 0.6 * size / (_length(way) or 1.0)):
            point = curve(*way, share)
            is_free = self._is_free(point)
            if (is_free or beside is None) and not self._on_node(point, size):
                beside = share
                if is_free:
                    break
        best = preferred if beside is None else beside
        point = curve(*way, best)
        self._taken.setdefault(self._cell_of(point), []).append(point)
        return best

    def _cell_of(self, point: Point) -> tuple[int, int]:
        return int(point.x // self._cell), int(point.y // self._cell)

    def _on_node(self, point: Point, size: float) -> bool:
        box = around(point, size)
        return any(box.meets(node) for node in self._nodes)

    def _is_free(self, point: Point) -> bool:
        column, row = self._cell_of(point)
        return all(
            math.dist(point, other) >= self._cell
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in self._taken.get((x, y), ())
        )


def _around(preferred: float, step: float) -> Iterator[float]:
    """Return shares of a way, the preferred one first and then further and further from it."""
    yield preferred
    for number in range(1, int((_TO - _FROM) / max(step, 0.01)) + 1):
        for share in (preferred - number * step, preferred + number * step):
            if _FROM <= share <= _TO:
                yield share
