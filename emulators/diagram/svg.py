"""Both pictures as SVG text: the same geometry as on the screen, without a window.

Whoever asks brings the colours: any object that has the roles of a theme as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from emulators.diagram.causes import CONCURRENT, FUTURE, PAST, SELECTED
from emulators.diagram.history import FLYING, RECEIVED
from emulators.diagram.parts import (
    Channel,
    Cut,
    Disc,
    Label,
    LaneLine,
    Line,
    Mark,
    NetworkPicture,
    Node,
    Shade,
    SpaceTimePicture,
)
from emulators.diagram.plane import Point, arrow_head, ink_on, outline

_FONT = "DejaVu Sans, Verdana, sans-serif"
_STYLES = {
    "": ("muted", 1.3, ""),
    PAST: ("past", 2.2, ""),
    FUTURE: ("future", 2.2, "7 4"),
    CONCURRENT: ("concurrent", 1.0, "1.5 3"),
    SELECTED: ("selection", 2.2, ""),
}
_KINDS = {
    "send": "sender",
    "receive": "receiver",
    "undeliverable": "lost",
    "fail": "error",
    "crash": "error",
    "corrupt": "error",
    "pause": "crashed",
    "enter": "inside",
    "leave": "inside",
    "cut": "accent",
}


class _Pen:
    """Collects the elements of one drawing."""

    def __init__(self, palette: object, width: float, height: float, line: float) -> None:
        self._palette = palette
        self._line = line
        size = f'width="{_n(width)}" height="{_n(height)}"'
        box = f'viewBox="0 0 {_n(width)} {_n(height)}"'
        start = f'<svg xmlns="http://www.w3.org/2000/svg" {box} {size} font-family="{_FONT}">'
        self.parts = [start]
        self.box(0, 0, width, height, "surface")

    def color(self, name: str) -> str:
        """Return a colour by its role, or one that is given as such."""
        return escape(str(getattr(self._palette, name, name)), quote=True)

    def add(self, name: str, /, text: str | None = None, **given: float | str) -> None:
        """Add an element; `_` in the name of an attribute stands for `-`."""
        attributes = "".join(
            f' {key.rstrip("_").replace("_", "-")}="{_n(value)}"' for key, value in given.items()
        )
        inner = ">" + escape(text, quote=False) + f"</{name}>" if text is not None else "/>"
        self.parts.append(f"<{name}{attributes}{inner}")

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.add("rect", x=x, y=y, width=width, height=height, fill=self.color(fill))

    def path(self, data: str, stroke: str, width: float, dashes: str = "") -> None:
        ink = self.color(stroke)
        dashes = dashes or "none"
        self.add(
            "path", d=data, fill="none", stroke=ink, stroke_width=width, stroke_dasharray=dashes
        )

    def polygon(self, points: Sequence[Point], fill: str, stroke: str, width: float) -> None:
        corners = " ".join(f"{_n(point.x)},{_n(point.y)}" for point in points)
        fill, stroke = self.color(fill), self.color(stroke)
        self.add("polygon", points=corners, fill=fill, stroke=stroke, stroke_width=width)

    def circle(self, at: Point, radius: float, fill: str, stroke: str, width: float) -> None:
        fill, stroke = self.color(fill), self.color(stroke)
        x, y = at
        self.add("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke, stroke_width=width)

    def text(
        self, x: float, y: float, text: str, fill: str, anchor: str = "start", size: float = 0
    ) -> None:
        """Write text whose middle is at height `y`."""
        size = size or self._line * 0.78
        self.add(
            "text", text, x=x, y=y + size * 0.36, fill=self.color(fill), text_anchor=anchor,
            font_size=size,
        )  # fmt: skip

    def cross(self, at: Point, size: float, stroke: str, width: float) -> None:
        x, y = at.x, at.y
        first = f"M{_n(x - size)},{_n(y - size)}L{_n(x + size)},{_n(y + size)}"
        second = f"M{_n(x - size)},{_n(y + size)}L{_n(x + size)},{_n(y - size)}"
        self.path(first + second, stroke, width)

    def done(self) -> str:
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def _n(value: object) -> str:
    """Return a number as short as it can be, anything else as an attribute's text."""
    if isinstance(value, (int, float)):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value), quote=True)


