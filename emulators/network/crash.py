"""Devices that stop, come back, or stand still for a while."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.network.table import Chosen, Table, device, entry, number, one_of, time
from emulators.network.units import Time


@dataclass(frozen=True)
class Crash(Table):
    """A `device` stops at a moment; with `recovery` it begins anew so much later.

    `inbox`: what has not been received is ``lost`` or ``kept`` for the recovery. `storage`: the
    attributes that the class declares as `stable` survive (``stable``), or nothing does (``none``).
    """

    device: Chosen = entry(device)
    at: Time = entry(time)
    recovery: Time | None = entry(time, None)
    inbox: str = entry(one_of("lost", "kept"), "lost")
    storage: str = entry(one_of("stable", "none"), "stable")


@dataclass(frozen=True)
class Pause(Table):
    """A `device` stands still from `start` to `end`, or with `factor` is so many times slower.

    It stands still where it next touches the medium. A slow device needs `factor` times as long
    for each wait for the next round.
    """

    device: Chosen = entry(device)
    start: Time = entry(time, 0, key="from")
    end: Time | None = entry(time, None, key="to")
    factor: float | None = entry(number(1, 1000), None)

    def problem(self) -> str:
        """Return that a device would stand still for ever, or nothing."""
        if self.factor is None and self.end is None:
            return "it needs the key to (when the device goes on) or factor (how slow it is)"
        return ""
