"""A network at rest, as properties see the end of a run: nothing can happen any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property, Violation
from emulators.Device import Device
from emulators.explore.cells import GONE, Edge, State

if TYPE_CHECKING:
    from emulators.explore.network import Network


_LATE = 10**15
"""The time, in ticks: whoever has patience has had enough, as nothing comes any more."""


class AtRest:
    """What a property may ask of a run that is over; devices that are gone are had again."""

    def __init__(self, network: Network, ways: list[Edge], solos: list[Any]) -> None:
        self.devices: list[Device] = [solo.device for solo in solos if solo.device is not None]
        self.ids = list(range(network.devices))
        self.standing = {
            solo.index: solo.place()
            for solo in solos
            if not network.is_over(solo.index, ways[solo.index].own)
        }
        self.deadlocked = any(network.waits(device, edge.own) for device, edge in enumerate(ways))
        self.scheduler = SimpleNamespace(now=_LATE)
        self.failures: list[Any] = []
        self.closed = True


def judged(network: Network, state: State) -> Violation | None:
    """Return what a network at rest violates, of what is judged at the end of a run."""
    ways = [edges[-1] for edges in network.settled(state)]
    properties = network.monitors.properties(state[-2])
    local = [network.cells[index].contents[edge.own][0] for index, edge in enumerate(ways)]
    solos = [network.automata[i].shown(state) for i, state in enumerate(local) if state != GONE]
    run: Any = AtRest(network, ways, solos)
    for one in properties:
        if ends(one):
            one.end(run)
    return next((one.violation for one in properties if one.violation is not None), None)


def ends(one: Property) -> bool:
    """Return whether a property judges the end of a run."""
    return type(one).end is not Property.end
