"""The panels around the pictures: devices, inspector, messages in transit, events, history …"""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from emulators.gui.actions import controls_as_html
from emulators.gui.event_view import EventView
from emulators.gui.history_view import HistoryView
from emulators.gui.inspector import Inspector
from emulators.gui.menus import device_menu, message_menu, pop_up
from emulators.gui.models import DeviceTable, TransitTable
from emulators.gui.parts import Button, List, Printed
from emulators.gui.session import NONE, Session
from emulators.gui.snapshot import Snapshot


class Panels:
    """Makes the panels: `side` stands right of the pictures, `bottom` below them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.devices = DeviceList(session)
        self.transit = TransitList(session)
        self.inspector = Inspector(session)
        self.events = EventView(session)
        self.history = HistoryView(session)
        self.output = OutputView(session)
        self.breakpoints = BreakpointView(session)
        self.controls = QTextBrowser()
        self.controls.setAccessibleName("Controls")
        self.controls.setAccessibleDescription("All actions and their keys")
        self.controls.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._tabs: dict[str, tuple[QTabWidget, QWidget]] = {}
        lists = self._group({"Devices": self.devices, "In transit": self.transit})
        self.bottom = self._group(
            {
                "Events": self.events,
                "History": self.history,
                "Output": self.output,
                "Breakpoints": self.breakpoints,
                "Controls": self.controls,
            }
        )
        self.side = QSplitter(Qt.Orientation.Vertical)
        self.side.addWidget(lists)
        self.side.addWidget(self.inspector)
        self.side.setSizes([210, 430])
        self.side.setChildrenCollapsible(False)
        self._hidden: list[QWidget] = []
        session.theme_changed.connect(lambda theme: self._show_controls())
        self._show_controls()

    def _group(self, panels: dict[str, QWidget]) -> QTabWidget:
        group = QTabWidget()
        group.setDocumentMode(True)
        for title, panel in panels.items():
            group.addTab(panel, title)
            self._tabs[title] = (group, panel)
        return group

    def _show_controls(self) -> None:
        self.controls.setHtml(controls_as_html(self.session.theme))

    def places(self) -> list[QWidget]:
        """Return what the keyboard can go to, in order."""
        return [
            self.devices,
            self.transit,
            self.inspector.state,
            self.events.list,
            self.history.tree,
            self.output,
            self.breakpoints.list,
            self.controls,
        ]

    def show_panel(self, title: str) -> None:
        """Bring a panel to the front."""
        group, panel = self._tabs[title]
        group.setCurrentWidget(panel)
        group.show()
        (self.bottom if group is self.bottom else self.side).show()

    def show_queue(self) -> None:
        """Show the messages in transit, the keyboard in their list."""
        self.show_panel("In transit")
        self.transit.take_focus()

    def hide_all(self, on: bool) -> None:
        """Hide all panels, or show again those that were there."""
        if on:
            self._hidden = [one for one in (self.side, self.bottom) if not one.isHidden()]
        for panel in self._hidden:
            panel.setVisible(not on)


class DeviceList(List):
    """The devices; the twin of the network's picture."""

    def __init__(self, session: Session) -> None:
        super().__init__("Devices", "All devices; select one to inspect it")
        self.session = session
        self.table = DeviceTable(session, self)
        self.show_model(self.table, ("Device", "crashed", "exercise10.py:100"))
        self.on_select(session.select_device)
        session.device_selected.connect(self._on_selected)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _on_selected(self, index: int) -> None:
        if index == NONE:
            self.clearSelection()
        elif index != self.currentIndex().row():
            self.setCurrentIndex(self.table.index(index, 0))

    def _menu(self, where: QPoint) -> None:
        index = self.indexAt(where)
        if index.isValid():
            pop_up(device_menu(self.session, self.table.items[index.row()], self), self.at(where))


class TransitList(List):
    """The messages in transit; Return picks one as the next."""

    def __init__(self, session: Session) -> None:
        super().__init__(
            "Messages in transit", "Sent and not received; Return lets one be the next to arrive"
        )
        self.session = session
        self.table = TransitTable(session, self)
        self.show_model(self.table, ("1000", "SomeMessage 10 → 10", "Ready"))
        self.on_select(self._on_row)
        session.message_selected.connect(self._on_selected)
        self.on_enter(lambda index: session.pick(self.table.items[index.row()].serial))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def take_focus(self) -> None:
        """Take the keyboard; where nothing is selected, select the first message."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.selectedIndexes() and self.table.items:
            self.setCurrentIndex(self.table.index(0, 0))

    def _on_row(self, row: int) -> None:
        if row < len(self.table.items):
            self.session.select_message(self.table.items[row].serial)

    def _on_selected(self, serial: int) -> None:
        for row, message in enumerate(self.table.items):
            if message.serial == serial:
                if row != self.currentIndex().row():
                    self.setCurrentIndex(self.table.index(row, 0))
                return

    def _menu(self, where: QPoint) -> None:
        index = self.indexAt(where)
        if index.isValid():
            messages = [self.table.items[index.row()]]
            pop_up(message_menu(self.session, messages, self), self.at(where))


class OutputView(Printed):
    """What the code of the run has printed."""

    def __init__(self, session: Session) -> None:
        super().__init__("What the run has printed so far")
        self.setFrameShape(Printed.Shape.NoFrame)
        self.setPlaceholderText("Nothing was printed so far")
        self._text = ""
        session.moved.connect(self._on_moved)

    def _on_moved(self, snapshot: Snapshot) -> None:
        text = snapshot.output
        if text is self._text or text == self._text:
            return
        if self._text and text.startswith(self._text):
            cursor = self.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            cursor.insertText(text[len(self._text) :])
        else:
            self.setPlainText(text)
        self._text = text
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.maximum())


class BreakpointView(QWidget):
    """Where running stops; new ones are written in the line “Run until”."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.list = QListWidget(self)
        self.list.setAccessibleName("Breakpoints")
        self.list.setAccessibleDescription("Conditions at which running stops")
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.button = Button("Remove", self)
        self.button.setToolTip("Do not stop at the selected condition any more")
        self.button.clicked.connect(self.remove)
        hint = QLabel("Write a condition in the line “Run until” and press “Break there”.", self)
        hint.setWordWrap(True)
        side = QHBoxLayout()
        side.addWidget(hint, 1)
        side.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.list, 1)
        layout.addLayout(side)
        session.breakpoints_changed.connect(self._on_changed)

    def _on_changed(self, texts: tuple[str, ...]) -> None:
        self.list.clear()
        self.list.addItems(texts)

    def remove(self) -> None:
        """Remove the selected breakpoint."""
        item = self.list.currentItem()
        if item is not None:
            self.session.remove_breakpoint(item.text())
