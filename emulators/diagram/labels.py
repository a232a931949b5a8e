"""Texts beside devices and discs that overlap nothing: they get shorter, and else are left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from emulators.diagram.asked import DeviceLike
from emulators.diagram.parts import FEW, Canvas, Disc, Label, ring
from emulators.diagram.plane import Box, Point, elided, stretch

_LEAST_LETTERS = 4.5
_LEAST_SHOWN = 4
_EDGE = 6
_MOST_LABELLED = 8


def reach(device: DeviceLike, radius: float) -> float:
    """Return how far a device reaches from its center, with the rings around it."""
    return radius * stretch(device.shape) + (4.5 if device.inside else 3.2) * ring(radius)


def label_of(device: DeviceLike) -> str:
    """Return what stands beside a device: its text, unless that is its number."""
    text = " ".join(device.text.split())
    return "" if text == str(device.index) else text


def device_labels(
    devices: Sequence[DeviceLike],
    centers: Sequence[Point],
    radius: float,
    canvas: Canvas,
    obstacles: Sequence[Box],
    closest: float,
) -> list[Label | None]:
    """Put the text of each device outside of the circle; those at the sides come first."""
    found: list[Label | None] = [None] * len(devices)
    if radius < 7:
        return found
    middle = Point(canvas.width / 2, canvas.height / 2)
    taken = list(obstacles)
    crowded = closest * 1.05 if len(devices) > FEW else math.inf
    order = sorted(range(len(devices)), key=lambda at: -abs(centers[at].x - middle.x))
    for at in order:
        whole = label_of(devices[at])
        if whole:
            found[at] = _fitted(
                whole, centers[at], reach(devices[at], radius), middle, canvas, taken, crowded
            )
            label = found[at]
            if label is not None:
                taken.append(label.box)
    return found


def _fitted(
    whole: str,
    center: Point,
    radius: float,
    middle: Point,
    canvas: Canvas,
    taken: Sequence[Box],
    crowded: float,
) -> Label | None:
    """Return the longest form of a label that overlaps nothing, or None."""
    letter = canvas.measure("x")
    width = min(canvas.measure(whole), canvas.width * 0.3)
    if not _is_aside(center, middle):
        width = min(width, crowded)
    frame = Box(_EDGE, 0, canvas.width - 2 * _EDGE, canvas.height)
    close = Box(
        center.x - radius - width,
        center.y - radius - 2 * canvas.line,
        2 * (radius + width),
        2 * radius + 4 * canvas.line,
    )
    near = [box for box in taken if box.meets(close)]
    while width >= min(_LEAST_LETTERS * letter, canvas.measure(whole)):
        text = elided(whole, width, canvas.measure)
        if text != whole and len(text) < _LEAST_SHOWN:
            return None
        for box in _beside(center, radius, middle, canvas.measure(text), canvas.line):
            if text and box.within(frame) and not any(box.meets(other) for other in near):
                return Label(text, box, whole)
        width -= letter
    return None


def _is_aside(center: Point, middle: Point) -> bool:
    """Return whether a device has its label at its side, and not above or below."""
    angle = math.atan2(center.y - middle.y, center.x - middle.x)
    return abs(math.cos(angle)) > 0.35


def _beside(
    center: Point, radius: float, middle: Point, width: float, line: float
) -> tuple[Box, ...]:
    """Return the places of a label on the far side of a device, the best one first."""
    across, down = center.x - middle.x, center.y - middle.y
    gap = line * 0.15
    x = center.x + radius + gap if across > 0 else center.x - radius - gap - width
    tilt = radius * 0.4 * down / (math.hypot(across, down) or 1.0)
    aside = Box(x, center.y - line / 2 + tilt, width, line)
    y = center.y + radius + gap if down > 0 else center.y - radius - gap - line
    above = Box(center.x - width / 2, y, width, line)
    return (aside, above) if _is_aside(center, middle) else (above,)


def with_labels(
    discs: tuple[Disc, ...], texts: Mapping[int, str], canvas: Canvas, taken: list[Box]
) -> tuple[Disc, ...]:
    """Write the content beside the discs where there are few of them."""
    if len(discs) > _MOST_LABELLED:
        return discs
    found = []
    for disc in discs:
        label = None
        if len(disc.serials) == 1:
            whole = " ".join(texts[disc.serials[0]].split())
            label = _under(whole, disc, canvas, taken)
        found.append(replace(disc, label=label))
        if label is not None:
            taken.append(label.box)
    return tuple(found)


def _under(whole: str, disc: Disc, canvas: Canvas, taken: Sequence[Box]) -> Label | None:
    width = min(canvas.measure(whole), canvas.width * 0.22)
    frame = Box(_EDGE, 0, canvas.width - 2 * _EDGE, canvas.height)
    letter = canvas.measure("x")
    while whole and width >= min(6 * letter, canvas.measure(whole)):
        text = elided(whole, width, canvas.measure)
        for box in _near(disc, canvas.measure(text), canvas.line):
            if box.within(frame) and not any(box.meets(other) for other in taken):
                return Label(text, box, whole)
        width -= 2 * letter
    return None


def _near(disc: Disc, width: float, line: float) -> tuple[Box, ...]:
    """Return the places of a text at a disc, those that are off its channel first."""
    x, y = disc.center
    away = disc.radius + 3
    below = Box(x - width / 2, y + away, width, line)
    above = Box(x - width / 2, y - away - line, width, line)
    right = Box(x + away, y - line / 2, width, line)
    left = Box(x - away - width, y - line / 2, width, line)
    level = abs(disc.tip.x - x) > 1.5 * abs(disc.tip.y - y)
    return (below, above, right, left) if level else (right, left, below, above)
