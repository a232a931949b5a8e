"""Lecture 11: Chord, a distributed hash table.

The idea
    Nodes and data share one circle of addresses, 0 to 2**address_size - 1. A node sits at its
    chord id. A piece of data has an address too, its guid. The *owner* of a guid is the first
    node at or after the guid, going round the circle upwards.

The rules
    prev      Each node knows the node before it on the circle, its predecessor. It owns
              every guid after the chord id of prev, up to and including its own chord id.
    fingers   Entry i of the finger table of node n is the owner of address n + 2**i.
              Entry 0 is therefore the next node on the circle, the successor of n.
    routing   A node that does not own a guid passes the message on to a finger that lies
              between the node and the guid: the farthest one that does not go past the guid.
              Where no finger lies there, the successor is the owner. Each hop at least halves
              the distance, so a message takes about log2(number of nodes) hops.
    join      A new node asks any node of the ring for the owner of its own chord id: that will
              be its successor. The successor takes the new node as its prev and hands over
              the data that it no longer owns. Then the node before the new one must learn of
              its new successor, and the other nodes of a better finger.

Sources
    Stoica, Morris, Karger, Kaashoek, Balakrishnan: "Chord: A Scalable Peer-to-peer Lookup
    Service for Internet Applications", SIGCOMM 2001 (routing: section 4.3; join: 4.4 and 5.1).
    [CDK] chapter 10, peer-to-peer systems (routing overlays, distributed hash tables).

Messages
    PutMessage, GetReqMessage, GetRspMessage       store data, ask for data, the answer
    StartJoinMessage, JoinDoneMessage              client -> device 1: join; and back: done
    JoinReqMessage, JoinRspMessage                 where on the ring do I belong; there
    NotifyMessage                                  to the successor: I am your predecessor now
    StabilizeMessage                               to the predecessor: your successor has changed
    QuitMessage                                    the run is over

Who is who
    device 0    the client. It talks to `entry_node` alone: PUTs, GETs, then it lets device 1
                join, asks for all data once more, and ends the run.
    device 1    a node that is not part of the ring at first
    device 2 …  the nodes of the ring, with finger tables

Given: the finger tables, the client, all message types. To do: `is_request_for_me`, `next_hop`,
`handle_put`, `handle_get`, and then JOIN (`start_join` and the handlers below it).

Run it with 4 devices or more:
    python3 exercise_runner.py --lecture 11 --algorithm ChordNetwork --type async --devices 10
"""

# ruff: noqa: UP045
import random
from collections.abc import Callable
from typing import Optional

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

address_size = 6  # the circle has 2**address_size addresses
number_of_puts = 10  # how many pieces of data the client stores
entry_node = 2  # the one node of the ring that the client and device 1 know

all_nodes: list[int] = []  # the chord ids in use
all_routing_data: list["RoutingData"] = []  # entry k belongs to device k + 2


class RoutingData:
    """What a node knows of the ring. A node is written as a pair: (device index, chord id)."""

    def __init__(
        self, index: int, chord_id: int, prev: tuple[int, int], finger_table: list[tuple[int, int]]
    ):
        self.index = index
        self.chord_id = chord_id
        self.prev = prev
        self.finger_table = finger_table

    def to_string(self) -> str:
        fingers = ", ".join(f"{node}" for _, node in self.finger_table)
        return f"chord id {self.chord_id}, prev {self.prev[1]}, fingers {fingers}"


def in_between(candidate: int, low: int, high: int) -> bool:
    """Is the address `candidate` met on the way up from `low` to `high`? Neither end counts.

    The way may pass the top of the circle: in_between(2, 60, 5) is true. From an address back
    to itself the way is the whole circle.
    """
    if low < high:
        return low < candidate < high
    return candidate > low or candidate < high


def new_chord_id() -> int:
    """An address that no node has yet. (Chord itself hashes the network address of the node.)"""
    free = [address for address in range(2**address_size) if address not in all_nodes]
    chord_id = random.choice(free)
    all_nodes.append(chord_id)
    return chord_id


