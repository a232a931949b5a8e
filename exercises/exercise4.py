"""Lecture 4: mutual exclusion and election.

Given, complete and meant to be read: five algorithms for mutual exclusion and two for election.

    Pinger           a warm-up: one ping per device in every second round
    Centralised      a coordinator hands out the right to enter             [CDK] 15.2
    TokenRing        the right to enter travels round a ring                [CDK] 15.2
    RicartAgrawala   ask everybody, Lamport time decides                    [CDK] 15.2
    Maekawa          ask a voting set, any two of which overlap             [CDK] 15.2
    SuzukiKasami     ask everybody for the one token                        ACM TOCS 3(4), 1985
    ChangRoberts     election on a ring                                     [CDK] 15.3
    Bully            election with timeouts                                 [CDK] 15.3

[CDK] is Coulouris, Dollimore, Kindberg, Blair: Distributed Systems, 5th edition.

What is promised (mutual exclusion):
    ME1  at most one device is in its critical section at any time,
    ME2  who asks to enter gets in at some time,
    ME3  requests are granted in the order in which they happened (happened-before).
A device shows that it wants to enter by `has_work`. `do_work()` is the critical section: it lasts
1 to 4 rounds, and the run fails if two devices are inside. Mutual exclusion runs for ever, so a run
of it ends at a limit (--max-rounds, --max-time). The elections end by themselves.

Message types: Ping, MutexMessage (request, grant, release), StampedMessage (a MutexMessage with a
number), SKToken (the token of Suzuki and Kasami), Vote (elections).

What is to do: docs/lectures/04.md. Nothing is missing in this file. You examine SuzukiKasami,
measure, find out where Maekawa stops for ever, and make TokenRing survive failures (bonus).

    python3 exercise_runner.py --lecture 4 --algorithm SuzukiKasami --type sync --devices 5
"""

import enum
from math import ceil, sqrt

from emulators.Device import Device, WorkerDevice
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

PINGS = 5  # Pinger: how many pings each device sends
COORDINATOR = 0  # Centralised: the device that hands out the right to enter
STARTER = -1  # elections: the device that starts one; -1: all start at once
RING_STEP = 1  # ChangRoberts: 1 sends votes to the next larger index, -1 to the next smaller
ANSWER_ROUNDS = 30  # Bully: rounds to wait for an answer; sync needs 2, async rounds can be short


class Ping(MessageStub):
    """A message that says no more than that its sender is alive."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)

    def __str__(self):
        return f"Ping {self.source} -> {self.destination}"


class Pinger(Device):
    """Sends a ping to the next device in one round and listens in the round after it.

    In a sync network each turn of listening hears exactly one ping, so silence would mean a crash.
    In an async network a turn may hear none, or two. A failure detector starts from here.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._output_ping = True  # this round sends; otherwise it listens
        self._heard: list[int] = []  # pings heard, per turn of listening

    def run(self):
        for _ in range(2 * PINGS):
            if self._output_ping:
                self.medium.send(Ping(self.index, (self.index + 1) % self.number_of_devices))
            else:
                self._heard.append(len(self.medium.receive_all()))
            self._output_ping = not self._output_ping
            self.medium.wait_for_next_round()

    def print_result(self):
        print(f"Device {self.index}: pings heard per turn {self._heard}")


class Type(enum.Enum):
    """What a MutexMessage says."""

    REQUEST = 0
    RELEASE = 1
    GRANT = 2


class MutexMessage(MessageStub):
    """Asks for, grants or gives back the right to enter."""

    def __init__(self, sender: int, destination: int, message_type: Type):
        super().__init__(sender, destination)
        self._type = message_type

    def is_request(self):
        return self._type == Type.REQUEST

    def is_grant(self):
        return self._type == Type.GRANT

    def is_release(self):
        return self._type == Type.RELEASE

    def __str__(self):
        kind = type(self).__name__
        return f"{kind} {self.source} -> {self.destination}: {self._type.name}"


