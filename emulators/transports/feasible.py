"""What of a scenario can be done to real processes; which of them is killed and started when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from emulators.errors import UsageError
from emulators.kernel.choices import Seeded
from emulators.kernel.clock import seconds
from emulators.network.scenario import Network
from emulators.network.table import Chosen
from emulators.network.units import in_ticks
from emulators.transports.apart import seed_of

_POSSIBLE = {"title", "topology", "loss", "duplicate", "latency", "fifo", "delay_self", "crash"}


def feasible(network: Network) -> Network:
    """Return the network; raise `UsageError` for what cannot be done to a real one."""
    unusual = sorted(set(network.plain()) - _POSSIBLE)
    if unusual:
        raise UsageError(
            f"real processes have no {unusual[0]} of a scenario: their senders lose, double and "
            "delay messages, and processes are killed; the rest needs --type sync or async"
        )
    if any(crash.inbox == "kept" for crash in network.crashes):
        raise UsageError(
            '[[crash]] inbox = "kept" is not for real processes: what has come to a process and '
            "was not received is lost with it"
        )
    return network


@dataclass(frozen=True)
class Crash:
    """A device whose process is killed at a `time` (seconds), and perhaps started again later, with
    its stable storage if it `keeps` that.
    """

    index: int
    time: float
    recovery: float | None = None
    keeps: bool = True


def crashes(network: Network, devices: int, seed: int) -> Iterator[Crash]:
    """Return the crashes of a scenario; raise `UsageError` for a device that does not exist."""
    network.check(devices)
    fate = Seeded(seed_of(seed, "crashes"))

    def which(chosen: Chosen) -> int:
        if chosen == "any":
            return fate.below(devices)
        return devices - 1 if chosen == "last" else int(chosen)

    for crash in network.crashes:
        at = seconds(in_ticks(crash.at, False))
        recovery = None
        if crash.recovery is not None:
            recovery = at + seconds(in_ticks(crash.recovery, False))
        yield Crash(which(crash.device), at, recovery, crash.storage == "stable")


@dataclass(frozen=True)
class Plan:
    """Kill the process of a device at a `time` (seconds), or start it anew."""

    time: float
    index: int
    starts: bool
    keeps: bool


def plans(planned: Iterable[Crash]) -> list[Plan]:
    """Return what is to be done, in the order of time."""
    found = []
    for crash in planned:
        found.append(Plan(crash.time, crash.index, False, crash.keeps))
        if crash.recovery is not None:
            found.append(Plan(crash.recovery, crash.index, True, crash.keeps))
    return sorted(found, key=attrgetter("time"))