class ChordNode(Device):
    """A node of the ring, or (device 1) a node that waits to join it."""

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        connected: bool,
        routing_data: Optional[RoutingData],
    ):
        super().__init__(index, number_of_devices, medium)
        self.connected = connected
        self.routing_data = routing_data
        self.saved_data: list[tuple[int, str]] = []  # pairs (guid, data)

    def run(self):
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def is_request_for_me(self, guid: int) -> bool:
        """Do I own this guid? Then the routing ends here."""
        # TODO: compare guid with self.routing_data.chord_id and self.routing_data.prev.
        # in_between is of help, but mind the ends of the interval.
        todo("ChordNode.is_request_for_me: decide whether this node owns the guid")
        return False

    def next_hop(self, guid: int) -> int:
        """The index of the device to pass a request on to, when I do not own the guid."""
        # TODO: find the right entry of self.routing_data.finger_table.
        todo("ChordNode.next_hop: choose a device from the finger table")
        return self.index

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handle one message. False: this device is done."""
        if isinstance(ingoing, QuitMessage):
            return False
        if isinstance(ingoing, PutMessage):
            self.handle_put(ingoing)
        elif isinstance(ingoing, GetReqMessage):
            self.handle_get(ingoing)
        elif isinstance(ingoing, StartJoinMessage):
            self.start_join(ingoing)
        elif isinstance(ingoing, JoinReqMessage):
            self.handle_join_request(ingoing)
        elif isinstance(ingoing, JoinRspMessage):
            self.handle_join_response(ingoing)
        elif isinstance(ingoing, NotifyMessage):
            self.handle_notify(ingoing)
        elif isinstance(ingoing, StabilizeMessage):
            self.handle_stabilize(ingoing)
        return True

    def pass_on(self, message: MessageStub, destination: int) -> None:
        """Send a message that we received one hop further. Its other fields stay as they are."""
        message.source = self.index
        message.destination = destination
        self.medium.send(message)

    def handle_put(self, ingoing: "PutMessage") -> None:
        # TODO: if the guid is mine, save the pair (guid, data). Otherwise pass the message on.
        todo("ChordNode.handle_put: save the data of a PUT, or pass it on")

    def handle_get(self, ingoing: "GetReqMessage") -> None:
        # TODO: if the guid is mine, send a GetRspMessage to ingoing.client, with the data, or
        # with "" where nothing is saved under this guid. Otherwise pass the message on.
        todo("ChordNode.handle_get: answer a GET, or pass it on")

    # ---- JOIN. The constructors of these messages take sender and destination only:
    # ---- add what your messages have to carry.

    def start_join(self, ingoing: "StartJoinMessage") -> None:
        # TODO: device 1 gets this message from the client. Take a chord id (new_chord_id) and
        # ask entry_node, with a JoinReqMessage, where this id belongs. Remember
        # ingoing.source: it wants a JoinDoneMessage as soon as the ring is right again.
        todo("ChordNode.start_join: JOIN for device 1")

    def handle_join_request(self, ingoing: "JoinReqMessage") -> None:
        # TODO: am I the successor of the new node? Answer with a JoinRspMessage. Else pass on.
        todo("ChordNode.handle_join_request")

    def handle_join_response(self, ingoing: "JoinRspMessage") -> None:
        # TODO: create self.routing_data. Tell the successor, with a NotifyMessage.
        todo("ChordNode.handle_join_response")

    def handle_notify(self, ingoing: "NotifyMessage") -> None:
        # TODO: take the new node as prev and hand over the data that it owns from now on.
        # Tell the node that was prev until now, with a StabilizeMessage.
        todo("ChordNode.handle_notify")

    def handle_stabilize(self, ingoing: "StabilizeMessage") -> None:
        # TODO: a new node stands after me on the ring. Correct the finger table.
        # Which other nodes need a better finger? How does device 1 learn that all is done?
        todo("ChordNode.handle_stabilize")

    def print_result(self):
        place = self.routing_data.to_string() if self.routing_data else "not in the ring"
        print(f"Node {self.index}: {place}; saved data {self.saved_data}")


class ChordClient(Device):
    """Stores data, finds it again, lets device 1 join, finds it once more, ends the run.

    It waits for answers, not for seconds. When it hears nothing new for too many rounds, it
    gives up on that step, remembers so for its result, and goes on.
    """

    patience = 10  # rounds without news before it gives up, for each device of the network

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.stored: dict[int, str] = {}  # guid -> data, what was PUT
        self.found: dict[int, str] = {}  # guid -> data, what a GET has brought since
        self.joined = False
        self.results: list[str] = []

    def run(self):
        self.put_data()
        all_found = self.get_data()
        self.let_device_1_join()
        if all_found:
            self.get_data()
        for index in range(1, self.number_of_devices):
            self.medium.send(QuitMessage(self.index, index))

    def put_data(self) -> None:
        addresses = range(2**address_size)
        for guid in random.sample(addresses, min(number_of_puts, len(addresses))):
            self.stored[guid] = f"data {guid}"
            self.medium.send(PutMessage(self.index, entry_node, guid, self.stored[guid]))
            self.medium.wait_for_next_round()

    def get_data(self) -> bool:
        """Ask for everything that was stored, until it is there. False: we gave up."""
        self.found = {}
        for guid in self.stored:
            self.medium.send(GetReqMessage(self.index, entry_node, guid))
        self.wait_until(lambda: len(self.found) == len(self.stored))
        self.results.append(f"found {len(self.found)} of {len(self.stored)}")
        return len(self.found) == len(self.stored)

    def let_device_1_join(self) -> None:
        self.medium.send(StartJoinMessage(self.index, 1))
        self.wait_until(lambda: self.joined)
        self.results.append("device 1 joined" if self.joined else "device 1 did not join")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, or until nothing new is heard for too long."""
        quiet_rounds = 0
        while not condition() and quiet_rounds < self.patience * self.number_of_devices:
            self.medium.wait_for_next_round()
            quiet_rounds += 1
            for ingoing in self.medium.receive_all():
                if self.handle_ingoing(ingoing):
                    quiet_rounds = 0

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """True when the message is a step forward."""
        if isinstance(ingoing, JoinDoneMessage):
            self.joined = True
            return True
        if isinstance(ingoing, GetRspMessage) and ingoing.guid not in self.found:
            if ingoing.data == self.stored.get(ingoing.guid):
                self.found[ingoing.guid] = ingoing.data
                return True
            # Not there yet: the GET was faster than the PUT, or the data is on the move.
            self.medium.send(GetReqMessage(self.index, entry_node, ingoing.guid))
        return False

    def print_result(self):
        print(f"Client: stored {len(self.stored)}, {', '.join(self.results)}")


