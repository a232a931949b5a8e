"""Lecture 12: AODV, routing in a wireless network without infrastructure.

The idea
    Each device reaches only the few that are in its radio range, its neighbors. All others are
    reached over several hops. AODV (Ad hoc On-demand Distance Vector) looks for a route when
    a device has something to send, and not before.

The rules
    route request  A device `first` that has data for `last` and no route keeps the data in
                   its cache and sends a route request (RREQ) with a fresh broadcast id to all
                   neighbors. Who gets a request for the first time remembers from which neighbor
                   (the reverse path, back to `first`) and sends it on to its neighbors. A
                   request that was seen before is dropped: the pair (first, broadcast id)
                   tells. Otherwise the flood would never end.
    route reply    The device `last` does not send the request on. It answers with a route
                   reply (RREP) to the neighbor it got the request from. The reply travels
                   the reverse path. Who gets it remembers from which neighbor: that is
                   the forward path, the next hop on the way to `last`.
    data           When the reply is back at `first`, the cached data leaves, hop by hop along
                   the forward path.
    fresh routes   Several floods leave several forward paths. If a device mixes them carelessly,
                   two devices can end up as next hop of each other, and data circles for ever.
                   AODV therefore numbers its replies (destination sequence number) and counts
                   hops: a route is replaced only by a newer one, or by a shorter one of the
                   same age.

Sources
    Perkins, Royer: "Ad-hoc On-Demand Distance Vector Routing", WMCSA 1999 (section 2.1, path
    discovery). RFC 3561, AODV. Distance vectors in general: [CDK] section 3.3.5; Tanenbaum and
    Wetherall, Computer Networks, chapter 5 (routing in ad hoc networks).

Messages
    AodvRreqMessage, AodvRrepMessage   route request and route reply, about a path first ... last
    DataMessage                        data on its way to `last`
    QuitMessage                        all data is delivered: pass it on and stop

Each device has one piece of data for one other device, drawn at random. A device can send only
to the devices in `self.neighbors`, never to others: this simulates the range of the radio. The
class variable `data_messages_received` counts the deliveries. It stands outside the network, so
that the run can end: the device that makes the count complete tells its neighbors to quit,
and they tell theirs.

Given: the topology, sending and passing on data, the end. To do: `send_route_request`,
`handle_route_request`, `handle_route_reply`, `next_hop`, and what the messages have to
carry in addition.

Run it with 2 devices or more:
    python3 exercise_runner.py --lecture 12 --algorithm AodvNode --type async --devices 10
"""

# ruff: noqa: UP045
import random
import threading
from typing import Optional

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

probability_arc = 0.2  # how likely it is that two given devices are neighbors


