"""What is in sight of a space-time diagram: scrolling, zooming, following the newest event."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF, QResizeEvent
from PyQt6.QtWidgets import QAbstractScrollArea, QScrollBar, QWidget

from emulators.diagram.causes import place_of
from emulators.diagram.history import History
from emulators.diagram.parts import View

_WIDEST, _NARROWEST = 90.0, 0.002
_TALLEST = 180.0
_LOWEST = 0.84
_USUAL = 22.0
_AFTER = 1.5


class SpaceTimeScroll(QAbstractScrollArea):
    """A scroll area over a history, one column an event and one lane a device."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = History()
        self._column = _USUAL
        self._follow = True
        self._own_scrolling = False
        self._bar(Qt.Orientation.Horizontal).valueChanged.connect(self._scrolled)

    @property
    def surface(self) -> QWidget:
        """What is painted on."""
        viewport = self.viewport()
        assert viewport is not None
        return viewport

    def _bar(self, orientation: Qt.Orientation) -> QScrollBar:
        across = orientation == Qt.Orientation.Horizontal
        bar = self.horizontalScrollBar() if across else self.verticalScrollBar()
        assert bar is not None
        return bar

    @property
    def follow(self) -> bool:
        """Whether the newest event stays in sight."""
        return self._follow

    @follow.setter
    def follow(self, on: bool) -> None:
        self._follow = on
        if on:
            self.scroll_to_end()

    def view(self) -> View:
        """Return what of the diagram is looked at."""
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        header = line * 1.7
        height = self.surface.height() - line * 1.7
        count = max(1, len(self._history.lanes))
        lane = min(_TALLEST, max(line * _LOWEST, (height - header) / count))
        return View(
            width=self.surface.width(),
            height=max(1.0, height),
            column=self._column,
            lane=lane,
            left=self._bar(Qt.Orientation.Horizontal).value(),
            top=self._bar(Qt.Orientation.Vertical).value(),
            gutter=metrics.horizontalAdvance("0" * len(str(count - 1))) + 2.2 * line,
            header=header,
            line=line,
        )

    def _set_ranges(self) -> None:
        view = self.view()
        width = (len(self._history) + _AFTER) * view.column + view.gutter
        height = view.header + len(self._history.lanes) * view.lane
        self._own_scrolling = True
        try:
            for orientation, size, page in (
                (Qt.Orientation.Horizontal, width, view.width),
                (Qt.Orientation.Vertical, height, view.height),
            ):
                bar = self._bar(orientation)
                bar.setRange(0, max(0, round(size - page)))
                bar.setPageStep(max(1, round(page)))
                bar.setSingleStep(max(1, round(view.lane)))
        finally:
            self._own_scrolling = False

    def scroll_to_end(self) -> None:
        """Bring the newest event into sight."""
        self._scroll_to(self._bar(Qt.Orientation.Horizontal).maximum())

    def _scroll_to(self, left: float) -> None:
        self._own_scrolling = True
        try:
            self._bar(Qt.Orientation.Horizontal).setValue(round(left))
        finally:
            self._own_scrolling = False

    def _scrolled(self, value: int) -> None:
        """Follow the newest event only as long as a person does not look elsewhere."""
        if not self._own_scrolling:
            self._follow = value >= self._bar(Qt.Orientation.Horizontal).maximum() - 2

    def _bring_into_sight(self, row: int) -> None:
        view = self.view()
        x = view.x(row)
        if not view.gutter + view.column / 2 <= x <= view.width - view.column / 2:
            middle = (view.gutter + view.width) / 2
            self._scroll_to(view.left + x - middle)
            bar = self._bar(Qt.Orientation.Horizontal)
            self._follow = bar.value() >= bar.maximum() - 2
        device = place_of(self._history, row)
        if device is not None:
            self._bring_lane_into_sight(view, device)

    def _bring_lane_into_sight(self, view: View, device: int) -> None:
        y = view.y(device)
        if not view.header + view.lane / 2 - 1 <= y <= view.height - view.lane / 2 + 1:
            bar = self._bar(Qt.Orientation.Vertical)
            bar.setValue(round(view.top + y - (view.header + view.height) / 2))

    # -- zooming

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Make the columns wider or narrower; what is at `x` stays there."""
        view = self.view()
        if x is None:
            x = view.width - 4 if self._follow else (view.gutter + view.width) / 2
        row = view.row(x)
        self._set_column(self._column * factor)
        self._scroll_to((row + 0.5) * self._column + view.gutter - x)
        self._repaint()

    def show_all(self) -> None:
        """Make the whole run fit."""
        view = self.view()
        self._set_column((view.width - view.gutter) / (len(self._history) + _AFTER))
        self._scroll_to(0)
        self._repaint()

    def _set_column(self, width: float) -> None:
        self._column = min(_WIDEST, max(_NARROWEST, width))
        self._set_ranges()

    # -- what Qt asks

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Fit the lanes."""
        super().resizeEvent(event)
        self._set_ranges()
        if self._follow:
            self.scroll_to_end()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Paint anew."""
        self._repaint()

    def _repaint(self, _: int = 0) -> None:
        self.surface.update()
