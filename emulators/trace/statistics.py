"""An observer that counts messages, bytes and rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from emulators.kernel.clock import seconds
from emulators.trace.events import Observer, RawEvent

_SIZES: dict[type, int] = {bool: 1, int: 8, float: 8, complex: 16, type(None): 1}
_MOST_DEPTH = 20


class Statistics(Observer):
    """Totals of one run. Bytes are those of the fields as a compact encoding would send them."""

    clock = "Virtual time"

    def __init__(self, number_of_devices: int) -> None:
        self.devices = number_of_devices
        self.sent = 0
        self.received = 0
        self.undeliverable = 0
        self.lost = 0
        self.duplicated = 0
        self.corrupted = 0
        self.crashes = 0
        self.restarts = 0
        self.partitions = 0
        self.rounds = 0
        self.bytes = 0
        self.largest_inbox = 0
        self.time = 0
        self.elapsed = 0.0
        self.sent_by = [0] * number_of_devices
        self.received_by = [0] * number_of_devices
        self.types: defaultdict[type, int] = defaultdict(int)
        self._waiting = [0] * number_of_devices

    def on_send(self, event: RawEvent) -> None:
        """Count a message that leaves."""
        _, _, _, destination, cls, fields, _, _ = event[3]
        self.sent += 1
        self.sent_by[event[2]] += 1
        self.types[cls] += 1
        try:
            self.bytes += sum(map(_SIZES.__getitem__, map(type, fields.values())))
        except KeyError:
            self.bytes += sum(map(size, fields.values()))
        if type(destination) is not int:
            destination = int(destination)  # 2.0 reaches device 2
        waiting = self._waiting[destination] + 1
        self._waiting[destination] = waiting
        if waiting > self.largest_inbox:
            self.largest_inbox = waiting

    def on_lose(self, event: RawEvent) -> None:
        """Count a message that never arrives."""
        self.lost += 1
        self._waiting[int(event[3][3])] -= 1

    def on_duplicate(self, event: RawEvent) -> None:
        """Count a second copy that is on its way; it was not sent."""
        destination = int(event[3][3])
        self.duplicated += 1
        self._waiting[destination] += 1
        self.largest_inbox = max(self.largest_inbox, self._waiting[destination])

    def on_corrupt(self, event: RawEvent) -> None:
        """Count a message whose content was changed on its way."""
        self.corrupted += 1

    def on_crash(self, event: RawEvent) -> None:
        """Count a crash of a device."""
        self.crashes += 1

    def on_restart(self, event: RawEvent) -> None:
        """Count a device that began anew."""
        self.restarts += 1

    def on_partition(self, event: RawEvent) -> None:
        """Count a partition of the network."""
        self.partitions += 1

    def on_receive(self, event: RawEvent) -> None:
        """Count a message that is taken out of an inbox."""
        self.received += 1
        self.received_by[event[2]] += 1
        self._waiting[event[2]] -= 1

    def on_undeliverable(self, event: RawEvent) -> None:
        """Count a message that is addressed to nobody."""
        self.sent += 1
        self.sent_by[event[2]] += 1
        self.types[event[3][4]] += 1
        self.undeliverable += 1

    def on_round(self, event: RawEvent) -> None:
        """Remember the number of the round."""
        self.rounds = event[3]

    def by_type(self) -> dict[str, int]:
        """Return how many messages of each class were sent, by the name of the class."""
        found: dict[str, int] = {}
        for cls, number in self.types.items():
            found[cls.__name__] = found.get(cls.__name__, 0) + number
        return dict(sorted(found.items()))

    @property
    def in_flight(self) -> int:
        """Messages and copies that can be delivered and were neither received nor lost."""
        return self.sent + self.duplicated - self.received - self.lost - self.undeliverable

    def faults(self) -> dict[str, int]:
        """Return how often what happened to the network."""
        return {
            "corrupted": self.corrupted,
            "crashes": self.crashes,
            "restarts": self.restarts,
            "partitions": self.partitions,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "messages": self.sent,
            "received": self.received,
            "in_flight": self.in_flight,
            "undeliverable": self.undeliverable,
            "lost": self.lost,
            "duplicated": self.duplicated,
            **self.faults(),
            "bytes": self.bytes,
            "rounds": self.rounds,
            "virtual_seconds": seconds(self.time),
            "elapsed_seconds": round(self.elapsed, 6),
            "largest_inbox": self.largest_inbox,
            "by_type": self.by_type(),
            "sent_by_device": self.sent_by,
            "received_by_device": self.received_by,
        }

    def lines(self) -> Iterable[str]:
        """Return the statistics as printed after a run."""
        yield f"Total {self.sent} messages"
        yield f"Average {self.sent / max(1, self.devices):.2f} messages/device"
        if self.rounds:
            yield f"Total {self.rounds} rounds"
            yield f"Average {self.sent / self.rounds:.2f} messages/round"
        others = {
            "undeliverable": self.undeliverable,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "corrupted": self.corrupted,
        }
        yield f"Received {self.received}, not received {self.in_flight}" + "".join(
            f", {name} {number}" for name, number in others.items() if number
        )
        moments = (
            (self.partitions, "partition", "partitions"),
            (self.crashes, "crash", "crashes"),
            (self.restarts, "restart", "restarts"),
        )
        counted = [
            f"{number} {one if number == 1 else many}" for number, one, many in moments if number
        ]
        if counted:
            yield f"Network: {', '.join(counted)}"
        average = self.bytes / max(1, self.sent)
        yield f"Total {self.bytes} bytes, average {average:.1f} bytes/message"
        yield f"Largest inbox {self.largest_inbox} messages"
        yield f"{self.clock} {seconds(self.time):.3f} s, elapsed {self.elapsed:.3f} s"
        for name, number in self.by_type().items():
            yield f"  {name}: {number}"
        if 1 < self.devices <= 10:
            yield from self._per_device()

    def _per_device(self) -> Iterable[str]:
        for index in range(self.devices):
            yield (
                f"  Device {index}: sent {self.sent_by[index]}, received {self.received_by[index]}"
            )


def size(value: Any, depth: int = 0) -> int:
    """Return about how many bytes a value takes on a wire: 8 a number, 1 a character of text."""
    known = _SIZES.get(type(value))
    if known is not None:
        return known
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    if depth > _MOST_DEPTH:
        return 0
    if isinstance(value, dict):
        return sum(size(key, depth + 1) + size(item, depth + 1) for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(size(item, depth + 1) for item in value)
    return size(getattr(value, "__dict__", None) or 0, depth + 1)
