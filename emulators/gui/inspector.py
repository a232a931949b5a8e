"""One device closely: how it is, its state, its messages, and the line at which it stands."""

from __future__ import annotations

import html
import linecache
import os

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase
from PyQt6.QtWidgets import (
    QHeaderView,
    QLabel,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from emulators.errors import Place
from emulators.gui.models import condition_of
from emulators.gui.parts import Elided, Roomy
from emulators.gui.session import NONE, Session
from emulators.gui.snapshot import DeviceView
from emulators.gui.themes import Theme, mixed

_AROUND = 4
_MOST_MESSAGES = 200
_LONGEST = 2000


class Inspector(QWidget):
    """Shows the selected device; the last to send or receive, while none is selected."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.title.setContentsMargins(6, 4, 6, 2)
        self.state = self._tree("State", "The attributes of the device; bold is what changed")
        self.messages = self._tree("Messages", "Inbox, and what the device received and sent")
        self.file = Elided(self)
        self.file.setAccessibleName("File")
        self.code = QTextBrowser(self)
        self.code.setAccessibleName("Code")
        self.code.setAccessibleDescription("The line at which the device stands, in context")
        self.code.setLineWrapMode(QTextBrowser.LineWrapMode.NoWrap)
        self.code.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.state, "State")
        self.tabs.addTab(self.messages, "Messages")
        self.tabs.currentChanged.connect(lambda index: self.refresh())
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.addWidget(self.tabs)
        split.addWidget(self._below())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.title)
        layout.addWidget(split, 1)
        for signal in (session.moved, session.device_selected, session.theme_changed):
            signal.connect(lambda value: self.refresh())
        self.refresh()

    def _below(self) -> QWidget:
        below = QWidget(self)
        layout = QVBoxLayout(below)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.file)
        layout.addWidget(self.code, 1)
        return below

    def _tree(self, name: str, description: str) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(name)
        tree.setAccessibleDescription(description)
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setIndentation(12)
        tree.setUniformRowHeights(True)
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        tree.setItemDelegate(Roomy(tree))
        header = tree.header()
        assert header is not None
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        return tree

    @property
    def index(self) -> int:
        """The device that is shown, or -1."""
        if self.session.selected_device != NONE:
            return self.session.selected_device
        for event in reversed(self.session.events[-50:]):
            if event.device is not None:
                return event.device
        return NONE if self.session.snapshot is None else 0

    def refresh(self) -> None:
        """Show the device as it is now."""
        device = self.session.device(self.index)
        if device is None:
            self.title.setText("No device")
            return
        theme = self.session.theme
        self.title.setText(_heading(device, theme))
        if self.tabs.currentWidget() is self.state:
            self._show_state(device, theme)
        else:
            self._show_messages(device.index)
        self.file.say("" if device.place is None else device.place.file)
        self.code.setFont(self._mono())
        self.code.setHtml(code_as_html(device.place, theme))
        self.code.scrollToAnchor("here")

    def _mono(self) -> QFont:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 0.92)
        return font

    def _show_state(self, device: DeviceView, theme: Theme) -> None:
        self.state.clear()
        bold = QFont(self.font())
        bold.setBold(True)
        for name, text in device.state:
            item = QTreeWidgetItem(self.state, [name, text[:_LONGEST]])
            item.setToolTip(1, text[:_LONGEST])
            item.setForeground(0, QColor(theme.muted))
            if name in device.changed:
                item.setFont(1, bold)
                item.setFont(0, bold)
                item.setForeground(0, QColor(theme.text))
                for column in (0, 1):
                    item.setBackground(column, QColor(mixed(theme.surface, theme.accent, 0.18)))
                item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, "changed")
        if not device.state:
            QTreeWidgetItem(self.state, ["", "nothing to show"])

    def _show_messages(self, index: int) -> None:
        events = self.session.events
        inbox = [one.text for one in self.session.waiting if one.destination == index]
        received = [one.text for one in events if one.kind == "receive" and one.device == index]
        sent = [one.text for one in events if one.kind == "send" and one.device == index]
        self.messages.clear()
        for title, texts in (("Inbox", inbox), ("Received", received), ("Sent", sent)):
            top = QTreeWidgetItem(self.messages, [f"{title} ({len(texts)})"])
            top.setFirstColumnSpanned(True)
            for text in texts[: -_MOST_MESSAGES - 1 : -1]:
                item = QTreeWidgetItem(top, [text])
                item.setToolTip(0, text)
                item.setFirstColumnSpanned(True)
            top.setExpanded(title != "Sent" or not received)


def _heading(device: DeviceView, theme: Theme) -> str:
    place = device.place
    how = condition_of(device)
    where = ""
    if place is not None:
        where = f" · {html.escape(place.function)}(), line {place.line}"
    return f"<b>Device {device.index}</b> <span style='color:{theme.muted}'>{how}{where}</span>"


def code_as_html(place: Place | None, theme: Theme) -> str:
    """Return the lines around a place, the place itself marked."""
    if place is None:
        return f"<p style='color:{theme.muted}'>It stands at no line of the exercise file.</p>"
    lines = linecache.getlines(os.path.abspath(place.file))
    first = max(1, place.line - _AROUND)
    shown = lines[first - 1 : place.line + _AROUND]
    margin = min((len(line) - len(line.lstrip()) for line in shown if line.strip()), default=0)
    width = len(str(first + len(shown)))
    rows = []
    for number, line in enumerate(shown, start=first):
        here = number == place.line
        back = f" bgcolor='{mixed(theme.surface, theme.both, 0.35)}'" if here else ""
        mark = "<a name='here'>▶</a>" if here else "&nbsp;"
        text = html.escape(line[margin:].rstrip()).replace(" ", "&nbsp;") or "&nbsp;"
        color = theme.accent if here else theme.muted
        rows.append(
            f"<tr{back}><td style='color:{color}'>{mark}{number:>{width}}&nbsp;</td>"
            f"<td style='white-space:pre'>{text}</td></tr>"
        )
    return f"<table cellspacing='0' cellpadding='1' width='100%'>{''.join(rows)}</table>"
