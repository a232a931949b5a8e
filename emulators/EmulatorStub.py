"""What every emulator offers: to the medium of a device, and to whoever runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.MessageStub import MessageStub

_local = threading.local()


def active_emulator() -> EmulatorStub | None:
    """Return the emulator at work in the calling thread, or None."""
    return getattr(_local, "emulator", None)


def set_active_emulator(emulator: EmulatorStub | None) -> EmulatorStub | None:
    """Name the emulator at work in the calling thread; return the one before."""
    before = active_emulator()
    _local.emulator = emulator
    return before


class EmulatorStub:
    """The interface of an emulator; `SyncEmulator` and `AsyncEmulator` fill it.

    A medium calls the methods that take a device's `index`; nothing else of an emulator is meant
    for a student's code.
    """

    # -- for whoever runs it

    def run(self) -> None:
        """Run all devices until they have ended or a limit is reached."""
        raise NotImplementedError

    def print_result(self) -> None:
        """Call `print_result` of every device, in index order."""
        raise NotImplementedError

    def print_statistics(self) -> None:
        """Print totals and averages of the run."""
        raise NotImplementedError

    @property
    def all_terminated(self) -> bool:
        """Whether `run` of every device has returned."""
        raise NotImplementedError

    # -- for the medium of a device

    @property
    def ids(self) -> list[int]:
        """The indices of all devices."""
        raise NotImplementedError

    def queue(self, index: int, message: MessageStub) -> None:
        """Send a message for device `index`."""
        raise NotImplementedError

    def dequeue(self, index: int) -> MessageStub | None:
        """Return the next message that has arrived at device `index`, or None."""
        raise NotImplementedError

    def dequeue_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Return the next message at device `index` that one of `sources` has sent, or None."""
        raise NotImplementedError

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Wait for a message that one of `sources` has sent; all others stay."""
        raise NotImplementedError

    def done(self, index: int) -> None:
        """Wait for the next round of device `index`."""
        raise NotImplementedError

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait until a message arrives, for at most `timeout` rounds or virtual seconds."""
        raise NotImplementedError

    def is_byzantine(self) -> bool:
        """Return whether the device at work lies, as a scenario has it."""
        return False

    def now(self) -> float:
        """Return the round (sync) or the virtual seconds (async)."""
        raise NotImplementedError

    def neighbors(self, index: int) -> list[int]:
        """Return the devices to which device `index` has a channel."""
        raise NotImplementedError

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as device `index` after `delay` rounds or virtual seconds."""
        raise NotImplementedError

    def log(self, index: int, text: str, name: str = "") -> None:
        """Write a line into the trace of the run, and into the log file of that name."""
        raise NotImplementedError

    # -- for the devices of this framework

    def draw(self, count: int) -> int:
        """Return a drawn number from 0 to `count` - 1."""
        raise NotImplementedError

    def ask(self, index: int) -> None:
        """Note that device `index` has work to do in the critical section."""

    def enter(self, index: int) -> None:
        """Note that device `index` enters the critical section; raises when it is taken."""
        raise NotImplementedError

    def leave(self, index: int) -> None:
        """Note that device `index` leaves the critical section."""
        raise NotImplementedError

    def note(self, index: int, kind: str, subject: Any) -> None:
        """Note what a device does: ``invoke``, ``respond`` (an operation), ``cut`` (a snapshot)."""
        raise NotImplementedError

    def todo(self, text: str, file: str, line: int) -> None:
        """Note that a part of an exercise is not implemented yet."""
        raise NotImplementedError