# -- the network


def network_svg(picture: NetworkPicture, palette: object, line: float = 16.0) -> str:
    """Return a network as SVG; `palette` has the colours, `line` is the height of text."""
    pen = _Pen(palette, picture.width, picture.height, line)
    for channel in picture.channels:
        _channel(pen, channel)
    for node in picture.nodes:
        _node(pen, node, line)
    for disc in picture.discs:
        _disc(pen, disc)
    return pen.done()


def _channel(pen: _Pen, channel: Channel) -> None:
    data = (
        f"M{_n(channel.start.x)},{_n(channel.start.y)}"
        f"Q{_n(channel.control.x)},{_n(channel.control.y)} {_n(channel.end.x)},{_n(channel.end.y)}"
    )
    last = channel.kind == "last"
    if channel.kind == "cut":
        pen.path(data, "lost", 1.4, "3 6")
        return
    pen.path(data, "text" if last else "lane", 2.4 if last else 1.2)
    if last:
        pen.polygon(arrow_head(channel.end, channel.control, 13), "text", "text", 1)


def _shape(pen: _Pen, node: Node, radius: float, fill: str, stroke: str, width: float) -> None:
    corners = outline(node.shape, node.center, radius)
    if corners:
        pen.polygon(corners, fill, stroke, width)
    else:
        pen.circle(node.center, radius, fill, stroke, width)


def _node(pen: _Pen, node: Node, line: float) -> None:
    if node.inside:
        rings = 3.4 if node.role else 1.8
        _shape(pen, node, node.radius + node.ring * rings, "none", "inside", node.ring * 1.2)
    if node.role:
        _shape(pen, node, node.radius + node.ring * 1.6, "none", node.role, node.ring)
    over = node.ended and not node.crashed and not node.role
    fill = "surface" if over else node.fill
    _shape(pen, node, node.radius, fill, "muted" if node.ended else "text", 1.6)
    if node.crashed:
        pen.cross(node.center, node.radius * 0.9, "error", max(2.0, node.radius * 0.12))
    if node.number:
        size = min(line * 1.4, node.radius * (0.95 if len(node.number) > 1 else 1.2))
        if node.crashed:
            pen.circle(node.center, node.radius * 0.6, fill, fill, 0)
        ink = ink_on(pen.color(fill))
        pen.text(node.center.x, node.center.y, node.number, ink, "middle", size)
    _label(pen, node.label, "text")


def _disc(pen: _Pen, disc: Disc) -> None:
    pen.polygon(arrow_head(disc.front, disc.center, disc.radius * 1.25), "waiting", "waiting", 2)
    fill = "waiting" if disc.ready else "surface"
    pen.circle(disc.center, disc.radius, fill, "waiting", 2)
    if len(disc.serials) > 1:
        ink = ink_on(pen.color(fill))
        count = str(len(disc.serials))
        pen.text(disc.center.x, disc.center.y, count, ink, "middle", disc.radius)
    _label(pen, disc.label, "muted")


def _label(pen: _Pen, label: Label | None, fill: str) -> None:
    if label is not None:
        middle = label.box.x + label.box.width / 2
        pen.text(middle, label.box.y + label.box.height / 2, label.text, fill, "middle")


# -- the space-time diagram


def spacetime_svg(picture: SpaceTimePicture, palette: object) -> str:
    """Return a space-time diagram as SVG; `palette` has the colours."""
    view = picture.view
    pen = _Pen(palette, view.width, view.height, view.line)
    for shade in picture.shades:
        if shade.odd:
            height = view.height - view.header
            pen.box(shade.x, view.header, shade.width, height, "round_shade")
    for split in picture.splits:
        _split(pen, picture, split)
    for lane in picture.lanes:
        _lane(pen, picture, lane)
    for band in picture.bands:
        height = max(1.0, 0.72 * view.lane * band.share)
        pen.box(band.x, band.y - height / 2, band.width, height, band.relation or "accent")
    clip = f'x="{_n(view.gutter)}" y="0" width="{_n(view.width)}" height="{_n(view.height)}"'
    pen.parts.append(f'<clipPath id="body"><rect {clip}/></clipPath><g clip-path="url(#body)">')
    for line in picture.lines:
        _line(pen, line)
    for cut in picture.cuts:
        _cut(pen, cut)
    for mark in picture.marks:
        _mark(pen, mark)
    pen.parts.append("</g>")
    for tick in picture.ticks:
        pen.text(tick.x, view.header / 2, tick.text, "muted")
    return pen.done()


