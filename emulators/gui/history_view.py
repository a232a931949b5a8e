"""The history as a tree: every way that was tried; click to travel, select two to compare them."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from emulators.gui.comparison import paired
from emulators.gui.models import WORDS
from emulators.gui.parts import Button, Roomy
from emulators.gui.session import Session
from emulators.gui.snapshot import BranchView, EventRow, Snapshot
from emulators.gui.themes import Theme, mixed

_MINIATURE = QSize(200, 132)
_ROLE = Qt.ItemDataRole.UserRole


class HistoryView(QWidget):
    """The tree, a miniature of what is pointed at, and the comparison of two branches."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._shown: tuple[BranchView, ...] = ()
        self._here = 0
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName("History")
        self.tree.setAccessibleDescription("Every way that was tried; Return travels to its end")
        self.tree.setHeaderLabels(["Branch", "Steps"])
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.tree.setMouseTracking(True)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setUniformRowHeights(True)
        self.tree.setProperty("takes return", True)
        self.tree.setItemDelegate(Roomy(self.tree))
        self.miniature = QLabel(self)
        self.miniature.setFixedSize(_MINIATURE)
        self.miniature.setAccessibleName("Miniature")
        self.miniature.setAccessibleDescription("How the branch that is pointed at was last seen")
        self.button = Button("Compare", self)
        self.button.setToolTip("Put the two selected branches side by side, event by event")
        self.button.setEnabled(False)
        self.pairs = QTreeWidget(self)
        self.pairs.setAccessibleName("Comparison")
        self.pairs.setAccessibleDescription("Two branches side by side; marked is what differs")
        self.pairs.setRootIsDecorated(False)
        self.pairs.setUniformRowHeights(True)
        self.pairs.setItemDelegate(Roomy(self.pairs))
        header = self.pairs.header()
        assert header is not None
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.pairs.setFrameShape(QFrame.Shape.NoFrame)
        self.pairs.hide()
        self._lay_out()
        self.tree.itemEntered.connect(lambda item, column: self.show_miniature(item.data(0, _ROLE)))
        self.tree.itemClicked.connect(self._on_click)
        self.tree.itemActivated.connect(lambda item, column: self._travel(item))
        self.tree.currentItemChanged.connect(self._on_current)
        self.tree.itemSelectionChanged.connect(
            lambda: self.button.setEnabled(len(self.tree.selectedItems()) == 2)
        )
        self.button.clicked.connect(self.compare)
        session.moved.connect(self._on_moved)
        session.compared.connect(self._on_compared)
        session.theme_changed.connect(lambda theme: self._redraw())

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        self.button.setFixedWidth(_MINIATURE.width())
        side.addWidget(self.miniature)
        side.addWidget(self.button)
        side.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addWidget(self.tree, 2)
        layout.addWidget(self.pairs, 3)
        layout.addLayout(side)

    # -- the tree

    def _on_moved(self, snapshot: Snapshot) -> None:
        if tuple(one.number for one in snapshot.branches) != tuple(
            one.number for one in self._shown
        ):
            self._build(snapshot)
        self._shown, self._here = snapshot.branches, snapshot.branch
        self._label(snapshot)
        if self.isVisible():
            self.show_miniature(snapshot.branch)

    def _redraw(self) -> None:
        if self.session.snapshot is not None:
            self._build(self.session.snapshot)
            self._label(self.session.snapshot)

    def _build(self, snapshot: Snapshot) -> None:
        self.tree.clear()
        self._items: dict[int, QTreeWidgetItem] = {}
        for branch in snapshot.branches:
            parent = self._items.get(branch.parent)
            item = QTreeWidgetItem(self.tree if parent is None else parent)
            item.setData(0, _ROLE, branch.number)
            self._items[branch.number] = item
            item.setExpanded(True)
        for branch in snapshot.branches:
            self._items[branch.number].setExpanded(True)

    def _label(self, snapshot: Snapshot) -> None:
        for branch in snapshot.branches:
            item = self._items[branch.number]
            here = branch.number == snapshot.branch
            item.setText(0, ("● " if here else "○ ") + branch.title)
            item.setText(1, f"{branch.at} – {branch.steps}")
            font = self.font()
            font.setBold(here)
            item.setFont(0, font)
        self.tree.resizeColumnToContents(0)

    def _on_click(self, item: QTreeWidgetItem, column: int) -> None:
        if len(self.tree.selectedItems()) == 1:
            self._travel(item)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Show how the present branch looks."""
        self.show_miniature(self._here)
        super().showEvent(event)

    def _on_current(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.show_miniature(item.data(0, _ROLE))

    def _travel(self, item: QTreeWidgetItem) -> None:
        number = item.data(0, _ROLE)
        for branch in self._shown:
            if branch.number == number and number != self._here:
                self.session.travel(number, branch.steps)

    def show_miniature(self, number: int) -> None:
        """Show how a branch was last seen."""
        snapshot = self.session.miniatures.get(number)
        if snapshot is not None:
            self.miniature.setPixmap(miniature(snapshot, self.session.theme))

    # -- comparing

    def compare(self) -> None:
        """Put the two selected branches side by side."""
        numbers = sorted(item.data(0, _ROLE) for item in self.tree.selectedItems())
        if len(numbers) == 2:
            self.session.compare(*numbers)

    def _on_compared(
        self, found: tuple[int, int, tuple[EventRow, ...], tuple[EventRow, ...]]
    ) -> None:
        one, other, left, right = found
        theme = self.session.theme
        mark = QColor(mixed(theme.surface, theme.both, 0.3))
        self.pairs.clear()
        self.pairs.setHeaderLabels([f"Branch {one}", f"Branch {other}"])
        first = None
        for pair in paired(left, right):
            item = QTreeWidgetItem(self.pairs, [_words(pair.left), _words(pair.right)])
            if not pair.same:
                first = first or item
                item.setBackground(0 if pair.left is not None else 1, mark)
        self.pairs.show()
        if first is not None:
            self.pairs.scrollToItem(first)


def _words(event: EventRow | None) -> str:
    if event is None:
        return ""
    who = "" if event.device is None else f"{event.device}: "
    what = f"{WORDS.get(event.kind, event.kind)} {event.text}" if event.message else event.text
    return f"{event.row}  {who}{what}"


def miniature(snapshot: Snapshot, theme: Theme) -> QPixmap:
    """Return a small picture of the network as a snapshot has it."""
    pixmap = QPixmap(_MINIATURE)
    pixmap.fill(QColor(theme.surface))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(pixmap.rect()).adjusted(16, 16, -16, -34)
    count = max(len(snapshot.devices), 1)
    size = max(3.0, min(11.0, 120 / count))
    places = {device.index: _on_circle(device.index, count, area) for device in snapshot.devices}
    painter.setPen(QPen(QColor(theme.lane), 1))
    for message in snapshot.waiting[:500]:
        if message.source in places and message.destination in places:
            painter.drawLine(places[message.source], places[message.destination])
    for device in snapshot.devices:
        color = theme.crashed if device.crashed else theme.inside if device.inside else theme.idle
        painter.setBrush(QColor(device.color) if QColor(device.color).isValid() else QColor(color))
        painter.setPen(QPen(QColor(theme.muted), 1))
        painter.drawEllipse(places[device.index], size, size)
    painter.setPen(QColor(theme.text))
    caption = f"step {snapshot.position}, {len(snapshot.waiting)} in transit"
    bottom = QRectF(0, pixmap.height() - 20, pixmap.width(), 18)
    painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, caption)
    painter.end()
    return pixmap


def _on_circle(index: int, count: int, area: QRectF) -> QPointF:
    angle = 2 * math.pi * index / count - math.pi / 2
    radius = min(area.width(), area.height()) / 2
    center = area.center()
    return QPointF(center.x() + radius * math.cos(angle), center.y() + radius * math.sin(angle))
