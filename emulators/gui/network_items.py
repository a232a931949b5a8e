"""The items of the network view: each paints one part of the geometry, and decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from emulators.diagram.parts import Channel, Disc, Node
from emulators.diagram.plane import Point, around, arrow_head, ink_on, outline
from emulators.gui.painting import at, color, cross, pen, polygon, rect, resized

if TYPE_CHECKING:
    from emulators.gui.themes import Theme

_CENTER = Qt.AlignmentFlag.AlignCenter
_MANY = 80
"""From so many channels on, each is drawn paler: there are messages between them to be seen."""
_DASHED = Qt.PenStyle.DashLine


class ChannelsItem(QGraphicsItem):
    """All channels in one item, behind everything else."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._channels: tuple[Channel, ...] = ()
        self._area = QRectF()
        self._theme = theme
        self.setZValue(-1)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_channels(self, channels: tuple[Channel, ...], area: QRectF, theme: Theme) -> None:
        """Show these channels from now on."""
        self.prepareGeometryChange()
        self._channels, self._area, self._theme = channels, area, theme
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return the whole picture."""
        return self._area

    def shape(self) -> QPainterPath:
        """Return nothing: a channel cannot be hit."""
        return QPainterPath()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the channels; the last message's has a head."""
        if painter is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        busy = 1.0 if len(self._channels) <= _MANY else 0.4
        for channel in self._channels:
            path = QPainterPath(at(channel.start))
            path.quadTo(at(channel.control), at(channel.end))
            if channel.kind == "last":
                self._draw_last(painter, channel, path)
            elif channel.kind == "cut":
                painter.setPen(pen(color(self._theme, "lost", 0.9), 1.4, _DASHED))
                painter.drawPath(path)
            else:
                opacity = min(busy, 0.55) if channel.kind == "quiet" else busy
                painter.setPen(pen(color(self._theme, "lane", opacity), 1.2))
                painter.drawPath(path)

    def _draw_last(self, painter: QPainter, channel: Channel, path: QPainterPath) -> None:
        painter.setPen(pen(color(self._theme, "text"), 2.4))
        painter.drawPath(path)
        before = path.pointAtPercent(max(0.0, 1 - 12 / max(12.0, path.length())))
        head = arrow_head(channel.end, Point(before.x(), before.y()), 13)
        painter.setBrush(color(self._theme, "text"))
        painter.drawPolygon(polygon(head))
        painter.setBrush(Qt.BrushStyle.NoBrush)


