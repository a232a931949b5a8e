"""Lets a message be seen on its way for a moment, when a person makes a single step.

The picture is the new one from the beginning; this only draws over it, and nothing waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QVariantAnimation
from PyQt6.QtGui import QFont, QPainterPath
from PyQt6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QStyle

from emulators.diagram.journey import Journey
from emulators.diagram.parts import Disc
from emulators.gui.network_items import DiscItem

if TYPE_CHECKING:
    from emulators.gui.themes import Theme

DURATION = 200
"""Milliseconds that a message is on its way."""


class Traveller(DiscItem):
    """The message on its way; nobody can click it."""

    def go_to(self, disc: Disc) -> None:
        """Be there now."""
        self.show_part(disc, self._theme, self._font, chosen=False)

    def shape(self) -> QPainterPath:
        """Return nothing."""
        return QPainterPath()


class Motion(QObject):
    """One journey at a time, if it is on; `end` shows at once how everything is afterwards."""

    def __init__(self, scene: QGraphicsScene) -> None:
        super().__init__()
        self.is_on = False
        self._scene = scene
        self._journey: Journey | None = None
        self._hidden: QGraphicsItem | None = None
        self._traveller: Traveller | None = None
        self.animation = QVariantAnimation(self)
        self.animation.setStartValue(0.0)
        self.animation.setEndValue(1.0)
        self.animation.setDuration(DURATION)
        self.animation.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self.animation.valueChanged.connect(self._go_on)
        self.animation.finished.connect(self.end)

    @property
    def traveller(self) -> Traveller | None:
        """What is on its way now."""
        return self._traveller

    def begin(
        self, journey: Journey, theme: Theme, font: QFont, waiting: QGraphicsItem | None
    ) -> None:
        """Let a message go; where it waits afterwards, `waiting` is hidden until it is there."""
        self.end()
        if not _desktop_animates():
            return
        self._journey = journey
        self._traveller = Traveller(journey.after(0), theme, font)
        self._scene.addItem(self._traveller)
        self._hidden = waiting
        if waiting is not None:
            waiting.setVisible(False)
        self.animation.start()

    def _go_on(self, share: float) -> None:
        if self._journey is not None and self._traveller is not None:
            self._traveller.go_to(self._journey.after(share))

    def end(self) -> None:
        """Be there."""
        if self.animation.state() != QAbstractAnimation.State.Stopped:
            self.animation.stop()
        if self._traveller is not None:
            self._scene.removeItem(self._traveller)
        if self._hidden is not None:
            self._hidden.setVisible(True)
        self._journey = self._traveller = self._hidden = None


def _desktop_animates() -> bool:
    """Return whether this person has not told the desktop to keep still."""
    style = QApplication.style()
    return style is None or style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
