"""The network view: devices in a circle, messages in flight, and what can be done to them.

It shows the latest snapshot and forwards what a person wants to the session; where things are is
decided in diagram/network.py. The device tree and the list of waiting messages say the same to
those who do not see the picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QMenu,
    QToolTip,
    QWidget,
)

from emulators.diagram.discs import Ground
from emulators.diagram.journey import journey
from emulators.diagram.network import LAYOUTS, network_picture
from emulators.diagram.parts import Canvas, Disc, NetworkPicture
from emulators.diagram.plane import Point
from emulators.gui.menus import device_menu, message_menu, pop_up
from emulators.gui.motion import Motion
from emulators.gui.network_items import ChannelsItem, DeviceItem, DiscItem
from emulators.gui.painting import at, caption, color, tip
from emulators.gui.picture_words import device_text, event_text, following, message_text

if TYPE_CHECKING:
    from emulators.gui.session import Session
    from emulators.gui.snapshot import EventRow, MessageInTransit, Snapshot
    from emulators.gui.themes import Theme

_MOST_IN_TIP = 12
_DRAG = 6
_KEYBOARD = QContextMenuEvent.Reason.Keyboard
_MENU_KEYS = (Qt.Key.Key_Menu, Qt.Key.Key_F10)


class NetworkView(QGraphicsView):
    """Devices and messages in flight."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        self._scene = QGraphicsScene()
        super().__init__(self._scene, parent)
        self._session = session
        self._theme = theme
        self._snapshot: Snapshot | None = None
        self._messages: dict[int, MessageInTransit] = {}
        self._layout = ""
        self._moved: dict[int, Point] = {}
        self._dragged: int | None = None
        self._pressed: QPoint | None = None
        self._on_message = False
        self._zoom = 1.0
        self.picture: NetworkPicture | None = None
        self.devices: dict[int, DeviceItem] = {}
        self.discs: dict[int, DiscItem] = {}
        self._channels = ChannelsItem(theme)
        self._scene.addItem(self._channels)
        self.motion = Motion(self._scene)
        self._set_up()
        session.moved.connect(self.show_snapshot)
        session.device_selected.connect(self._selected)
        session.message_selected.connect(self._selected)
        session.theme_changed.connect(self.show_theme)
        if session.snapshot is not None:
            self.show_snapshot(session.snapshot)

    def _set_up(self) -> None:
        self.setAccessibleName("Network")
        self.setAccessibleDescription("Devices in a circle, messages in flight between them")
        self.setWhatsThis(
            "Arrow keys left and right choose a device, up and down a message in flight; the menu "
            "key tells what can be done to it. Control and the wheel zoom."
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self._scroll_bars(False)
        self.setMinimumSize(160, 120)
        self._scene.setBackgroundBrush(color(self._theme, "surface"))

    def _scroll_bars(self, wanted: bool) -> None:
        policy = Qt.ScrollBarPolicy
        bars = policy.ScrollBarAsNeeded if wanted else policy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(bars)
        self.setVerticalScrollBarPolicy(bars)

    # -- what the session tells

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show where the run stands; a message that a person sees move does so for a moment."""
        last, before, self._snapshot = self._snapshot, self.picture, snapshot
        self._messages = {one.serial: one for one in snapshot.waiting}
        self.refresh()
        if self.motion.is_on and not self._session.is_hurried and _is_step(last, snapshot):
            self._set_out(before, snapshot)

    def _set_out(self, before: NetworkPicture | None, snapshot: Snapshot) -> None:
        if before is None or self.picture is None:
            return
        made = journey(before, self.picture, snapshot.events)
        if made is not None:
            item = None if made.is_arrival else self.discs.get(made.serial)
            alone = item if item is not None and len(item.part.serials) == 1 else None
            self.motion.begin(made, self._theme, self.font(), alone)

    def show_theme(self, theme: Theme) -> None:
        """Show everything in other colours."""
        self._theme = theme
        self._scene.setBackgroundBrush(color(theme, "surface"))
        self.refresh()

    def _selected(self, _: int) -> None:
        self.refresh()

    # -- the picture

    def refresh(self) -> None:
        """Lay the picture out anew; only what has changed is painted."""
        self.motion.end()
        if self._snapshot is None:
            return
        size = self.maximumViewportSize()
        metrics = QFontMetricsF(self.font())
        canvas = Canvas(
            max(60.0, size.width()),
            max(60.0, size.height() - self._strip()),
            metrics.height(),
            metrics.horizontalAdvance,
        )
        self.picture = network_picture(
            self._snapshot.devices,
            self._snapshot.waiting,
            canvas,
            last=self._last_ends(),
            layout=self._layout,
            moved=self._moved,
            ground=Ground(self._snapshot.edges, self._snapshot.places, self._snapshot.splits),
        )
        area = QRectF(0, 0, size.width(), size.height())
        self._scene.setSceneRect(area)
        self._channels.show_channels(self.picture.channels, area, self._theme)
        self._show_devices(self.picture)
        self._show_discs(self.picture)
        self._describe()
        self._whole_viewport().update()

    def _whole_viewport(self) -> QWidget:
        viewport = self.viewport()
        assert viewport is not None
        return viewport

    def _strip(self) -> float:
        """Return the height of the line below the picture."""
        return QFontMetricsF(self.font()).height() * 1.7

    def last_message(self) -> EventRow | None:
        """Return the last event in which a message was sent or received."""
        for row in reversed(self._session.events):
            if row.kind in ("send", "receive", "undeliverable"):
                return row
        return None

    def _last_ends(self) -> tuple[int, int] | None:
        row = self.last_message()
        if row is None or row.source is None:
            return None
        return row.source, -1 if row.destination is None else row.destination

    def _show_devices(self, picture: NetworkPicture) -> None:
        while len(self.devices) > len(picture.nodes):
            self._scene.removeItem(self.devices.popitem()[1])
        selected = self._session.selected_device
        for node in picture.nodes:
            item = self.devices.get(node.index)
            if item is None:
                item = self.devices[node.index] = DeviceItem(node, self._theme, self.font())
                self._scene.addItem(item)
            item.show_part(node, self._theme, self.font(), node.index == selected)

    def _show_discs(self, picture: NetworkPicture) -> None:
        shown = {disc.serials[0]: disc for disc in picture.discs}
        for serial in [serial for serial in self.discs if serial not in shown]:
            self._scene.removeItem(self.discs.pop(serial))
        selected = self._session.selected_message
        for serial, disc in shown.items():
            item = self.discs.get(serial)
            if item is None:
                item = self.discs[serial] = DiscItem(disc, self._theme, self.font())
                self._scene.addItem(item)
            item.show_part(disc, self._theme, self.font(), selected in disc.serials)

    def _chosen(self) -> DiscItem | DeviceItem | None:
        """Return what the menu key is about: the selected message or the selected device."""
        serial = self._session.selected_message
        discs = [item for item in self.discs.values() if serial in item.part.serials]
        if self._on_message and discs:
            return discs[0]
        return self.devices.get(self._session.selected_device)

    def _disc_text(self, disc: Disc) -> str:
        messages = self._messages
        lines = [message_text(messages[serial]) for serial in disc.serials[:_MOST_IN_TIP]]
        more = len(disc.serials) - _MOST_IN_TIP
        return "\n".join(lines + ([f"and {more} more"] if more > 0 else []))

    def _describe(self) -> None:
        """Say in words what is chosen, for those who do not see it."""
        text = self._text_of(self._chosen())
        self.setAccessibleDescription(
            text or "Devices in a circle, messages in flight between them"
        )

    def _text_of(self, item: QGraphicsItem | None) -> str:
        if isinstance(item, DiscItem):
            return self._disc_text(item.part)
        if isinstance(item, DeviceItem) and self._snapshot is not None:
            return device_text(self._snapshot.devices[item.part.index])
        return ""

    def tip_at(self, place: QPoint) -> str:
        """Return what there is to say about what lies at a place of the view."""
        return tip(self._text_of(self.itemAt(place)))

    def drawForeground(self, painter: QPainter | None, area: QRectF) -> None:  # noqa: N802
        """Write below the picture what happened last."""
        row = self.last_message()
        if painter is None or row is None:
            return
        painter.save()
        painter.resetTransform()
        painter.setFont(self.font())
        viewport, strip = self._whole_viewport(), self._strip()
        below = QRectF(10, viewport.height() - strip, viewport.width() - 20, strip)
        caption(painter, below, event_text(row), self._theme)
        painter.restore()

    def arrange(self, layout: str) -> None:
        """Put the devices in a circle, line, star or grid; forget where a person put them.

        In place of a circle they stand as the topology of the network has them, if there is one.
        """
        self._layout = "" if layout == LAYOUTS[0] else layout
        self._moved.clear()
        self.refresh()

    # -- menus

    def menu_of(self, item: DiscItem | DeviceItem) -> QMenu:
        """Return what can be done to a device or to messages."""
        if isinstance(item, DiscItem):
            messages = [self._messages[serial] for serial in item.part.serials]
            return message_menu(self._session, messages, self)
        assert self._snapshot is not None
        return device_menu(self._session, self._snapshot.devices[item.part.index], self)

    def _open(self, item: QGraphicsItem | None, place: QPoint | None = None) -> None:
        """Open the menu of an item, beside it unless there is another place for it."""
        is_open = any(menu.isVisible() for menu in self.findChildren(QMenu))
        if is_open or not isinstance(item, (DiscItem, DeviceItem)):
            return
        center = self.mapFromScene(at(item.part.center))
        pop_up(self.menu_of(item), place or self._whole_viewport().mapToGlobal(center))

    # -- hands

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        """Show a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Open the menu of what is there, or of what the keyboard has chosen."""
        if event is None:
            return
        if event.reason() == _KEYBOARD:
            self._open(self._chosen())
        else:
            self._open(self.itemAt(event.pos()), event.globalPos())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Choose a device, or open the menu of a message."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        item = self.itemAt(event.pos())
        if isinstance(item, DeviceItem):
            self._dragged, self._pressed, self._on_message = item.part.index, event.pos(), False
            self._session.select_device(item.part.index)
        elif isinstance(item, DiscItem):
            self._on_message = True
            self._session.select_message(item.part.serials[0])
            self._open(item, event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Move a device."""
        if event is None or self._dragged is None or self._pressed is None or not self.picture:
            return
        if (event.pos() - self._pressed).manhattanLength() < _DRAG:
            return
        place = self.mapToScene(event.pos())
        x, y = place.x() / self.picture.width, place.y() / self.picture.height
        self._moved[self._dragged] = Point(min(0.97, max(0.03, x)), min(0.97, max(0.03, y)))
        self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Let go of a device."""
        self._dragged = self._pressed = None

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Zoom with control, scroll without."""
        if event is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.0015 ** event.angleDelta().y())
            event.accept()
        else:
            super().wheelEvent(event)

    def zoom(self, factor: float) -> None:
        """Show everything larger or smaller; 0 shows it as large as it fits."""
        self._zoom = min(8.0, max(1.0, self._zoom * factor)) if factor else 1.0
        self._scroll_bars(not math.isclose(self._zoom, 1.0))
        self.resetTransform()
        self.scale(self._zoom, self._zoom)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Lay out anew."""
        super().resizeEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Choose with the arrow keys, open with the menu key, zoom with + and -."""
        if event is None:
            return
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._next_device(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._next_message(1 if key == Qt.Key.Key_Down else -1)
        elif key in _MENU_KEYS:
            self._open(self._chosen())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0):
            self.zoom({Qt.Key.Key_Minus: 0.8, Qt.Key.Key_0: 0.0}.get(Qt.Key(key), 1.25))
        else:
            event.ignore()

    def _next_device(self, step: int) -> None:
        self._on_message = False
        index = following(sorted(self.devices), self._session.selected_device, step)
        if index is not None:
            self._session.select_device(index)

    def _next_message(self, step: int) -> None:
        self._on_message = True
        item = self._chosen()
        here = item.part.serials[0] if isinstance(item, DiscItem) else 0
        serial = following(sorted(self.discs), here, step)
        if serial is not None:
            self._session.select_message(serial)


def _is_step(before: Snapshot | None, now: Snapshot) -> bool:
    """Return whether a single step leads from one place to the other."""
    if before is None or before.branch != now.branch:
        return False
    return now.position == before.position + 1