class PartItem(QGraphicsItem):
    """A device, or messages in flight: something round, perhaps with a label beside it."""

    part: Node | Disc

    def __init__(self, part: Node | Disc, theme: Theme, font: QFont) -> None:
        super().__init__()
        self.part = part
        self._theme = theme
        self._font = font
        self.chosen = False

    def show_part(self, part: Node | Disc, theme: Theme, font: QFont, chosen: bool) -> None:
        """Show this from now on; paints only where something is new."""
        if (self.part, self.chosen, self._theme, self._font) != (part, chosen, theme, font):
            self.prepareGeometryChange()
            self.part, self._theme, self._font, self.chosen = part, theme, font, chosen
            self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return the part, all that surrounds it, and its label."""
        box = _around(self.part.center, self.part.radius * 1.9 + 5)
        return box.united(rect(self.part.label.box)) if self.part.label else box

    def _write(self, painter: QPainter, ink: str) -> None:
        """Write the label in its place, so that no channel runs through its letters."""
        label = self.part.label
        if label is None:
            return
        box, metrics = rect(label.box), QFontMetricsF(self._font)
        painter.fillRect(box, color(self._theme, "surface", 0.8))
        painter.setFont(self._font)
        painter.setPen(color(self._theme, ink))
        baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(box.x(), baseline), label.text)

    def _circle(self, reach: float) -> QPainterPath:
        path = QPainterPath()
        path.addEllipse(at(self.part.center), reach, reach)
        return path


class DeviceItem(PartItem):
    """One device with its number, its state and its text."""

    part: Node

    def shape(self) -> QPainterPath:
        """Return where the device can be hit: label included."""
        path = self._circle(self.part.radius * 1.3)
        if self.part.label is not None:
            path.addRect(rect(self.part.label.box))
        return path

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the device."""
        if painter is None:
            return
        node, theme = self.part, self._theme
        self._rings(painter)
        self._body(painter)
        if node.crashed:
            painter.setPen(pen(color(theme, "error"), max(2.0, node.radius * 0.12)))
            cross(painter, at(node.center), node.radius * 0.9)
        self._number(painter)
        self._write(painter, "text")

    def _body(self, painter: QPainter) -> None:
        """Draw the shape; the edge of one that does not run any more is broken."""
        node, theme = self.part, self._theme
        over = node.ended or node.crashed
        painter.setBrush(color(theme, self._fill))
        edge = color(theme, "muted" if over else "text")
        width = 1.6 if node.radius > 8 else 1.0
        painter.setPen(pen(edge, width, _DASHED if over else Qt.PenStyle.SolidLine))
        self._outline(painter, node.radius)

    @property
    def _fill(self) -> str:
        pale = self.part.ended and not self.part.crashed and not self.part.role
        return "surface" if pale else self.part.fill

    def _number(self, painter: QPainter) -> None:
        node, theme = self.part, self._theme
        if not node.number:
            return
        fill = color(theme, self._fill)
        if node.crashed:  # the number is read before the cross
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawEllipse(at(node.center), node.radius * 0.6, node.radius * 0.6)
        painter.setFont(self._number_font())
        painter.setPen(color(theme, ink_on(fill.name())))
        painter.drawText(_around(node.center, node.radius * 1.5), _CENTER, node.number)

    def _rings(self, painter: QPainter) -> None:
        """Draw what surrounds the device: its role, whether it is inside, or chosen."""
        node, theme = self.part, self._theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = node.ring
        if node.role:
            painter.setPen(pen(color(theme, node.role), width))
            self._outline(painter, node.radius + width * 1.6)
        if node.inside:
            painter.setPen(pen(color(theme, "inside"), width * 1.2))
            self._outline(painter, node.radius + width * (3.4 if node.role else 1.8))
        if self.chosen:
            painter.setPen(pen(color(theme, "selection"), max(2.0, width * 0.8), _DASHED))
            rings = bool(node.role) + bool(node.inside)
            self._outline(painter, node.radius + width * (2.2 + 1.6 * rings))

    def _outline(self, painter: QPainter, radius: float) -> None:
        corners = outline(self.part.shape, self.part.center, radius)
        if corners:
            painter.drawPolygon(polygon(corners))
        else:
            painter.drawEllipse(at(self.part.center), radius, radius)

    def _number_font(self) -> QFont:
        font = resized(self._font, min(1.7, max(1.0, self.part.radius / 18)))
        font.setBold(True)
        width = QFontMetricsF(font).horizontalAdvance(self.part.number)
        if width > 1.7 * self.part.radius:
            font = resized(font, 1.7 * self.part.radius / width)
        return font


class DiscItem(PartItem):
    """Messages in flight at one place; filled when they could be received now."""

    part: Disc

    def __init__(self, disc: Disc, theme: Theme, font: QFont) -> None:
        super().__init__(disc, theme, font)
        self.setZValue(1)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def shape(self) -> QPainterPath:
        """Return where the disc can be hit, a little more than is seen."""
        return self._circle(self.part.radius + 3)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the disc with a tip towards its destination."""
        if painter is None:
            return
        disc, theme = self.part, self._theme
        edge = color(theme, "waiting")
        painter.setPen(pen(edge, 2.0))
        painter.setBrush(edge)
        painter.drawPolygon(polygon(_tip(disc)))
        painter.setBrush(edge if disc.ready else color(theme, "surface"))
        painter.drawEllipse(at(disc.center), disc.radius, disc.radius)
        if len(disc.serials) > 1:
            painter.setPen(color(theme, ink_on(edge.name()) if disc.ready else "text"))
            self._count(painter)
        if self.chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(color(theme, "selection"), 2.0, _DASHED))
            reach = disc.radius * 1.7 + 2
            painter.drawEllipse(at(disc.center), reach, reach)
        self._write(painter, "muted")

    def _count(self, painter: QPainter) -> None:
        disc = self.part
        text = str(len(disc.serials)) if len(disc.serials) < 100 else "…"
        font = QFont(self._font)
        font.setPixelSize(max(6, round(disc.radius * (1.25 if len(text) < 2 else 1.0))))
        painter.setFont(font)
        painter.drawText(_around(disc.center, disc.radius), _CENTER, text)


def _around(center: Point, reach: float) -> QRectF:
    return rect(around(center, reach))


def _tip(disc: Disc) -> tuple[Point, Point, Point]:
    """Return the triangle in front of a disc."""
    return arrow_head(disc.front, disc.center, disc.radius * 1.25)
