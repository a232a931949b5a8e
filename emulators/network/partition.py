"""Partitions: for some time the network falls into groups, and no message goes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulators.kernel.choices import Choices
from emulators.network.table import Table, Unfit, entry, flag, index, time
from emulators.network.units import Time
from emulators.usage import UsageError

Groups = tuple[tuple[int, ...], ...]


def _groups(value: Any) -> str | Groups:
    if value in ("halves", "random"):
        return str(value)
    try:
        groups = tuple(tuple(map(index, group)) for group in value)
    except (TypeError, Unfit):
        groups = ()
    if not groups or isinstance(value, str) or not all(groups):
        raise Unfit('"halves", "random", or a list of groups of devices, as [[0, 1], [2]]')
    named = [device for group in groups for device in group]
    if len(set(named)) < len(named):
        raise UsageError("a device stands in one group only")
    return groups


@dataclass(frozen=True)
class Partition(Table):
    """From `start` to `heal` (None: for ever) no message goes between `groups`.

    Devices that no group names are a group of their own. What crosses is lost, or with `hold`
    waits for the healing. ``halves`` are the lower and the upper half, ``random`` two drawn groups.
    """

    groups: str | Groups = entry(_groups)
    start: Time = entry(time, 0)
    heal: Time | None = entry(time, None)
    hold: bool = entry(flag, False)

    def problem(self) -> str:
        """Return that messages are held for ever, or nothing."""
        return "hold needs the key heal" if self.hold and self.heal is None else ""

    def sides(self, devices: int, choices: Choices) -> list[list[int]]:
        """Return the groups of a run of so many devices; draws them where they are random."""
        everybody = range(devices)
        if isinstance(self.groups, str):
            if self.groups == "halves":
                return [[*everybody[: devices // 2]], [*everybody[devices // 2 :]]]
            upper = {device for device in everybody if choices.below(2)}
            return [[*filter(upper.__contains__, everybody)], sorted(set(everybody) - upper)]
        named = {device for group in self.groups for device in group}
        rest = [device for device in everybody if device not in named]
        return [sorted(group) for group in self.groups] + ([rest] if rest else [])
