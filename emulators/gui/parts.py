"""Small widgets that several panels use: a table to read and select in, a line with an error."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
)
from PyQt6.QtGui import QKeyEvent, QPalette, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QWidget,
)

from emulators.gui.themes import Theme, mixed, on


def takes_return(widget: QWidget | None) -> bool:
    """Return whether Return means something of its own in a widget that has the keyboard."""
    return widget is not None and bool(widget.property(_TAKES_RETURN))


_TAKES_RETURN = "takes return"


class Line(QLineEdit):
    """A line of text, in which Tab and Return mean what they always mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty(_TAKES_RETURN, True)
        self.setClearButtonEnabled(True)

    def event(self, event: QEvent | None) -> bool:
        """Keep Tab from being the key of an action."""
        return _kept(event, (Qt.Key.Key_Tab,)) or super().event(event)


class Button(QPushButton):
    """A button that Space and Return press, although the window has actions of these keys."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty(_TAKES_RETURN, True)

    def event(self, event: QEvent | None) -> bool:
        """Keep Space and Tab from being the keys of actions."""
        return _kept(event, (Qt.Key.Key_Space, Qt.Key.Key_Tab)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Be pressed by Return too."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def _kept(event: QEvent | None, keys: tuple[Qt.Key, ...]) -> bool:
    """Accept a key that would be the shortcut of an action; return whether it was one."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    if event.key() not in keys:
        return False
    event.accept()
    return True


class Roomy(QStyledItemDelegate):
    """Gives the rows of a tree some air, in every size of type."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """Return the size of a cell, a third of a line higher than its text."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), round(option.fontMetrics.height() * _ROW))


_ROW = 1.35
_LEAST_LAST = 3
"""How wide the last column is at least, in lines."""
_TAB = 4
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)


class List(QTableView):
    """Rows to read and select, in columns; Return does what a double click does.

    A table and no tree, because a tree looks at all its rows whenever one is added.
    """

    def __init__(self, name: str, description: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest: tuple[str, ...] = ()
        self._call: Callable[[int], object] | None = None
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            assert header is not None
            header.setMinimumSectionSize(12)
            header.setHighlightSections(False)

    def show_model(self, model: QAbstractItemModel, widest: tuple[str, ...]) -> None:
        """Show a model; each column is as wide as its text here, one more takes the rest."""
        self.setModel(model)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        across.setStretchLastSection(True)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.hide()
        self._widest = widest
        self.fit()

    def fit(self) -> None:
        """Make rows and columns as large as their texts need in the present type."""
        metrics = self.fontMetrics()
        down = self.verticalHeader()
        assert down is not None
        down.setDefaultSectionSize(round(metrics.height() * _ROW))
        for column, text in enumerate(self._widest):
            self.setColumnWidth(column, metrics.horizontalAdvance(text) + metrics.height())
        self.setColumnWidth(len(self._widest), _LEAST_LAST * metrics.height())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Fit the columns to another type."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange and self._widest:
            self.fit()

    def keyboardSearch(self, search: str | None) -> None:  # noqa: N802
        """Do not search: the letters are the keys of the window."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Go to the first or last row; leave to the window what is no movement in the list."""
        model = self.model()
        if event is not None and event.key() in _ENDS and model is not None and model.rowCount():
            row = 0 if event.key() == Qt.Key.Key_Home else model.rowCount() - 1
            self.setCurrentIndex(model.index(row, 0))
        elif event is not None and event.text().isprintable() and event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def on_select(self, call: Callable[[int], object]) -> None:
        """Call with a row when it is selected; taking the keyboard selects nothing."""
        self._call = call

    def selectionChanged(  # noqa: N802
        self, selected: QItemSelection, deselected: QItemSelection
    ) -> None:
        """Tell which row is selected."""
        super().selectionChanged(selected, deselected)
        rows = selected.indexes()
        if rows and self._call is not None:
            self._call(rows[0].row())

    def at(self, place: QPoint) -> QPoint:
        """Return where a place of the rows is on the screen."""
        viewport = self.viewport()
        assert viewport is not None
        return viewport.mapToGlobal(place)

    def on_enter(self, call: Callable[[QModelIndex], object]) -> None:
        """Call with the row on which Return is pressed or that is clicked twice."""
        self.setProperty(_TAKES_RETURN, True)
        self.activated.connect(call)


class Elided(QLabel):
    """A line of which the beginning is left out where there is no room; the tooltip has all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setContentsMargins(6, 2, 6, 2)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show a text from now on."""
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width()
        left = Qt.TextElideMode.ElideLeft
        self.setText(self.fontMetrics().elidedText(self.toolTip(), left, room))


class Printed(QPlainTextEdit):
    """What a run prints, to be read, with narrow tabs."""

    def __init__(self, description: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Output")
        self.setAccessibleDescription(description)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Fit the tabs to another type."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.setTabStopDistance(_TAB * self.fontMetrics().horizontalAdvance(" "))


class Banner(QFrame):
    """A line that says what went wrong, or a remark; it can be put away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Message")
        self.setAccessibleDescription("What went wrong, or a remark")
        self.setAutoFillBackground(True)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        button = QToolButton(self)
        button.setText("✕")
        button.setAutoRaise(True)
        button.setAccessibleName("Put the message away")
        button.setToolTip("Put this away (Esc)")
        button.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 4, 4)
        layout.addWidget(self.label, 1)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._bad = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, or nothing while it is put away."""
        return "" if self.isHidden() else self.label.text()

    def say(self, text: str, theme: Theme, bad: bool = True) -> None:
        """Show a text; a remark goes by itself after a while."""
        self._bad = bad
        self.label.setText(text)
        self.dress(theme)
        self.show()
        if bad:
            self._timer.stop()
        else:
            self._timer.start(8000)

    def dress(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        color = theme.error if self._bad else theme.accent
        back = mixed(theme.surface, color, 0.14) if not theme.name.startswith("high") else color
        text = on(color) if back == color else theme.text
        self.setStyleSheet(
            f"Banner {{ background: {back}; border-left: 4px solid {color}; }}"
            f"Banner QLabel, Banner QToolButton {{ color: {text}; }}"
        )
