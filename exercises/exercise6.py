"""Lecture 6: consensus.

Every device proposes a value, and all must decide the same one. Three promises are asked for:
TERMINATION (every correct device decides), AGREEMENT (no two correct devices decide different
values) and INTEGRITY (where all correct devices propose one value, that value is decided).
How hard that is depends on what can fail and on whether the network has rounds.

| algorithm           | stands                       | needs                           |
| ------------------- | ---------------------------- | ------------------------------- |
| FResilientConsensus | f devices that crash         | rounds (sync), f + 1 of them    |
| SingleByzantine     | one device that lies         | rounds (sync), n >= 4           |
| King                | f devices that lie           | rounds (sync), n > 4f           |
| PAXOS               | a minority that crashes, any | nothing to agree; to decide, a  |
|                     | delay, any order of messages | moment without rivals           |

The first three need the sync network. In async they neither stop nor hang, but messages come
after the round they belong to, and agreement is lost: the results then say how many values were
missing, and a device that decides another value than the others is reported. No algorithm can
promise all three on an asynchronous network in which a device may crash (Fischer, Lynch and
Paterson 1985): Paxos keeps agreement always and termination nearly always.

Sources: [CDK] 15.5 and 21.5.2; Lynch, chapters 5, 6 and 12; Tanenbaum and van Steen, chapter 8;
Dolev and Strong 1983 (f-resilient); Lamport, Shostak and Pease 1982 (Byzantine generals);
Berman and Garay 1989 (phase king); Lamport, "Paxos made simple", 2001.
The rules stand in the docstring of each class.

Messages: `Propose` (the first three algorithms), `PrepareMessage`, `PromiseMessage`,
`RequestAcceptMessage` and `AcceptMessage` (Paxos).

Given: `FResilientConsensus`, `SingleByzantine`, `PAXOSNetwork`, `PAXOS`, `Learner`.
To do: `King.run`; then `Proposer` and `Acceptor`. Look for `todo(`.

    python3 exercise_runner.py --lecture 6 --algorithm FResilientConsensus --type sync --devices 5
    python3 exercise_runner.py --lecture 6 --algorithm SingleByzantine --type sync --devices 4
    python3 exercise_runner.py --lecture 6 --algorithm King --type sync --devices 5
    python3 exercise_runner.py --lecture 6 --algorithm PAXOS --type async --devices 20
"""

import random
from collections import Counter

from emulators.Device import Device
from emulators.honesty import is_byzantine
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

# Each of these can be changed for a run: --set NUMBER_OF_VALUES=1
NUMBER_OF_VALUES = 10  # devices propose a value from 0 to NUMBER_OF_VALUES - 1
DEFAULT_VALUE = 0  # stands for a value that did not come, or that has no majority
TOLERATED_CRASHES = 2  # the f of FResilientConsensus
TRAITOR = -1  # the device that lies in SingleByzantine; -1: nobody


# ---------------------------------------------------------------- who asks for consensus


class ConsensusRequester:
    """The application above a consensus algorithm: proposes a value and hears the decision."""

    def initial_value(self):
        """Return the value to propose. (`SimpleRequester` has it as a property.)"""
        raise NotImplementedError

    def consensus_reached(self, element):
        """Hear what was decided. Called once per device."""
        raise NotImplementedError


class NoAgreement(Exception):
    """Two devices of one run decided different values."""


class SimpleRequester(ConsensusRequester):
    """Proposes a random value, and checks that all devices of a run decide the same.

    The class variables are shared by all devices: whether one has decided already, and what.
    """

    _some = False
    _consensus = None

    def __init__(self):
        self._proposal = random.randrange(NUMBER_OF_VALUES)
        self._decision = None
        self._has_decided = False

    @property
    def initial_value(self):
        return self._proposal

    def consensus_reached(self, element):
        self._decision = element
        self._has_decided = True
        if is_byzantine():
            return  # agreement is asked of honest devices
        if not SimpleRequester._some:
            SimpleRequester._some = True
            SimpleRequester._consensus = element
        elif SimpleRequester._consensus != element:
            raise NoAgreement(
                f"this device decides {element}, "
                f"but {SimpleRequester._consensus} was decided before"
            )

    def __str__(self):
        decision = f"decided {self._decision}" if self._has_decided else "has not decided"
        return f"proposed {self._proposal}, {decision}"


# ---------------------------------------------------------------- synchronous algorithms


class Propose(MessageStub):
    """A value, from one device to another. `b_multicast` fills in who and to whom."""

    def __init__(self, value, sender: int = 0, destination: int = 0):
        super().__init__(sender, destination)
        self._value = value

    def value(self):
        return self._value

    def __str__(self):
        return f"Propose {self.source} -> {self.destination}: {self._value}"


