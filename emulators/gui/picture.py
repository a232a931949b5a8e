"""Pictures of views: PNG as they are on the screen, SVG as shapes and letters."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QAbstractScrollArea, QGraphicsView, QWidget

from emulators.gui.themes import Theme

_SHARPNESS = 2
_GAP = 8


def export(views: Sequence[QWidget], path: str, theme: Theme) -> str:
    """Write the views side by side into a file; return what went wrong, or nothing."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".png", ".svg"):
        return f"{path}: a picture is a .png or an .svg file"
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        return f"{path}: there is no such folder"
    shown = [view for view in views if view.isVisible()] or list(views)
    width = sum(view.width() for view in shown) + _GAP * (len(shown) - 1)
    size = QSize(width, max(view.height() for view in shown))
    written = _svg(shown, path, size, theme) if ending == ".svg" else _png(shown, path, size, theme)
    return "" if written else f"{path} cannot be written"


def _png(views: Sequence[QWidget], path: str, size: QSize, theme: Theme) -> bool:
    image = QImage(size * _SHARPNESS, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.surface))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SHARPNESS, _SHARPNESS)
    _paint(views, painter)
    painter.end()
    return image.save(path)


def _svg(views: Sequence[QWidget], path: str, size: QSize, theme: Theme) -> bool:
    generator = QSvgGenerator()
    generator.setFileName(path)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle("Network and space-time diagram")
    painter = QPainter()
    if not painter.begin(generator):
        return False
    painter.fillRect(QRect(0, 0, size.width(), size.height()), QColor(theme.surface))
    _paint(views, painter)
    return painter.end()


def _paint(views: Sequence[QWidget], painter: QPainter) -> None:
    left = 0
    for view in views:
        painter.save()
        painter.translate(left, 0)
        painter.setClipRect(QRect(0, 0, view.width(), view.height()))
        if isinstance(view, QGraphicsView):
            view.render(painter)
        else:
            inner = view.viewport() if isinstance(view, QAbstractScrollArea) else view
            (inner or view).render(painter)
        painter.restore()
        left += view.width() + _GAP
