"""What the two pictures are made of, and through what they are seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emulators.diagram.plane import Box, Measure, Point, around

# -- the space-time diagram


@dataclass(frozen=True)
class View:
    """What of the diagram is looked at, in pixels.

    `column` is the width of an event, `lane` the height of a lane; `left` and `top` are scrolled
    away; `gutter` and `header` are kept free for names and times; `line` is the height of text.
    """

    width: float
    height: float
    column: float
    lane: float
    left: float = 0.0
    top: float = 0.0
    gutter: float = 60.0
    header: float = 20.0
    line: float = 14.0

    def x(self, row: float) -> float:
        """Return where the column of a row has its middle."""
        return self.gutter + (row + 0.5) * self.column - self.left

    def y(self, device: int) -> float:
        """Return where the lane of a device has its middle."""
        return self.header + (device + 0.5) * self.lane - self.top

    def row(self, x: float) -> float:
        """Return the row at a place, with its fraction."""
        return (x - self.gutter + self.left) / self.column - 0.5

    def device(self, y: float) -> int:
        """Return the lane at a place."""
        return math.floor((y - self.header + self.top) / self.lane)


@dataclass(frozen=True)
class LaneLine:
    """The lane of a device, and from where to where it has crashed or ended."""

    device: int
    y: float
    name: str
    crashed: tuple[tuple[float, float], ...]
    ended: tuple[tuple[float, float], ...]
    inside: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shade:
    """A round or a partition, from where to where; every second round is `odd`."""

    x: float
    width: float
    text: str
    odd: bool


@dataclass(frozen=True)
class Line:
    """An arrow as it is drawn; `tip` is the middle of the cross of a lost message.

    `turn` is the control point of its curve: in the middle, but for one that stays on its lane.
    """

    message: int
    start_row: int
    tail: Point
    turn: Point
    tip: Point
    fate: str
    relation: str


@dataclass(frozen=True)
class Mark:
    """An event on its lane. `label` is its clock where that is shown and fits, above or `below`."""

    row: int
    device: int
    center: Point
    kind: str
    relation: str
    label: str
    below: bool = False


@dataclass(frozen=True)
class Cut:
    """The cut of a snapshot through lanes that follow each other, from above the first one."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Band:
    """How dense events are on a stretch of a lane: a share of the densest one in sight.

    `relation` is that of its last event to the selected one.
    """

    device: int
    x: float
    y: float
    width: float
    share: float
    relation: str


@dataclass(frozen=True)
class Tick:
    """A time under the upper edge."""

    x: float
    text: str


@dataclass(frozen=True)
class SpaceTimePicture:
    """Everything to draw, from the back to the front."""

    view: View
    shades: tuple[Shade, ...]
    ticks: tuple[Tick, ...]
    lanes: tuple[LaneLine, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    cursor: float
    dense: bool
    splits: tuple[Shade, ...] = ()
    cuts: tuple[Cut, ...] = ()


# -- the network

FEW = 12
"""Up to so many devices every channel is drawn; above, only those on which something happens."""


@dataclass(frozen=True)
class Canvas:
    """What is drawn on: its size, the height of a line of text, and how wide a text is."""

    width: float
    height: float
    line: float
    measure: Measure


@dataclass(frozen=True)
class Label:
    """A text in its place; `whole` is what it would be if there were room."""

    text: str
    box: Box
    whole: str


@dataclass(frozen=True)
class Node:
    """A device. `fill` is a colour or a role; `role` tells sender, receiver, both, or nothing."""

    index: int
    center: Point
    radius: float
    shape: str
    fill: str
    role: str
    ended: bool
    crashed: bool
    inside: bool
    number: str
    label: Label | None

    @property
    def ring(self) -> float:
        """How wide a ring around it is."""
        return ring(self.radius)


def ring(radius: float) -> float:
    """Return how wide a ring around a device is: two of them may surround it."""
    return max(1.6, radius * 0.1)


@dataclass(frozen=True)
class Channel:
    """A way between two devices.

    `busy` has messages on it, `last` carried the last message, `cut` is where a partition stands.
    """

    source: int
    destination: int
    start: Point
    control: Point
    end: Point
    kind: str


@dataclass(frozen=True)
class Disc:
    """Messages in flight at one place: one, or those that found no room of their own.

    `tip` is a point before the disc in the direction of its destination.
    """

    center: Point
    radius: float
    tip: Point
    serials: tuple[int, ...]
    source: int
    destination: int
    ready: bool
    label: Label | None = None

    @property
    def front(self) -> Point:
        """Where its triangle ends, which points to its destination."""
        return self.center.towards(self.tip, self.radius * 1.75)

    @property
    def boxes(self) -> tuple[Box, Box]:
        """What it covers: the circle, and the end of the triangle."""
        return around(self.center, self.radius), around(self.front, self.radius * 0.5)


@dataclass(frozen=True)
class NetworkPicture:
    """Everything to draw, from the back to the front: channels, nodes, discs."""

    width: float
    height: float
    channels: tuple[Channel, ...]
    nodes: tuple[Node, ...]
    discs: tuple[Disc, ...]
