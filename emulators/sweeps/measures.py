"""What is measured in each run of a sweep, and what is told of many runs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

from emulators.simulation import Simulation
from emulators.trace.events import Observer, RawEvent
from emulators.usage import UsageError

OF_EVERY_RUN = ("messages", "bytes", "rounds", "entries")


@dataclass(frozen=True)
class Summary:
    """Mean, standard deviation (of a sample; 0 for one run), least and greatest of some numbers."""

    mean: float
    sd: float
    min: float
    max: float

    def as_dict(self) -> dict[str, float]:
        """Return the four numbers by name."""
        return asdict(self)


def summary(values: Sequence[float]) -> Summary:
    """Summarise one measure of many runs."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return Summary(statistics.fmean(values), deviation, min(values), max(values))


class Entries(Observer):
    """Counts how often devices enter their critical sections."""

    def __init__(self) -> None:
        self.count = 0

    def on_enter(self, event: RawEvent) -> None:
        """Count one entry."""
        self.count += 1


def measured(name: str, run: Simulation, entries: Entries) -> float:
    """Return one measure of a run that is over.

    It is one of `OF_EVERY_RUN`, or a public attribute of the devices, summed over them.
    Raises `UsageError` for what no device has.
    """
    if name in OF_EVERY_RUN:
        totals = run.statistics
        return {
            "messages": totals.sent,
            "bytes": totals.bytes,
            "rounds": totals.rounds,
            "entries": entries.count,
        }[name]
    return _summed(name, run.devices)


def _summed(name: str, devices: Sequence[Any]) -> float:
    values = [getattr(device, name, None) for device in devices]
    known = [value for value in values if isinstance(value, Real)]
    if not known or name.startswith("_"):
        from emulators.catalogue import closest

        names = [*OF_EVERY_RUN, *_numbers_of(devices)]
        hint = closest(name, names)
        raise UsageError(
            f"there is no measure {name!r}; there are {', '.join(names)}"
            + (f"; did you mean {hint}?" if hint else "")
        )
    return float(sum(map(float, known)))


def _numbers_of(devices: Sequence[Any]) -> list[str]:
    """Return the public attributes of the devices that are numbers."""
    found: dict[str, None] = {}
    for device in devices:
        for name, value in vars(device).items():
            if isinstance(value, Real) and not name.startswith("_"):
                found[name] = None
    return list(found)
