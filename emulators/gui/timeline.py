"""The timeline: a slider through the present branch, back to its beginning and on to its end."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from emulators.gui.session import Session
from emulators.gui.snapshot import Snapshot


class Timeline(QWidget):
    """Shows the position; drag it to travel."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName("Timeline")
        self.slider.setAccessibleDescription("The position in this run; drag it to travel")
        self.slider.setToolTip("Drag through the run")
        self.slider.setPageStep(10)
        self.slider.setMaximum(0)
        self.label = QLabel(self)
        self.label.setMinimumWidth(self.fontMetrics().horizontalAdvance("step 00000 of 00000"))
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.label)
        self.slider.valueChanged.connect(self._on_value)
        session.moved.connect(self._on_moved)

    def _on_value(self, value: int) -> None:
        self.session.go_to(value)
        self._say(value)

    def _on_moved(self, snapshot: Snapshot) -> None:
        steps = next(one.steps for one in snapshot.branches if one.number == snapshot.branch)
        if self.slider.isSliderDown():
            return
        self.slider.blockSignals(True)
        self.slider.setMaximum(max(steps, snapshot.position))
        self.slider.setValue(snapshot.position)
        self.slider.blockSignals(False)
        self._say(snapshot.position)

    def _say(self, position: int) -> None:
        self.label.setText(f"step {position} of {self.slider.maximum()}")
