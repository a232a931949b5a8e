"""The second line of tools: speed, and how far to run."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLabel,
    QPushButton,
    QSlider,
    QToolBar,
    QWidget,
)

from emulators.gui import themes
from emulators.gui.parts import Button, Line
from emulators.gui.session import Session
from emulators.gui.snapshot import Snapshot

_SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 100.0, 300.0, 0.0)


class RunBar(QToolBar):
    """Chooses the speed, a condition to run to, and the theme."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Speed and conditions", parent)
        self.setObjectName("run bar")
        self.setMovable(False)
        self.session = session
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(_SPEEDS) - 1)
        self.speed.setValue(_SPEEDS.index(session.speed))
        self.speed.setPageStep(1)
        self.speed.setMaximumWidth(150)
        self.speed_text = QLabel()
        self.until = Line()
        self.until.setPlaceholderText("Vote   ·   round 5   ·   device[2].leader == 2")
        self._types: set[str] = set()
        self.until.setCompleter(QCompleter([], self))
        self.go = Button("Go")
        self.stop_there = Button("Break there")
        self.theme = QComboBox()
        for name in themes.NAMES:
            self.theme.addItem(themes.theme(name).title, name)
        self._add("S&peed", self.speed, "How many steps in a second while running")
        self.addWidget(self.speed_text)
        self.addSeparator()
        self._add("Run &until", self.until, _UNTIL)
        self._button(self.go, "Run until this comes true (Return in the line)", self.run_until)
        self._button(self.stop_there, "Stop here whenever this comes true while running", self.add)
        self.addSeparator()
        self._add("Colours", self.theme, "The theme of the window")
        self.speed.valueChanged.connect(self._on_speed)
        self.until.returnPressed.connect(self.run_until)
        self.theme.activated.connect(lambda index: session.set_theme(self.theme.itemData(index)))
        session.theme_changed.connect(self._on_theme)
        session.moved.connect(self._on_moved)
        self._on_theme(session.theme)
        self._say_speed()

    def _add(self, title: str, field: QWidget, description: str) -> None:
        label = QLabel(f" {title} ")
        label.setBuddy(field)
        field.setAccessibleName(title.replace("&", ""))
        field.setAccessibleDescription(description)
        field.setToolTip(description)
        self.addWidget(label)
        self.addWidget(field)

    def _button(self, button: QPushButton, description: str, call: Callable[[], None]) -> None:
        button.setToolTip(description)
        button.setAccessibleDescription(description)
        button.clicked.connect(call)
        self.addWidget(button)

    def run_until(self) -> None:
        """Run until what is written comes true."""
        self.session.run_until(self.until.text())

    def add(self) -> None:
        """Make a breakpoint of what is written."""
        self.session.add_breakpoint(self.until.text())

    def _on_speed(self, index: int) -> None:
        self._say_speed()
        self.session.set_speed(_SPEEDS[index])

    def _say_speed(self) -> None:
        speed = _SPEEDS[self.speed.value()]
        self.speed_text.setText(f"{speed:g} steps/s" if speed else "full speed")
        width = self.speed_text.fontMetrics().horizontalAdvance("300 steps/s  ")
        self.speed_text.setMinimumWidth(width)

    def _on_theme(self, theme: themes.Theme) -> None:
        self.theme.setCurrentIndex(self.theme.findData(theme.name))
        self._say_speed()

    def _on_moved(self, snapshot: Snapshot) -> None:
        """Offer the message types that were seen."""
        seen = {event.type for event in snapshot.events if event.type} - self._types
        if seen:
            self._types |= seen
            self.until.setCompleter(QCompleter(sorted(self._types), self))


_UNTIL = (
    "Run until a message of this type, a round, or an expression over the devices:\n"
    "Vote  ·  device 3  ·  round 5  ·  time 2.5  ·  failure  ·  device[2].leader == 2\n"
    "any(one.leader == 2 for one in devices)  ·  message.text == 'hello'"
)