def send_to_all(device: Device, message: MessageStub):
    """Send a message to every device, the sender itself included ("B-multicast" in [CDK])."""
    message.source = device.index
    for i in device.medium.ids:
        message.destination = i
        device.medium.send(message)


def lie_to_all(device: Device, message: Propose):
    """What a traitor sends instead: 0 to the even devices, 1 to the odd ones."""
    message.source = device.index
    for i in device.medium.ids:
        message.destination = i
        message._value = i % 2
        device.medium.send(message)


def most_common(values=()):
    """Return the value that occurs most often and how often: (7, 2) for [7, 3, 7].

    Of several the one that came first; (None, 0) where there are no values at all.
    """
    counts = Counter(values).most_common(1)
    return counts[0] if counts else (None, 0)


def find_majority(raw: list[tuple[int, int]]):
    """Return the value that more than half of the pairs (device, value) carry, or None."""
    value, votes = most_common([value for _, value in raw])
    return value if votes > len(raw) / 2 else None


class FResilientConsensus(Device):
    """Consensus although up to f devices crash, in f + 1 rounds ([CDK] 15.5.2). Given.

    - I know a set of values: at first my own.
    - In each of f + 1 rounds: send to all what I learned since the last round, and add what comes.
    - Then decide the smallest value that I know.

    Where a device crashes while it sends, some devices learn its value and others do not. They
    can differ after a round only if a device crashed in it. In f + 1 rounds with f crashes there
    is one round without, and after that round all know the same.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: ConsensusRequester = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else SimpleRequester()
        self._f = min(TOLERATED_CRASHES, number_of_devices - 1)
        self._v = {self._application.initial_value}
        self._missing = 0

    def run(self):
        news = set(self._v)
        for _ in range(self._f + 1):
            self.b_multicast(Propose(sorted(news)))
            self.medium.wait_for_next_round()
            heard = self.medium.receive_all()
            self._missing += self.number_of_devices - len(heard)
            news = {value for message in heard for value in message.value()} - self._v
            self._v |= news
        self._application.consensus_reached(min(self._v))

    def b_multicast(self, message: MessageStub):
        send_to_all(self, message)

    def print_result(self):
        expected = (self._f + 1) * self.number_of_devices
        print(
            f"Device {self.index}: {self._application}; "
            f"{self._missing} of {expected} messages did not come in time"
        )


class SingleByzantine(Device):
    """The Byzantine generals with one traitor ([CDK] 15.5.3): n >= 4 devices. Given.

    - Device 0 is the commander and sends its value to all lieutenants.
    - Each lieutenant sends to all what the commander told it.
    - Each lieutenant decides what the majority says: the commander's word to itself and what the
      other lieutenants heard. A word that did not come, or no majority: DEFAULT_VALUE.

    A lying commander told all lieutenants something, and they now compare the same list. A lying
    lieutenant is outvoted, if at least two others are loyal; with 3 devices nobody can know who
    lies. Try it: --set TRAITOR=0, --set TRAITOR=2, and the latter with 3 devices.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: ConsensusRequester = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else SimpleRequester()
        self._consensus = None
        self._heard = {}  # device -> what it told me

    def run(self):
        if self.index == 0:
            self.run_commander()
        else:
            self.run_lieutenant()

    def run_commander(self):
        value = self._application.initial_value
        self.b_multicast(Propose(value))
        self.decide(value)

    def run_lieutenant(self):
        self.listen_for_a_round()
        order = self._heard.get(0, DEFAULT_VALUE)
        self._heard[self.index] = order
        self.b_multicast(Propose(order))
        self.listen_for_a_round()
        said_by_lieutenants = [pair for pair in self._heard.items() if pair[0] != 0]
        majority = find_majority(said_by_lieutenants)
        self.decide(DEFAULT_VALUE if majority is None else majority)

    def listen_for_a_round(self):
        self.medium.wait_for_next_round()
        for message in self.medium.receive_all():
            self._heard.setdefault(message.source, message.value())

    def decide(self, value):
        self._consensus = value
        if self.index != TRAITOR:  # agreement is asked of the loyal devices only
            self._application.consensus_reached(value)

    def b_multicast(self, message: MessageStub):
        if self.index == TRAITOR:
            lie_to_all(self, message)
        else:
            send_to_all(self, message)

    def print_result(self):
        role = "commander" if self.index == 0 else "lieutenant"
        if self.index == TRAITOR:
            role += ", traitor"
        missing = [] if self.index == 0 else [i for i in self.medium.ids if i not in self._heard]
        late = f"; nothing heard in time from {missing}" if missing else ""
        print(f"Device {self.index} ({role}): decided {self._consensus}{late}")