class Centralised:
    """Device 0 is the coordinator, all others ask it.

    - Who wants to enter sends REQUEST to the coordinator and waits for GRANT.
    - The coordinator grants one device at a time; the others wait in the order in which they asked.
    - Who leaves sends RELEASE; then the next one gets its GRANT.
    Three messages per entry. One device that must not fail.
    """

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == COORDINATOR:
            return Coordinator(index, number_of_devices, medium)
        return Requester(index, number_of_devices, medium)


class Coordinator(Device):
    """Hands out the right to enter, to one device at a time."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._granted = None  # the device that may be inside
        self._waiting: list[int] = []  # those that wait, first come first served
        self._grants = 0

    def run(self):
        while True:
            for message in self.medium.receive_all():
                if message.is_request():
                    self._waiting.append(message.source)
                elif message.is_release():
                    self._granted = None
            if self._granted is None and self._waiting:
                self._granted = self._waiting.pop(0)
                self._grants += 1
                self.medium.send(MutexMessage(self.index, self._granted, Type.GRANT))
            self.medium.wait_for_next_round()

    def print_result(self):
        print(
            f"Device {self.index}, the coordinator: grants {self._grants}, waiting {self._waiting}"
        )


class Requester(WorkerDevice):
    """Asks the coordinator before it enters."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._requested = False  # asked, and not yet released
        self._granted = False  # may be inside
        self._entries = 0

    def run(self):
        while True:
            self.handle_messages()
            if self.has_work and not self._requested:
                self.acquire()
            if self._granted:
                self.do_work()
                self._entries += 1
                self.release()
            self.medium.wait_for_next_round()

    def handle_messages(self):
        for message in self.medium.receive_all():
            if message.is_grant():
                self._granted = True

    def acquire(self):
        self._requested = True
        self.medium.send(MutexMessage(self.index, COORDINATOR, Type.REQUEST))

    def release(self):
        self._requested = False
        self._granted = False
        self.medium.send(MutexMessage(self.index, COORDINATOR, Type.RELEASE))

    def print_result(self):
        print(f"Device {self.index}: entries {self._entries}")


class TokenRing(WorkerDevice):
    """The right to enter is a token that travels round the ring 0, 1, ..., n-1, 0.

    - Device 0 has the token at the start.
    - Who has the token and wants to enter, enters; then it passes the token on.
    - Who has the token and does not want to enter passes it on at once.
    The token is a GRANT. If its holder fails, or if the next device does, the token is lost and
    nobody enters any more: the bonus task.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._has_token = index == 0
        self._entries = 0

    def run(self):
        while True:
            self.handle_messages()
            if self.has_work and self._has_token:  # who has work waits for the token from then on
                self.do_work()
                self._entries += 1
            if self._has_token:
                self.release()
            self.medium.wait_for_next_round()

    def handle_messages(self):
        for message in self.medium.receive_all():
            if message.is_grant():
                self._has_token = True

    def release(self):
        self._has_token = False
        following = (self.index + 1) % self.number_of_devices
        self.medium.send(MutexMessage(self.index, following, Type.GRANT))

    def print_result(self):
        print(f"Device {self.index}: entries {self._entries}")


class StampedMessage(MutexMessage):
    """A MutexMessage with a number: a Lamport time, or the number of a request (SuzukiKasami)."""

    def __init__(self, sender: int, destination: int, message_type: Type, time: int):
        super().__init__(sender, destination, message_type)
        self._stamp = time

    def stamp(self):
        return self._stamp

    def __str__(self):
        return f"{super().__str__()}, stamp {self._stamp}"


class State(enum.Enum):
    """Where a device is: inside, waiting to get in, or neither."""

    HELD = 0
    WANTED = 1
    RELEASED = 3


class RicartAgrawala(WorkerDevice):
    """Everybody must agree; of two who want to enter, the older request goes first.

    - To enter: send REQUEST to all others, with a stamp one above the highest that we know of; wait
      for n-1 GRANTs. So the Lamport clock counts requests only, all other events take no time.
    - On REQUEST: if inside, or if waiting with an older (stamp, index), keep it for later.
      Otherwise send GRANT at once.
    - To leave: send GRANT to all that were kept waiting.
    2(n-1) messages per entry. The stamp of a waiting request stays, while the clock goes on.
    Source: Ricart, Agrawala, CACM 24(1), 1981. There a GRANT carries nothing; that breaks ME3.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._state = State.RELEASED
        self._time = 0  # the Lamport clock: the highest stamp that we know of
        self._request_time = 0  # the stamp of our own request
        self._grants = 0
        self._waiting: list[int] = []  # those whose request was kept for later
        self._entries = 0

    def run(self):
        while True:
            self.handle_messages()
            if self.has_work and self._state == State.RELEASED:
                self.acquire()
            if self._state == State.HELD:
                self.do_work()
                self._entries += 1
                self.release()
            self.medium.wait_for_next_round()

    def handle_messages(self):
        while (message := self.medium.receive()) is not None:
            self._time = max(self._time, message.stamp())
            if message.is_request():
                self.handle_request(message)
            elif message.is_grant():
                self.handle_grant(message)

    def handle_request(self, message: StampedMessage):
        mine = (self._request_time, self.index)
        theirs = (message.stamp(), message.source)
        if self._state == State.HELD or (self._state == State.WANTED and mine < theirs):
            self._waiting.append(message.source)
        else:
            self._grant(message.source)

    def handle_grant(self, message: StampedMessage):
        self._grants += 1
        if self._grants == self.number_of_devices - 1:
            self._state = State.HELD

    def acquire(self):
        self._state = State.WANTED
        self._grants = 0
        self._time += 1
        self._request_time = self._time
        for other in self.medium.ids:
            if other != self.index:
                message = StampedMessage(self.index, other, Type.REQUEST, self._request_time)
                self.medium.send(message)

    def release(self):
        self._state = State.RELEASED
        for other in self._waiting:
            self._grant(other)
        self._waiting = []

    def _grant(self, destination: int):
        self.medium.send(StampedMessage(self.index, destination, Type.GRANT, self._time))

    def print_result(self):
        print(f"Device {self.index}: entries {self._entries}, clock {self._time}")


