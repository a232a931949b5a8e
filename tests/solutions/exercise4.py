"""Lecture 4, reference solution: a token ring that survives failures, and work that goes on beside.

    HeartbeatTokenRing      bonus: failure detection, a new token for a lost one, joining
    AsyncCentralised, AsyncTokenRing, AsyncRicartAgrawala, AsyncMaekawa, AsyncSuzukiKasami
                            extracurricular: do_work() returns at once, release() is called later

Answers to the questions about SuzukiKasami:

- rn[j], in each device: the highest request number heard of from j. ln[j], in the token: the number
  of j's last request that is served. A request of j is open if and only if rn[j] = ln[j] + 1.
- A request can arrive after it was granted: it goes to n-1 devices, and the holder may answer
  before the slowest copy arrives. The late copy has s <= ln[j] for whoever holds the token, so it
  is not open and changes nothing.
- Only the holder can tell which requests are open, because ln travels with the token.
- The queue grows when the holder leaves: it appends every open request that is not yet in it. Each
  device stands in it at most once. It shrinks by one whenever the token is sent.
- ME1: there is one token. ME2: every request reaches the holder of the moment or is in the rn of a
  later one, and nobody can overtake in the queue, so at most n-1 others go first. ME3 does not
  hold: the queue is filled in index order, whatever happened before.
- 0 or n messages per entry (n-1 requests and the token, which carries n numbers). Delay to enter:
  none with the token, otherwise a request and a token. From one device to the next: one message.
- A lost request: its sender waits for ever, unless it repeats it (the number makes that harmless).
  A lost token, or a holder that fails: nobody enters any more. Remedy: detect it, elect one device,
  collect rn and ln from all that are alive, and make exactly one new token.

Messages per entry of the others: Centralised 3, RicartAgrawala 2(n-1), Maekawa 3 times the size of
the voting set, TokenRing 1 (all want to enter) and more (few do), without bound.

The deadlock of Maekawa with 3 devices in a grid of width 2: the voting sets are {0, 1, 2}, {0, 1}
and {0, 2}. All ask at the same time. Device 0 votes for 1, device 1 for 0, device 2 for itself. Now
device 0 waits for the votes of 0 and 2, device 1 for that of 1, and device 2 for that of 0.
"""

import threading
import time

from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise4 import (
    Coordinator,
    Maekawa,
    Requester,
    RicartAgrawala,
    State,
    SuzukiKasami,
    TokenRing,
)

# All times in virtual seconds; in a sync network a round lasts 0.1.
CRASHES = {1: 2.0}  # device 1 fails at the first moment after 2.0 at which it has the token
CRASH_WITH_TOKEN = True  # False: it fails at 2.0, wherever the token is
JOINS = {2: 4.0}  # device 2 is not there at the start, and joins at 4.0
HEARTBEAT_EVERY = 0.25
SUSPECT_AFTER = 1.5  # a device that is silent for so long has failed
TOKEN_LOST_AFTER = 2.0  # a token that does not move for so long is lost


class Heartbeat(MessageStub):
    """I am alive, and this is the newest token that I know of."""

    def __init__(self, sender: int, destination: int, newest: tuple[int, int]):
        super().__init__(sender, destination)
        self.newest = newest

    def __str__(self):
        return f"Heartbeat {self.source} -> {self.destination}: newest token {self.newest}"


class Join(MessageStub):
    """I am new: take me into the ring."""

    def __str__(self):
        return f"Join {self.source} -> {self.destination}"


class NumberedToken(MessageStub):
    """The right to enter. Its stamp: (generation, how often it was passed on)."""

    def __init__(self, sender: int, destination: int, stamp: tuple[int, int]):
        super().__init__(sender, destination)
        self.stamp = stamp

    def __str__(self):
        return f"NumberedToken {self.source} -> {self.destination}: {self.stamp}"


