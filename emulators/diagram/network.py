"""The network as a picture: devices in a circle, messages in flight as discs on their channels.

Labels never overlap each other, a device or a disc: they get shorter, and where nothing fits they
are left out; whoever shows the picture has the whole text for the asking.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from emulators.diagram.asked import DeviceLike, MessageLike
from emulators.diagram.discs import Courses, Ground, by_channel, channels_of, discs_of
from emulators.diagram.labels import device_labels, label_of, reach, with_labels
from emulators.diagram.parts import FEW, Canvas, Disc, Label, NetworkPicture, Node
from emulators.diagram.plane import Point, around, color_of

_LARGEST = 0.07
_LEAST_NUMBERED = 6.5
_WIDER = 1.3
"""Many devices stand in an ellipse: it has room for labels where a circle has least."""

# -- where devices stand


def positions(count: int, layout: str = "circle") -> tuple[Point, ...]:
    """Return where `count` devices stand in a unit square: circle, line, star or grid."""
    return _LAYOUTS.get(layout, _circle)(count)


def _circle(count: int) -> tuple[Point, ...]:
    angles = [2 * math.pi * number / max(1, count) - math.pi / 2 for number in range(count)]
    return tuple(Point(0.5 + 0.5 * math.cos(a), 0.5 + 0.5 * math.sin(a)) for a in angles)


def _line(count: int) -> tuple[Point, ...]:
    return tuple(Point(number / max(1, count - 1), 0.5) for number in range(count))


def _star(count: int) -> tuple[Point, ...]:
    return (Point(0.5, 0.5), *_circle(count - 1)) if count else ()


def _grid(count: int) -> tuple[Point, ...]:
    side = max(1, math.ceil(math.sqrt(count)))
    rows = max(1, math.ceil(count / side))
    return tuple(
        Point((number % side) / max(1, side - 1), (number // side) / max(1, rows - 1))
        for number in range(count)
    )


LAYOUTS = ("circle", "line", "star", "grid")
"""The layouts there are, the usual one first."""
_LAYOUTS: dict[str, Callable[[int], tuple[Point, ...]]] = {
    "circle": _circle,
    "line": _line,
    "star": _star,
    "grid": _grid,
}


def _placed(
    devices: Sequence[DeviceLike], canvas: Canvas, places: Sequence[Point], layout: str
) -> tuple[list[Point], float]:
    """Return the centers on the canvas and the radius of a device."""
    radius = min(canvas.width, canvas.height) * _LARGEST
    for _ in range(2):  # devices that turn out to be small leave more room
        centers = _spread(devices, canvas, places, layout, radius)
        radius = max(2.0, min(radius, 0.36 * _closest(centers)))
    return centers, radius


def _spread(
    devices: Sequence[DeviceLike],
    canvas: Canvas,
    places: Sequence[Point],
    layout: str,
    radius: float,
) -> list[Point]:
    """Put places of a unit square on the canvas, with room for labels around them."""
    texts = [canvas.measure(label_of(device)) for device in devices]
    side = min(max(texts, default=0.0) + canvas.line, canvas.width * 0.24) if any(texts) else 0.0
    above = canvas.line * (1.5 if any(texts) else 0.3)
    width = max(20.0, canvas.width - 2 * (side + radius * 1.6))
    height = max(20.0, canvas.height - 2 * (above + radius * 1.6))
    if layout not in ("line", "grid"):
        height = min(height, width)
        width = min(width, height * (1.0 if len(devices) <= FEW else _WIDER))
    left, top = (canvas.width - width) / 2, (canvas.height - height) / 2
    return [Point(left + place.x * width, top + place.y * height) for place in places]


def _closest(centers: Sequence[Point]) -> float:
    """Return the least distance of devices; neighbours in the list or in a column are closest."""
    if len(centers) <= 60:
        pairs = ((a, b) for at, a in enumerate(centers) for b in centers[at + 1 :])
    else:
        pairs = ((a, b) for a, b in itertools.pairwise(centers))
    return min((math.dist(a, b) for a, b in pairs), default=math.inf)


# -- the picture


def network_picture(
    devices: Sequence[DeviceLike],
    messages: Iterable[MessageLike],
    canvas: Canvas,
    *,
    last: tuple[int, int] | None = None,
    layout: str = "circle",
    moved: Mapping[int, Point] | None = None,
    ground: Ground | None = None,
) -> NetworkPicture:
    """Return the network as it is to be drawn.

    `last` are source and destination of the last message; `moved` are shares of the canvas at
    which a person put devices. Without a `layout`, devices stand where the `ground` has them.
    """
    ground = ground or Ground()
    places: Sequence[Point] = positions(len(devices), layout)
    if not layout and len(ground.places) == len(devices):
        places, layout = [Point(*place) for place in ground.places], "grid"
    centers, radius = _placed(devices, canvas, places, layout)
    for index, share in (moved or {}).items():
        if index < len(centers):
            centers[index] = Point(share.x * canvas.width, share.y * canvas.height)
    channels = by_channel(messages, len(devices))
    obstacles = [
        around(center, reach(device, radius))
        for device, center in zip(devices, centers, strict=True)
    ]
    courses = Courses(centers, radius)
    discs = discs_of(channels, courses, radius, canvas, obstacles)
    busy = [box for disc in discs for box in disc.boxes]
    labels = device_labels(devices, centers, radius, canvas, obstacles + busy, _closest(centers))
    nodes = tuple(
        _node(device, centers[at], radius, labels[at], last, canvas)
        for at, device in enumerate(devices)
    )
    texts = {one.serial: one.text for several in channels.values() for one in several}
    taken = obstacles + busy + [label.box for label in labels if label is not None]
    return NetworkPicture(
        canvas.width,
        canvas.height,
        tuple(channels_of(channels, courses, last, ground)),
        nodes,
        with_labels(discs, texts, canvas, taken),
    )


def _node(
    device: DeviceLike,
    center: Point,
    radius: float,
    label: Label | None,
    last: tuple[int, int] | None,
    canvas: Canvas,
) -> Node:
    role = _role(device.index, last)
    number = str(device.index)
    return Node(
        device.index,
        center,
        radius,
        device.shape,
        color_of(device.color) or _fill(device, role),
        role,
        device.ended,
        device.crashed,
        device.inside,
        number if radius >= _LEAST_NUMBERED else "",
        label,
    )


def _role(index: int, last: tuple[int, int] | None) -> str:
    if last is None or index not in last:
        return ""
    if last[0] == last[1]:
        return "both"
    return "sender" if index == last[0] else "receiver"


def _fill(device: DeviceLike, role: str) -> str:
    if device.crashed:
        return "crashed"
    return role or ("inside" if device.inside else "surface" if device.ended else "idle")


# -- finding


def node_at(picture: NetworkPicture, point: Point) -> int | None:
    """Return the device at a point, or None."""
    for node in picture.nodes:
        if math.dist(node.center, point) <= node.radius * 1.25:
            return node.index
    return None


def disc_at(picture: NetworkPicture, point: Point, reach: float = 3.0) -> Disc | None:
    """Return the disc at a point, the one in front first, or None."""
    for disc in reversed(picture.discs):
        if math.dist(disc.center, point) <= disc.radius + reach:
            return disc
    return None
