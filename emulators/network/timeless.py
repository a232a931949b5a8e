"""What is left of a network where time and chance mean nothing, and what then is only possible."""

from __future__ import annotations

from dataclasses import replace

from emulators.kernel.choices import Choices
from emulators.network.byzantine import Byzantine
from emulators.network.scenario import Network
from emulators.network.topology import Topology


def timeless(network: Network | None) -> Network | None:
    """Return who reaches whom, which channels keep their order, and who lies; None if nothing."""
    if network is None:
        return None
    links = tuple(
        replace(rule, loss=None, duplicate=None, latency=None)
        for rule in network.links
        if rule.fifo is not None
    )
    left = Network(
        title=network.title,
        topology=network.topology,
        fifo=network.fifo,
        links=links,
        byzantine=network.byzantine,
    )
    return left or None


def drawn(network: Network, devices: int, choices: Choices) -> Network:
    """Return a network in which nothing is left to be drawn: its topology, who is byzantine."""
    topology = network.topology
    if topology is not None and topology.shape in ("random", "geometric"):
        graph = topology.graph(devices, choices)
        edges = () if graph is None else graph.edges
        topology = Topology("edges", edges=edges)
    byzantine = tuple(_placed(one, devices, choices) for one in network.byzantine)
    return replace(network, topology=topology, byzantine=byzantine)


def _placed(one: Byzantine, devices: int, choices: Choices) -> Byzantine:
    if one.device == "any":
        return replace(one, device=choices.below(devices))
    return replace(one, device=devices - 1) if one.device == "last" else one


def byzantine(network: Network | None, devices: int) -> set[int]:
    """Return the devices that are known to lie before a run begins."""
    named = {one.device for one in network.byzantine} if network is not None else set()
    return {devices - 1 if one == "last" else int(one) for one in named if one != "any"}


def keeps_order(network: Network | None, source: int, destination: int) -> bool:
    """Return whether a channel is FIFO."""
    if network is None:
        return False
    order = network.fifo
    for rule in network.links:
        if rule.fifo is not None and rule.concerns(source, destination):
            order = rule.fifo
    return order