class HeartbeatTokenRing(TokenRing):
    """A token ring with failure detection. A device fails by returning from run, and stays away.

    - Each device sends heartbeats to all in its ring. Who is silent for SUSPECT_AFTER is taken out
      of the ring; who is heard for the first time is taken in.
    - The token goes to the next larger device of the ring, and from the largest to the smallest.
    - The token has a stamp that grows whenever it is passed on, and heartbeats carry the newest
      stamp that their sender knows of. As long as the token moves, everybody hears of newer stamps.
    - No newer stamp for TOKEN_LOST_AFTER: the token is lost. The smallest device of the ring makes
      a new one, with a higher generation. An older token that turns up again is dropped.
    - To join: send JOIN to all. Who gets it takes the sender into its ring, and its heartbeats tell
      the new device who else is there.
    This rests on time: messages and critical sections must be short against the two limits.
    Otherwise a device that is only slow counts as failed, and there may be two tokens.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        at_start = [other for other in self.medium.ids if other not in JOINS]
        self._has_token = self.index == at_start[0]
        self._now = time.monotonic()
        self._last_heard = {other: self._now for other in at_start if other != self.index}
        self._newest = (0, 0)  # stamp of the newest token we know of
        self._moved_at = self._now  # when we heard of it
        self._beat_at = 0.0  # when we sent our last heartbeats
        self._status = "alive"

    def run(self):
        if self.index in JOINS:
            self.join()
        while True:
            self._now = time.monotonic()
            self.handle_messages()
            if self.fails_now():
                self._status = "failed"
                self.medium.log("fails" + (" with the token" if self._has_token else ""))
                return
            self.remove_silent_devices()
            self.replace_lost_token()
            self.send_heartbeats()
            self.use_token()
            self.medium.wait_for_next_round()

    def fails_now(self) -> bool:
        due = self._now >= CRASHES.get(self.index, float("inf"))
        return due and (self._has_token or not CRASH_WITH_TOKEN)

    # -- the ring

    def ring(self) -> list[int]:
        return sorted([self.index, *self._last_heard])

    def successor(self) -> int:
        ring = self.ring()
        return ring[(ring.index(self.index) + 1) % len(ring)]

    def join(self):
        self._status = "not yet there"
        while time.monotonic() < JOINS[self.index]:
            self.medium.wait_for_next_round()
        self._status = "alive"
        self.medium.receive_all()  # what came while we were not there
        self._last_heard = {}
        self._moved_at = time.monotonic()
        self.medium.log("joins")
        for other in self.medium.ids:
            if other != self.index:
                self.medium.send(Join(self.index, other))

    def send_heartbeats(self):
        if self._now - self._beat_at >= HEARTBEAT_EVERY:
            self._beat_at = self._now
            for other in self._last_heard:
                self.medium.send(Heartbeat(self.index, other, self._newest))

    def remove_silent_devices(self):
        for other in self.ring():
            if other != self.index and self._now - self._last_heard[other] > SUSPECT_AFTER:
                del self._last_heard[other]
                self.medium.log(f"takes device {other} out of the ring")

    # -- the token

    def handle_messages(self):
        for message in self.medium.receive_all():
            if message.source not in self._last_heard:
                self.medium.log(f"takes device {message.source} into the ring")
            self._last_heard[message.source] = self._now
            if isinstance(message, Heartbeat):
                self.hear_of_token(message.newest)
            elif isinstance(message, NumberedToken) and message.stamp >= self._newest:
                self.hear_of_token(message.stamp)
                self._has_token = True

    def hear_of_token(self, stamp: tuple[int, int]):
        if stamp > self._newest:
            self._newest = stamp
            self._moved_at = self._now
            self._has_token = False  # the one we may have is older

    def replace_lost_token(self):
        lost = not self._has_token and self._now - self._moved_at > TOKEN_LOST_AFTER
        if lost and self.index == self.ring()[0]:
            generation, _ = self._newest
            self.hear_of_token((generation + 1, 0))
            self._has_token = True
            self.medium.log(f"makes a new token, generation {generation + 1}")

    def use_token(self):
        if self.has_work and self._has_token:
            self.do_work()
            self._entries += 1
        if self._has_token:
            self.release()

    def release(self):
        if self.successor() == self.index:
            return  # alone: keep the token
        generation, passed_on = self._newest
        self.hear_of_token((generation, passed_on + 1))
        self._has_token = False
        self.medium.send(NumberedToken(self.index, self.successor(), self._newest))

    def print_result(self):
        print(
            f"Device {self.index}: entries {self._entries}, {self._status},"
            f" ring {self.ring()}, token generation {self._newest[0]}"
        )


class AsyncWork:
    """Put before a mutex algorithm: do_work() starts a thread, which calls release() at its end.

    What had to be modified in the algorithms:
    - The device goes on while it works: it answers requests, votes, and queues who has to wait. So
      it must know that it is inside: `_busy`, or it would enter once more.
    - `release` runs in another thread than `handle_messages`. A request that came between "answer
      all who wait" and "state = RELEASED" would be queued and never answered: hence the lock.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._busy = False
        self._lock = threading.Lock()

    def run(self):
        while True:
            with self._lock:
                self.handle_messages()
                self.step()
            self.medium.wait_for_next_round()

    def step(self):
        """Ask to enter, or begin to work, if it is time to."""
        raise NotImplementedError

    def do_work(self):
        self._busy = True
        threading.Thread(target=self.work_and_release).start()

    def work_and_release(self):
        super().do_work()
        with self._lock:
            self._entries += 1
            self._busy = False
            self.release()


class AsyncRequester(AsyncWork, Requester):
    """Asks the coordinator before it enters."""

    def step(self):
        if self.has_work and not self._requested:
            self.acquire()
        if self._granted and not self._busy:
            self.do_work()


class AsyncCentralised:
    """Device 0 is the coordinator, all others ask it."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        kind = Coordinator if index == 0 else AsyncRequester
        return kind(index, number_of_devices, medium)


class AsyncTokenRing(AsyncWork, TokenRing):
    """Keeps the token while it works."""

    def step(self):
        wants_to_enter = self.has_work  # from now on it waits for the token
        if self._has_token and not self._busy:
            if wants_to_enter:
                self.do_work()
            else:
                self.release()


class AsyncRicartAgrawala(AsyncWork, RicartAgrawala):
    """While it works its state is HELD, so requests are queued until release()."""

    def step(self):
        if self.has_work and self._state == State.RELEASED:
            self.acquire()
        if self._state == State.HELD and not self._busy:
            self.do_work()


class AsyncMaekawa(AsyncWork, Maekawa):
    """Votes also while it works. It can still deadlock: see Maekawa."""

    def step(self):
        if self.has_work and self._state == State.RELEASED:
            self.acquire()
        if self._state == State.HELD and not self._busy:
            self.do_work()


class AsyncSuzukiKasami(AsyncWork, SuzukiKasami):
    """Hears of requests while it works; `_requested` keeps it from giving the token away."""

    def step(self):
        if self.has_work and not self._requested:
            self.acquire()
        if self._requested and self._token is not None and not self._busy:
            self._working = True
            self.do_work()