class Maekawa(WorkerDevice):
    """The voting set must agree, and each device has one vote.

    - The devices stand in a square grid. The voting set of a device is its row and its column, with
      itself. Any two voting sets share a device, and that device votes for one of the two only.
    - To enter: send REQUEST to the voting set, wait for a GRANT from each of its members.
    - On REQUEST: a device that has its vote gives it away (GRANT), otherwise it queues the request.
    - To leave: send RELEASE to the voting set. Each member votes for the next one in its queue.

    Variant: the basic one, as printed in [CDK], WITHOUT inquiry. At most one device is inside,
    always (ME1). But ME2 does not hold: find out how the devices can wait for ever. In the repair
    by Sanders (1987) a voter may ask for its vote back; that is not part of this class.
    Source: Maekawa, ACM TOCS 3(2), 1985.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._state = State.RELEASED
        self._voted = False  # our vote is given away
        self._grants = 0
        self._waiting: list[int] = []  # requests that wait for our vote
        self._voting_set = self._row_and_column()
        self._entries = 0

    def _row_and_column(self) -> list[int]:
        width = ceil(sqrt(self.number_of_devices))
        row, column = divmod(self.index, width)
        return [i for i in self.medium.ids if i // width == row or i % width == column]

    def run(self):
        while True:
            self.handle_messages()
            if self.has_work and self._state == State.RELEASED:
                self.acquire()
            if self._state == State.HELD:
                self.do_work()
                self._entries += 1
                self.release()
            self.medium.wait_for_next_round()

    def handle_messages(self):
        for message in self.medium.receive_all():
            if message.is_request():
                self.handle_request(message)
            elif message.is_release():
                self.handle_release(message)
            else:
                self.handle_grant(message)

    def acquire(self):
        self._state = State.WANTED
        self._grants = 0
        for member in self._voting_set:
            self.medium.send(MutexMessage(self.index, member, Type.REQUEST))

    def handle_grant(self, message: MutexMessage):
        self._grants += 1
        if self._grants == len(self._voting_set):
            self._state = State.HELD

    def release(self):
        self._state = State.RELEASED
        for member in self._voting_set:
            self.medium.send(MutexMessage(self.index, member, Type.RELEASE))

    def handle_request(self, message: MutexMessage):
        self._waiting.append(message.source)
        self._vote_if_possible()

    def handle_release(self, message: MutexMessage):
        self._voted = False
        self._vote_if_possible()

    def _vote_if_possible(self):
        if self._waiting and not self._voted:
            self._voted = True
            self.medium.send(MutexMessage(self.index, self._waiting.pop(0), Type.GRANT))

    def print_result(self):
        state = self._state.name
        print(
            f"Device {self.index}: entries {self._entries}, {state}, grants {self._grants}"
            f" of {len(self._voting_set)}, voting set {self._voting_set}"
        )


class SKToken(MessageStub):
    """The one token of Suzuki and Kasami: who waits for it, and which requests it has served."""

    def __init__(self, sender: int, destination: int, queue: list[int], ln: list[int]):
        super().__init__(sender, destination)
        self._queue = queue
        self._ln = ln

    def queue(self):
        return self._queue

    def ln(self):
        return self._ln

    def __str__(self):
        return f"SKToken {self.source} -> {self.destination}: queue {self._queue}, ln {self._ln}"


class SuzukiKasami(WorkerDevice):
    """Only the holder of the token enters; who wants it asks everybody.

    Each device has a vector `_rn`. The token has a queue of devices and a vector `_ln`. What the
    two vectors are for is the first question of this lecture.
    - To enter: with the token, enter. Without it, add one to rn[me], send that number as REQUEST to
      all others, and wait for the token.
    - On REQUEST number s from j: rn[j] = max(rn[j], s). If we have the token and do not use it, and
      rn[j] = ln[j] + 1, send it to j.
    - To leave: ln[me] = rn[me]. Append each j that is not in the queue and has rn[j] = ln[j] + 1.
      If the queue is not empty, take its head and send the token there. Otherwise keep the token.
    Device 0 has the token at the start. 0 or n messages per entry.
    Source: Suzuki, Kasami, ACM TOCS 3(4), 1985.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._rn = [0] * number_of_devices
        self._token = SKToken(0, 0, [], [0] * number_of_devices) if index == 0 else None
        self._requested = False  # wants to enter or is inside
        self._waiting = False  # has asked the others for the token
        self._working = False  # is inside
        self._entries = 0

    def run(self):
        while True:
            self.handle_messages()
            if self.has_work and not self._requested:
                self.acquire()
            if self._requested and self._token is not None:
                self._working = True
                self.do_work()
                self._entries += 1
                self.handle_messages()  # hear who has asked in the meantime
                self.release()
            self.medium.wait_for_next_round()

    def handle_messages(self):
        for message in self.medium.receive_all():
            if isinstance(message, SKToken):
                self._token = message
                self._waiting = False
            else:
                self.handle_request(message)

    def handle_request(self, message: StampedMessage):
        other = message.source
        self._rn[other] = max(self._rn[other], message.stamp())  # an old request may come late
        if self._token is not None and not self._requested and self._is_open(other):
            self._send_token(other)

    def release(self):
        self._working = False
        self._requested = False
        self._token.ln()[self.index] = self._rn[self.index]
        queue = self._token.queue()
        for other in self.medium.ids:
            if other not in queue and self._is_open(other):
                queue.append(other)
        if queue:
            self._send_token(queue.pop(0))

    def acquire(self):
        self._requested = True
        if self._token is not None:
            return
        self._waiting = True
        self._rn[self.index] += 1
        for other in self.medium.ids:
            if other != self.index:
                number = self._rn[self.index]
                self.medium.send(StampedMessage(self.index, other, Type.REQUEST, number))

    def _is_open(self, other: int) -> bool:
        """Has this device a request that the token has not served yet?"""
        return self._rn[other] == self._token.ln()[other] + 1

    def _send_token(self, destination: int):
        token, self._token = self._token, None
        self.medium.send(SKToken(self.index, destination, token.queue(), token.ln()))

    def print_result(self):
        token = "" if self._token is None else f", has the token, ln {self._token.ln()}"
        print(f"Device {self.index}: entries {self._entries}, rn {self._rn}{token}")


