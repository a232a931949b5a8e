"""Lecture 1: gossip.

The problem
    Every device knows one secret at first, different from all others: its own index.
    A message passes on all secrets that its sender knows at that moment.
    A message goes from one device to one other device, never to several at once.
    Different pairs may talk at the same time.
    In the end every device shall know every secret, and every `run` shall return.

    Scenario 1, complete graph: a device may send to every other device.
    Scenario 2, ring: a device may send to its left and its right neighbor only,
    that is to (index - 1) and (index + 1), both modulo the number of devices.

Source: B. Baker, R. Shostak: Gossips and telephones, Discrete Mathematics 2 (1972);
F. Harary, A. Schwenk: The communication problem on graphs and digraphs, Journal of the
Franklin Institute 297 (1974).

Messages
    GossipMessage   secrets: a set with all secrets that the sender knows

Given: the message, the first secret, the result line, and a first conversation in `run`.
To do: `run`, for both scenarios. Copies of the class under other names may stand in this file,
    ImprovedGossip and RingGossip for instance. Use the async network.

Run it with, for instance
    python3 exercise_runner.py --lecture 1 --algorithm Gossip --type async --devices 3
The tasks are in docs/lectures/01.md.
"""

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo


class GossipMessage(MessageStub):
    """Passes on all secrets that the sender knows."""

    def __init__(self, sender: int, destination: int, secrets: set[int]) -> None:
        super().__init__(sender, destination)
        self.secrets = secrets

    def __str__(self) -> str:
        secrets = ", ".join(str(secret) for secret in sorted(self.secrets))
        return f"GossipMessage {self.source} -> {self.destination}: {secrets}"


class Gossip(Device):
    """A device that wants to know every secret."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self._secrets = {index}

    def run(self) -> None:
        # A first conversation, to show how to send and how to wait for a message.
        # It is not enough: replace it.
        right = (self.index + 1) % self.number_of_devices
        self.medium.send(GossipMessage(self.index, right, self._secrets))

        message = self.medium.receive()
        while message is None:  # nothing here now: let time pass, then look again
            self.medium.wait_for_next_round()
            message = self.medium.receive()
        self._secrets.update(message.secrets)

        todo("Gossip.run: go on until every device knows every secret")

    def print_result(self) -> None:
        secrets = ", ".join(str(secret) for secret in sorted(self._secrets))
        known = f"{len(self._secrets)} of {self.number_of_devices}"
        print(f"Device {self.index}: knows {known} secrets: {secrets}")
