import random
from collections import Counter

from exercises.exercise6 import *
from exercises.exercise6 import King as TemplateKing
from exercises.exercise6 import PAXOS as TemplatePAXOS
from exercises.exercise6 import Propose, RequestAcceptMessage, SimpleRequester


class King(TemplateKing):
    # everything in one loop over 2 * (f + 1) rounds, values in lists

    def run(self):
        n = self.number_of_devices
        v = self._application.initial_value
        majority, mult = None, 0
        for r in range(2 * (self._f + 1)):
            phase, second = divmod(r, 2)
            if not second:
                self.b_multicast(Propose(v))
            elif phase == self.index:
                self.b_multicast(Propose(majority))
            self.medium.wait_for_next_round()
            got = {}
            m = self.medium.receive()
            while m is not None:
                if m.source not in got:
                    got[m.source] = m.value()
                m = self.medium.receive()
            if not second:
                counts = Counter(got[i] for i in sorted(got))
                majority, mult = counts.most_common(1)[0]
            elif mult > n / 2 + self._f:
                v = majority
            else:
                v = got.get(phase, majority)
        self._application.consensus_reached(v)


class PAXOS(TemplatePAXOS):
    # proposer and acceptor in the device itself; a thread-free timer in rounds

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self.n = number_of_devices
        self.number = None
        self.round = -1
        self.got = {}
        self.asked = False
        self.yes = set()
        self.finished = False
        self.wait = random.randint(0, 3 * number_of_devices)
        self.promised, self.accepted = -1, (-1, None)
        self.value = self._application.initial_value
        self.decided = False
        self.votes = {}
        self.quiet = 0

    def run(self):
        while not self.decided or self.quiet < 300:
            self.quiet += 1
            self.wait -= 1
            if not self.decided and self.wait < 0:
                self.round += 1
                self.number = self.round * self.n + self._id
                self.got, self.asked = {}, False
                self.wait = random.randint(10, 10 + 5 * self.n * (1 + self.round))
                for i in self.medium.ids:
                    self.medium.send(PrepareMessage(self._id, i, self.number))
            m = self.medium.receive()
            while m:
                self.quiet = 0
                self.on(m)
                m = self.medium.receive()
            self.medium.wait_for_next_round()

    def on(self, m):
        if isinstance(m, PrepareMessage) and m.uid > self.promised:
            self.promised = m.uid
            self.medium.send(PromiseMessage(self._id, m.source, m.uid, *self.accepted))
        elif isinstance(m, PromiseMessage) and m.uid == self.number:
            self.got[m.source] = (m.prev_uid, m.prev_value)
            if not self.asked and len(self.got) > self.n / 2:
                self.asked = True
                best = max(self.got.values(), key=lambda p: p[0])
                v = best[1] if best[0] >= 0 else self.value
                for i in self.medium.ids:
                    self.medium.send(RequestAcceptMessage(self._id, i, self.number, v))
        elif isinstance(m, RequestAcceptMessage) and m.uid >= self.promised:
            self.promised = m.uid
            self.accepted = (m.uid, m.value)
            for i in self.medium.ids:
                self.medium.send(AcceptMessage(self._id, i, m.uid, m.value))
        elif isinstance(m, AcceptMessage):
            self.votes.setdefault(m.uid, set()).add(m.source)
            if not self.decided and len(self.votes[m.uid]) > self.n / 2:
                self.decided = True
                self._application.consensus_reached(m.value)