class AodvNode(Device):
    """A device of the wireless network: sends one piece of data, passes on those of others."""

    data_messages_received = 0  # by all devices together
    messages_lock = threading.Lock()  # hold it to change data_messages_received

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        # The only devices that this one may send to.
        self.neighbors = TopologyCreator.get_topology(number_of_devices, probability_arc)[index]
        # The routing tables. Use another structure if it suits your design better.
        self.forward_path: dict[int, int] = {}  # device at the end of a path -> next hop
        self.reverse_path: dict[int, int] = {}  # device at the start of a path -> previous hop
        self.bcast_ids = []  # the route requests that were seen
        self.outgoing_message_cache: list[DataMessage] = []  # data that waits for a route
        self.saved_data: list[str] = []  # data that has arrived here

    def run(self):
        last = random.choice(
            [index for index in range(self.number_of_devices) if index != self.index]
        )
        data = f"hello {last}, this is {self.index}"
        self.send_data(DataMessage(self.index, self.index, last, data))
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def next_hop(self, last: int) -> Optional[int]:
        """The neighbor that is next on the way to `last`, or None when no route is known."""
        # TODO: look it up in the routing tables.
        todo("AodvNode.next_hop: the next hop on the way to a device")
        return None

    def send_data(self, message: "DataMessage") -> None:
        """Send data one hop further, or keep it and look for a route."""
        hop = self.next_hop(message.last)
        if hop is None:
            self.outgoing_message_cache.append(message)
            self.send_route_request(message.last)
        else:
            message.source = self.index
            message.destination = hop
            self.medium.send(message)

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handle one message. False: this device is done."""
        if isinstance(ingoing, QuitMessage):
            self.send_quit()
            return False
        if isinstance(ingoing, AodvRreqMessage):
            self.handle_route_request(ingoing)
        elif isinstance(ingoing, AodvRrepMessage):
            self.handle_route_reply(ingoing)
        elif isinstance(ingoing, DataMessage):
            if ingoing.last != self.index:
                self.send_data(ingoing)
            elif self.data_arrived(ingoing):
                self.send_quit()
                return False
        return True

    def send_route_request(self, last: int) -> None:
        """I have data for `last` and no route."""
        # TODO: send an AodvRreqMessage to every neighbor. What can be its broadcast id?
        todo("AodvNode.send_route_request: ask all neighbors for a route")

    def handle_route_request(self, ingoing: "AodvRreqMessage") -> None:
        # TODO: drop it if this request was seen before (self.bcast_ids). Otherwise remember the
        # way back (self.reverse_path). Am I `last`? Then reply, else send it on.
        todo("AodvNode.handle_route_request: remember the way back, then reply or send on")

    def handle_route_reply(self, ingoing: "AodvRrepMessage") -> None:
        # TODO: remember the way (self.forward_path). Am I `first`? Then send what waits in
        # self.outgoing_message_cache for this route, else send the reply back towards `first`.
        todo("AodvNode.handle_route_reply: remember the way, then send the data or pass on")

    def data_arrived(self, message: "DataMessage") -> bool:
        """Save and count data for me. True: these were the last data of all."""
        self.saved_data.append(message.data)
        with AodvNode.messages_lock:
            AodvNode.data_messages_received += 1
            return AodvNode.data_messages_received == self.number_of_devices

    def send_quit(self) -> None:
        for neighbor in self.neighbors:
            self.medium.send(QuitMessage(self.index, neighbor))

    def print_result(self):
        routes = ", ".join(f"{last} via {hop}" for last, hop in sorted(self.forward_path.items()))
        print(
            f"Device {self.index}: neighbors {self.neighbors}, routes: {routes or 'none'}, "
            f"received {self.saved_data}"
        )


class TopologyCreator:
    """Draws a random network in which every device can reach every other. Once per run."""

    __topology: Optional[dict[int, list[int]]] = None

    @staticmethod
    def __check_connected(topology: dict[int, list[int]]) -> bool:
        """Can all devices be reached from device 0?"""
        reached = {0}
        to_visit = [0]
        while to_visit:
            for neighbor in topology[to_visit.pop()]:
                if neighbor not in reached:
                    reached.add(neighbor)
                    to_visit.append(neighbor)
        return len(reached) == len(topology)

    @staticmethod
    def __create_topology(number_of_devices: int, probability: float) -> dict[int, list[int]]:
        """Connect each pair of devices with the given probability."""
        topology: dict[int, list[int]] = {index: [] for index in range(number_of_devices)}
        for one in range(number_of_devices):
            for other in range(one + 1, number_of_devices):
                if random.random() < probability:
                    topology[one].append(other)
                    topology[other].append(one)
        return topology

    @classmethod
    def get_topology(cls, number_of_devices: int, probability: float) -> dict[int, list[int]]:
        """The neighbors of each device. The first call draws them, all others get the same."""
        attempts = 0
        while cls.__topology is None:
            topology = cls.__create_topology(number_of_devices, probability)
            attempts += 1
            if cls.__check_connected(topology):
                cls.__topology = topology
            elif attempts == 1000:
                raise ValueError(
                    f"no connected network of {number_of_devices} devices in "
                    f"{attempts} attempts: choose a larger probability_arc"
                )
        return cls.__topology


class QuitMessage(MessageStub):
    """All data is delivered."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"QuitMessage {self.source} -> {self.destination}"


class AodvRreqMessage(MessageStub):
    """Route request: who knows the way from `first` to `last`? (Add what you need.)"""

    def __init__(self, sender: int, destination: int, first: int, last: int):
        super().__init__(sender, destination)
        self.first = first
        self.last = last

    def __str__(self):
        return f"RREQ {self.source} -> {self.destination}: ({self.first} -> {self.last})"


class AodvRrepMessage(MessageStub):
    """Route reply: this is the way from `first` to `last`. (Add what you need.)"""

    def __init__(self, sender: int, destination: int, first: int, last: int):
        super().__init__(sender, destination)
        self.first = first
        self.last = last

    def __str__(self):
        return f"RREP {self.source} -> {self.destination}: ({self.first} -> {self.last})"


class DataMessage(MessageStub):
    """Data on its way to the device `last`."""

    def __init__(self, sender: int, destination: int, last: int, data: str):
        super().__init__(sender, destination)
        self.last = last
        self.data = data

    def __str__(self):
        return f"DATA {self.source} -> {self.destination}: ({self.data}, for {self.last})"
