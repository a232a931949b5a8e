"""Lecture 6, reference solution: the King algorithm and Paxos.

Given parts come from the template. Here: King, King with a king that lies or is slow, King for an
asynchronous network, a chain of crashes for the f-resilient algorithm, Proposer and Acceptor.
"""

import random
from collections import defaultdict

import exercises.exercise6 as given
from exercises.exercise6 import (
    AcceptMessage,
    ConsensusRequester,
    FResilientConsensus,
    PAXOSNetwork,
    PrepareMessage,
    PromiseMessage,
    Propose,
    RequestAcceptMessage,
    lie_to_all,
    most_common,
)

DEFAULT_VALUE = 0  # what an honest device takes when the king says nothing
CRASHES = 3  # devices that crash in CrashingFResilient, one per round
PLANNED_CRASHES = 3  # the crashes CrashingFResilient is prepared for (its f)
LIAR = 0  # the king that lies in ByzantineKing and ByzantineAsyncKing
LYING_PHASE = 0  # the phase in which it lies; in the others it only keeps its decision to itself
SLOW = 0  # the king that takes its time in SlowKing and SlowAsyncKing ...
SLOW_ROUNDS = 20  # ... before it says its word
PATIENCE = 8  # rounds that a proposer waits at least before it tries again


# ---------------------------------------------------------------- f-resilient, the worst case


class Crashed(Exception):
    """Ends a device in the middle of its multicast."""


class CrashingFResilient(FResilientConsensus):
    """The worst case: only device 0 knows the smallest value, and it is handed on in secret.

    In round r device r - 1 tells it to device r alone, and crashes. With f crashes f rounds are
    not enough: after them one device knows the value and the others do not.
    """

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._f = PLANNED_CRASHES
        self._v = {index}
        self._round = 0

    def run(self):
        try:
            super().run()
        except Crashed:
            self.medium.log("crashes")

    def b_multicast(self, message):
        if self._round == self.index and self.index < CRASHES:
            message.source = self.index
            message.destination = self.index + 1
            self.medium.send(message)
            raise Crashed
        self._round += 1
        super().b_multicast(message)


# ---------------------------------------------------------------- King


class King(given.King):
    """Phase king: f + 1 phases of two rounds, n > 4f.

    The majority value of an honest device with more than n/2 + f votes has more than n/2 honest
    ones behind it. So each honest king has the same majority value, and says so: whether a device
    is sure or asks the king, after a phase with an honest king all have the same value.
    """

    def run(self):
        self._value = self._application.initial_value
        for phase in range(self._f + 1):
            self._phase = phase
            majority, votes = self.exchange_values()
            word_of_the_king = self.hear_the_king(majority)
            # Sure enough: keep the majority value. Otherwise: the king decides.
            sure = votes > self.number_of_devices / 2 + self._f
            self._value = majority if sure else word_of_the_king
        self.decide()

    def exchange_values(self):
        """Round 1: all say their value. Return the majority value and its votes."""
        self.b_multicast(Propose(self._value))
        return most_common(self.one_round().values())

    def hear_the_king(self, majority):
        """Round 2: the king says its majority value. Return its word."""
        king = self.medium.ids[self._phase]
        if self.index == king:
            self.b_multicast(Propose(majority))
        return self.one_round().get(king, DEFAULT_VALUE)

    def one_round(self):
        """Wait for a round. Return what was heard: device -> value, one value for each."""
        self.medium.wait_for_next_round()
        heard = {message.source: message.value() for message in self.medium.receive_all()}
        heard.setdefault(self.index, self._value)  # one's own value needs no message
        return heard

    def decide(self):
        self._application.consensus_reached(self._value)


class Liar:
    """Mixed into a King: device LIAR lies in phase LYING_PHASE, to each half something else.

    Agreement is asked of honest devices: what the liar decides is of no interest.
    """

    def b_multicast(self, message):
        if self.index == LIAR and self._phase == LYING_PHASE:
            lie_to_all(self, message)
        else:
            super().b_multicast(message)

    def decide(self):
        if self.index != LIAR:
            super().decide()


class ByzantineKing(Liar, King):
    """King, the first king is byzantine. The second one is not, and heals what the first did."""


class Slow:
    """Mixed into a King: device SLOW waits SLOW_ROUNDS rounds before it says its word as king."""

    def hear_the_king(self, majority):
        if self.index == SLOW == self.medium.ids[self._phase]:
            for _ in range(SLOW_ROUNDS):
                self.medium.wait_for_next_round()
        return super().hear_the_king(majority)


class SlowKing(Slow, King):
    """King, the first king is slow: nobody waits for it, so it counts as one of the f liars."""


class PhasePropose(Propose):
    """A value that says where it belongs: in async, messages of several rounds arrive together."""

    def __init__(self, value, phase: int, is_king: bool):
        super().__init__(value)
        self.phase = phase
        self.is_king = is_king

    def __str__(self):
        role = "king" if self.is_king else "value"
        return f"{super().__str__()} ({role} of phase {self.phase})"