class Vote(MessageStub):
    """A candidate (not decided), or the leader (decided)."""

    def __init__(self, sender: int, destination: int, vote: int, decided: bool):
        super().__init__(sender, destination)
        self._vote = vote
        self._decided = decided

    def vote(self):
        return self._vote

    def decided(self):
        return self._decided

    def __str__(self):
        what = "leader" if self._decided else "candidate"
        return f"Vote {self.source} -> {self.destination}: {what} {self._vote}"


class ChangRoberts(Device):
    """Election on a ring: the largest index that anybody knows of travels on.

    - Who starts sends its own index to its neighbour and is a participant.
    - On a larger index: become a participant, pass it on. On a smaller one: a participant drops it,
      everybody else becomes a participant and sends its own index instead.
    - Who gets its own index back is the leader, and sends that round the ring.
    Source: Chang, Roberts, CACM 22(5), 1979.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._participated = False
        self._leader = None
        self._done = False  # has seen the leader's message; the leader itself: has it back

    def run(self):
        while not self._done:
            for message in self.medium.receive_all():
                self.handle_vote(message)
            if not self._participated and STARTER in (-1, self.index):
                self._participated = True
                self._pass_on(self.index, False)
            self.medium.wait_for_next_round()

    def handle_vote(self, message: Vote):
        if message.decided():
            self._leader = message.vote()
            self._done = True
            if self._leader != self.index:
                self._pass_on(self._leader, True)
        elif message.vote() == self.index:
            self._leader = self.index
            self._pass_on(self.index, True)
        elif message.vote() > self.index or not self._participated:
            self._participated = True
            self._pass_on(max(message.vote(), self.index), False)

    def _pass_on(self, vote: int, decided: bool):
        neighbour = (self.index + RING_STEP) % self.number_of_devices
        self.medium.send(Vote(self.index, neighbour, vote, decided))

    def print_result(self):
        print(f"Device {self.index}: the leader is {self._leader}")


class Bully(Device):
    """Election with timeouts: the largest index that is alive wins. For synchronous networks.

    - Who starts sends a vote with its index to all larger ones; the largest is the leader at once.
    - On a vote of a smaller device: answer (a vote with the own index), and start an election too.
    - On a vote of a larger device: that is the answer. Shut up and wait to hear the leader.
    - No answer in time: all larger ones have failed. Tell all smaller ones that we are the leader.
    - An answer, but no leader in time: start again.
    The textbook form: time is counted in rounds. Where messages may be later, two may lead.
    Source: Garcia-Molina, IEEE Trans. Computers C-31(1), 1982.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._leader = None
        self._election = False  # takes part in an election
        self._shut_up = False  # a larger device has answered
        self._rounds_waited = 0

    def largest(self):
        return self.index == max(self.medium.ids)

    def run(self):
        if STARTER in (-1, self.index):
            self.start_election()
        while self._leader is None:
            self.medium.wait_for_next_round()
            for message in self.medium.receive_all():
                self.handle_vote(message)
            if self._election and self._leader is None:
                self.check_time()

    def start_election(self):
        self._election = True
        self._shut_up = False
        self._rounds_waited = 0
        if self.largest():
            self._announce()
            return
        for other in self.medium.ids:
            if other > self.index:
                self.medium.send(Vote(self.index, other, self.index, False))

    def handle_vote(self, message: Vote):
        if message.decided():
            self._leader = message.vote()
        elif message.vote() > self.index:
            self._shut_up = True
        else:
            self.medium.send(Vote(self.index, message.source, self.index, False))
            if not self._election and self._leader is None:
                self.start_election()

    def check_time(self):
        self._rounds_waited += 1
        if not self._shut_up and self._rounds_waited >= ANSWER_ROUNDS:
            self._announce()
        elif self._rounds_waited >= 3 * ANSWER_ROUNDS:
            self.start_election()

    def _announce(self):
        self._leader = self.index
        for other in self.medium.ids:
            if other < self.index:
                self.medium.send(Vote(self.index, other, self.index, True))

    def print_result(self):
        print(f"Device {self.index}: the leader is {self._leader}")
