"""What a device writes down of its real run: its decisions, its events, and what arrived when.

Records are small tuples that begin with their kind; they are handed on in pieces while the device
runs, so that of a process that is killed everything is known that another one could have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import msgspec

from emulators.kernel.choices import Choices, Decision
from emulators.trace.causality import STEPS
from emulators.trace.events import OF_MESSAGES, Observer, RawEvent
from emulators.trace.log import encoded, line_of


class Kind(IntEnum):
    """What a record tells; after it stand …"""

    DECIDED = 0  # time, value
    UNDECIDED = 1  # time, number: a wait whose end is not known yet
    FILLED = 2  # number, value: how long that wait lasted
    FLIGHT = 3  # time, number of the message: how long it is on its way, the receiver knows
    EVENT = 4  # time, line of the recording, sender and number of its message or None, vector clock
    ARRIVAL = 5  # sender, number, time
    BEGAN = 6  # time, stable storage: the device was built, or built again with it, and begins
    DRAWN = 7  # time, value: a decision with more bits than a number of MessagePack has


_MOST_BITS = 63
_encode = msgspec.msgpack.Encoder().encode


class History(Observer):
    """Keeps what one device lives through. `publish` takes it in pieces, as bytes. Its messages
    are numbered from `first` on.

    The vector clock counts this device's events as trace/causality.py does; `clock` is that of its
    last event.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        publish: Callable[[bytes], object],
        first: int = 0,
    ) -> None:
        self.clock = [0] * number_of_devices
        self._first = first
        self._index = index
        self._publish = publish
        self._records: list[tuple[Any, ...]] = []
        self._number = 0
        self._clocks: dict[tuple[int, int], list[int]] = {}

    def publish(self) -> None:
        """Hand on what was written since the last time."""
        if self._records:
            self._publish(_encode(self._records))
            self._records.clear()

    # -- decisions

    def began(self, time: int, kept: bytes = b"") -> None:
        """Note that the device is built and begins, with what the life before it has kept."""
        self._records.append((Kind.BEGAN, time, kept))

    def decided(self, time: int, value: Decision) -> None:
        """Note a decision."""
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            self._records.append(
                (Kind.DRAWN, time, value.to_bytes(value.bit_length() // 8 + 1, "big"))
            )
        else:
            self._records.append((Kind.DECIDED, time, value))

    def undecided(self, time: int) -> int:
        """Note a decision whose value is not known yet; return its number."""
        self._number += 1
        self._records.append((Kind.UNDECIDED, time, self._number))
        return self._number

    def fill(self, number: int, value: int) -> None:
        """Note the value of such a decision."""
        self._records.append((Kind.FILLED, number, value))

    def flight(self, time: int, number: int) -> None:
        """Note that message `number` of this device is on its way; its receiver knows how long."""
        self._records.append((Kind.FLIGHT, time, number))

    def arrival(self, sender: int, number: int, time: int, clock: list[int] | None) -> None:
        """Note when a message came to this device."""
        self._records.append((Kind.ARRIVAL, sender, number, time))
        if clock is not None:
            self._clocks[sender, number] = clock

    # -- events

    def on_event(self, event: RawEvent) -> None:
        """Write down an event as it will stand in the recording, without its decisions."""
        kind, time, device, subject = event
        message = None
        if kind in OF_MESSAGES:
            message = (subject[2], subject[1] + (0 if kind == "receive" else self._first))
        if kind == "receive" and message in self._clocks:
            self.clock = list(map(max, self.clock, self._clocks.pop(message)))
        if device is not None and kind in STEPS:
            self.clock[self._index] += 1
        line = encoded([line_of(event)])
        self._records.append((Kind.EVENT, time, line, message, tuple(self.clock)))


class Noted:
    """Passes a device's draws through, and notes them."""

    def __init__(self, inner: Choices, history: History, now: Callable[[], int]) -> None:
        self._inner = inner
        self._history = history
        self._now = now

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks; nothing is noted."""
        return self._inner.between(low, high)

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""
        return self._note(self._inner.below(count))

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""
        value = self._inner.random()
        self._history.decided(self._now(), value)
        return value

    def bits(self, count: int) -> int:
        """Return a whole number of `count` random bits."""
        return self._note(self._inner.bits(count))

    def _note(self, value: int) -> int:
        self._history.decided(self._now(), value)
        return value
