"""What connects a device with all others. It calls only its emulator."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from emulators.EmulatorStub import EmulatorStub
from emulators.generations import CallableList
from emulators.MessageStub import MessageStub


class Medium:
    """A device's only way to the others: send, receive, wait."""

    def __init__(self, index: int, emulator: EmulatorStub) -> None:
        self._id = index
        self._emulator = emulator

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a medium belongs to its device and cannot be sent or copied")

    def send(self, message: MessageStub) -> None:
        """Send `message` to the device it is addressed to. Never blocks."""
        self._emulator.queue(self._id, message)

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived, or None. Never blocks."""
        return self._emulator.dequeue(self._id)

    def receive_from(self, sources: Collection[int]) -> MessageStub | None:
        """Return a message that one of these devices has sent, or None; all others stay."""
        return self._emulator.dequeue_from(self._id, sources)

    def receive_all(self) -> list[MessageStub]:
        """Return all messages that have arrived, perhaps none."""
        messages = []
        while (message := self._emulator.dequeue(self._id)) is not None:
            messages.append(message)
        return messages

    def wait_for_next_round(self) -> None:
        """Let the others work: until the next round (sync), or for a moment (async)."""
        self._emulator.done(self._id)

    @property
    def ids(self) -> list[int]:
        """The indices of all devices, this one included."""
        return self._emulator.ids

    @property
    def now(self) -> float:
        """The number of the round (sync) or the virtual time in seconds (async)."""
        return self._emulator.now()

    @property
    def neighbors(self) -> list[int]:
        """The indices of the devices to which this one has a channel."""
        return self._emulator.neighbors(self._id)

    def broadcast(self, message: MessageStub) -> None:
        """Send a copy of `message` to each neighbor."""
        for neighbor in self._emulator.neighbors(self._id):
            message.destination = neighbor
            self._emulator.queue(self._id, message)

    def set_timer(self, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` after `delay` rounds (sync) or virtual seconds (async)."""
        self._emulator.set_timer(self._id, delay, callback)

    def wait_for_message(self, timeout: float | None = None) -> MessageStub | None:
        """Wait for a message and return it, or None after `timeout` rounds or virtual seconds."""
        return self._emulator.await_message(self._id, timeout)

    def cut(self, snapshot: int) -> None:
        """Note that the state of this device, as it is now, belongs to a snapshot."""
        self._emulator.note(self._id, "cut", snapshot)

    def wait_for_message_from(self, sources: Collection[int]) -> MessageStub | None:
        """Wait for a message that one of these devices has sent and return it; all others stay."""
        return self._emulator.await_from(self._id, sources)

    def log(self, text: object, name: str = "") -> None:
        """Write a line into the trace of the run, and on the screen.

        With ``--log DIR`` it also goes to a file in that folder: the one of this device, or the one
        of that `name`, which devices may share.
        """
        self._emulator.log(self._id, str(text), name)


class CallMedium(Medium):
    """The same medium for files with calls: ``self.medium()``, ``medium.ids()``."""

    def __call__(self) -> CallMedium:
        """Return the medium itself."""
        return self

    @property
    def ids(self) -> list[int]:
        """The indices of all devices, this one included; may be called."""
        return CallableList(self._emulator.ids)


def callable_medium(medium: Any) -> Any:
    """Return a view of `medium` that files with calls can use; anything else as it is.

    Both share their attributes, and so their wiring to the network and its end.
    """
    if type(medium) is not Medium:
        return medium
    view = CallMedium.__new__(CallMedium)
    view.__dict__ = medium.__dict__
    return view
