"""A scenario as a search understands it: not when and how likely, but what may happen.

Loss and duplication become so many messages that may be lost or doubled, a crash one that may come
at any moment, a partition messages between its groups that may be lost. Delays and pauses are in
every search anyway: a message may take as long as it likes. Who reaches whom, which channels keep
their order and who lies stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from emulators.check.words import devices as in_words
from emulators.explore.cells import Faults
from emulators.kernel.choices import Seeded
from emulators.network.byzantine import ANYTHING, Byzantine
from emulators.network.partition import Partition
from emulators.network.scenario import Network
from emulators.network.timeless import drawn, keeps_order, timeless
from emulators.network.topology import Graph
from emulators.program import RunConfig
from emulators.untimed import ANYWHERE, Channel, Where

_EITHER = 0.5
"""A probability that any draw of a search may fall below, or not."""


@dataclass(frozen=True)
class Scenario:
    """What may happen in a search: `faults` and `where`; `network` is what always holds.

    `left_out` says in words what of the scenario is not explored.
    """

    faults: Faults
    where: Where = ANYWHERE
    network: Network | None = None
    left_out: tuple[str, ...] = ()

    def ordered(self, devices: int) -> frozenset[Channel]:
        """Return the channels that keep the order of their messages."""
        everybody = range(devices)
        return frozenset(
            (one, other)
            for one in everybody
            for other in everybody
            if keeps_order(self.network, one, other)
        )

    def graph(self, devices: int) -> Graph | None:
        """Return who reaches whom; None where everybody reaches everybody."""
        topology = self.network.topology if self.network is not None else None
        return None if topology is None else topology.graph(devices, Seeded(0))

    def in_rounds(self) -> Scenario:
        """Return what is left of the scenario where devices work in rounds: no faults."""
        if not self.faults:
            return self
        left = "what the scenario loses, doubles or crashes is not explored in rounds"
        return replace(self, faults=Faults(), where=ANYWHERE, left_out=(*self.left_out, left))

    def recorded(self, config: RunConfig) -> Network | None:
        """Return the network of a run as a recording keeps it: byzantine classes by their names."""
        if self.network is None:
            return None
        named = config.network.byzantine if config.network is not None else ()
        kinds = [one.kind for one in named]
        byzantine = tuple(
            replace(one, kind=kind) if kind else one
            for one, kind in zip(self.network.byzantine, kinds, strict=True)
        )
        return replace(self.network, byzantine=byzantine)

    @property
    def liars(self) -> dict[int, Byzantine]:
        """The devices that lie, and how."""
        named = self.network.byzantine if self.network is not None else ()
        return {int(one.device): one for one in named}

    def placed(
        self, kind: Callable[..., Any], devices: int
    ) -> tuple[Callable[..., Any], dict[int, Byzantine]]:
        """Return what makes a device: `kind`, or a byzantine class in its place; and who lies."""
        made = {index: one.liar(index, devices, Seeded(0)) for index, one in self.liars.items()}
        places = {index: self.liars[index].kind for index, liar in made.items() if liar is None}
        lying = {index: self.liars[index] for index, liar in made.items() if liar is not None}
        if not places:
            return kind, lying
        return lambda index, *more: places.get(index, kind)(index, *more), lying


def understood(network: Network | None, faults: Faults, devices: int, seed: int) -> Scenario:
    """Return what a network means to a search, with the faults that are asked for.

    Where it has faults of a kind of which none are asked for, one of each may happen, and each
    device that it lets crash may.
    """
    if network is None:
        return Scenario(faults)
    fixed = drawn(network, devices, Seeded(seed))
    channels = [*permutations(range(devices), 2)]
    losing = {pair for pair in channels if _likely(fixed, "loss", *pair)}
    losing |= {pair for one in fixed.partitions for pair in _across(one, channels, devices)}
    doubling = {pair for pair in channels if _likely(fixed, "duplicate", *pair)}
    crashing = _crashing(fixed, devices)
    where = Where(
        tuple(sorted(losing)) if losing else None,
        tuple(sorted(doubling)) if doubling else None,
        tuple(sorted(crashing)) if crashing else None,
    )
    most = Faults(
        faults.losses or int(bool(losing)),
        faults.duplicates or int(bool(doubling)),
        faults.crashes or min(len(fixed.crashes), devices),
    )
    left = timeless(fixed)
    if left is not None:
        lying = tuple(_possible(one) for one in left.byzantine)
        left = replace(left, byzantine=lying)
    return Scenario(most, where, left, tuple(_not_explored(fixed)))


def _likely(network: Network, name: str, source: int, destination: int) -> bool:
    value = getattr(network, name)
    for rule in network.links:
        if rule.concerns(source, destination) and getattr(rule, name) is not None:
            value = getattr(rule, name)
    return bool(value)


def _across(partition: Partition, channels: Collection[Channel], devices: int) -> Iterator[Channel]:
    """Return the channels on which messages may be lost because of a partition."""
    if partition.hold:
        return
    if partition.groups == "random":
        yield from channels
        return
    sides = partition.sides(devices, Seeded(0))
    home = {device: at for at, side in enumerate(sides) for device in side}
    yield from (pair for pair in channels if home[pair[0]] != home[pair[1]])


def _crashing(network: Network, devices: int) -> set[int]:
    """Return the devices that may crash."""
    named = {one.device for one in network.crashes}
    if "any" in named:
        return {*range(devices)}
    return {devices - 1 if device == "last" else int(device) for device in named}


def _possible(one: Byzantine) -> Byzantine:
    return one if one.probability in (0.0, 1.0) else replace(one, probability=_EITHER)


def _not_explored(network: Network) -> Iterator[str]:
    lying = [int(one.device) for one in network.byzantine if one.behaviour == ANYTHING]
    if lying:
        yield (
            f"of what {in_words(lying)} may say, values that honest devices were seen to send, "
            "and nothing"
        )
    if any(one.recovery is not None for one in network.crashes):
        yield "a device that crashes does not come back here, as the scenario has it"
    if network.corruptions:
        yield "messages that the scenario corrupts on their way are left as they are"
