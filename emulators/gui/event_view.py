"""The table of all events, with a line to narrow it; the selection is that of all views."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelectionModel, QTimer
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from emulators.gui.models import EventTable, Filtered
from emulators.gui.parts import Line, List
from emulators.gui.session import NONE, Session
from emulators.gui.snapshot import Snapshot

_ALL = "all"


class EventView(QWidget):
    """Events as rows; follows the run as long as its last row is in sight."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.table = EventTable(session, self)
        self.filtered = Filtered(self.table, self)
        self.list = List("Events", "All events of the run; select one to see it everywhere", self)
        self.list.show_model(
            self.filtered,
            ("10000", "0.123456", "duplicated", "Device", "SomeLongerMessage 10 → 10"),
        )
        self.device = QComboBox(self)
        self.kind = QComboBox(self)
        self.text = Line(self)
        self._kinds: list[str] = []
        self._types_seen = 0
        self._lay_out()
        self.device.addItem(_ALL)
        self.kind.addItem(_ALL)
        self.device.currentIndexChanged.connect(self._narrow)
        self.kind.currentIndexChanged.connect(self._narrow)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(150)
        self._soon.timeout.connect(self._narrow)
        self.text.textChanged.connect(lambda text: self._soon.start())
        selection = self.list.selectionModel()
        assert selection is not None
        self._selection: QItemSelectionModel = selection
        self.list.on_select(self._on_row)
        session.selected.connect(self.show_row)
        session.moved.connect(self._on_moved)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        fields = (
            ("&Device", self.device, "Show the events of one device only"),
            ("&Kind", self.kind, "Show the events of one kind or message type only"),
            ("Te&xt", self.text, "Show the events with this text only"),
        )
        for title, field, description in fields:
            label = QLabel(title, self)
            label.setBuddy(field)
            field.setAccessibleName(title.replace("&", ""))
            field.setAccessibleDescription(description)
            field.setToolTip(description)
            bar.addWidget(label)
            bar.addWidget(field, 1 if field is self.text else 0)
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 0)
        layout.setSpacing(4)
        layout.addLayout(bar)
        layout.addWidget(self.list, 1)

    # -- filter

    def _narrow(self) -> None:
        kind = "" if self.kind.currentIndex() <= 0 else self.kind.currentText()
        self.filtered.narrow(self.device.currentIndex() - 1, kind, self.text.text().strip())
        self.show_row(self.session.selected_row)

    def _offer(self, snapshot: Snapshot) -> None:
        """Offer the devices and the kinds that there are."""
        if self.device.count() != len(snapshot.devices) + 1:
            self.device.clear()
            self.device.addItems([_ALL, *(str(one.index) for one in snapshot.devices)])
        for event in snapshot.events:
            for name in (event.kind, event.type):
                if name and name not in self._kinds:
                    self._kinds.append(name)
                    self.kind.addItem(name)

    # -- following

    def _on_moved(self, snapshot: Snapshot) -> None:
        self._offer(snapshot)
        if self.session.selected_row == NONE:
            self.list.scrollToBottom()

    def _on_row(self, row: int) -> None:
        self.session.select(self.filtered.mapToSource(self.filtered.index(row, 0)).row())

    def show_row(self, row: int) -> None:
        """Select the row of an event and bring it into sight."""
        if row == NONE:
            self._selection.clear()
            return
        index = self.filtered.mapFromSource(self.table.index(row, 0))
        if index.isValid() and index.row() != self.list.currentIndex().row():
            rows = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self._selection.setCurrentIndex(index, rows | QItemSelectionModel.SelectionFlag.Rows)
        if index.isValid():
            self.list.scrollTo(index)
