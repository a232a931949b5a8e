"""Routing: tables that lead the shortest way, messages that arrive, and no loops.

Tables and neighbors are published attributes of the devices; messages that go over many hops are
found by the names of their classes. The measure is a breadth-first search over the neighbors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property, frozen
from emulators.check.published import attribute, field, is_a, table
from emulators.trace.envelope import RawEnvelope
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Network = Mapping[int, Collection[int]]
Key = Callable[[RawEnvelope], Hashable]
"""What identifies a message on all its hops."""


def network_of(run: Simulation) -> dict[int, list[int]]:
    """Return the published `neighbors` of each device, or those that the network gives it."""
    found = {device._id: attribute(device, "neighbors") for device in run.devices}
    return {
        index: list(run.neighbors(index) if known is None else known)
        for index, known in found.items()
    }


def ring_of(run: Simulation) -> dict[int, set[int]]:
    """Return the neighbors of each device on a ring in the order of the indices."""
    size = len(run.ids)
    return {index: {(index - 1) % size, (index + 1) % size} for index in run.ids}


def distances(network: Network, start: int) -> dict[int, int]:
    """Return the number of links from a device to each that can be reached, itself included."""
    found, waiting = {start: 0}, deque([start])
    while waiting:
        device = waiting.popleft()
        for neighbor in network.get(device, ()):
            if neighbor not in found:
                found[neighbor] = found[device] + 1
                waiting.append(neighbor)
    return found


class ShortestRoutes(Property):
    """Distance vectors have converged: RFC 1058, section 3.3; [CDK] 3.3.5.

    `network` returns the neighbors of each device, by default the published ones.
    """

    name = "shortest_routes"
    sentence = "Every routing table leads to every device the shortest way."

    def __init__(self, network: Callable[[Simulation], Network] = network_of) -> None:
        super().__init__()
        self._network = network

    def end(self, run: Simulation) -> None:
        """Compare each table with a breadth-first search."""
        network = self._network(run)
        for device in run.devices:
            rows = table(device, "routing_table")
            for to, far in distances(network, device._id).items():
                if to != device._id:
                    self._judge(network, device._id, to, far, rows.get(to))

    def _judge(self, network: Network, start: int, to: int, far: int, row: Any) -> None:
        if row is None:
            self._say(f"device {start} has no row for device {to}, which is {far} links away")
            return
        try:
            hop, found = row
        except (TypeError, ValueError):
            self._say(
                f"the row of device {start} for device {to} is {row!r}, "
                "not a next hop and a distance"
            )
            return
        if found != far:
            self._say(f"device {start} has device {to} at distance {found}; it is {far}")
        elif hop not in network[start]:
            self._say(
                f"device {start} sends to device {to} by way of device {hop}, which is no neighbor"
            )
        elif distances(network, hop).get(to) != far - 1:
            self._say(
                f"device {start} sends to device {to} by way of device {hop}, "
                "which is on no shortest way"
            )

    def _say(self, reason: str) -> None:
        self.violated(
            reason,
            hint="an offer is better when its distance and one link more are less than the row has",
        )


def routed(envelope: RawEnvelope) -> Hashable:
    """Return what identifies a message of lecture 2 or 12 on its way, or None for others."""
    if is_a(envelope, "RoutableMessage"):
        return tuple(
            frozen(field(envelope, name)) for name in ("first_node", "last_node", "content")
        )
    if is_a(envelope, "DataMessage"):
        return tuple(frozen(field(envelope, name)) for name in ("last", "data"))
    return None


def last_of(envelope: RawEnvelope) -> Any:
    """Return the device at which a message of lecture 2 or 12 is to arrive."""
    return field(envelope, "last_node" if is_a(envelope, "RoutableMessage") else "last")


class Delivery(Property):
    """Every message that goes over many hops arrives at its last device.

    A message that is still on a link when the run is over may arrive yet.
    """

    name = "delivery"
    sentence = "What is sent over many hops arrives at its last device."

    def __init__(self, key: Key = routed, last: Callable[[RawEnvelope], Any] = last_of) -> None:
        super().__init__()
        self._key = key
        self._last = last
        self.on_links: dict[Hashable, int] = {}
        self.arrived: set[Hashable] = set()
        self._events: dict[Hashable, RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note a hop."""
        key = self._key(event[3])
        if key is not None:
            self.on_links[key] = self.on_links.get(key, 0) + 1
            self._events[key] = event

    def on_receive(self, event: RawEvent) -> None:
        """Note the end of a hop."""
        key = self._key(event[3])
        if key is not None:
            self.on_links[key] = self.on_links.get(key, 0) - 1
            self._events[key] = event
            if event[2] == self._last(event[3]):
                self.arrived.add(key)

    def on_lose(self, event: RawEvent) -> None:
        """A message that the network lost is on no link."""
        key = self._key(event[3])
        if key is not None:
            self.on_links[key] = self.on_links.get(key, 0) - 1

    def end(self, run: Simulation) -> None:
        """Look for messages that stay where they are."""
        for key, count in self.on_links.items():
            if key in self.arrived or count > 0:
                continue
            last = self._events[key]
            self.violated(
                f"a message for device {self._last(last[3])} came as far as device {last[2]}",
                last,
                hint=f"what did device {last[2]} do with it?",
            )