class King(Device):
    """Consensus although f devices lie: the phase king algorithm (n > 4f). To complete.

    f + 1 phases, each with another king (device 0, then device 1, ...) and two rounds.

    - Round 1: send my value to all. Of the values that come (at most one per device counts), the
      most frequent one is my majority value, and its number of votes decides how sure I am.
    - Round 2: the king sends its majority value to all. If I had more than n/2 + f votes, I keep
      my majority value; otherwise I take the king's (DEFAULT_VALUE, if the king says nothing).
    - After the last phase: decide my value.

    With f + 1 kings one of them is honest, and after its phase all honest devices have the same
    value. They keep it, because then n - f > n/2 + f votes are for it in each later phase.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: ConsensusRequester = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else SimpleRequester()
        self._f = (number_of_devices - 1) // 4  # the most liars that n > 4f allows

    def b_multicast(self, message: MessageStub):
        send_to_all(self, message)

    def run(self):
        # The value to begin with is self._application.initial_value.
        for phase in range(self._f + 1):
            # TODO: round 1. Send your value to all (b_multicast, Propose), wait, and count
            # what came (receive_all; most_common may help).
            todo("King: round 1 of a phase, exchange the values and count them")
            self.medium.wait_for_next_round()

            # TODO: round 2. Device number `phase` is the king of this phase. It sends its
            # majority value to all; everybody waits, and keeps the majority value or takes
            # the king's. Who sent a message stands in message.source.
            todo("King: round 2 of a phase, hear the king and choose a value")
            self.medium.wait_for_next_round()

        # TODO: tell the application what you decided (consensus_reached).
        todo("King: decide")

    def print_result(self):
        print(f"Device {self.index}: {self._application}")


# ---------------------------------------------------------------- Paxos


class PrepareMessage(MessageStub):
    """Proposer to acceptors: may I propose under number `uid`?"""

    def __init__(self, sender: int, destination: int, uid: int):
        super().__init__(sender, destination)
        self.uid = uid

    def __str__(self):
        return f"Prepare {self.source} -> {self.destination}: number {self.uid}"


class PromiseMessage(MessageStub):
    """Acceptor to proposer: I shall ignore numbers below `uid`; so far I accepted ..."""

    def __init__(self, sender: int, destination: int, uid: int, prev_uid: int, prev_value):
        super().__init__(sender, destination)
        self.uid = uid
        self.prev_uid = prev_uid  # -1: nothing accepted so far
        self.prev_value = prev_value

    def __str__(self):
        so_far = "nothing" if self.prev_uid < 0 else f"{self.prev_value} (number {self.prev_uid})"
        return (
            f"Promise {self.source} -> {self.destination}: number {self.uid}, "
            f"accepted so far: {so_far}"
        )


class RequestAcceptMessage(MessageStub):
    """Proposer to acceptors: please accept `value` under number `uid`."""

    def __init__(self, sender: int, destination: int, uid: int, value):
        super().__init__(sender, destination)
        self.uid = uid
        self.value = value

    def __str__(self):
        return f"RequestAccept {self.source} -> {self.destination}: {self.value}, number {self.uid}"


class AcceptMessage(MessageStub):
    """Acceptor to the proposer and to all learners: I have accepted `value` under `uid`."""

    def __init__(self, sender: int, destination: int, uid: int, value):
        super().__init__(sender, destination)
        self.uid = uid
        self.value = value

    def __str__(self):
        return f"Accept {self.source} -> {self.destination}: {self.value}, number {self.uid}"


class PAXOSNetwork:
    """What the roles of one device use to talk to the roles of the others. Given."""

    def __init__(self, index: int, medium: Medium, acceptors: list[int], learners: list[int]):
        self._index = index
        self._medium = medium
        self._acceptors = acceptors
        self._learners = learners
        self._majority = len(acceptors) // 2 + 1

    def prepare(self, uid: int):
        """Proposer: ask all acceptors for a promise."""
        for i in self._acceptors:
            self._medium.send(PrepareMessage(self._index, i, uid))

    def promise(self, destination: int, uid: int, prev_uid: int, prev_value):
        """Acceptor: promise to the proposer, and tell it what was accepted before."""
        self._medium.send(PromiseMessage(self._index, destination, uid, prev_uid, prev_value))

    def request_accept(self, uid: int, value):
        """Proposer: ask all acceptors to accept a value."""
        for i in self._acceptors:
            self._medium.send(RequestAcceptMessage(self._index, i, uid, value))

    def accept(self, destination: int, uid: int, value):
        """Acceptor: tell the proposer and all learners (each device once) what was accepted."""
        if destination not in self._learners:
            self._medium.send(AcceptMessage(self._index, destination, uid, value))
        for i in self._learners:
            self._medium.send(AcceptMessage(self._index, i, uid, value))

    @property
    def acceptors(self) -> list[int]:
        """The indices of all acceptors."""
        return self._acceptors

    @property
    def majority(self) -> int:
        """How many acceptors are a majority: more than half of them."""
        return self._majority

    @property
    def index(self) -> int:
        """The index of this device."""
        return self._index


class PAXOS(Device):
    """One device with all three roles of Paxos; hands each message to the right one. Given.

    It ends when its learner knows the value. That is safe as long as no message is lost: what
    convinced this learner, messages of a majority, is under way to all others as well.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: ConsensusRequester = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else SimpleRequester()
        devices = list(self.medium.ids)
        self._network = PAXOSNetwork(self.index, self.medium, devices, devices)
        self._proposer = Proposer(self._network, self._application)
        self._acceptor = Acceptor(self._network)
        self._learner = Learner(self._network, self._application)

    def run(self):
        while not self._learner.done():
            self._proposer.check_prepare()
            for ingoing in self.medium.receive_all():
                self.handle_ingoing(ingoing)
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub):
        if isinstance(ingoing, PrepareMessage):
            self._acceptor.handle_prepare(ingoing)
        elif isinstance(ingoing, PromiseMessage):
            self._proposer.handle_promise(ingoing)
        elif isinstance(ingoing, RequestAcceptMessage):
            self._acceptor.handle_request_accept(ingoing)
        elif isinstance(ingoing, AcceptMessage):
            self._proposer.handle_accept(ingoing)
            self._learner.handle_accept(ingoing)

    def print_result(self):
        print(f"Device {self.index}: {self._application}")


