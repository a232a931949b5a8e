import random

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

address_size = 6
all_nodes = []
all_routing_data = []


class RoutingData:
    def __init__(self, index, chord_id, prev, finger_table):
        self.index = index
        self.chord_id = chord_id
        self.prev = prev
        self.finger_table = finger_table

    def to_string(self):
        return f"{self.index}, {self.chord_id}, {self.prev}, {self.finger_table}"


def up(low, high):
    # how far is it from low up to high
    return (high - low) % 2**address_size


def in_between(candidate: int, low: int, high: int):
    return 0 < up(low, candidate) < (up(low, high) or 2**address_size)


def fingers_of(chord_id, ring):
    return [min(ring, key=lambda node: up(chord_id + 2**i, node[1])) for i in range(address_size)]


class ChordNode(Device):
    def __init__(self, index, number_of_devices, medium: Medium, connected, routing_data):
        super().__init__(index, number_of_devices, medium)
        self.connected = connected
        self.routing_data = routing_data
        self.saved_data = {}

    def run(self):
        # a node never stops by itself: the client says when
        while True:
            ingoing = self.medium().receive()
            if ingoing is None:
                self.medium().wait_for_next_round()
            elif not self.handle_ingoing(ingoing):
                return

    def is_request_for_me(self, guid):
        me = self.routing_data
        # nearer to me than to the one before me
        return up(guid, me.chord_id) < up(me.prev[1], me.chord_id)

    def next_hop(self, guid):
        # the closest preceding node, as in the paper; else the successor
        best, far = self.routing_data.finger_table[0][0], -1
        for index, node in self.routing_data.finger_table:
            if in_between(node, self.routing_data.chord_id, guid):
                if up(self.routing_data.chord_id, node) > far:
                    best, far = index, up(self.routing_data.chord_id, node)
        return best

    def routed(self, message, guid):
        # True when it has to go on, and does
        if self.is_request_for_me(guid):
            return False
        message.source = self.index()
        message.destination = self.next_hop(guid)
        self.medium().send(message)
        return True

    def handle_ingoing(self, ingoing: MessageStub):
        if isinstance(ingoing, PutMessage):
            if not self.routed(ingoing, ingoing.guid):
                self.saved_data[ingoing.guid] = ingoing.data
        elif isinstance(ingoing, GetReqMessage):
            if not self.routed(ingoing, ingoing.guid):
                data = self.saved_data.get(ingoing.guid, "")
                self.medium().send(GetRspMessage(self.index(), 0, ingoing.guid, data))
        elif isinstance(ingoing, StartJoinMessage):
            self.my_id = random.choice([a for a in range(2**address_size) if a not in all_nodes])
            self.medium().send(JoinReqMessage(self.index(), 2, self.index(), self.my_id))
        elif isinstance(ingoing, JoinReqMessage):
            if not self.routed(ingoing, ingoing.chord_id):
                self.let_in(ingoing.new, ingoing.chord_id)
        elif isinstance(ingoing, JoinRspMessage):
            self.saved_data.update(ingoing.data)
            self.prev = ingoing.prev
            self.medium().send(
                StabilizeMessage(
                    self.index(), ingoing.next[0], (self.index(), self.my_id), [ingoing.next]
                )
            )
        elif isinstance(ingoing, StabilizeMessage):
            self.walk(ingoing)
        elif isinstance(ingoing, QuitMessage):
            return False
        return True

    def let_in(self, new, chord_id):
        me = self.routing_data
        old, me.prev = me.prev, (new, chord_id)
        moving = {g: d for g, d in self.saved_data.items() if not self.is_request_for_me(g)}
        self.saved_data = {g: d for g, d in self.saved_data.items() if g not in moving}
        self.medium().send(
            JoinRspMessage(self.index(), new, (self.index(), me.chord_id), old, moving)
        )

    def walk(self, message):
        # once around the ring, upwards; the new node learns who is there
        if message.new[0] == self.index():
            ring = [message.new, *message.seen]
            self.routing_data = RoutingData(
                self.index(), self.my_id, self.prev, fingers_of(self.my_id, ring)
            )
            self.medium().send(JoinDoneMessage(self.index(), 0))
            return
        me = self.routing_data
        known = [*me.finger_table, message.new, (self.index(), me.chord_id)]
        me.finger_table = fingers_of(me.chord_id, known)
        seen = [*message.seen, (self.index(), me.chord_id)]
        self.medium().send(StabilizeMessage(self.index(), me.finger_table[0][0], message.new, seen))

    def print_result(self):
        print(f"Chord node {self.index()} quits, it was still connected")


class ChordClient(Device):
    def run(self):
        guids = random.sample(range(2**address_size), 8)
        for guid in guids:
            self.medium().send(PutMessage(self.index(), 2, guid, f"hello {guid}"))
        self.pause()
        self.ask(guids)
        self.medium().send(StartJoinMessage(self.index(), 1))
        for _ in range(10 * self.number_of_devices()):
            m = self.medium().receive()
            if isinstance(m, JoinDoneMessage):
                break
            self.medium().wait_for_next_round()
        self.ask(guids)
        for i in range(1, self.number_of_devices()):
            self.medium().send(QuitMessage(self.index(), i))

    def pause(self):
        for _ in range(100):
            self.medium().wait_for_next_round()

    def ask(self, guids):
        for guid in guids:
            self.medium().send(GetReqMessage(self.index(), 2, guid))
        self.pause()
        self.medium().receive_all()

    def print_result(self):
        print(f"client {self.index()} quits")


class ChordNetwork:
    @staticmethod
    def init_routing_tables(number_of_devices: int):
        all_nodes.clear()
        all_routing_data.clear()
        all_nodes.extend(sorted(random.sample(range(2**address_size), number_of_devices - 2)))
        ring = [(i + 2, node) for i, node in enumerate(all_nodes)]
        for i, (index, node) in enumerate(ring):
            all_routing_data.append(RoutingData(index, node, ring[i - 1], fingers_of(node, ring)))

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == 0:
            cls.init_routing_tables(number_of_devices)
            return ChordClient(index, number_of_devices, medium)
        if index == 1:
            return ChordNode(index, number_of_devices, medium, False, None)
        return ChordNode(index, number_of_devices, medium, True, all_routing_data[index - 2])


class QuitMessage(MessageStub):
    pass


class StartJoinMessage(MessageStub):
    pass


class JoinDoneMessage(MessageStub):
    pass


class PutMessage(MessageStub):
    def __init__(self, sender: int, destination: int, guid: int, data: str):
        super().__init__(sender, destination)
        self.guid = guid
        self.data = data

    def __str__(self):
        return f"PUT MESSAGE {self.source} -> {self.destination}: ({self.guid}, {self.data})"


class GetReqMessage(MessageStub):
    def __init__(self, sender: int, destination: int, guid: int):
        super().__init__(sender, destination)
        self.guid = guid


class GetRspMessage(PutMessage):
    pass


class JoinReqMessage(MessageStub):
    def __init__(self, sender: int, destination: int, new, chord_id):
        super().__init__(sender, destination)
        self.new = new
        self.chord_id = chord_id


class JoinRspMessage(MessageStub):
    def __init__(self, sender: int, destination: int, following, prev, data):
        super().__init__(sender, destination)
        self.next = following
        self.prev = prev
        self.data = data


class StabilizeMessage(MessageStub):
    def __init__(self, sender: int, destination: int, new, seen):
        super().__init__(sender, destination)
        self.new = new
        self.seen = seen
