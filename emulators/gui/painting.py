"""What both pictures need to paint: pens, points of the geometry as Qt's, texts of tooltips."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from emulators.diagram.plane import Box, Point

if TYPE_CHECKING:
    from emulators.gui.themes import Theme


def color(theme: Theme, name: str, opacity: float = 1.0) -> QColor:
    """Return a colour of the theme by its role, or one that is given as such."""
    found = QColor(str(getattr(theme, name, name)))
    found.setAlphaF(opacity)
    return found


def pen(color: QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen with round ends."""
    made = QPen(color, width, style)
    flat = style != Qt.PenStyle.SolidLine
    made.setCapStyle(Qt.PenCapStyle.FlatCap if flat else Qt.PenCapStyle.RoundCap)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made


def at(point: Point) -> QPointF:
    """Return a point of the geometry as Qt's."""
    return QPointF(point.x, point.y)


def rect(box: Box) -> QRectF:
    """Return a box of the geometry as Qt's."""
    return QRectF(box.x, box.y, box.width, box.height)


def polygon(points: Sequence[Point]) -> QPolygonF:
    """Return corners of the geometry as Qt's."""
    return QPolygonF([QPointF(point.x, point.y) for point in points])


def cross(painter: QPainter, center: QPointF, size: float) -> None:
    """Draw a cross with the pen that is set."""
    x, y = center.x(), center.y()
    painter.drawLine(QPointF(x - size, y - size), QPointF(x + size, y + size))
    painter.drawLine(QPointF(x - size, y + size), QPointF(x + size, y - size))


def caption(painter: QPainter, area: QRectF, text: str, theme: Theme) -> None:
    """Write one line below a picture, shortened where it does not fit."""
    painter.setPen(color(theme, "muted"))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


_MOST_SHOWN = 2000


def tip(text: str) -> str:
    """Return a plain text as a tooltip that wraps; nothing in it is taken for markup."""
    if not text:
        return ""
    if len(text) > _MOST_SHOWN:
        text = text[:_MOST_SHOWN] + "…"
    return "<qt>" + html.escape(text).replace("\n", "<br>") + "</qt>"


def resized(font: QFont, factor: float) -> QFont:
    """Return the same letters larger or smaller, however their size is given."""
    made = QFont(font)
    if font.pointSizeF() > 0:
        made.setPointSizeF(font.pointSizeF() * factor)
    else:
        made.setPixelSize(max(1, round(font.pixelSize() * factor)))
    return made
