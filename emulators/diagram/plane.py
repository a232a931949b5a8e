"""Points, boxes, outlines of shapes, text that has to fit, and colours by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Measure = Callable[[str], float]
"""How wide a text is."""

ELLIPSIS = "…"


class Point(NamedTuple):
    """A place; y grows downwards."""

    x: float
    y: float

    def towards(self, other: Point, distance: float) -> Point:
        """Return the point at a distance from here on the way to another."""
        length = math.dist(self, other) or 1.0
        share = distance / length
        return Point(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)


class Box(NamedTuple):
    """A rectangle by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles overlap."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, point: Point) -> bool:
        """Return whether a point lies inside."""
        right, bottom = self.x + self.width, self.y + self.height
        return self.x <= point.x <= right and self.y <= point.y <= bottom

    def within(self, other: Box) -> bool:
        """Return whether this rectangle lies inside another."""
        return (
            other.x <= self.x
            and other.y <= self.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )


def around(center: Point, radius: float) -> Box:
    """Return the square around a circle."""
    return Box(center.x - radius, center.y - radius, 2 * radius, 2 * radius)


def curve(start: Point, control: Point, end: Point, share: float) -> Point:
    """Return the point of a quadratic curve after a share of it."""
    rest = 1 - share
    return Point(
        rest * rest * start.x + 2 * rest * share * control.x + share * share * end.x,
        rest * rest * start.y + 2 * rest * share * control.y + share * share * end.y,
    )


def bent(start: Point, end: Point, bend: float) -> Point:
    """Return the control point of a curve that keeps to the right by a share of its length."""
    across = Point(start.y - end.y, end.x - start.x)
    return Point(
        (start.x + end.x) / 2 + across.x * bend,
        (start.y + end.y) / 2 + across.y * bend,
    )


def arrow_head(tip: Point, tail: Point, size: float) -> tuple[Point, Point, Point]:
    """Return the triangle at the tip of a line that comes from `tail`."""
    angle = math.atan2(tip.y - tail.y, tip.x - tail.x)
    left, right = angle + math.pi - 0.42, angle + math.pi + 0.42
    return (
        tip,
        Point(tip.x + size * math.cos(left), tip.y + size * math.sin(left)),
        Point(tip.x + size * math.cos(right), tip.y + size * math.sin(right)),
    )


def distance(point: Point, one: Point, other: Point) -> float:
    """Return how far a point is from the line between two others."""
    length = math.dist(one, other)
    if length == 0:
        return math.dist(point, one)
    along = (point.x - one.x) * (other.x - one.x) + (point.y - one.y) * (other.y - one.y)
    share = min(1.0, max(0.0, along / length**2))
    return math.dist(point, one.towards(other, share * length))


# -- shapes

_CORNERS = {
    "square": (4, 45, 1.22),
    "box": (4, 45, 1.22),
    "rectangle": (4, 45, 1.22),
    "diamond": (4, 0, 1.2),
    "triangle": (3, -90, 1.25),
    "pentagon": (5, -90, 1.1),
    "hexagon": (6, 0, 1.1),
    "octagon": (8, 22.5, 1.05),
}


def outline(shape: str, center: Point, radius: float) -> tuple[Point, ...]:
    """Return the corners of a shape, none for a circle and for whatever is not known."""
    if shape == "star":
        return tuple(
            _corner(center, radius * (1.3 if number % 2 == 0 else 0.62), 36 * number - 90)
            for number in range(10)
        )
    if shape not in _CORNERS:
        return ()
    count, turn, stretch = _CORNERS[shape]
    return tuple(
        _corner(center, radius * stretch, turn + 360 * number / count) for number in range(count)
    )


def _corner(center: Point, radius: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return Point(center.x + radius * math.cos(angle), center.y + radius * math.sin(angle))


def stretch(shape: str) -> float:
    """Return how much further than a circle of the same radius a shape reaches."""
    return 1.3 if shape == "star" else _CORNERS[shape][2] if shape in _CORNERS else 1.0


# -- text


def elided(text: str, width: float, measure: Measure) -> str:
    """Return a text that is at most so wide, with … for what is left out; "" where nothing fits."""
    if measure(text) <= width:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(text[:middle].rstrip() + ELLIPSIS) <= width:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip() + ELLIPSIS if fits else ""


def about(height: float) -> Measure:
    """Return a guess of how wide text of a height is, where no font can be asked."""
    return lambda text: 0.56 * height * len(text)


# -- colours

_NAMES = {
    "red": "#e5484d",
    "green": "#37a266",
    "yellow": "#f2c230",
    "blue": "#3f7fe0",
    "orange": "#f08c2e",
    "purple": "#9b5de5",
    "violet": "#9b5de5",
    "pink": "#ec6fa7",
    "magenta": "#d6409f",
    "cyan": "#2fb5c7",
    "turquoise": "#2fb5c7",
    "brown": "#9c6b4a",
    "black": "#1b1b1b",
    "white": "#ffffff",
    "gray": "#8d939c",
    "grey": "#8d939c",
    "lightgray": "#c9ced6",
    "lightgrey": "#c9ced6",
    "darkgray": "#5c636e",
    "darkgrey": "#5c636e",
    "lightblue": "#9cc4f5",
    "darkblue": "#274c9b",
    "lightgreen": "#9fdcb5",
    "darkgreen": "#1f6b42",
    "darkred": "#9c2b2f",
    "gold": "#e3b505",
}


def color_of(name: str) -> str:
    """Return a colour as #rrggbb: of that form already, or a common name; "" for anything else."""
    name = name.strip().lower().replace(" ", "")
    if name.startswith("#") and all(digit in "0123456789abcdef" for digit in name[1:]):
        if len(name) == 4:
            return "#" + "".join(2 * digit for digit in name[1:])
        return name if len(name) == 7 else ""
    return _NAMES.get(name, "")


def ink_on(color: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [(part / 12.92 if part <= 0.04 else ((part + 0.055) / 1.055) ** 2.4) for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#111111" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"
