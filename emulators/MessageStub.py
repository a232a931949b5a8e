"""The base class of all messages. What a message carries is up to the student's subclass."""

from __future__ import annotations

from typing import Any


class MessageStub:
    """A message from one device to another.

    Both ends can be set again: the same object may be re-addressed and sent once more; what was
    sent before keeps its own copy.
    """

    _source: Any
    _destination: Any

    def __init__(self, sender: int, destination: int) -> None:
        self._source = sender
        self._destination = destination

    @property
    def source(self) -> Any:
        """The index of the device that sends (or claims to have sent) the message."""
        return self._source

    @source.setter
    def source(self, sender: int) -> None:
        self._source = sender

    @property
    def destination(self) -> Any:
        """The index of the device that shall receive the message."""
        return self._destination

    @destination.setter
    def destination(self, destination: int) -> None:
        self._destination = destination

    def __str__(self) -> str:
        return f"{type(self).__name__} {self._source} -> {self._destination}"


def __mro_entries__(bases: tuple[Any, ...]) -> tuple[type, ...]:
    """Let ``from emulators import MessageStub`` and then ``class Vote(MessageStub)`` work too."""
    return (MessageStub,)
