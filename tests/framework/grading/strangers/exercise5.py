from exercises.exercise5 import *
from exercises.exercise5 import (
    Order,
    TOSEQMulticast,
    ISISMulticast as GivenISIS,
    FifoGroupMulticast,
)


class FifoTOSEQMulticast(TOSEQMulticast):
    # at the sender: the next content leaves when my last one has been delivered to me

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self.queue = []
        self.waiting = False

    def send(self, content):
        self.queue.append(content)
        self.next()

    def next(self):
        if self.queue and not self.waiting:
            self.waiting = True
            super().send(self.queue.pop(0))

    def try_deliver(self):
        while self._g_seq in self._order and self._order[self._g_seq] in self._received:
            mid = self._order[self._g_seq]
            self._application.deliver(self._received[mid])
            del self._received[mid]
            self._g_seq += 1
            if mid[0] == self.index:
                self.waiting = False
                self.next()


class FifoOverlapMulticast(FifoGroupMulticast):
    # one number for all groups, and the list of what went to which group before

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self.history = []

    def stamp(self, group):
        self.history.append(group)
        return {"before": tuple(self.history[:-1]), group: self._sent[group]}

    def is_next(self, sender, group, stamp):
        mine = [g for g in stamp["before"] if g in self.my_groups()]
        got = sum(self._delivered[sender, g] for g in self.my_groups())
        return got == len(mine)


class ISISMulticast(GivenISIS):
    # fractions: the index of the proposer after the point

    def propose(self, message_id, content):
        self._p_seq = max(int(self._a_seq), int(self._p_seq)) + 1 + self.index / 1000
        self._hb_q[message_id] = content
        self._order[message_id] = self._p_seq
        self.medium.send(Vote(self.index, message_id[0], (self._p_seq, self.index), message_id))

    def agree(self, message_id, order):
        self._a_seq = max(self._a_seq, order)
        self._order[message_id] = order
        self._agreed.add(message_id)
        self.try_deliver()
