"""Item models over snapshots: the events, the devices, the messages in transit.

They are the twins of the pictures: whoever cannot see or point reads and selects here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QColor

from emulators.gui.session import Session
from emulators.gui.snapshot import DeviceView, EventRow, MessageInTransit, Snapshot
from emulators.gui.themes import Theme
from emulators.kernel.clock import seconds

_Role = Qt.ItemDataRole
Whole = QModelIndex()


class Table(QAbstractTableModel):
    """A table whose cells are texts: one row for each item of a list."""

    headers: tuple[str, ...] = ()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.items: Sequence[Any] = ()
        session.moved.connect(self.show_snapshot)
        session.theme_changed.connect(lambda theme: self._repaint())
        if session.snapshot is not None:
            self.show_snapshot(session.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what a snapshot has."""

    def cells(self, item: Any) -> tuple[str, ...]:
        """Return the texts of a row."""
        raise NotImplementedError

    def color(self, item: Any, theme: Theme) -> str:
        """Return the colour of a row's text, or nothing."""
        return ""

    def replace(self, items: Sequence[Any]) -> None:
        """Show other items; where only their content differs, the selection stays."""
        old, self.items = len(self.items), self.items
        if len(items) == old:
            self.items = items
            self._repaint()
            return
        if len(items) > old:
            self.beginInsertRows(QModelIndex(), old, len(items) - 1)
            self.items = items
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), len(items), old - 1)
            self.items = items
            self.endRemoveRows()
        self._repaint()

    def _repaint(self) -> None:
        if self.items:
            last = self.index(len(self.items) - 1, len(self.headers) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # -- what Qt asks

    def rowCount(self, parent: QModelIndex = Whole) -> int:  # noqa: N802
        """Return the number of items."""
        return 0 if parent.isValid() else len(self.items)

    def columnCount(self, parent: QModelIndex = Whole) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.headers)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return self.headers[section]
        return None

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> Any:
        """Return the text, the colour or the tooltip of a cell."""
        if not index.isValid() or index.row() >= len(self.items):
            return None
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self.cells(self.items[index.row()])[index.column()]
        if role == _Role.ForegroundRole:
            color = self.color(self.items[index.row()], self.session.theme)
            return QColor(color) if color else None
        return None


WORDS = {
    "undeliverable": "to nobody",
    "ask": "asks",
    "enter": "enters",
    "leave": "leaves",
    "todo": "to do",
    "lose": "lost",
    "duplicate": "duplicated",
    "delay": "delayed",
    "pick": "picked",
    "corrupt": "changed",
    "partition": "splits",
    "heal": "heals",
    "pause": "pauses",
    "resume": "goes on",
}
"""Kinds of events in words, where they are not called so."""


class EventTable(Table):
    """The events of the run up to where it stands."""

    headers = ("#", "Time", "Event", "Device", "Message", "Text")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Forget what was taken back and add what is new."""
        kept, events = snapshot.kept, self.session.events
        shown = len(self.items)
        if kept < shown:
            self.beginRemoveRows(QModelIndex(), kept, shown - 1)
            self.items = range(kept)
            self.endRemoveRows()
        if len(events) > kept:
            self.beginInsertRows(QModelIndex(), kept, len(events) - 1)
            self.items = range(len(events))
            self.endInsertRows()

    def event_at(self, row: int) -> EventRow:
        """Return the event of a row."""
        return self.session.events[row]

    def cells(self, item: int) -> tuple[str, ...]:
        """Return an event in words."""
        event = self.session.events[item]
        return (
            str(event.row),
            f"{seconds(event.time):.6g}",
            WORDS.get(event.kind, event.kind),
            "" if event.device is None else str(event.device),
            route(event) if event.message else "",
            event.text,
        )

    def color(self, item: int, theme: Theme) -> str:
        """Return the colour of an event: sending, receiving, what went wrong."""
        return event_color(self.session.events[item], theme)


def event_color(event: EventRow, theme: Theme) -> str:
    """Return the colour in which a kind of event is written."""
    return {
        "round": theme.muted,
        "fail": theme.error,
        "lose": theme.lost,
        "undeliverable": theme.lost,
        "crash": theme.crashed,
        "corrupt": theme.error,
        "partition": theme.lost,
        "todo": theme.waiting,
    }.get(event.kind, "")


def route(message: EventRow | MessageInTransit) -> str:
    """Return type, sender and destination of a message."""
    to = "nobody" if message.destination is None else message.destination
    return f"{message.type} {message.source} → {to}"


class Filtered(QSortFilterProxyModel):
    """Those events that are of a device, of a kind or type, and have a text."""

    def __init__(self, table: EventTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._device = -1
        self._type = ""
        self._text = ""
        self.setSourceModel(table)

    def narrow(self, device: int, kind: str, text: str) -> None:
        """Show events of a device (-1: all), of a kind or type ("": all), with a text in them."""
        self._device, self._type, self._text = device, kind, text.casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:  # noqa: N802
        """Return whether an event is to be shown."""
        if self._device < 0 and not self._type and not self._text:
            return True
        event = self._table.event_at(row)
        if self._device >= 0 and self._device not in (
            event.device, event.source, event.destination
        ):  # fmt: skip
            return False
        if self._type and self._type not in (event.kind, event.type):
            return False
        return not self._text or self._text in f"{event.type} {event.text}".casefold()


class DeviceTable(Table):
    """The devices: how they are and at which line they stand."""

    headers = ("Device", "Is", "At", "Shows")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the devices of a snapshot."""
        self.replace(snapshot.devices)

    def cells(self, item: DeviceView) -> tuple[str, ...]:
        """Return a device in words."""
        place = item.place
        where = "" if place is None else f"{place.file.rpartition('/')[2]}:{place.line}"
        return str(item.index), condition_of(item), where, item.text

    def color(self, item: DeviceView, theme: Theme) -> str:
        """Return the colour of a device's row."""
        if item.crashed or item.failed:
            return theme.lost
        return theme.muted if item.ended else ""


def condition_of(device: DeviceView) -> str:
    """Return how a device is, in a word."""
    if device.crashed:
        return "crashed"
    if device.failed:
        return "failed"
    if device.ended:
        return "ended"
    return "inside" if device.inside else "runs"


class TransitTable(Table):
    """The messages in transit, those that can be received first."""

    headers = ("#", "Message", "Ready", "Text")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what is in transit in a snapshot."""
        if self.items is not snapshot.waiting:
            self.replace(snapshot.waiting)

    def cells(self, item: MessageInTransit) -> tuple[str, ...]:
        """Return a message in words."""
        return str(item.serial), route(item), "yes" if item.ready else "no", item.text

    def color(self, item: MessageInTransit, theme: Theme) -> str:
        """Return the colour of a message's row."""
        return "" if item.ready else theme.muted
