# uses the new interface
from emulators import Device
from emulators import MessageStub


class GossipMessage(MessageStub):
    def __init__(self, sender, destination, secrets):
        super().__init__(sender, destination)
        self.secrets = secrets

    def __str__(self):
        return "%d -> %d : %s" % (self.source, self.destination, self.secrets)


class Gossip(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self._secrets = {index}

    def run(self):
        msg = GossipMessage(self.index, 0, self._secrets)
        for i in self.medium.ids:
            if i is self.index:
                continue
            msg.destination = i
            self.medium.send(msg)
            msg.secrets = msg.secrets.copy()
        while True:
            m = self.medium.receive()
            if m is None:
                self.medium.wait_for_next_round()
            else:
                self._secrets.update(m.secrets)
            if len(self._secrets) is self.number_of_devices:
                break
        return self._secrets

    def print_result(self):
        print(f"\tDevice {self.index} got secrets: {sorted(self._secrets)}")


class Busy(Gossip):
    """no wait at all, just look again"""

    def run(self):
        for i in self.medium.ids:
            if not (i is self.index):
                self.medium.send(GossipMessage(self.index, i, self._secrets))
        while len(self._secrets) < self.number_of_devices:
            m = self.medium.receive()
            if m:
                self._secrets = self._secrets | m.secrets