class NoLoops(Property):
    """No message goes around, and the next hops of all devices lead to the end.

    Routes may change while a message is on its way: it can then come back to a device and is in no
    loop. So it goes around when it takes one link a third time. `paths` returns for a device its
    next hop for each end, by default the published ``forward_path``; where there is no such table,
    the messages alone are judged.
    """

    name = "no_loops"
    sentence = "No route leads in a circle."

    def __init__(
        self,
        key: Key = routed,
        paths: Callable[[Any], Mapping[int, int]] = lambda device: table(device, "forward_path"),
    ) -> None:
        super().__init__()
        self._key = key
        self._paths = paths
        self.passed: dict[tuple[Hashable, int, Any], int] = {}
        self._events: dict[tuple[Hashable, int, Any], RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Compare with all that has gone over this link."""
        key = self._key(event[3])
        if key is None:
            return
        passed = (key, event[2], event[3][3])
        self.passed[passed] = self.passed.get(passed, 0) + 1
        if self.passed[passed] > 2:
            self.violated(
                f"device {event[2]} sends the same message to device {event[3][3]} a third time "
                f"{self.when(event)}",
                self._events[passed],
                event,
                hint="who is the next hop of whom? Replace a route only by a newer or shorter one",
            )
        self._events.setdefault(passed, event)

    def end(self, run: Simulation) -> None:
        """Follow the next hops."""
        paths = {device._id: self._paths(device) for device in run.devices}
        for start, known in paths.items():
            for last in known:
                self._follow(paths, start, last)

    def _follow(self, paths: Mapping[int, Mapping[int, int]], start: int, last: int) -> None:
        way = [start]
        while way[-1] != last and last in paths.get(way[-1], {}):
            hop = paths[way[-1]][last]
            if hop in way:
                circle = " - ".join(map(str, [*way[way.index(hop) :], hop]))
                self.violated(
                    f"the next hops towards device {last} lead in a circle: {circle}",
                    hint="replace a route only by a newer one, or a shorter one of the same age",
                )
                return
            way.append(hop)


class NeighborsOnly(Property):
    """Nobody sends farther than its radio or its links reach.

    `network` returns the neighbors of each device, by default the published ones.
    """

    name = "neighbors_only"
    sentence = "Every device sends to its neighbors only."

    def __init__(self, network: Callable[[Simulation], Network] = network_of) -> None:
        super().__init__()
        self._network = network
        self.used: set[tuple[int, int]] = set()
        self._events: dict[tuple[int, int], RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note a link that is used."""
        link = (event[2], event[3][3])
        if link not in self.used:
            self.used.add(link)
            self._events[link] = event

    def end(self, run: Simulation) -> None:
        """Compare the links that were used with those there are."""
        network = self._network(run)
        for (sender, to), event in self._events.items():
            if to != sender and to not in network.get(sender, ()):
                self.violated(
                    f"device {sender} sends to device {to}, which is not its neighbor",
                    event,
                    hint=f"the neighbors of device {sender} are {sorted(network.get(sender, ()))}",
                )
