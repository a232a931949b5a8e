"""The space-time view: the run so far as a diagram that is scrolled, zoomed and asked.

Everything is painted in one go over the geometry of diagram/spacetime.py, which finds what is
visible; nothing here grows with the run. The event table has the same events and the same
selection for those who do not see the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QFrame, QToolTip, QWidget

from emulators.diagram.asked import RowLike
from emulators.diagram.causes import Clocks, Cone, cone, grown, place_of
from emulators.diagram.parts import SpaceTimePicture
from emulators.diagram.plane import Point
from emulators.diagram.spacetime import event_at, line_at, spacetime_picture
from emulators.gui.painting import color, resized, tip
from emulators.gui.spacetime_painter import SpaceTimePainter
from emulators.gui.spacetime_scroll import SpaceTimeScroll

if TYPE_CHECKING:
    from emulators.gui.session import Session
    from emulators.gui.snapshot import Snapshot
    from emulators.gui.themes import Theme

CLOCKS = ("none", "lamport", "vector")
MOST_IN_VECTOR = 64
"""With more devices a vector clock says nothing to anybody."""
_DRAG = 5


class SpaceTimeView(SpaceTimeScroll):
    """One lane a device, arrows from send to receive."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._clocks = Clocks(self._history)
        self._cone: Cone | None = None
        self._show = "none"
        self._pressed: QPointF | None = None
        self._panned = False
        self.picture: SpaceTimePicture | None = None
        self._set_up()
        session.moved.connect(self.show_snapshot)
        session.selected.connect(self._selected)
        session.device_selected.connect(self._repaint)
        session.theme_changed.connect(self.show_theme)
        if session.snapshot is not None:
            self.show_snapshot(session.snapshot)

    def _set_up(self) -> None:
        self.setAccessibleName("Space-time diagram")
        self.setAccessibleDescription("One lane a device, an arrow for each message")
        self.setWhatsThis(
            "Arrow keys left and right select an event, up and down one on another lane. Control "
            "and the wheel, + and - zoom, 0 shows the whole run; drag to pan."
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.surface.setMouseTracking(True)
        self.surface.setAutoFillBackground(False)

    # -- what the session tells

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the run up to where it stands; costs what has changed."""
        history, events = self._history, self._session.events
        if snapshot.kept <= len(history):
            history.keep(snapshot.kept)
            self._clocks.keep(snapshot.kept)
            history.extend(snapshot.events)
        if len(history) != len(events):
            history.keep(0)
            self._clocks.keep(0)
            self._cone = None
            history.extend(events)
        if snapshot.devices:
            history.lane(len(snapshot.devices) - 1)
        self._update_cone()
        self._set_ranges()
        if self._follow:
            self.scroll_to_end()
        self._repaint()

    def show_theme(self, theme: Theme) -> None:
        """Show everything in other colours, and as large as they say."""
        self._theme = theme
        self._set_ranges()
        self._repaint()

    def _selected(self, row: int) -> None:
        self._cone = None
        self._update_cone()
        if row >= 0:
            self._bring_into_sight(row)
        self._describe(row)
        self._repaint()

    def _update_cone(self) -> None:
        row = self._session.selected_row
        if row < 0 or place_of(self._history, row) is None:
            self._cone = None
        elif self._cone is None or self._cone.row != row:
            self._cone = cone(self._history, row)
        else:
            self._cone = grown(self._cone, self._history)

    def _describe(self, row: int) -> None:
        text = "One lane a device, an arrow for each message"
        if 0 <= row < len(self._history):
            text = self.event_text(row)
        self.setAccessibleDescription(text)

    # -- what is shown

    def show_clocks(self, kind: str) -> None:
        """Show no clocks, Lamport clocks or vector clocks: none, lamport or vector."""
        if kind not in CLOCKS:
            raise ValueError(f"there are no {kind!r} clocks; there are {', '.join(CLOCKS)}")
        self._show = kind
        self._repaint()

    # -- painting

    def current_picture(self) -> SpaceTimePicture:
        """Return the geometry of what is in sight."""
        metrics = QFontMetricsF(self._small_font())
        few = self._show != "vector" or len(self._history.lanes) <= MOST_IN_VECTOR
        row = self._session.selected_row
        return spacetime_picture(
            self._history,
            self.view(),
            cone=self._cone,
            selected=row if row >= 0 else None,
            clocks=self._clocks if few else None,
            show=self._show,
            measure=metrics.horizontalAdvance,
        )

    def _small_font(self) -> QFont:
        return resized(self.font(), 0.86)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint what is in sight."""
        self.picture = self.current_picture()
        with QPainter(self.surface) as painter:
            painter.setFont(self.font())
            painter.fillRect(self.surface.rect(), color(self._theme, "surface"))
            made = SpaceTimePainter(painter, self.picture, self._theme, self._small_font())
            made.paint(self._session.selected_device)
            self._caption(made)

    def _caption(self, made: SpaceTimePainter) -> None:
        view = made.picture.view
        strip = QRectF(10, view.height, view.width - 20, self.surface.height() - view.height)
        row = self._session.selected_row
        row = row if row >= 0 else len(self._history) - 1
        text = self.event_text(row).replace("\n", "  ·  ") if row >= 0 else ""
        made.below(strip, text, self._cone is not None)

    # -- words

    def event_text(self, row: int) -> str:
        """Return everything about an event: what, when, its clocks."""
        event = self._history.rows[row]
        lines = [f"{self._what(event)}, {event.time / 1_000_000:.3f} s"]
        if place_of(self._history, row) is not None:
            lines[0] += f", Lamport clock {self._clocks.lamport(row)}"
            if self._show == "vector" and len(self._history.lanes) <= MOST_IN_VECTOR:
                lines[0] += f", vector clock {' '.join(map(str, self._clocks.vector(row)))}"
        if event.text:
            lines.append(event.text)
        return "\n".join(lines)

    @staticmethod
    def _what(event: RowLike) -> str:
        words = [] if event.device is None else [f"Device {event.device}:"]
        words.append(event.kind)
        if event.message:
            words.append(f"message {event.message}, {event.source} → {event.destination}")
        return " ".join(words)

    def tip_at(self, place: QPointF) -> str:
        """Return what there is to say about what lies at a place of the surface."""
        point = Point(place.x(), place.y())
        if self.picture is None:
            return ""
        line = line_at(self.picture, point)
        row = event_at(self.picture, point)
        if row is None:
            return ""
        text = self.event_text(row)
        if line is not None and line.fate != "received":
            text += {
                "flying": "\nin flight",
                "lost": "\nlost",
                "nobody": "\naddressed to nobody",
            }[line.fate]
        return text

    # -- hands

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        """Show a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), tip(self.tip_at(QPointF(event.pos()))), self)
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begin to pan; on a name select the device."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        view = self.view()
        self._pressed, self._panned = event.position(), False
        device = view.device(event.position().y())
        if event.position().x() < view.gutter and 0 <= device < len(self._history.lanes):
            self._session.select_device(device)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pan."""
        if event is None or self._pressed is None:
            return
        moved = event.position() - self._pressed
        if self._panned or moved.manhattanLength() >= _DRAG:
            self._panned = True
            self._pressed = event.position()
            for orientation, distance in (
                (Qt.Orientation.Horizontal, moved.x()),
                (Qt.Orientation.Vertical, moved.y()),
            ):
                bar = self._bar(orientation)
                bar.setValue(bar.value() - round(distance))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Select what was clicked, or nothing."""
        if event is None or self._pressed is None:
            return
        inside = event.position().x() >= self.view().gutter
        if not self._panned and inside and self.picture is not None:
            row = event_at(self.picture, Point(event.position().x(), event.position().y()))
            self._session.select(-1 if row is None else row)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Go to the event."""
        if event is not None and self.picture is not None:
            row = event_at(self.picture, Point(event.position().x(), event.position().y()))
            if row is not None:
                self._session.go_to(self._history.position(row))

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Zoom with control, else scroll: along time, with shift along the lanes."""
        if event is None:
            return
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.0015 ** turned.y(), event.position().x())
        else:
            bar = self._bar(Qt.Orientation.Horizontal)
            other = self._bar(Qt.Orientation.Vertical)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or other.maximum():
                other.setValue(other.value() - turned.y())
                bar.setValue(bar.value() - turned.x())
            else:
                bar.setValue(bar.value() - turned.y() - turned.x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Select with the arrow keys, zoom with + and -, show everything with 0."""
        if event is None:
            return
        key = event.key()
        bar = self._bar(Qt.Orientation.Horizontal)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._select_next(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._select_lane(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Minus else 1.25)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            page = bar.pageStep() * 0.8
            bar.setValue(round(bar.value() + (page if key == Qt.Key.Key_PageDown else -page)))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            bar.setValue(bar.minimum() if key == Qt.Key.Key_Home else bar.maximum())
        else:
            event.ignore()

    def _select_next(self, step: int) -> None:
        """Select the next event that has a place in the diagram."""
        count = len(self._history)
        row = self._session.selected_row
        row = row + step if row >= 0 else (count - 1 if step < 0 else 0)
        while 0 <= row < count and self._history.rows[row].kind in ("round", "swap"):
            row += step
        if 0 <= row < count:
            self._session.select(row)

    def _select_lane(self, step: int) -> None:
        """Select the event of the next lane that is closest in time."""
        lanes = self._history.lanes
        row = self._session.selected_row
        here = place_of(self._history, row) if row >= 0 else None
        device = (-1 if step > 0 else len(lanes)) if here is None else here
        device += step
        while 0 <= device < len(lanes):
            rows = lanes[device].rows
            if rows:
                self._session.select(min(rows, key=lambda at: abs(at - max(row, 0))))
                return
            device += step
