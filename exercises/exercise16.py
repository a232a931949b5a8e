"""Lecture 16: mutual exclusion with coteries, after Sanders.

The idea
    To enter its critical section a device asks a part of all devices only, its coterie. Any two
    coteries share a device, and this one says Yes to one of the two at a time. A device that has
    said Yes too early asks for its vote back: so nobody waits in a circle for ever.

The coteries
    The devices stand in a matrix of m rows, m the square root of n, rounded down: device i in row
    i mod m and column i div m. The coterie of a device is its row and its column, itself included.

The messages
    Request(timestamp)   may I enter?            Yes          you have my vote
    Inquire(timestamp)   may I have it back?     Relinquish   here it is, back
    Release              I have left

The rules
    ask         Before each round a device that neither waits nor is inside asks with probability P:
                its timestamp is the number of the round, and its coterie gets a Request.
    Request     A voter that has its vote says Yes and remembers the candidate. One that has given
                it away queues the request. If (timestamp, index) of the request is smaller than
                the candidate's, and the candidate was not inquired yet, it gets an Inquire.
    Inquire     Counts only while the device waits, and only if the timestamp is that of its
                request: it has one Yes less and sends Relinquish. Who is inside sends nothing;
                its Release comes later.
    Relinquish  The voter puts the candidate into its queue and says Yes to the smallest there.
    Release     The voter says Yes to the smallest in its queue; if there is none, it has its vote.
    Yes         With the Yes of the whole coterie the device is inside, for TIME_INSIDE rounds. Then
                it sends Release to its coterie.
    The queue is ordered by (timestamp, index).

What is promised
    ME1  at most one device is inside at any time (the run fails when there are two),
    ME2  who asks gets in at some time, as long as no message is lost,
    a voter says Yes to the oldest request that it knows of.

The network
    A message is on its way for DELAY rounds with probability DELAY_PROBABILITY, otherwise for one;
    so messages overtake each other. What a device sends to itself does not pass the network.

Source: Sanders, "The Information Structure of Distributed Mutual Exclusion Algorithms", ACM TOCS
5(3), 1987, which repairs Maekawa, "A sqrt(N) Algorithm for Mutual Exclusion in Decentralized
Systems", ACM TOCS 3(2), 1985; [CDK] 15.2.

Given, complete and meant to be read: `Sanders`, and `Maekawa`, which is the same without Inquire.
To do: `ReliableSanders`, which goes on when messages are lost. docs/lectures/16.md has all tasks.

    python3 exercise_runner.py --lecture 16 --algorithm Sanders --type sync --devices 9
"""

# ruff: noqa: UP045
import random
from math import isqrt
from typing import Optional

from emulators.Device import WorkerDevice
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

P = 0.2  # how likely it is that an idle device asks, in each round
TIME_INSIDE = 5  # rounds in the critical section
DELAY = 3  # rounds that a delayed message is on its way; any other message takes one
DELAY_PROBABILITY = 0.5  # how likely it is that a message is delayed
BY_SENDER = True  # messages that come in one round are handled in the order of their senders
RESEND_AFTER = 8  # ReliableSanders: rounds without an answer after which a message is sent again
MEASURES = ("relinquishes", "entries", "messages")  # what a sweep counts