class ChordNetwork:
    """Builds the devices: a client, a node that may join later, and the nodes of the ring."""

    @staticmethod
    def init_routing_tables(number_of_devices: int) -> None:
        """Give chord ids to devices 2, 3, … (in ring order) and fill their finger tables."""
        all_nodes.clear()
        all_routing_data.clear()
        for _ in range(2, number_of_devices):
            new_chord_id()
        all_nodes.sort()
        ring = [(index + 2, chord_id) for index, chord_id in enumerate(all_nodes)]

        def owner(address: int) -> tuple[int, int]:
            following = [node for node in ring if node[1] >= address]
            return following[0] if following else ring[0]

        for position, (index, chord_id) in enumerate(ring):
            fingers = [owner((chord_id + 2**i) % 2**address_size) for i in range(address_size)]
            all_routing_data.append(RoutingData(index, chord_id, ring[position - 1], fingers))

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == 0:
            check_size(number_of_devices)
            cls.init_routing_tables(number_of_devices)
            return ChordClient(index, number_of_devices, medium)
        if index == 1:
            return ChordNode(index, number_of_devices, medium, False, None)
        return ChordNode(index, number_of_devices, medium, True, all_routing_data[index - 2])


def check_size(number_of_devices: int) -> None:
    """The least: client, joining node and a ring of two. The most: one address for each node."""
    most = 2**address_size + 1
    if not 4 <= number_of_devices <= most:
        raise ValueError(
            f"ChordNetwork needs 4 to {most} devices (a client, a node that joins, "
            f"a ring of at least 2 nodes with different ids below "
            f"{2**address_size}), not {number_of_devices}"
        )


class QuitMessage(MessageStub):
    """The client ends the run."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"QuitMessage {self.source} -> {self.destination}"


class PutMessage(MessageStub):
    """Store data under a guid."""

    def __init__(self, sender: int, destination: int, guid: int, data: str):
        super().__init__(sender, destination)
        self.guid = guid
        self.data = data

    def __str__(self):
        return f"PutMessage {self.source} -> {self.destination}: ({self.guid}, {self.data})"


class GetReqMessage(MessageStub):
    """What is stored under this guid? `client` asked first and stays when the message moves on."""

    def __init__(self, sender: int, destination: int, guid: int):
        super().__init__(sender, destination)
        self.guid = guid
        self.client = sender

    def __str__(self):
        return f"GetReqMessage {self.source} -> {self.destination}: ({self.guid})"


class GetRspMessage(MessageStub):
    """The answer to a GET: the data, or "" where nothing is stored under the guid."""

    def __init__(self, sender: int, destination: int, guid: int, data: str):
        super().__init__(sender, destination)
        self.guid = guid
        self.data = data

    def __str__(self):
        return f"GetRspMessage {self.source} -> {self.destination}: ({self.guid}, {self.data})"


class StartJoinMessage(MessageStub):
    """Client -> device 1: join the ring now."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"StartJoinMessage {self.source} -> {self.destination}"


class JoinDoneMessage(MessageStub):
    """Device 1 -> client: I am in the ring, and the ring is right again."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"JoinDoneMessage {self.source} -> {self.destination}"


class JoinReqMessage(MessageStub):
    """Who will be the successor of the new node? (Add what the answer depends on.)"""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"JoinReqMessage {self.source} -> {self.destination}"


class JoinRspMessage(MessageStub):
    """Successor -> new node: your place in the ring. (Add what describes the place.)"""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"JoinRspMessage {self.source} -> {self.destination}"


class NotifyMessage(MessageStub):
    """New node -> successor: I am your predecessor. (Add who I am.)"""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"NotifyMessage {self.source} -> {self.destination}"


class StabilizeMessage(MessageStub):
    """To the nodes before the new one: there is a new node. (Add which.)"""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"StabilizeMessage {self.source} -> {self.destination}"
