"""Lecture 1, reference solution: gossip on a complete graph and on a ring.

How many messages are enough for n devices?

    Gossip              everybody tells everybody                   n * (n - 1)
    ImprovedGossip      device 0 collects, then spreads             2n - 2
    TelephoneGossip     calls, in which both sides speak            2n - 4 calls for n >= 4
    RingGossip          who learns something tells both neighbors   grows with n * n
    ImprovedRingGossip  one message, almost twice around the ring   2n - 2

Fewer than 2n - 2 messages are never enough. Take the moment at which some device is the first to
know everything. From each of the other n - 1 devices a message has been received by then, or its
secret could not have left it. From then on each of the other n - 1 devices still has to receive a
message, because it does not know everything yet. No message is counted twice.

The well-known result 2n - 4 counts telephone calls: both sides learn what the other side knows.
A call takes two messages, one in each direction, so 2n - 4 calls are 4n - 8 messages.
"""

from emulators.Medium import Medium
from exercises.exercise1 import Gossip as Template
from exercises.exercise1 import GossipMessage


class Gossip(Template):
    """Scenario 1, plain: everybody tells everybody. n * (n - 1) messages."""

    def run(self) -> None:
        for other in self.medium.ids:
            if other != self.index:
                self.tell(other)
        while not self.knows_everything():
            self.listen()

    def tell(self, other: int) -> None:
        """Send all I know to one device."""
        self.medium.send(GossipMessage(self.index, other, self._secrets))

    def listen(self) -> int:
        """Wait for a message, learn its secrets, and say who sent it."""
        message = self.medium.receive()
        while message is None:
            self.medium.wait_for_next_round()
            message = self.medium.receive()
        self._secrets.update(message.secrets)
        return message.source

    def knows_everything(self) -> bool:
        return len(self._secrets) == self.number_of_devices


class ImprovedGossip(Gossip):
    """Scenario 1 with as few messages as possible: device 0 collects, then spreads. 2n - 2."""

    def run(self) -> None:
        if self.index == 0:
            self.collect_and_spread()
        else:
            self.tell(0)
            self.listen()

    def collect_and_spread(self) -> None:
        while not self.knows_everything():
            self.listen()
        for other in range(1, self.number_of_devices):
            self.tell(other)


def telephone_calls(number_of_devices: int) -> list[tuple[int, int]]:
    """Who calls whom, in this order.

    All others call device 0. Devices 0, 1, 2 and 3 then need only four calls to know everything:
    0-1 and 2-3, then 0-2 and 1-3. Device 0 calls all others back. (n - 4) + 4 + (n - 4) calls.
    With fewer than four devices there is no such square, and 2n - 3 calls are needed.
    """
    if number_of_devices < 4:
        collect = [(other, 0) for other in range(1, number_of_devices)]
        return collect + [(0, other) for other in range(1, number_of_devices - 1)]
    others = range(4, number_of_devices)
    square = [(0, 1), (2, 3), (0, 2), (1, 3)]
    return [(other, 0) for other in others] + square + [(0, other) for other in others]


class TelephoneGossip(Gossip):
    """Scenario 1 with calls: a message and its answer. 2n - 4 calls for n >= 4.

    Every device takes part in its calls in the order of the list. Who calls too early waits:
    the message stays remembered until its turn has come.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self._early: list[int] = []  # senders whose message came before its turn

    def run(self) -> None:
        for caller, called in telephone_calls(self.number_of_devices):
            if self.index == caller:
                self.tell(called)
                self.listen_to(called)
            elif self.index == called:
                self.listen_to(caller)
                self.tell(caller)

    def listen_to(self, other: int) -> None:
        while other not in self._early:
            self._early.append(self.listen())
        self._early.remove(other)


class RingGossip(Gossip):
    """Scenario 2, plain: who learns something new tells both neighbors."""

    def run(self) -> None:
        self.tell_neighbors()
        while not self.knows_everything():
            known = len(self._secrets)
            self.listen()
            if len(self._secrets) > known:
                self.tell_neighbors()

    def tell_neighbors(self) -> None:
        # With two devices, left and right are the same one: a set holds it once.
        for neighbor in sorted({self.left(), self.right()}):
            self.tell(neighbor)

    def left(self) -> int:
        return (self.index - 1) % self.number_of_devices

    def right(self) -> int:
        return (self.index + 1) % self.number_of_devices


class ImprovedRingGossip(RingGossip):
    """Scenario 2 with as few messages as possible. 2n - 2.

    First lap, 0 -> 1 -> ... -> n-1: each device adds its secret, the last one knows everything.
    Second lap, n-1 -> 0 -> ... -> n-2: everybody hears everything.
    """

    def run(self) -> None:
        last = self.number_of_devices - 1
        if self.index != 0:
            self.listen()
        self.tell(self.right())  # the last device begins the second lap with this message
        if self.index != last:
            self.listen()
            if self.index != last - 1:
                self.tell(self.right())
