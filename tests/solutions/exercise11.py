"""Lecture 11, reference solution: routing and JOIN of Chord.

The rules, after Stoica et al., SIGCOMM 2001. All addresses are taken modulo 2**address_size.

    owner     A node owns the guids in (prev, itself].                                (4.1, 4.2)
    routing   n.find_successor(guid): if guid lies in (n, successor], the successor owns it; else
              pass the question on to the closest preceding finger.                   (4.3)
    join      n learns its successor: the owner of n's own id.                        (4.4)
    notify    n tells its successor, which takes n as its predecessor and hands over
              the keys that n owns from now on.                                       (4.4, 5.1)
    stabilize The node before n learns that its successor is n now.                   (5.1)
    fingers   finger[i] of a node is the owner of its id + 2**i.                      (4.3)

The paper repeats stabilize and fix_fingers for ever, because many nodes join and leave at any
time. Here one node joins, so once round the ring is enough: the successor sends the
StabilizeMessage backwards, to the node before the new one; each node passes it on to its prev,
until it ends at the new node. It carries the routing data of the new node. Each node on the way
corrects two tables: its own (perhaps the new node is a better finger) and that of the new node
(perhaps this node is a better finger). So when it comes home, all tables are right.
"""

import exercises.exercise11 as template
from emulators.Device import Device
from emulators.Medium import Medium
from exercises.exercise11 import (
    ChordClient,
    GetReqMessage,
    GetRspMessage,
    JoinDoneMessage,
    PutMessage,
    RoutingData,
    StartJoinMessage,
    all_routing_data,
    check_size,
    entry_node,
    in_between,
    new_chord_id,
)


def distance(low: int, high: int) -> int:
    """How far it is from one address up to another, round the circle."""
    return (high - low) % 2**template.address_size


def improve_fingers(table: RoutingData, node: tuple[int, int]) -> None:
    """Enter the node (index, chord id) wherever it is the better owner of a finger's address."""
    for i, finger in enumerate(table.finger_table):
        start = table.chord_id + 2**i
        if distance(start, node[1]) < distance(start, finger[1]):
            table.finger_table[i] = node


