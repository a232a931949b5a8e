"""What can be done to a device or a message, as menus: in the network and in the lists alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QMenu, QWidget

from emulators.gui.picture_words import short

if TYPE_CHECKING:
    from emulators.gui.session import Session
    from emulators.gui.snapshot import DeviceView, MessageInTransit

_ON_MESSAGES = (
    ("pick", "Deliver next"),
    ("drop", "Drop"),
    ("duplicate", "Duplicate"),
    ("delay", "Delay"),
)
_MOST = 12
"""So many messages have a menu each where several are at one place."""


def device_menu(session: Session, view: DeviceView, parent: QWidget) -> QMenu:
    """Return what can be done to a device."""
    menu, index = QMenu(parent), view.index
    menu.setTitle(f"Device {index}")
    menu.addAction("&Inspect", lambda: session.select_device(index))
    menu.addSeparator()
    crash = menu.addAction("&Crash", lambda: session.act("crash", index))
    assert crash is not None
    crash.setEnabled(not (view.crashed or view.ended))
    menu.addAction("&Restart", lambda: session.act("restart", index))
    return menu


def message_menu(session: Session, messages: Sequence[MessageInTransit], parent: QWidget) -> QMenu:
    """Return what can be done to a message; for several, a menu of each."""
    menu = QMenu(parent)
    if len(messages) == 1:
        _fill(menu, session, messages[0].serial)
        return menu
    for message in messages[:_MOST]:
        inner = menu.addMenu(short(f"{message.serial}: {message.text}").replace("&", "&&"))
        assert inner is not None
        _fill(inner, session, message.serial)
    if len(messages) > _MOST:
        rest = menu.addAction(f"and {len(messages) - _MOST} more")
        assert rest is not None
        rest.setEnabled(False)
    return menu


def _fill(menu: QMenu, session: Session, serial: int) -> None:
    for kind, text in _ON_MESSAGES:
        menu.addAction(text, lambda kind=kind: session.act(kind, serial))


def pop_up(menu: QMenu, place: QPoint) -> None:
    """Show a menu at a place of the screen; it is gone when it is closed."""
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(place)
