"""What is special on some channels: a rule that takes the place of what holds for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulators.network.latency import Latency, latency
from emulators.network.table import Table, entry, flag, probability, some


@dataclass(frozen=True)
class LinkRule(Table):
    """Channels from `source` to `destination` (all where they are None), and back with `both`.

    What is None is as on every channel.
    """

    source: tuple[int, ...] | None = entry(some, None, key="from")
    destination: tuple[int, ...] | None = entry(some, None, key="to")
    both: bool = entry(flag, False)
    loss: float | None = entry(probability, None)
    duplicate: float | None = entry(probability, None)
    latency: Latency | None = entry(latency, None)
    fifo: bool | None = entry(flag, None)

    def problem(self) -> str:
        """Return that the rule changes nothing, or nothing."""
        changes = {"loss", "duplicate", "latency", "fifo"} & set(self.plain())
        return "" if changes else "it changes nothing: it needs loss, duplicate, latency or fifo"

    def concerns(self, source: int, destination: int) -> bool:
        """Return whether the rule holds on a channel."""
        return self._joins(source, destination) or (self.both and self._joins(destination, source))

    def _joins(self, source: int, destination: int) -> bool:
        return (self.source is None or source in self.source) and (
            self.destination is None or destination in self.destination
        )

    def over(self, usual: dict[str, Any]) -> dict[str, Any]:
        """Return how a channel behaves on which the rule holds."""
        own = {name: getattr(self, name) for name in ("loss", "duplicate", "latency", "fifo")}
        return {**usual, **{name: value for name, value in own.items() if value is not None}}