def coterie_of(index: int, number_of_devices: int) -> list[int]:
    """The devices that share a row or a column of the matrix with `index`, and `index`; sorted.

    Any two coteries intersect, also where the last column is shorter than the others.
    """
    rows = isqrt(number_of_devices)
    row, column = index % rows, index // rows
    return [i for i in range(number_of_devices) if i % rows == row or i // rows == column]


class Request(MessageStub):
    """May I enter? `timestamp` is the round of the request."""

    def __init__(self, sender: int, destination: int, timestamp: int):
        super().__init__(sender, destination)
        self.timestamp = timestamp

    def __str__(self):
        return f"Request {self.source} -> {self.destination}: timestamp {self.timestamp}"


class Inquire(MessageStub):
    """May I have my vote back? `timestamp` is that of the request that it was given for."""

    def __init__(self, sender: int, destination: int, timestamp: int):
        super().__init__(sender, destination)
        self.timestamp = timestamp

    def __str__(self):
        return f"Inquire {self.source} -> {self.destination}: timestamp {self.timestamp}"


class Yes(MessageStub):
    """You have my vote."""


class Relinquish(MessageStub):
    """Here is your vote, back."""


class Release(MessageStub):
    """I have left the critical section."""


class Sanders(WorkerDevice):
    """A device that asks its coterie, and votes for those in whose coteries it is."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.coterie = coterie_of(index, number_of_devices)
        self.current = 0  # the present timestamp: it counts the rounds
        self.to_myself: list[MessageStub] = []  # sent, and not yet handled
        # As one that asks:
        self.waiting = False  # asked, and not yet inside
        self.inside = False
        self.timestamp = 0  # of our last request
        self.yes_votes = 0
        self.leaves_at = 0  # the timestamp at which we leave
        # As a voter; a request is (timestamp, index), so that the smaller one is the older one:
        self.candidate: Optional[tuple[int, int]] = None  # the request that has our vote
        self.inquired = False  # the candidate was asked to give it back
        self.queue: list[tuple[int, int]] = []  # other requests
        # Counted:
        self.entries = 0
        self.relinquishes = 0  # how often we gave a vote back

    def run(self):
        while True:
            if self.inside and self.current >= self.leaves_at:
                self.leave()
            elif not self.inside and not self.waiting and random.random() < P:
                self.ask()
            for message in self.messages():
                self.handle(message)
            self.current += 1
            self.medium.wait_for_next_round()

    def messages(self):
        """Return one message after the other; those to ourselves come before all others."""
        arrived = self.medium.receive_all()
        if BY_SENDER:
            arrived.sort(key=lambda message: message.source)
        while self.to_myself or arrived:
            yield (self.to_myself or arrived).pop(0)

    def send(self, message: MessageStub):
        """Send a message. One to ourselves does not pass the network: it is handled next."""
        if message.destination == self.index:
            self.to_myself.append(message)
        else:
            self.medium.send(message)

    def handle(self, message: MessageStub):
        if isinstance(message, Request):
            self.handle_request(message)
        elif isinstance(message, Inquire):
            self.handle_inquire(message)
        elif isinstance(message, Yes):
            self.handle_yes(message)
        elif isinstance(message, Relinquish):
            self.handle_relinquish(message)
        elif isinstance(message, Release):
            self.handle_release(message)

    # -- as one that asks

    def ask(self):
        self.waiting = True
        self.yes_votes = 0
        self.timestamp = self.current
        self.ask_to_work()  # from now on it counts how long we wait
        for member in self.coterie:
            self.send(Request(self.index, member, self.timestamp))

    def handle_yes(self, message: Yes):
        self.yes_votes += 1
        if self.yes_votes == len(self.coterie):
            self.enter()

    def handle_inquire(self, message: Inquire):
        if self.waiting and message.timestamp == self.timestamp:
            self.yes_votes -= 1
            self.relinquishes += 1
            self.send(Relinquish(self.index, message.source))

    def enter(self):
        self.waiting = False
        self.inside = True
        self.begin_work()  # fails when another device is inside
        self.entries += 1
        self.leaves_at = self.current + TIME_INSIDE

    def leave(self):
        self.end_work()
        self.inside = False
        for member in self.coterie:
            self.send(Release(self.index, member))

    # -- as a voter

    def vote(self, request: Optional[tuple[int, int]]):
        """Say Yes to a request (timestamp, index); with None, keep the vote."""
        self.candidate = request
        self.inquired = False
        if request is not None:
            self.send(Yes(self.index, request[1]))

    def take_smallest(self) -> Optional[tuple[int, int]]:
        """Take the oldest request out of the queue; None where it is empty."""
        if not self.queue:
            return None
        smallest = min(self.queue)
        self.queue.remove(smallest)
        return smallest

    def handle_request(self, message: Request):
        request = (message.timestamp, message.source)
        if self.candidate is None:
            self.vote(request)
        else:
            self.queue.append(request)
            if request < self.candidate and not self.inquired:
                self.inquire()

    def inquire(self):
        """Ask the candidate for our vote."""
        self.inquired = True
        timestamp, candidate = self.candidate
        self.send(Inquire(self.index, candidate, timestamp))

    def handle_relinquish(self, message: Relinquish):
        self.queue.append(self.candidate)
        self.vote(self.take_smallest())

    def handle_release(self, message: Release):
        self.vote(self.take_smallest())

    # -- what there is to see

    def appearance(self):
        """A red disc inside, else a square: yellow while waiting, green when idle."""
        vote = "NotV" if self.candidate is None else "InqV" if self.inquired else "V"
        candidate = "" if self.candidate is None else f" {self.candidate[1]}"
        return {
            "text": f"{self.yes_votes}V {vote}{candidate} {self.relinquishes}R",
            "color": "red" if self.inside else "yellow" if self.waiting else "green",
            "shape": "disc" if self.inside else "square",
        }

    def print_result(self):
        state = "inside" if self.inside else "waiting" if self.waiting else "idle"
        print(
            f"Device {self.index}: {state}, entries {self.entries}, relinquishes "
            f"{self.relinquishes}, yes votes {self.yes_votes} of {len(self.coterie)}, "
            f"coterie {self.coterie}"
        )


class Maekawa(Sanders):
    """The same coteries without Inquire: the basic form of Maekawa's algorithm, as in lecture 4."""

    def inquire(self):
        pass


class Received(MessageStub):
    """Your message with this number has arrived."""

    def __init__(self, sender: int, destination: int, number: int):
        super().__init__(sender, destination)
        self.number = number

    def __str__(self):
        return f"Received {self.source} -> {self.destination}: number {self.number}"


class ReliableSanders(Sanders):
    """Sanders' algorithm on top of channels that lose messages.

    Nothing in the algorithm changes: only `send` and `messages` do. Every message has a number, and
    is sent again until its receiver has said that it has arrived. What arrives a second time is
    handled once.
    """

    def send(self, message: MessageStub):
        # TODO: give it a number (message.number = ...), keep it until it is answered by Received.
        todo("ReliableSanders.send: number a message and keep it until it is answered")
        super().send(message)

    def messages(self):
        # TODO: send again what waits for an answer since RESEND_AFTER rounds. Answer each message
        # from the network by Received, also a second copy; pass on the first copy only.
        todo("ReliableSanders.messages: send again, answer, and drop second copies")
        yield from super().messages()