def _split(pen: _Pen, picture: SpaceTimePicture, split: Shade) -> None:
    view = picture.view
    top, height = view.header, view.height - view.header
    fill = pen.color("lost")
    pen.add(
        "rect", x=split.x, y=top, width=split.width, height=height, fill=fill, fill_opacity=0.12
    )
    edges = f"M{_n(split.x)},{_n(top)}v{_n(height)}m{_n(split.width)},0v{_n(-height)}"
    pen.path(edges, "lost", 1.2, "6 4")
    pen.text(split.x + 4, view.height - view.line / 2, split.text, "text")


def _lane(pen: _Pen, picture: SpaceTimePicture, lane: LaneLine) -> None:
    view, y = picture.view, lane.y
    right = min(view.width, picture.cursor)
    pen.path(f"M{_n(view.gutter)},{_n(y)}H{_n(max(view.gutter, right))}", "lane", 1)
    height = max(4.0, min(16.0, view.lane * 0.42))
    for name, stretches in (("inside", lane.inside), ("crashed", lane.crashed)):
        for x, width in stretches:
            pen.box(x, y - height / 2, width, height, name)
    for x, width in lane.ended:
        pen.path(f"M{_n(x)},{_n(y)}H{_n(x + width)}", "surface", 1.5, "2 2")
    pen.text(view.gutter - 10, y, lane.name, "text", "end")


def _line(pen: _Pen, line: Line) -> None:
    name, width, dashes = _STYLES[line.relation]
    if line.fate != RECEIVED and not line.relation:
        name = "waiting" if line.fate == FLYING else "lost"
    ends = f"{_n(line.turn.x)},{_n(line.turn.y)} {_n(line.tip.x)},{_n(line.tip.y)}"
    data = f"M{_n(line.tail.x)},{_n(line.tail.y)}Q{ends}"
    pen.path(data, name, width, "6 3" if line.fate == FLYING else dashes)
    if line.fate == RECEIVED:
        tip = line.tip.towards(line.turn, 4)
        pen.polygon(arrow_head(tip, line.turn, 8), name, name, 0)
    elif line.fate == FLYING:
        tip, left, right = arrow_head(line.tip, line.tail, 10)
        pen.path(_open((left, tip, right)), name, 1.6)
    else:
        pen.cross(line.tip, 4.5, "lost", 2.2)


def _cut(pen: _Pen, cut: Cut) -> None:
    pen.path(_open(cut.points), "accent", 2, "9 3 2 3")
    if cut.name:
        x, y = cut.points[0]
        pen.text(x + 4, y + 4, cut.name, "accent")


def _open(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_n(point.x)},{_n(point.y)}" for point in points)


def _mark(pen: _Pen, mark: Mark) -> None:
    x, y = mark.center
    name = _KINDS.get(mark.kind, "muted")
    if mark.kind == "crash":
        pen.cross(mark.center, 6, name, 2.4)
    elif mark.relation in (PAST, FUTURE):
        way = 6 if mark.relation == FUTURE else -6
        corners = (Point(x + way, y), Point(x - way * 0.8, y - 6), Point(x - way * 0.8, y + 6))
        pen.polygon(corners, mark.relation, mark.relation, 1)
    elif mark.relation == CONCURRENT:
        pen.circle(mark.center, 4, "surface", CONCURRENT, 1.6)
    elif mark.kind in ("send", "receive", "undeliverable"):
        pen.circle(mark.center, 4.5, name, name, 1)
    else:
        pen.box(x - 1.5, y - 6, 3, 12, name)
    if mark.relation == SELECTED:
        pen.circle(mark.center, 9.5, "none", "selection", 2.4)
    if mark.label:
        pen.text(x + 2, y + (14 if mark.below else -12), mark.label, "text")
