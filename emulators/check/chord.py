"""Chord (lecture 11): keys at their owners, a right ring, and few hops.

Stoica, Morris, Karger, Kaashoek and Balakrishnan, SIGCOMM 2001. Looked at are the published
attributes ``routing_data`` and ``saved_data``, and the messages for PUT and GET. The circle has
2**`bits` addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.check.published import attribute, field, is_a
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Node = tuple[int, int]
"""A member of the ring: index of the device and chord id."""


def ring_of(run: Simulation) -> list[Node]:
    """Return the members of the ring, which have routing data, in the order of their ids."""
    known = (attribute(device, "routing_data") for device in run.devices)
    nodes = [(data.index, data.chord_id) for data in known if data is not None]
    return sorted(nodes, key=lambda node: node[1])


def owner(ring: list[Node], address: int, bits: int) -> Node:
    """Return the first node at or after an address, going round the circle upwards."""
    return min(ring, key=lambda node: (node[1] - address) % 2**bits)


def saved(device: Any) -> list[tuple[int, Any]]:
    """Return the pairs (guid, data) that a device holds."""
    found = attribute(device, "saved_data") or ()
    return list(found.items() if isinstance(found, dict) else found)


class Chord(Property):
    """What properties of Chord share: how large the circle is."""

    def __init__(self, bits: int = 6) -> None:
        super().__init__()
        self._bits = bits


class KeysAtOwners(Chord):
    """Every key is stored at the successor of its address, and nowhere else."""

    name = "keys_at_owners"
    sentence = "All data is stored at the owner of its address."

    def __init__(self, bits: int = 6) -> None:
        super().__init__(bits)
        self.put: dict[int, Any] = {}
        self.on_links: dict[int, int] = {}
        self._events: dict[int, RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note what is stored."""
        if is_a(event[3], "PutMessage"):
            guid = field(event[3], "guid")
            self.put[guid] = field(event[3], "data")
            self.on_links[guid] = self.on_links.get(guid, 0) + 1
            self._events[guid] = event

    def on_receive(self, event: RawEvent) -> None:
        """Note that a PUT has come one hop further."""
        if is_a(event[3], "PutMessage"):
            guid = field(event[3], "guid")
            self.on_links[guid] = self.on_links.get(guid, 0) - 1

    def end(self, run: Simulation) -> None:
        """Look for each piece of data."""
        ring = ring_of(run)
        if not ring:
            return
        found: dict[int, list[int]] = {}
        for device in run.devices:
            for guid, _ in saved(device):
                found.setdefault(guid, []).append(device._id)
        for guid in sorted(self.put.keys() - {None}):
            right = owner(ring, guid, self._bits)
            places = found.get(guid, [])
            if places == [right[0]] or (not places and self.on_links[guid] > 0):
                continue
            where = f"is at device {places[0]}" if places else "is nowhere"
            if len(set(places)) > 1:
                where = f"is at devices {sorted(set(places))}"
            elif len(places) > 1:
                where = f"is stored {len(places)} times"
            self.violated(
                f"the data for {guid} {where}; its owner is device {right[0]} with id {right[1]}",
                self._events[guid],
                hint="a node owns what follows the id of its prev, up to and including its own id",
            )


class RightRing(Chord):
    """Each node knows the node before it, and the owner of each finger's address."""

    name = "right_ring"
    sentence = "In the end every prev and every finger is right."

    def end(self, run: Simulation) -> None:
        """Compare each node with the ring as it is."""
        ring = ring_of(run)
        for device in run.devices:
            data = attribute(device, "routing_data")
            if data is not None:
                self._judge(ring, data)

    def _judge(self, ring: list[Node], data: Any) -> None:
        here = ring.index((data.index, data.chord_id))
        if tuple(data.prev) != ring[here - 1]:
            self.violated(
                f"device {data.index} with id {data.chord_id} has id {data.prev[1]} as its prev; "
                f"right is {ring[here - 1][1]}",
                hint="who tells a node that another one has come before it?",
            )
        for number, finger in enumerate(data.finger_table):
            start = (data.chord_id + 2**number) % 2**self._bits
            right = owner(ring, start, self._bits)
            if tuple(finger) != right:
                self.violated(
                    f"finger {number} of device {data.index} with id {data.chord_id} points to "
                    f"id {finger[1]}; the owner of {start} is id {right[1]}",
                    hint="which nodes need a better finger when a node joins?",
                )


class FewHops(Chord):
    """A request takes at most one hop for each finger: each hop halves the distance (section 4.3).

    Counted are the hops between nodes, along the way of each request from the client on.
    """

    name = "few_hops"
    sentence = "A request takes at most logarithmically many hops."

    def __init__(self, bits: int = 6, client: int = 0) -> None:
        super().__init__(bits)
        self._client = client
        self.hops: dict[tuple[int, Request], int] = {}
        self._ways: dict[tuple[int, Request], tuple[RawEvent, ...]] = {}
        self._flying: dict[int, tuple[RawEvent, ...]] = {}

    def on_send(self, event: RawEvent) -> None:
        """Count a hop."""
        request = _request(event)
        here = (event[2], request)
        if request is None or event[3][3] == self._client:
            return
        if event[2] != self._client and here not in self._ways:
            return
        way = (event,) if event[2] == self._client else (*self._ways[event[2], request], event)
        self._flying[event[3][1]] = way
        if len(way) - 1 > self._bits:
            self.violated(
                f"the request for {request[1]} takes hop number {len(way) - 1}; "
                f"{self._bits} are enough for 2**{self._bits} addresses",
                *way,
                hint="take the farthest finger that is not past the guid, not always the successor",
            )

    def on_receive(self, event: RawEvent) -> None:
        """Remember the way by which a request has come."""
        request = _request(event)
        way = self._flying.pop(event[3][1], None)
        if request is not None and way is not None:
            self._ways[event[2], request] = way
            self.hops[event[2], request] = len(way)


Request = tuple[str, Any]
"""What a request is for: the class of its messages and the guid."""


def _request(event: RawEvent) -> Request | None:
    """Return which request a message belongs to, or None."""
    kind = next((one for one in ("PutMessage", "GetReqMessage") if is_a(event[3], one)), "")
    guid = field(event[3], "guid") if kind else None
    return None if guid is None else (kind, guid)


class DataFound(Chord):
    """The client gets what it has stored, for each guid that it asks for."""

    name = "data_found"
    sentence = "What the client asks for, it gets in the end."

    def __init__(self, bits: int = 6, client: int = 0) -> None:
        super().__init__(bits)
        self._client = client
        self.stored: dict[int, Any] = {}
        self.waiting: set[int] = set()
        self._events: dict[int, RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note what the client stores and asks for."""
        if event[2] != self._client:
            return
        if is_a(event[3], "PutMessage"):
            self.stored[field(event[3], "guid")] = field(event[3], "data")
        elif is_a(event[3], "GetReqMessage"):
            self.waiting.add(field(event[3], "guid"))
            self._events[field(event[3], "guid")] = event

    def on_receive(self, event: RawEvent) -> None:
        """Note a right answer."""
        if event[2] == self._client and is_a(event[3], "GetRspMessage"):
            guid = field(event[3], "guid")
            if field(event[3], "data") == self.stored.get(guid):
                self.waiting.discard(guid)

    def end(self, run: Simulation) -> None:
        """Name what was not found."""
        for guid in sorted((self.waiting & self.stored.keys()) - {None}):
            self.violated(
                f"the client asked for {guid} and did not get {self.stored[guid]!r}",
                self._events[guid],
                hint=f"follow the request for {guid}: where does it end?",
            )