class ChordNode(template.ChordNode):
    """A node that routes, and that lets others join."""

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        connected: bool,
        routing_data: RoutingData | None,
    ):
        super().__init__(index, number_of_devices, medium, connected, routing_data)
        self.chord_id = routing_data.chord_id if routing_data else -1
        self.join_started_by = -1

    # ---- routing

    def is_request_for_me(self, guid: int) -> bool:
        return guid == self.chord_id or in_between(guid, self.routing_data.prev[1], self.chord_id)

    def next_hop(self, guid: int) -> int:
        for index, node in reversed(self.routing_data.finger_table):
            if node == guid or in_between(node, self.chord_id, guid):
                return index
        successor, _ = self.routing_data.finger_table[0]
        return successor

    def handle_put(self, ingoing: PutMessage) -> None:
        if self.is_request_for_me(ingoing.guid):
            self.saved_data = [item for item in self.saved_data if item[0] != ingoing.guid]
            self.saved_data.append((ingoing.guid, ingoing.data))
        else:
            self.pass_on(ingoing, self.next_hop(ingoing.guid))

    def handle_get(self, ingoing: GetReqMessage) -> None:
        if self.is_request_for_me(ingoing.guid):
            data = dict(self.saved_data).get(ingoing.guid, "")
            self.medium.send(GetRspMessage(self.index, ingoing.client, ingoing.guid, data))
        else:
            self.pass_on(ingoing, self.next_hop(ingoing.guid))

    # ---- join

    def start_join(self, ingoing: StartJoinMessage) -> None:
        """New node: who owns my chord id until now? That node will be my successor."""
        self.join_started_by = ingoing.source
        self.chord_id = new_chord_id()
        newcomer = (self.index, self.chord_id)
        self.medium.send(JoinReqMessage(self.index, entry_node, newcomer))

    def handle_join_request(self, ingoing: "JoinReqMessage") -> None:
        """Ring: the owner of the chord id answers. Nothing changes yet."""
        newcomer, chord_id = ingoing.newcomer
        if self.is_request_for_me(chord_id):
            me = (self.index, self.chord_id)
            self.medium.send(JoinRspMessage(self.index, newcomer, me, self.routing_data.prev))
        else:
            self.pass_on(ingoing, self.next_hop(chord_id))

    def handle_join_response(self, ingoing: "JoinRspMessage") -> None:
        """New node: I know my neighbors, no better finger yet. That routes right, but slowly."""
        fingers = [ingoing.successor] * template.address_size
        self.routing_data = RoutingData(self.index, self.chord_id, ingoing.prev, fingers)
        improve_fingers(self.routing_data, (self.index, self.chord_id))
        self.connected = True
        self.medium.send(NotifyMessage(self.index, ingoing.successor[0], self.routing_data))

    def handle_notify(self, ingoing: "NotifyMessage") -> None:
        """Successor: the new node is my predecessor, and what it owns moves to it."""
        newcomer = ingoing.newcomer
        old_prev, _ = self.routing_data.prev
        self.routing_data.prev = (newcomer.index, newcomer.chord_id)
        for guid, data in self.saved_data:
            if not self.is_request_for_me(guid):
                self.medium.send(PutMessage(self.index, newcomer.index, guid, data))
        self.saved_data = [item for item in self.saved_data if self.is_request_for_me(item[0])]
        self.medium.send(StabilizeMessage(self.index, old_prev, newcomer))

    def handle_stabilize(self, ingoing: "StabilizeMessage") -> None:
        """Ring: correct both finger tables and pass on. New node: all have done so, joined."""
        newcomer = ingoing.newcomer
        if newcomer.index == self.index:
            self.routing_data.finger_table = newcomer.finger_table
            self.medium.send(JoinDoneMessage(self.index, self.join_started_by))
            return
        improve_fingers(self.routing_data, (newcomer.index, newcomer.chord_id))
        improve_fingers(newcomer, (self.index, self.chord_id))
        self.pass_on(ingoing, self.routing_data.prev[0])


class ChordNetwork(template.ChordNetwork):
    """The same network, of the nodes above."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium) -> Device:
        if index == 0:
            check_size(number_of_devices)
            cls.init_routing_tables(number_of_devices)
            return ChordClient(index, number_of_devices, medium)
        if index == 1:
            return ChordNode(index, number_of_devices, medium, False, None)
        return ChordNode(index, number_of_devices, medium, True, all_routing_data[index - 2])


class JoinReqMessage(template.JoinReqMessage):
    """The new node, as a pair (index, chord id). Routed like a PUT, by the chord id."""

    def __init__(self, sender: int, destination: int, newcomer: tuple[int, int]):
        super().__init__(sender, destination)
        self.newcomer = newcomer

    def __str__(self):
        return f"{super().__str__()}: {self.newcomer}"


class JoinRspMessage(template.JoinRspMessage):
    """The place of the new node: between prev and successor."""

    def __init__(
        self, sender: int, destination: int, successor: tuple[int, int], prev: tuple[int, int]
    ):
        super().__init__(sender, destination)
        self.successor = successor
        self.prev = prev

    def __str__(self):
        return f"{super().__str__()}: between {self.prev} and {self.successor}"


class NotifyMessage(template.NotifyMessage):
    """New node -> successor. The newcomer is the routing data of the new node."""

    def __init__(self, sender: int, destination: int, newcomer: RoutingData):
        super().__init__(sender, destination)
        self.newcomer = newcomer

    def __str__(self):
        return f"{super().__str__()}: {self.newcomer.to_string()}"


class StabilizeMessage(template.StabilizeMessage):
    """Successor -> the node before the new one -> its prev -> … -> successor -> new node."""

    def __init__(self, sender: int, destination: int, newcomer: RoutingData):
        super().__init__(sender, destination)
        self.newcomer = newcomer

    def __str__(self):
        return f"{super().__str__()}: {self.newcomer.to_string()}"
