"""Colours and sizes by name, read from themes/*.toml; the palette of the whole application.

A theme decides every colour: what the desktop prefers is not asked, so that a picture looks the
same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication, QToolTip

_FOLDER = Path(__file__).with_name("themes")
NAMES = ("light", "dark", "high-contrast", "colour-blind-safe")
PRESENTATION = 1.5
"""How much larger the type is in presentation mode."""


@dataclass(frozen=True)
class Theme:
    """Named colours, each as ``#rrggbb``, and how large the type is."""

    name: str
    title: str
    dark: bool
    window: str
    surface: str
    text: str
    muted: str
    accent: str
    sender: str
    receiver: str
    both: str
    idle: str
    inside: str
    waiting: str
    lost: str
    crashed: str
    lane: str
    round_shade: str
    past: str
    future: str
    concurrent: str
    selection: str
    error: str
    font_scale: float = 1.0

    def scaled(self, font_scale: float) -> Theme:
        """Return this theme with larger or smaller type."""
        return replace(self, font_scale=font_scale)


COLORS = tuple(field.name for field in fields(Theme))[3:-1]


@cache
def theme(name: str) -> Theme:
    """Return a theme by its name, the light one where there is none of that name."""
    if name not in NAMES:
        name = NAMES[0]
    values = _read(_FOLDER / f"{name}.toml")
    colors = [values[color] for color in COLORS]
    return Theme(name, values["title"], values["dark"] == "true", *colors)


def _read(path: Path) -> dict[str, Any]:
    """Read the lines ``name = value`` of a theme: all that its TOML uses."""
    found: dict[str, Any] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name.strip()] = value.strip().strip('"')
    return found


def mixed(one: str, other: str, part: float) -> str:
    """Return the colour that lies the given part of the way from one colour to another."""
    a, b = QColor(one), QColor(other)
    channels = zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)
    return QColor(*(round(x + (y - x) * part) for x, y in channels if None not in (x, y))).name()


def on(color: str) -> str:
    """Return black or white, whichever reads better on a colour."""
    made = QColor(color)
    light = 0.299 * made.redF() + 0.587 * made.greenF() + 0.114 * made.blueF()
    return "#000000" if light > 0.55 else "#ffffff"


def palette(theme: Theme) -> QPalette:
    """Return the palette of all widgets in a theme."""
    made = QPalette()
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.round_shade,
        role.Text: theme.text,
        role.Button: theme.window,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.selection,
        role.HighlightedText: on(theme.selection),
        role.Link: theme.accent,
        role.BrightText: theme.error,
        role.Light: mixed(theme.window, "#ffffff", 0.25),
        role.Midlight: mixed(theme.window, theme.lane, 0.25),
        role.Mid: theme.lane,
        role.Dark: mixed(theme.lane, "#000000", 0.25),
        role.Shadow: mixed(theme.window, "#000000", 0.5),
    }
    for key, color in colors.items():
        made.setColor(key, QColor(color))
    disabled = QColor(mixed(theme.muted, theme.window, 0.35))
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, disabled)
    return made


_WITH_EDGES = (
    *("QLineEdit", "QAbstractSpinBox", "QComboBox", "QPushButton", "QCheckBox"),
    *("QSlider", "QScrollBar"),
)
_DARKER = 140
"""The style draws edges so much darker than the window, which nobody sees in a dark theme."""


def edged(theme: Theme) -> QPalette:
    """Return the palette of what has to have an edge that is seen."""
    made = palette(theme)
    if theme.dark:
        edge = QColor(mixed(theme.window, theme.muted, 0.6))
        made.setColor(QPalette.ColorRole.Window, edge.lighter(_DARKER))
    return made


def dress(application: QApplication, theme: Theme) -> None:
    """Give all widgets the colours and the type of a theme."""
    if application.style() is None or application.style().name() != "fusion":  # type: ignore[union-attr]
        application.setStyle("Fusion")
    application.setPalette(palette(theme))
    for kind in _WITH_EDGES:
        application.setPalette(edged(theme), kind)
    QToolTip.setPalette(palette(theme))
    font = application.font()
    base = application.property("base point size")
    if base is None:
        base = font.pointSizeF()
        application.setProperty("base point size", base)
    font.setPointSizeF(base * theme.font_scale)
    application.setFont(font)
    changed = QEvent.Type.ApplicationFontChange.value
    application.sendPostedEvents(None, changed)  # who measures type now, measures the new
