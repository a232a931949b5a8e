"""The icons of the actions: lines on a grid of 24, drawn in the colours of the theme."""

from __future__ import annotations

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from emulators.gui.themes import Theme, mixed

_SIZE = 48
_FILLED = "F"
"""A shape whose path begins with this letter is filled, others are lines."""
_SHAPES: dict[str, tuple[str, ...]] = {
    "back": ("F M15 5 L6 12 L15 19 Z", "M19 5 V19"),
    "step": ("F M9 5 L18 12 L9 19 Z", "M5 5 V19"),
    "run": ("F M7 4 L19 12 L7 20 Z",),
    "pause": ("F M6 5 H10 V19 H6 Z", "F M14 5 H18 V19 H14 Z"),
    "fast": ("F M3 5 L12 12 L3 19 Z", "F M12 5 L21 12 L12 19 Z"),
    "next": ("M3 12 H13", "M9 7 L14 12 L9 17", "M20 12 m-3 0 a3 3 0 1 0 6 0 a3 3 0 1 0 -6 0"),
    "end": ("F M4 5 L13 12 L4 19 Z", "M16 5 V19", "M20 5 V19"),
    "restart": ("M19 12 a7 7 0 1 1 -2.2 -5.1", "F M13.5 7.5 H20 V1.5 Z"),
    "new-seed": ("M4 4 H20 V20 H4 Z", "F M8 8 h2 v2 h-2 Z", "F M14 8 h2 v2 h-2 Z",
                 "F M11 11 h2 v2 h-2 Z", "F M8 14 h2 v2 h-2 Z", "F M14 14 h2 v2 h-2 Z"),
    "swap": ("M4 8 H18", "M14 4 L18.5 8 L14 12", "M20 16 H6", "M10 12 L5.5 16 L10 20"),
    "queue": ("M4 6 H20 V18 H4 Z", "M4 6 L12 13 L20 6"),
    "pick": ("M4 20 V4 H14", "M9 12 L13 16 L21 7"),
    "messages": ("M4 6 H20", "M4 12 H20", "M4 18 H20"),
    "breakpoints": ("F M8.5 3.5 H15.5 L20.5 8.5 V15.5 L15.5 20.5 H8.5 L3.5 15.5 V8.5 Z",),
    "save": ("M12 3 V14", "M7.5 10 L12 14.5 L16.5 10", "M4 16 V20 H20 V16"),
    "open": ("M12 15 V4", "M7.5 8 L12 3.5 L16.5 8", "M4 16 V20 H20 V16"),
    "picture": ("M3 5 H21 V19 H3 Z", "M3 17 L9 11 L13 15 L16 12 L21 17",
                "F M15 7.5 h2.5 v2.5 h-2.5 Z"),
    "present": ("M3 4 H21 V16 H3 Z", "M12 16 V20", "M7 20.5 H17"),
    "theme": ("M12 3 a9 9 0 1 0 0.01 0 Z", "F M12 3 a9 9 0 0 1 0 18 Z"),
}  # fmt: skip


def icon(name: str, theme: Theme) -> QIcon:
    """Return an icon in the colours of a theme."""
    made = QIcon()
    made.addPixmap(_drawn(name, theme.text))
    made.addPixmap(_drawn(name, mixed(theme.muted, theme.window, 0.5)), QIcon.Mode.Disabled)
    return made


def _drawn(name: str, color: str) -> QPixmap:
    shapes = "".join(_shape(path, color) for path in _SHAPES[name])
    source = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>{shapes}</svg>"
    pixmap = QPixmap(_SIZE, _SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, _SIZE, _SIZE))
    painter.end()
    return pixmap


def _shape(path: str, color: str) -> str:
    if path.startswith(_FILLED):
        return f"<path d='{path[2:]}' fill='{color}'/>"
    line = f"fill='none' stroke='{color}' stroke-width='2'"
    return f"<path d='{path}' {line} stroke-linecap='round' stroke-linejoin='round'/>"
