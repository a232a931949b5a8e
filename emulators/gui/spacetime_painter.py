"""Paints the geometry of a space-time diagram: how each part looks, and nothing about where it is.

What a colour tells, a shape tells as well: events of the past point to the left, of the future to
the right, concurrent ones are hollow; their arrows are drawn through, dashed and dotted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from emulators.diagram.causes import CONCURRENT, FUTURE, PAST, SELECTED
from emulators.diagram.history import FLYING, RECEIVED
from emulators.diagram.parts import Cut, LaneLine, Line, Mark, SpaceTimePicture
from emulators.diagram.plane import arrow_head
from emulators.gui.painting import at, caption, color, cross, pen, polygon

if TYPE_CHECKING:
    from emulators.gui.themes import Theme

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SOLID, _DASHED, _DOTTED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
_STYLES = {
    "": ("muted", 1.3, _SOLID),
    PAST: ("past", 2.2, _SOLID),
    FUTURE: ("future", 2.2, _DASHED),
    CONCURRENT: ("concurrent", 1.0, _DOTTED),
    SELECTED: ("selection", 2.2, _SOLID),
}
_KINDS = {
    "send": "sender",
    "receive": "receiver",
    "undeliverable": "lost",
    "fail": "error",
    "crash": "crashed",
    "restart": "accent",
    "enter": "inside",
    "leave": "inside",
    "cut": "accent",
    "pick": "waiting",
    "delay": "waiting",
    "duplicate": "waiting",
    "corrupt": "error",
    "pause": "crashed",
    "resume": "accent",
}


class SpaceTimePainter:
    """Paints one picture in the colours of a theme."""

    def __init__(
        self, painter: QPainter, picture: SpaceTimePicture, theme: Theme, small: QFont
    ) -> None:
        self.painter = painter
        self.picture = picture
        self.theme = theme
        self.small = small
        view = picture.view
        self._body = QRectF(
            view.gutter, view.header, view.width - view.gutter, view.height - view.header
        )
        self._inside_edge = pen(color(theme, "inside"), 1.2)
        self._size = max(1.8, min(5.0, view.column * 0.36, view.lane * 0.24))

    def paint(self, selected_device: int = -1) -> None:
        """Paint everything, from the back to the front."""
        painter = self.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._rounds()
        painter.setClipRect(self._body)
        self._splits()
        for lane in self.picture.lanes:
            self._lane(lane, lane.device == selected_device)
        self._bands()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._cursor()
        self._lines()
        for cut in self.picture.cuts:
            self._cut(cut)
        for mark in self.picture.marks:
            self._mark(mark)
        painter.setClipping(False)
        self._names(selected_device)
        self._times()

    # -- ground

    def _rounds(self) -> None:
        view = self.picture.view
        for shade in self.picture.shades:
            if shade.odd:
                area = QRectF(shade.x, view.header, shade.width, view.height - view.header)
                self.painter.fillRect(area, color(self.theme, "round_shade"))

    def _splits(self) -> None:
        """Shade the time of a partition, with an edge on both sides, and name its groups."""
        view, painter = self.picture.view, self.painter
        metrics = QFontMetricsF(self.small)
        painter.setFont(self.small)
        for split in self.picture.splits:
            area = QRectF(split.x, view.header, split.width, view.height - view.header)
            painter.fillRect(area, color(self.theme, "lost", 0.12))
            painter.setPen(pen(color(self.theme, "lost"), 1.2, _DASHED))
            for x in (area.left(), area.right()):
                painter.drawLine(QPointF(x, view.header), QPointF(x, view.height))
            if metrics.horizontalAdvance(split.text) < split.width - 8:
                painter.setPen(color(self.theme, "text"))
                baseline = view.height - metrics.descent() - 2
                painter.drawText(QPointF(split.x + 4, baseline), split.text)

    def _times(self) -> None:
        view, painter = self.picture.view, self.painter
        painter.setFont(self.small)
        for tick in self.picture.ticks:
            painter.setPen(color(self.theme, "lane"))
            painter.drawLine(QPointF(tick.x - 4, 4), QPointF(tick.x - 4, view.header))
            painter.setPen(color(self.theme, "muted"))
            area = QRectF(tick.x, 0, view.width, view.header)
            painter.drawText(area, _LEFT, tick.text)

    def _lane(self, lane: LaneLine, selected: bool) -> None:
        """Draw a lane: through while the device runs, dotted after its end, hatched while down."""
        view, painter = self.picture.view, self.painter
        if selected:
            band = QRectF(view.gutter, lane.y - view.lane / 2, view.width, view.lane)
            painter.fillRect(band, color(self.theme, "selection", 0.13))
        left, right = view.gutter, min(view.width, max(view.gutter, self.picture.cursor))
        painter.setPen(pen(color(self.theme, "lane"), 1.0))
        for begin, end in _without(left, right, (*lane.crashed, *lane.ended)):
            painter.drawLine(QLineF(begin, lane.y, end, lane.y))
        painter.setPen(pen(color(self.theme, "lane"), 1.2, _DOTTED))
        for begin, width in lane.ended:
            painter.drawLine(QLineF(begin, lane.y, min(right, begin + width), lane.y))
        height = max(4.0, min(16.0, view.lane * 0.42))
        ink = color(self.theme, "inside", 0.38)
        painter.setPen(Qt.PenStyle.NoPen if self.picture.dense else self._inside_edge)
        painter.setBrush(ink)
        for begin, width in lane.inside:
            painter.drawRect(QRectF(begin, lane.y - height / 2, width, height))
        for begin, width in lane.crashed:
            area = QRectF(begin, lane.y - height / 2, width, height)
            painter.fillRect(area, QBrush(color(self.theme, "crashed"), Qt.BrushStyle.BDiagPattern))

    def _bands(self) -> None:
        view = self.picture.view
        full = max(3.0, view.lane * 0.72)
        inks = {
            "": color(self.theme, "accent", 0.75),
            PAST: color(self.theme, "past"),
            SELECTED: color(self.theme, "past"),
            FUTURE: color(self.theme, "future"),
            CONCURRENT: color(self.theme, "concurrent", 0.4),
        }
        for band in self.picture.bands:
            height = max(1.0, full * band.share)
            area = QRectF(band.x, band.y - height / 2, band.width, height)
            self.painter.fillRect(area, inks[band.relation])

    def _cursor(self) -> None:
        view, x = self.picture.view, self.picture.cursor
        if view.gutter <= x <= view.width:
            self.painter.setPen(pen(color(self.theme, "accent"), 1.2, _DASHED))
            self.painter.drawLine(QPointF(x, view.header), QPointF(x, view.height))

    def _names(self, selected_device: int) -> None:
        view, painter = self.picture.view, self.painter
        strip = QRectF(0, view.header, view.gutter, view.height - view.header)
        painter.fillRect(strip, color(self.theme, "surface"))
        painter.setClipRect(strip)
        font = QFont(painter.font())
        for lane in self.picture.lanes:
            chosen = lane.device == selected_device
            font.setBold(chosen)
            painter.setFont(font)
            painter.setPen(color(self.theme, "selection" if chosen else "text"))
            area = QRectF(0, lane.y - view.line / 2, view.gutter - 10, view.line)
            painter.drawText(area, _RIGHT, lane.name)
        painter.setClipping(False)
        painter.setPen(color(self.theme, "lane"))
        painter.drawLine(
            QPointF(view.gutter - 1, view.header), QPointF(view.gutter - 1, view.height)
        )

    # -- messages

    def _lines(self) -> None:
        """Draw all arrows, those of a look together; what matters most comes last."""
        order = ["", CONCURRENT, FUTURE, PAST, SELECTED]
        for line in sorted(self.picture.lines, key=lambda one: order.index(one.relation)):
            self._line(line)

    def _line(self, line: Line) -> None:
        name, width, style = _STYLES[line.relation]
        if line.fate != RECEIVED:
            if line.relation == "":
                name = "waiting" if line.fate == FLYING else "lost"
            style = _DASHED if line.fate == FLYING else style
        ink = color(self.theme, name)
        painter = self.painter
        painter.setPen(pen(ink, width, style))
        tail, tip = at(line.tail), at(line.tip)
        if line.tail.y == line.tip.y:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            path = QPainterPath(tail)
            path.quadTo(at(line.turn), tip)
            painter.drawPath(path)
        else:
            painter.drawLine(tail, tip)
        size = max(4.0, min(9.0, self._size * 1.9)) + (width - 1.3)
        if line.fate == RECEIVED:
            self._head(line, ink, size)
        elif line.fate == FLYING:
            painter.setPen(pen(ink, max(1.6, width)))
            point, left, right = arrow_head(line.tip, line.tail, size * 1.2)
            painter.drawPolyline(polygon((left, point, right)))
        else:
            painter.setPen(pen(color(self.theme, "lost"), 2.2))
            cross(painter, tip, max(3.0, self._size))

    def _head(self, line: Line, ink: QColor, size: float) -> None:
        tail = line.turn if line.tail.y == line.tip.y else line.tail
        tip = line.tip.towards(tail, self._size * 0.9)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(ink)
        self.painter.drawPolygon(polygon(arrow_head(tip, tail, size)))

    def _cut(self, cut: Cut) -> None:
        """Draw where a snapshot cuts the lanes, and write its number at the top."""
        painter = self.painter
        painter.setPen(pen(color(self.theme, "accent"), 2.0, Qt.PenStyle.DashDotLine))
        painter.drawPolyline(polygon(cut.points))
        if cut.name:
            painter.setFont(self.small)
            metrics = QFontMetricsF(self.small)
            x, y = cut.points[0]
            area = QRectF(x + 4, y - 2, metrics.horizontalAdvance(cut.name), metrics.height())
            painter.fillRect(area, color(self.theme, "surface", 0.8))
            painter.drawText(area, _LEFT, cut.name)

    # -- events

    def _mark(self, mark: Mark) -> None:
        painter, center, size = self.painter, at(mark.center), self._size
        ink = color(self.theme, _KINDS.get(mark.kind, "muted"))
        if mark.relation in (PAST, FUTURE, CONCURRENT):
            ink = color(self.theme, mark.relation)
        painter.setPen(pen(ink, 1.6))
        painter.setBrush(ink)
        if mark.kind == "crash":
            painter.setPen(pen(color(self.theme, "error"), 2.4))
            cross(painter, center, size * 1.4)
        elif mark.relation in (PAST, FUTURE):
            self._pointer(center, size * 1.25, mark.relation == FUTURE)
        elif mark.relation == CONCURRENT:
            painter.setBrush(color(self.theme, "surface"))
            painter.drawEllipse(center, size * 0.85, size * 0.85)
        else:
            self._shape(mark.kind, center, size)
        if mark.relation == SELECTED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for name, width in (("surface", 5.0), ("selection", 2.4)):
                painter.setPen(pen(color(self.theme, name), width))
                painter.drawEllipse(center, size + 5, size + 5)
        if mark.label:
            self._clock(mark)

    def _shape(self, kind: str, center: QPointF, size: float) -> None:
        painter, x, y = self.painter, center.x(), center.y()
        if kind in ("send", "receive", "undeliverable"):
            painter.drawEllipse(center, size, size)
        elif kind in ("ask", "enter", "leave", "cut", "end"):
            painter.drawLine(QPointF(x, y - size * 1.6), QPointF(x, y + size * 1.6))
        elif kind in ("pick", "delay", "duplicate", "corrupt"):
            painter.drawPolygon(
                QPointF(x, y - size),
                QPointF(x + size, y),
                QPointF(x, y + size),
                QPointF(x - size, y),
            )
        else:
            painter.drawRect(QRectF(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6))

    def _pointer(self, center: QPointF, size: float, right: bool) -> None:
        way = size if right else -size
        x, y = center.x(), center.y()
        self.painter.drawPolygon(
            QPointF(x + way, y), QPointF(x - way * 0.8, y - size), QPointF(x - way * 0.8, y + size)
        )

    def _clock(self, mark: Mark) -> None:
        painter = self.painter
        painter.setFont(self.small)
        metrics = QFontMetricsF(self.small)
        away = self._size + 2
        baseline = mark.center.y - away - metrics.descent() * 0.5
        if mark.below:
            baseline = mark.center.y + away + metrics.ascent()
        place = QPointF(mark.center.x + self._size * 0.4, baseline)
        width = metrics.horizontalAdvance(mark.label)
        ground = QRectF(place.x() - 1, baseline - metrics.ascent(), width + 2, metrics.height())
        painter.fillRect(ground, color(self.theme, "surface", 0.6))
        painter.setPen(color(self.theme, "text"))
        painter.drawText(place, mark.label)

    # -- below

    def below(self, strip: QRectF, text: str, related: bool) -> None:
        """Write what is selected, and what the signs of its past and future mean."""
        painter = self.painter
        painter.setFont(self.small)
        if related:
            strip = self._legend(strip)
        caption(painter, strip, text, self.theme)

    def _legend(self, strip: QRectF) -> QRectF:
        metrics, painter = QFontMetricsF(self.small), self.painter
        right, middle = strip.right(), strip.center().y()
        for relation in (CONCURRENT, FUTURE, PAST):
            width = metrics.horizontalAdvance(relation)
            painter.setPen(color(self.theme, "text"))
            painter.drawText(
                QRectF(right - width, strip.y(), width, strip.height()), _LEFT, relation
            )
            sign = QPointF(right - width - 10, middle)
            ink = color(self.theme, relation)
            painter.setPen(QPen(ink, 1.6))
            painter.setBrush(ink)
            if relation == CONCURRENT:
                painter.setBrush(color(self.theme, "surface"))
                painter.drawEllipse(sign, 4.2, 4.2)
            else:
                self._pointer(sign, 5.2, relation == FUTURE)
            right -= width + 28
        return QRectF(strip.x(), strip.y(), max(0.0, right - strip.x()), strip.height())


def _without(
    left: float, right: float, gaps: tuple[tuple[float, float], ...]
) -> list[tuple[float, float]]:
    """Return what is left of a stretch between the gaps, given by start and width."""
    found = []
    for begin, width in sorted(gaps):
        if begin > left:
            found.append((left, min(begin, right)))
        left = max(left, begin + width)
    if left < right:
        found.append((left, right))
    return found
