"""What counts as sending and delivering: messages of the network, broadcasts, or contents.

A view looks at one event and remembers nothing. It returns "send" or "deliver", the device, and
what identifies the content; or None, where the event is neither.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

from emulators.check.property import frozen
from emulators.trace.events import RawEvent

Seen = tuple[str, int, Hashable]
_STEPS = {"send": "send", "receive": "deliver"}


class View(Protocol):
    """Tells what an event means for the order of contents; `calls` names those it looks at.

    `verb` is the word for a delivery.
    """

    calls: tuple[str, ...]
    verb: str

    def see(self, event: RawEvent) -> Seen | None:
        """Return "send" or "deliver", the device and the content; or None."""

    def show(self, content: Hashable) -> str:
        """Return a content in words."""


class Messages:
    """Each message by itself: it is delivered when it is received. A copy is nobody's message.

    Told apart by their numbers, which no two messages may share.
    """

    calls: tuple[str, ...] = ()
    verb = "receives"

    def see(self, event: RawEvent) -> Seen | None:
        """Tell messages apart by their number."""
        kind = _STEPS.get(event[0])
        return (kind, event[2], event[3][1]) if kind else None

    def show(self, content: Hashable) -> str:
        """Return ``message 7``."""
        return f"message {content}"


class Broadcasts:
    """Messages of the same class and fields from the same device are one broadcast."""

    calls: tuple[str, ...] = ()
    verb = "receives"

    def see(self, event: RawEvent) -> Seen | None:
        """Tell messages apart by all but their destination."""
        kind = _STEPS.get(event[0])
        if kind is None:
            return None
        _, _, sender, _, cls, fields, *_ = event[3]
        content = {name: value for name, value in fields.items() if name != "_destination"}
        return kind, event[2], (sender, cls.__name__, frozen(content))

    def show(self, content: Any) -> str:
        """Return ``the GossipMessage of device 0``."""
        return f"the {content[1]} of device {content[0]}"


class Contents:
    """What an application hands down by `send` and is handed up by `deliver` (lecture 5)."""

    calls: tuple[str, ...] = ("send", "deliver")
    verb = "delivers"

    def see(self, event: RawEvent) -> Seen | None:
        """Look at calls only."""
        if event[0] != "call" or event[3][0] not in self.calls:
            return None
        return event[3][0], event[2], frozen(event[3][1])

    def show(self, content: Hashable) -> str:
        """Return the content as Python writes it."""
        return repr(content)


MESSAGES, BROADCASTS, CONTENTS = Messages(), Broadcasts(), Contents()
