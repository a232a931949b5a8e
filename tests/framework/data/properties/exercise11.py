import math
import random

from emulators.Device import Device
from emulators.MessageStub import MessageStub

address_size = 6
all_nodes = []
all_routing_data = []


class RoutingData:
    def __init__(self, index, chord_id):
        self.index = index
        self.chord_id = chord_id
        self.prev = None
        self.next = None


def in_between(candidate, low, high):
    low = low % pow(2, address_size)
    high = high % pow(2, address_size)
    candidate = candidate % pow(2, address_size)
    if low == high:
        return False
    if low < high:
        return low < candidate <= high
    return low < candidate or candidate <= high


class PutMessage(MessageStub):
    def __init__(self, sender, destination, key, value):
        super().__init__(sender, destination)
        self.key = key
        self.value = value
        self.hops = 0


class ChordNetwork:
    def __init__(self):
        pass

    def __new__(cls, index, number_of_devices, medium):
        if len(all_routing_data) == 0:
            # first caller decides for all of them
            ids = random.sample(range(pow(2, address_size)), number_of_devices)
            for i in medium.ids:
                all_routing_data.append(RoutingData(i, ids[i]))
            ring = sorted(all_routing_data, key=lambda r: r.chord_id)
            for i, r in enumerate(ring):
                r.prev = ring[i - 1]
                r.next = ring[(i + 1) % len(ring)]
        if index == max(medium.ids):
            return ChordClient(index, number_of_devices, medium)
        node = ChordNode(index, number_of_devices, medium, all_routing_data[index])
        all_nodes.append(node)
        return node


class ChordNode(Device):
    def __init__(self, index, number_of_devices, medium, routing_data):
        super().__init__(index, number_of_devices, medium)
        self.routing = routing_data
        self.saved_data = {}
        self.bits = math.log2(pow(2, address_size))

    def run(self):
        idle = 0
        while idle < 20:
            m = self.medium.receive()
            if m is None:
                idle += 1
            elif in_between(m.key, self.routing.prev.chord_id, self.routing.chord_id):
                self.saved_data[m.key] = m.value
            else:
                m.hops += 1
                m.destination = self.routing.next.index
                if m.hops < 50:
                    self.medium.send(m)
            self.medium.wait_for_next_round()

    def print_result(self):
        print(f"Chord node {self.index}, id {self.routing.chord_id}: {self.saved_data}")


class ChordClient(Device):
    # sits in the ring too and passes messages on
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.node = ChordNode(index, number_of_devices, medium, all_routing_data[index])

    def run(self):
        for key in range(0, pow(2, address_size), 7):
            to = random.choice(all_nodes).index
            self.medium.send(PutMessage(self.index, to, key, f"value {key}"))
            self.medium.wait_for_next_round()
        self.node.run()

    def print_result(self):
        self.node.print_result()