class Proposer:
    """Tries to have a value accepted by a majority of the acceptors. To complete.

    - Choose a number that no other proposer ever uses, larger than all I used before, and ask
      the acceptors for promises. (With k acceptors device i can use i, k + i, 2k + i, ...)
    - When a majority has promised that number: if some of them accepted a value before, my
      preference becomes the one with the largest number. Ask all to accept my preference, once.
    - When a majority has accepted: done.
    - No majority after a while: somebody with a larger number was faster. Try again with a larger
      number, but not at once: two proposers that always interrupt each other decide nothing.
    """

    def __init__(self, network: PAXOSNetwork, application: ConsensusRequester):
        self._network = network
        self._preference = application.initial_value
        self._proposed_id = -1  # the number of the present try
        self._promises = []  # the promises for this number
        self._has_proposed = False  # asked the acceptors to accept under this number?
        self._done = False

    def check_prepare(self):
        """Begin a try, if it is time for one. Called once per round."""
        # TODO: is this the first call, or has the present try taken too long? Then choose
        # a new number, forget the old promises and call self._network.prepare.
        todo("Proposer.check_prepare: begin a try with a new number")

    def handle_promise(self, msg: PromiseMessage):
        # TODO: count the promises for the present number; with self._network.majority of them
        # choose the value and call self._network.request_accept, once.
        todo("Proposer.handle_promise: count promises, then ask to accept a value")

    def handle_accept(self, msg: AcceptMessage):
        # TODO: count who has accepted the present number; with a majority you are done.
        todo("Proposer.handle_accept: see when a majority has accepted")

    def done(self):
        """Whether a majority has accepted the proposal of this proposer."""
        return self._done


class Acceptor:
    """Remembers what it promised and what it accepted. To complete.

    - Prepare with a number above all that I promised: promise it, and tell what I accepted last.
    - Request to accept, with a number not below what I promised: accept it, and tell all.
    - Anything else is ignored: its proposer will try again with a larger number.
    """

    def __init__(self, network: PAXOSNetwork):
        self._network = network
        self._promised_id = -1  # ignore all numbers below this one
        self._accepted_id = -1  # the number and the value that were accepted last
        self._accepted_value = None
        self._done = False

    def handle_prepare(self, msg: PrepareMessage):
        # TODO: promise (self._network.promise, to msg.source), or ignore.
        todo("Acceptor.handle_prepare: promise or ignore")

    def handle_request_accept(self, msg: RequestAcceptMessage):
        # TODO: accept (self._network.accept, to msg.source), or ignore.
        todo("Acceptor.handle_request_accept: accept or ignore")

    def done(self):
        """Whether something was accepted here. (It may still be replaced by a larger number.)"""
        return self._done


class Learner:
    """Finds out what was decided. Given.

    A value is decided when a majority of the acceptors has accepted it under the same number.
    """

    def __init__(self, network: PAXOSNetwork, application: ConsensusRequester):
        self._network = network
        self._application = application
        self._accepted_by = {}  # number -> the acceptors that accepted it
        self._done = False

    def handle_accept(self, msg: AcceptMessage):
        acceptors = self._accepted_by.setdefault(msg.uid, set())
        acceptors.add(msg.source)
        if not self._done and len(acceptors) >= self._network.majority:
            self._done = True
            self._application.consensus_reached(msg.value)

    def done(self):
        """Whether this learner knows the value."""
        return self._done
