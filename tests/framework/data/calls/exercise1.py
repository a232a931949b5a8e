import random

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class GossipMessage(MessageStub):
    def __init__(self, sender: int, destination: int, secrets):
        super().__init__(sender, destination)
        self.secrets = secrets

    def __str__(self):
        return f"{self.source} -> {self.destination} : {self.secrets}"


class Gossip(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._secrets = set([index])

    def run(self):
        # we talk to everybody until we know everything, nobody waits for a round here
        while len(self._secrets) < self.number_of_devices():
            target = random.choice(self.medium().ids())
            if target == self.index:
                continue
            self.medium().send(GossipMessage(self.index(), target, self._secrets))
            for _ in range(5):
                ingoing = self.medium().receive()
                if ingoing is not None:
                    self._secrets.update(ingoing.secrets)
            self.medium().wait_for_next_round()
        # tell all the others what we know
        for i in self.medium().ids():
            if i != self.index():
                self.medium().send(GossipMessage(self.index, i, self._secrets))

    def print_result(self):
        print(f"\tDevice {self.index} got secrets: {self._secrets}")


class RingGossip(Gossip):
    """around in a circle, twice"""

    def run(self):
        half = self.number_of_devices / 2
        self.far = int(half + self.index) % self.number_of_devices
        next_one = (self.index + 1) % self.number_of_devices
        if self.index == 0:
            self.medium().send(GossipMessage(self.index, next_one, self._secrets))
        for _ in range(2):
            ingoing = None
            while ingoing is None:
                ingoing = self.medium().receive()
                if ingoing is None:
                    self.medium().wait_for_next_round()
            self._secrets = self._secrets | ingoing.secrets
            message = GossipMessage(self.index, next_one, self._secrets)
            self.medium().send(message)


class PollingGossip(Gossip):
    # this version never calls wait_for_next_round

    def run(self):
        message = GossipMessage(self.index(), None, self._secrets)
        for message.destination in self.medium().ids():
            if message.destination is not self.index():
                self.medium().send(message)
        while len(self._secrets) != self.number_of_devices():
            ingoing = self.medium().receive()
            if ingoing:
                self._secrets = self._secrets.union(ingoing.secrets)
