"""Election: everybody knows a leader, it is the same, and the right one ([CDK] 15.3).

Whom a device takes for the leader is its published attribute ``leader``, or what a function says.
Devices that crash, or that end before they have sent or received anything, do not take part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.check.published import attribute
from emulators.check.words import devices
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


def leader_of(device: Any) -> Any:
    """Return the published attribute `leader` or `_leader`."""
    return attribute(device, "leader")


class Election(Property):
    """What properties of elections share: who takes part, and whom each takes for the leader."""

    def __init__(self, leader: Callable[[Any], Any] = leader_of) -> None:
        super().__init__()
        self._leader = leader
        self.active: set[int] = set()
        self.gone: set[int] = set()

    def on_send(self, event: RawEvent) -> None:
        """Note who takes part."""
        self.active.add(event[2])

    on_receive = on_send

    def on_crash(self, event: RawEvent) -> None:
        """Note who does not take part."""
        self.gone.add(event[2])

    def on_end(self, event: RawEvent) -> None:
        """Note who has ended without a word."""
        if event[2] not in self.active:
            self.gone.add(event[2])

    def leaders(self, run: Simulation) -> dict[int, Any]:
        """Return the leader that each device that takes part knows of, or None."""
        return {
            device._id: self._leader(device)
            for device in run.devices
            if device._id not in self.gone
        }


class EveryoneKnows(Election):
    """Liveness: E2 of [CDK] 15.3."""

    name = "leader_known"
    sentence = "Every device learns who the leader is."

    def end(self, run: Simulation) -> None:
        """Name those that know no leader."""
        ignorant = [device for device, leader in self.leaders(run).items() if leader is None]
        if ignorant:
            self.violated(
                f"{devices(ignorant)} {'knows' if len(ignorant) == 1 else 'know'} no leader "
                "when the run is over",
                hint="who tells the others, and whom does it leave out?",
            )


class OneLeader(Election):
    """Safety: no two devices name different leaders (E1 of [CDK] 15.3)."""

    name = "one_leader"
    sentence = "All devices that know a leader know the same one."

    def end(self, run: Simulation) -> None:
        """Compare all leaders."""
        known = {one: leader for one, leader in self.leaders(run).items() if leader is not None}
        for device, leader in known.items():
            first = min(known)
            if leader != known[first]:
                self.violated(
                    f"device {first} takes {known[first]} for the leader, "
                    f"device {device} takes {leader}",
                    hint="two elections were won: who should have given way to whom?",
                )


class RightLeader(Election):
    """Safety: the leader is the largest of those that take part (E1 of [CDK] 15.3)."""

    name = "largest_leads"
    sentence = "The leader is the largest device that has not failed."

    def end(self, run: Simulation) -> None:
        """Compare with the largest."""
        leaders = self.leaders(run)
        largest = max(leaders, default=None)
        for device, leader in leaders.items():
            if leader is not None and leader != largest:
                self.violated(
                    f"device {device} takes {leader} for the leader; the largest is {largest}",
                    hint=f"where does the word of device {largest} get lost?",
                )