class AsyncKing(King):
    """King without rounds: wait for the messages of a step, however long they take.

    - Round 1 ends when the values of ALL devices are there, round 2 when the king has spoken.
    - Nobody ever decides on too little, so what King promises stays true with any delays, with
      one exception: where a device says nothing, all wait for it for ever. Termination is lost.

    To wait for n - f values only would survive f silent devices (but no silent king). It asks for
    more devices: f values of honest devices may be missing, and f of those that came may be lies.
    To be sure then takes n/2 + 2f votes, and n - 2f honest votes reach that only if n > 8f.
    """

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._values = defaultdict(dict)  # phase -> device -> value
        self._words = {}  # phase -> word of the king

    def exchange_values(self):
        self.b_multicast(PhasePropose(self._value, self._phase, is_king=False))
        values = self._values[self._phase]
        while len(values) < self.number_of_devices:
            self.listen()
        return most_common(values.values())

    def hear_the_king(self, majority):
        if self.index == self.medium.ids[self._phase]:
            self.b_multicast(PhasePropose(majority, self._phase, is_king=True))
        while self._phase not in self._words:
            self.listen()
        return self._words[self._phase]

    def listen(self):
        """Wait a moment, and put away what came. The first word of a device counts."""
        self.medium.wait_for_next_round()
        for message in self.medium.receive_all():
            if not message.is_king:
                self._values[message.phase].setdefault(message.source, message.value())
            elif message.source == self.medium.ids[message.phase]:
                self._words.setdefault(message.phase, message.value())


class ByzantineAsyncKing(Liar, AsyncKing):
    """A liar that answers does no harm: all still wait for everybody, as in the sync network."""


class SlowAsyncKing(Slow, AsyncKing):
    """A slow king makes all slow: it cannot be told from one that will never speak."""


class SlowByzantineAsyncKing(Slow, Liar, AsyncKing):
    """Both: it lies, and it decides how long all others wait (SLOW_ROUNDS = 10**9: for ever)."""


# ---------------------------------------------------------------- Paxos


class Proposer(given.Proposer):
    """Prepare with a new number, wait for a majority, propose; begin again when it takes long."""

    def __init__(self, network: PAXOSNetwork, application: ConsensusRequester):
        super().__init__(network, application)
        self._tries = 0
        self._rounds_left = 0
        self._accepted_by = set()

    def check_prepare(self):
        """Begin a try when the time for the present one is over.

        Numbers: i, k + i, 2k + i, ... belong to device i of k alone, and they grow.
        The time is drawn, from a range that grows with each try: sooner or later one proposer is
        alone for long enough, and duels end.
        """
        if self._done:
            return
        self._rounds_left -= 1
        if self._rounds_left > 0:
            return
        self._proposed_id = self._tries * len(self._network.acceptors) + self._network.index
        self._tries += 1
        self._rounds_left = random.randint(PATIENCE, PATIENCE * (1 + self._tries))
        self._promises = []
        self._accepted_by = set()
        self._has_proposed = False
        self._network.prepare(self._proposed_id)

    def handle_promise(self, msg: PromiseMessage):
        """With promises of a majority: propose what the newest of them accepted, or my own."""
        if msg.uid != self._proposed_id or self._has_proposed:
            return
        self._promises.append(msg)
        if len({promise.source for promise in self._promises}) < self._network.majority:
            return
        newest = max(self._promises, key=lambda promise: promise.prev_uid)
        if newest.prev_uid >= 0:
            self._preference = newest.prev_value
        self._has_proposed = True
        self._network.request_accept(self._proposed_id, self._preference)

    def handle_accept(self, msg: AcceptMessage):
        """Accepted by a majority under my present number: done."""
        if msg.uid == self._proposed_id:
            self._accepted_by.add(msg.source)
            self._done = len(self._accepted_by) >= self._network.majority


class Acceptor(given.Acceptor):
    """Never go back: promises and accepted numbers only grow."""

    def handle_prepare(self, msg: PrepareMessage):
        """Larger than all I promised: promise it, and tell what I accepted last."""
        if msg.uid > self._promised_id:
            self._promised_id = msg.uid
            self._network.promise(msg.source, msg.uid, self._accepted_id, self._accepted_value)

    def handle_request_accept(self, msg: RequestAcceptMessage):
        """Not below what I promised: accept it, and tell the proposer and all learners."""
        if msg.uid >= self._promised_id:
            self._promised_id = msg.uid
            self._accepted_id = msg.uid
            self._accepted_value = msg.value
            self._done = True
            self._network.accept(msg.source, msg.uid, msg.value)


class PAXOS(given.PAXOS):
    """The given device, with the roles of this file."""

    def __init__(self, index, number_of_devices, medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._proposer = Proposer(self._network, self._application)
        self._acceptor = Acceptor(self._network)
