"""A small world for protocols: drawn delays, loss, copies, crashes and freezes, on virtual time.

Every execution appends a number of its own to the state, so that a lost or a doubled one shows.
"""

from __future__ import annotations

import heapq
import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.monitor.actions import Action, Done, Enter, Note, Send, Ticket
from emulators.monitor.protocol import Protocol
from emulators.monitor.timing import Timing


def packed(numbers: list[int]) -> bytes:
    return struct.pack(f">{len(numbers)}i", *numbers)


def unpacked(state: bytes) -> list[int]:
    return list(struct.unpack(f">{len(state) // 4}i", state))


@dataclass
class Network:
    """What the network does to a frame; times in seconds."""

    slowest: float = 0.02
    loss: float = 0.0
    copies: float = 0.0


@dataclass
class Process:
    """A process: its protocol, what it still wants to execute, and how it fares."""

    protocol: Protocol
    wanted: int
    dead: bool = False
    frozen_until: float = 0.0
    inside: int | None = None
    turns: dict[Ticket, int] = field(default_factory=dict)


class World:
    """`number` processes of which each executes `tasks` tasks, one after the other."""

    def __init__(
        self,
        number: int,
        tasks: int,
        seed: int = 1,
        network: Network | None = None,
        timing: Timing | None = None,
        predicate: Callable[[int, list[int]], bool] = lambda process, state: True,
        certain: bool = True,
    ) -> None:
        self.dice = random.Random(seed)
        self.network = network or Network()
        self.timing = timing or Timing(presume=None)
        self.predicate = predicate
        self.certain = certain
        self.now = 0.0
        self._queue: list[tuple[float, int, int, Process, Callable[[], None]]] = []
        self._serial = 0
        self._ids = 0
        self.done: list[int] = []
        self.lost: list[int] = []
        self.renewed = 0
        self.entered: Counter[int] = Counter()
        self.asked_in_vain = 0
        self.overlaps = 0
        self.frames = 0
        self.keep = 10**9  # so many numbers stay in the state
        self.processes = [self._process(index, number, tasks) for index in range(number)]
        for index in range(number):
            self._carry_out(index)
            self._wake(index)
            self.later(self.dice.uniform(0, 0.1), index, lambda i=index: self._want(i))

    def _process(self, index: int, number: int, tasks: int) -> Process:
        incarnation = self.dice.getrandbits(31)
        made = Protocol(index, number, b"", self.now, incarnation=incarnation, timing=self.timing)
        return Process(made, tasks)

    # -- time

    def later(self, delay: float, index: int, what: Callable[[], None]) -> None:
        """Let a process do something, unless it is dead by then."""
        self._serial += 1
        life = self.processes[index]
        heapq.heappush(self._queue, (self.now + delay, self._serial, index, life, what))

    def run(self, until: float, stop: Callable[[], bool] = lambda: False) -> None:
        while self._queue and self._queue[0][0] <= until and not stop():
            time, _, index, process, what = heapq.heappop(self._queue)
            self.now = max(self.now, time)
            if process.dead:
                continue
            if process.frozen_until > self.now:
                self.later(process.frozen_until - self.now + 1e-6, index, what)
                continue
            what()
            self._carry_out(index)

    def run_to_the_end(self, limit: float = 10_000.0) -> None:
        """Run until every living process has executed all it wants."""
        self.run(limit, lambda: all(one.dead or one.wanted == 0 for one in self.processes))
        assert all(one.dead or one.wanted == 0 for one in self.processes), self.now

    def _wake(self, index: int) -> None:
        """Tick whenever the protocol wants to."""
        process = self.processes[index]
        self.processes[index].protocol.tick(self.now)
        self._carry_out(index)
        delay = max(process.protocol.deadline() - self.now, 0.001)
        self.later(min(delay, self.timing.beat / 10), index, lambda: self._wake(index))

    # -- programs

    def _want(self, index: int) -> None:
        process = self.processes[index]
        if process.wanted:
            process.turns[process.protocol.want(self.now)] = 0

    def _enter(self, index: int, enter: Enter) -> None:
        process = self.processes[index]
        state = unpacked(enter.state)
        self.overlaps += any(one.inside is not None and not one.dead for one in self.processes)
        if not self.predicate(index, state):
            self.asked_in_vain += 1
            process.protocol.refused(enter.ticket, self.now)
            self._carry_out(index)
            return
        self._ids += 1
        process.inside = self._ids
        self.entered[index] += 1
        state = [*state[-self.keep :], self._ids]
        self.later(
            self.dice.uniform(0, 0.01), index, lambda: self._leave(index, enter.ticket, state)
        )

    def _leave(self, index: int, ticket: Ticket, state: list[int]) -> None:
        process = self.processes[index]
        process.turns[ticket] = state[-1]
        process.inside = None
        process.protocol.executed(ticket, packed(state), self.now)

    def _finish(self, index: int, done: Done) -> None:
        process = self.processes[index]
        identity = process.turns.pop(done.ticket)
        (self.lost if done.lost else self.done).append(identity)
        process.wanted -= not done.lost
        self.later(self.dice.uniform(0, 0.03), index, lambda: self._want(index))

    # -- what a protocol wants done

    def _carry_out(self, index: int) -> None:
        actions = self.processes[index].protocol.take()
        while actions:
            for action in actions:
                self._do(index, action)
            actions = self.processes[index].protocol.take()

    def _do(self, index: int, action: Action) -> None:
        if isinstance(action, Send):
            receivers = range(len(self.processes)) if action.to is None else [action.to]
            for receiver in receivers:
                if receiver != index:
                    self._send(index, receiver, action.frame)
        elif isinstance(action, Enter):
            self._enter(index, action)
        elif isinstance(action, Done):
            self._finish(index, action)
        elif isinstance(action, Note):
            self.renewed += "made again" in action.text

    def _send(self, sender: int, receiver: int, frame: bytes) -> None:
        self.frames += 1
        if self.dice.random() < self.network.loss:
            return
        for _ in range(1 + (self.dice.random() < self.network.copies)):
            self.later(
                self.dice.uniform(0.0005, self.network.slowest),
                receiver,
                lambda: self.processes[receiver].protocol.receive(frame, self.now, sender),
            )

    # -- misfortune

    def crash(self, index: int) -> None:
        """Let a process die; if that is `certain`, the others find out at once."""
        dead = self.processes[index]
        dead.dead = True

        def hear(other: int) -> None:
            if self.processes[index] is dead:  # not started again in the meantime
                self.processes[other].protocol.lost(index, self.now)

        for other in range(len(self.processes)):
            if other != index and self.certain:
                self.later(self.dice.uniform(0.1, 0.2), other, lambda other=other: hear(other))

    def restart(self, index: int, tasks: int) -> None:
        """Start a dead process again, with tasks of its own."""
        self.processes[index] = self._process(index, len(self.processes), tasks)
        self._carry_out(index)
        self._wake(index)
        self._want(index)
        self._carry_out(index)

    def freeze(self, index: int, seconds: float) -> None:
        self.processes[index].frozen_until = self.now + seconds

    def holder(self) -> int | None:
        """The living process that has the token, or None while it is on its way."""
        for index, process in enumerate(self.processes):
            if process.protocol.holds and not process.dead:
                return index
        return None

    # -- verdict

    def newest(self) -> list[int]:
        """The newest state that a living process knows."""
        alive = [one.protocol.newest for one in self.processes if not one.dead]
        return unpacked(max(alive, key=lambda body: body.age).state)

    def judge(self) -> None:
        """Nothing that was reported as done is missing; nothing is there twice or that was lost."""
        state = self.newest()
        assert len(set(state)) == len(state)
        assert set(self.done) <= set(state)
        assert not set(self.lost) & set(state)
