"""DistributedMonitor: shared state that one process at a time may change, for real programs.

Tasks run in the thread that calls `execute`. One thread more for each monitor does what has to be
done in between: it answers requests, repeats what was lost, and finds out who is gone.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from emulators.monitor.actions import Action, Done, Enter, Note, Send, Ticket
from emulators.monitor.endpoint import (
    LARGEST_FRAME,
    Arrived,
    Endpoint,
    Keys,
    is_loopback,
    parsed,
    zmq_module,
)
from emulators.monitor.errors import MonitorClosed, MonitorError, UpdateLost
from emulators.monitor.protocol import Protocol as Algorithm
from emulators.monitor.timing import Timing

log = logging.getLogger("emulators.monitor")

_TICK = 0.1  # seconds: how late a repetition may be


class State(Protocol):
    """What processes share: it becomes bytes, and is made again from them."""

    def serialize(self) -> bytes:
        """Return the state as bytes."""

    def deserialize(self, data: bytes) -> object:
        """Become the state that these bytes were made of."""


S = TypeVar("S", bound=State)
R = TypeVar("R")
_Turn = SimpleQueue["Enter | Done | MonitorError"]


class DistributedMonitor(Generic[S]):
    """One process's part of a monitor; `state_type()` makes the first state, the same everywhere.

    `addresses` are those of all processes, ``host:port``, in the same order everywhere; `index` is
    the place of this one. Begins as soon as all others have answered, and after `start_delay`
    seconds at the latest. `finish_timeout` is how many seconds `die` waits for somebody who takes
    the token.

    `detection`: seconds of silence after which a process is not waited for, if a majority agrees.
    `presume_dead`: seconds after which it counts as dead whatever the others say; None: never.
    `secret_key` and `public_keys` (one for each process): CURVE keys as ``zmq.curve_keypair()``
    makes them. Without keys only loopback addresses are accepted, unless `insecure`.

    Raises `MonitorError`: a wrong parameter, an address that cannot be used, pyzmq is missing.
    """

    def __init__(
        self,
        state_type: Callable[[], S],
        index: int,
        addresses: Sequence[str],
        start_delay: float = 5.0,
        finish_timeout: float = 2.0,
        *,
        detection: float = 2.0,
        presume_dead: float | None = None,
        secret_key: bytes | None = None,
        public_keys: Sequence[bytes] | None = None,
        insecure: bool = False,
    ) -> None:
        zmq_module()
        keys = _checked_keys(secret_key, public_keys, len(addresses))
        _check(index, addresses, keys is not None or insecure)
        self.index = index
        self.addresses = tuple(addresses)
        self._finish_timeout = finish_timeout
        self._state = state_type()
        self._bytes: bytes | None = self._state.serialize()
        self._lock = threading.Lock()
        self._turns: dict[Ticket, _Turn] = {}
        self._closed = False
        self._stopping = False
        self._looked = 0.0
        self._finished = threading.Event()
        self._here = threading.local()
        self._endpoint = Endpoint(index, addresses, keys)
        self._algorithm = Algorithm(
            index,
            len(addresses),
            self._bytes,
            monotonic(),
            incarnation=secrets.randbits(31),
            timing=Timing(
                start=start_delay,
                beat=detection / 4,
                detection=detection,
                repeat=min(0.25, detection / 4),
                presume=presume_dead,
            ),
            deaf=True,
        )
        self._thread = threading.Thread(target=self._serve, name=f"monitor {index}", daemon=True)
        self._thread.start()

    # -- for the program

    def execute(self, predicate: Callable[[S], bool] | None, task: Callable[[S], R]) -> R:
        """Run ``task(state)`` while nobody else is in, at a moment at which the predicate is true.

        Waits until then; a predicate of None is always true. Returns what the task returns, when
        its effect is safe in a majority of the processes that are there. If the predicate or the
        task raises, the state stays as it was before, and the token is free. Raises `UpdateLost`
        when the others went on without this process, and `MonitorClosed` after `die`.
        """
        with self.when(predicate) as state:
            return task(state)

    @contextmanager
    def when(self, predicate: Callable[[S], bool] | None = None) -> Iterator[S]:
        """Be inside for the time of a ``with`` statement: ``with monitor.when(…) as state:``.

        As `execute` otherwise.
        """
        if getattr(self._here, "inside", False):
            raise MonitorError("a task must not wait for the monitor that it is executed by")
        ticket, turn = self._queue()
        try:
            state = self._entered(ticket, turn, predicate)
            self._here.inside = True
            try:
                yield state
                data = _fitting(state.serialize())
            finally:
                self._here.inside = False
        except BaseException:
            self._bytes = None  # the state may be half changed
            self._act(lambda: self._algorithm.withdraw(ticket, monotonic()))
            self._turns.pop(ticket, None)
            raise
        self._bytes = data
        self._act(lambda: self._algorithm.executed(ticket, data, monotonic()))
        done = turn.get()
        self._turns.pop(ticket, None)
        if isinstance(done, MonitorError):
            raise done
        if isinstance(done, Done) and done.lost:
            raise UpdateLost("the others took this process for dead: what the task did is undone")

    def die(self) -> None:
        """Leave: hand on a token that is here, say goodbye, close the sockets. May be repeated.

        Waits for somebody who takes the token, at most `finish_timeout` seconds.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            closed = MonitorClosed("the monitor was closed before the task was done")
            for ticket in self._algorithm.waiting():
                self._turns[ticket].put(closed)
                self._algorithm.withdraw(ticket, monotonic())
        self._act(lambda: self._algorithm.leave(monotonic()))
        self._finished.wait(self._finish_timeout)
        self._act(self._algorithm.goodbye)
        with self._lock:
            self._stopping = True
        self._endpoint.wake()
        self._thread.join()
        self._abandon(closed)

    def __enter__(self) -> DistributedMonitor[S]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.die()

    # -- the thread that calls

    def _queue(self) -> tuple[Ticket, _Turn]:
        turn: _Turn = SimpleQueue()
        with self._lock:
            if self._closed:
                raise MonitorClosed("the monitor is closed")
            ticket = self._algorithm.want(monotonic())
            self._turns[ticket] = turn
            self._do()
        return ticket, turn

    def _entered(self, ticket: Ticket, turn: _Turn, predicate: Callable[[S], bool] | None) -> S:
        """Wait for a turn at which the predicate is true."""
        while True:
            entered = turn.get()
            if isinstance(entered, MonitorError):
                raise entered
            assert isinstance(entered, Enter)
            if self._bytes != entered.state:
                self._bytes = None
                self._state.deserialize(entered.state)
                self._bytes = entered.state
            if predicate is None or predicate(self._state):
                return self._state
            self._act(lambda: self._algorithm.refused(ticket, monotonic()))

    def _act(self, what: Callable[[], object]) -> None:
        with self._lock:
            what()
            self._do()

    # -- the thread of the monitor

    def _serve(self) -> None:
        try:
            while not self._stopping:
                with self._lock:
                    wait = self._algorithm.deadline() - monotonic()
                happened = self._endpoint.poll(min(wait, _TICK))
                with self._lock:
                    for one in happened:
                        if isinstance(one, Arrived):
                            self._algorithm.receive(one.frame, monotonic(), one.sender)
                        else:
                            self._algorithm.lost(one.index, monotonic())
                    self._look_around(monotonic())
                    self._do()
        except Exception as error:
            log.exception("the monitor cannot go on")
            with self._lock:
                self._closed = True
                self._abandon(MonitorError(f"the monitor cannot go on: {error}"))
        finally:
            self._endpoint.close()
            self._finished.set()

    def _look_around(self, now: float) -> None:
        """Do what is due, and find out now and then who listens."""
        if now >= self._looked + _TICK:
            self._looked = now
            for index in self._endpoint.listeners():
                self._algorithm.hears(index, now)
        if self._algorithm.deadline() <= now:
            self._algorithm.tick(now)

    def _abandon(self, error: MonitorError) -> None:
        """Let nobody wait any longer."""
        for turn in list(self._turns.values()):
            turn.put(error)

    def _do(self) -> None:
        """Do what the algorithm wants done; with the lock held."""
        while actions := self._algorithm.take():
            for action in actions:
                self._do_one(action)
        if self._algorithm.finished:
            self._finished.set()

    def _do_one(self, action: Action) -> None:
        if self._stopping:
            return
        if isinstance(action, Send):
            self._endpoint.publish(action.frame)
        elif isinstance(action, Note):
            log.log(logging.WARNING if action.warning else logging.INFO, "%s", action.text)
        elif action.ticket in self._turns:
            self._turns[action.ticket].put(action)


def _fitting(data: bytes) -> bytes:
    if len(data) > LARGEST_FRAME // 2:
        raise MonitorError(f"a state of {len(data)} bytes; {LARGEST_FRAME // 2} are the most")
    return data


def _checked_keys(
    secret: bytes | None, public: Sequence[bytes] | None, processes: int
) -> Keys | None:
    if (secret is None) != (public is None):
        raise MonitorError("secret_key and public_keys belong together: give both or none")
    if secret is None or public is None:
        return None
    if len(public) != processes:
        raise MonitorError(f"{len(public)} public keys for {processes} addresses")
    return Keys(secret, list(public))


def _check(index: int, addresses: Sequence[str], trusted: bool) -> None:
    if not 0 <= index < len(addresses):
        raise MonitorError(f"index {index} of {len(addresses)} addresses; the first one is 0")
    if len(set(map(parsed, addresses))) < len(addresses):
        raise MonitorError("two processes have the same address")
    for address in addresses:
        if not trusted and not is_loopback(parsed(address)[0]):
            raise MonitorError(
                f"{address} is not on this computer: give secret_key and public_keys, "
                "or insecure=True where everybody on the network may read and change the state"
            )
