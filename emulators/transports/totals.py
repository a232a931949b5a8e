"""The statistics of a real run: those of its devices, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from emulators.kernel.clock import ticks
from emulators.trace.statistics import Statistics

_SUMS = ("undeliverable", "lost", "duplicated", "bytes")


class Totals(Statistics):
    """Totals of a real run. Its time is real; `dropped` counts frames by why they were dropped."""

    clock = "Real time"

    def __init__(self, number_of_devices: int) -> None:
        super().__init__(number_of_devices)
        self.dropped: Counter[str] = Counter()
        self._names: Counter[str] = Counter()

    def add(self, index: int, counted: dict[str, Any], dropped: dict[str, int]) -> None:
        """Add what one device has counted, in one of its lives."""
        self.sent += counted["messages"]
        self.received += counted["received"]
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + counted[name])
        self.sent_by[index] += counted["messages"]
        self.received_by[index] += counted["received"]
        self.largest_inbox = max(self.largest_inbox, counted["largest_inbox"])
        self.time = max(self.time, ticks(counted["virtual_seconds"]))
        self.dropped.update(dropped)
        self._names.update(counted["by_type"])

    def by_type(self) -> dict[str, int]:
        """Return how many messages of each class were sent, by the name of the class."""
        return dict(sorted(self._names.items()))

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {**super().as_dict(), "dropped": dict(self.dropped)}

    def lines(self) -> Iterable[str]:
        """Return what is printed."""
        yield from super().lines()
        for reason, number in sorted(self.dropped.items()):
            yield f"Dropped {number}: {reason}"
