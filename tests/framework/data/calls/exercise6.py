import random
from collections import Counter

from emulators.Device import Device
from emulators.MessageStub import MessageStub


class SimpleRequester:
    _some = False
    _consensus = None

    def __init__(self):
        self._proposal = random.choice(["yes", "no"])
        if not SimpleRequester._some:
            # the first one proposes something special
            SimpleRequester._some = True
            self._proposal = "special"

    @property
    def initial_value(self):
        return self._proposal

    def consensus_reached(self, element):
        if SimpleRequester._consensus is None:
            SimpleRequester._consensus = element
        if SimpleRequester._consensus != element:
            raise ValueError(f"Disagreement: {SimpleRequester._consensus} and {element}")


class Propose(MessageStub):
    def __init__(self, value, sender=0, destination=0):
        super().__init__(sender, destination)
        self._value = value

    def value(self):
        return self._value


class FResilientConsensus(Device):
    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else SimpleRequester()
        self._f = len(medium.ids()) - 1
        self._last = max(medium.ids())
        self._v = set([self._application.initial_value])

    def run(self):
        for i in range(self._f + 1):
            self.b_multicast(Propose(frozenset(self._v)))
            self.medium().wait_for_next_round()
            for p in self.medium().receive_all():
                self._v |= p.value()
        self._application.consensus_reached(min(self._v))

    def b_multicast(self, message):
        message.source = self.index
        for i in self.medium().ids():
            message.destination = i
            self.medium().send(message)

    def print_result(self):
        print(f"Device {self.index()} agrees on {min(self._v)} of {Counter(self._v)}")


class Pings(Device):
    # nothing but bare stubs
    def run(self):
        self.medium().send(MessageStub(self.index(), self.number_of_devices()))
        self.medium().send(MessageStub(self.index(), None))
        stub = MessageStub(self.index, random.choice(self.medium().ids()))
        self.medium().send(stub)
        self.got = []
        for _ in range(10):
            self.medium().wait_for_next_round()
            stub = self.medium().receive()
            if stub is not None:
                self.got.append((stub.source, stub.destination))
