"""Reference solution of lecture 5: multicast.

Only what the template leaves open; all else is imported from it. Under each class name: the rule,
why it is right, and what it costs.
"""

from emulators.Medium import Medium
from exercises.exercise5 import (
    FifoGroupMulticast,
    Multicaster,  # noqa: F401 (so that --set finds its constants)
    Order,
    ReliableMulticast,
    TOSEQMulticast,
)
from exercises.exercise5 import ISISMulticast as ISISWithTies


class FifoTOSEQMulticast(TOSEQMulticast):
    """Total order that is FIFO order too.

    Rule: the sequencer gives a number to message k of a sender after it has given one to message
    k - 1 of that sender. What arrives earlier waits at the sequencer.

    Everybody delivers in the order of the numbers, which is the same for all (total), and in which
    each sender's messages stand as it sent them (FIFO). It costs no message more, only waiting.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._early = set()  # ids of messages that wait for a number
        self._next = [1] * number_of_devices  # which message of each sender gets a number next

    def give_order(self, message_id: (int, int)) -> None:
        self._early.add(message_id)
        sender, _ = message_id
        while (sender, self._next[sender]) in self._early:
            first = (sender, self._next[sender])
            self._early.remove(first)
            self._next[sender] += 1
            super().give_order(first)


class ReliableFifoTOSEQMulticast(FifoTOSEQMulticast):
    """The same over reliable multicast: is it reliable, and can it become so?

    Over BasicMulticast it is not: if a sender crashes half way, those that received the message
    deliver it, and the others know its number and wait for it for ever. Over ReliableMulticast
    both messages and Orders reach all working devices or none, so all of them deliver the same.
    What is left is the sequencer: when it crashes, everybody waits, and a new one must be elected.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._b_multicast = ReliableMulticast(index, number_of_devices, medium, application=self)


class ISISMulticast(ISISWithTies):
    """ISIS with ties broken.

    A tie: the largest proposals for two messages are equal, made by two different devices. It can
    be noticed when votes are counted, and at the latest when held back messages are compared.

    Rule: a place is a pair (number, proposer), compared by the number first. No device proposes a
    number twice, so no pair is proposed twice, and no two messages get the same place. The largest
    pair is agreed on, proposer included, and a proposal is held back under its pair as well.
    """

    def propose(self, message_id: (int, int), content) -> None:
        super().propose(message_id, content)
        self._order[message_id] = (self._p_seq, self.index)

    def count_votes(self, message_id: (int, int)) -> Order:
        return Order(message_id, max(self._votes.pop(message_id)))

    def agree(self, message_id: (int, int), order: (int, int)) -> None:
        number, _ = order
        self._a_seq = max(self._a_seq, number)
        self._order[message_id] = order
        self._agreed.add(message_id)
        self.try_deliver()


class FifoOverlapMulticast(FifoGroupMulticast):
    """FIFO order for each sender, whichever groups it sends to.

    How it is broken: a sender's messages to the two groups are numbered apart, so a device in both
    groups cannot tell which one came first.

    Rule ([CDK] 15.4.3): a message carries how many messages its sender has sent to every group. A
    device looks only at its own groups: the message is the next one when nothing is missing in any
    of them. It must not wait for messages to groups that it does not belong to.
    """

    def stamp(self, group: str) -> dict[str, int]:
        return dict(self._sent)

    def is_next(self, sender: int, group: str, stamp: dict[str, int]) -> bool:
        self_counted = {**stamp, group: stamp[group] - 1}
        return all(self._delivered[sender, mine] == self_counted[mine] for mine in self.my_groups())
