"""What travels between devices, and what carries it: the interface of every transport."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

MOST_BYTES = 16 << 20
"""Bytes of the largest frame that is sent or accepted."""
MOST_WAITING = 64 << 20
"""Bytes that wait for a device that does not read; what is sent beyond them is dropped."""


class Frame(msgspec.Struct, array_like=True, gc=False):
    """A message on its way: its number at its sender, when it was sent and how much longer it shall
    take (ticks), its class and fields as a `Codec` makes them, and the sender's vector clock where
    the run is recorded.
    """

    number: int
    sent: int
    delay: int
    message: msgspec.Raw
    clock: list[int] | None = None


class Wire(Protocol):
    """Carries frames between a device and all others, each channel in order. Used by one thread.

    `dropped` counts, by reason, what arrived and was no frame of a device of this run, or could not
    be sent.
    """

    address: str
    dropped: dict[str, int]

    def connect(self, addresses: dict[int, str]) -> None:
        """Note where devices are to be reached, from now on."""

    def send(self, destination: int, data: bytes) -> bool:
        """Send a frame, never blocking; return False where it was dropped."""

    def wait(self, timeout: float | None) -> list[tuple[int, Any]]:
        """Return the frames that have arrived, with their senders.

        Blocks until there is one, until `wake` is called, or for at most `timeout` seconds; it
        may return with nothing before that.
        """

    def wake(self) -> None:
        """Let `wait` return now; called from any thread."""

    def flush(self, timeout: float) -> None:
        """Send what still waits, for at most `timeout` seconds."""

    def close(self) -> None:
        """Close everything."""


def count(dropped: dict[str, int], reason: str) -> None:
    """Count one more frame that was dropped."""
    dropped[reason] = dropped.get(reason, 0) + 1
