import random
from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class GossipMessage(MessageStub):
    def __init__(self, sender: int, destination: int, secrets):
        super().__init__(sender, destination)
        # we use a set to keep the secrets here
        self.secrets = secrets

    def __str__(self):
        return f"{self.source} -> {self.destination} : {self.secrets}"


class Gossip(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._secrets = set([index])
        self.told = set()

    def run(self):
        n = self.number_of_devices()
        # tell random partners whatever is known, until everybody must have heard from me
        todo = [i for i in self.medium().ids() if i != self.index()]
        random.shuffle(todo)
        while True:
            ingoing = self.medium().receive()
            while ingoing is not None:
                self._secrets |= set(ingoing.secrets)
                ingoing = self.medium().receive()
            if todo:
                self.medium().send(GossipMessage(self.index(), todo.pop(), list(self._secrets)))
            elif len(self._secrets) == n:
                return
            self.medium().wait_for_next_round()

    def print_result(self):
        print(f"\tDevice {self.index()} got secrets: {self._secrets}")


class ImprovedGossip(Gossip):
    """A chain up to the last device and back again."""

    def run(self):
        me, last = self.index(), self.number_of_devices() - 1
        if me > 0:
            self.wait()
        if me < last:
            self.medium().send(GossipMessage(me, me + 1, self._secrets))
            self.wait()
        if me > 0:
            self.medium().send(GossipMessage(me, me - 1, self._secrets))

    def wait(self):
        while True:
            m = self.medium().receive()
            if m is not None:
                self._secrets = self._secrets.union(m.secrets)
                return
            self.medium().wait_for_next_round()


class RingGossip(Gossip):
    def run(self):
        n = self.number_of_devices()
        right = (self.index() + 1) % n
        for step in range(n - 1):
            self.medium().send(GossipMessage(self.index(), right, frozenset(self._secrets)))
            before = None
            while before is None:
                before = self.medium().receive()
                if before is None:
                    self.medium().wait_for_next_round()
            self._secrets.update(before.secrets)
        # latecomers may have overtaken
        while len(self._secrets) < n:
            m = self.medium().receive()
            if m:
                self._secrets.update(m.secrets)
            else:
                self.medium().wait_for_next_round()


class ImprovedRingGossip(ImprovedGossip):
    pass
