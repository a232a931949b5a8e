"""Tasks, and the scheduler that resumes them one at a time in the order of virtual time.

Invariant: at any moment at most one task runs; it runs until it suspends itself. Ties are decided
by a serial number, never by accident. What the tasks are for is not known here.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush, heappushpop
from typing import Any, Protocol

from emulators.kernel.carrier import Carrier, Coroutine, GreenletCarrier, Killed
from emulators.kernel.choices import Choices, Departed
from emulators.kernel.clock import ticks

_MOST_KILLS = 3
_parked: list[Coroutine] = []
"""Coroutines that swallow every exit; kept, because collecting them would resume them."""


class Resumable(Protocol):
    """What the scheduler's queues hold: a task or a timer."""

    resume: Callable[[], Any]


def _nothing() -> None:
    """Stand for the resumption of what has ended."""


class Task:
    """One blocking function in the middle of its work.

    `number` is unique in a run. `at_end` is called when the function has returned, failed or was
    killed. `owner` belongs to whoever spawned the task; the kernel never looks at it. `waiting`
    says in words what the task waits for while only another task can resume it. `halfway` tells
    whether the function has begun and not ended: only then may another task resume it, because
    whoever is begun by a task lies on its stack.
    """

    __slots__ = ("at_end", "coroutine", "halfway", "name", "number", "owner", "resume", "waiting")

    def __init__(self, number: int, name: str, owner: Any) -> None:
        self.number = number
        self.name = name
        self.owner = owner
        self.resume: Callable[[], Any] = _nothing
        self.coroutine: Coroutine | None = None
        self.halfway = False
        self.at_end: list[Callable[[], Any]] = []
        self.waiting = ""

    @property
    def alive(self) -> bool:
        """Whether the function has not ended yet."""
        return self.coroutine is not None


class Timer:
    """Calls a function at a time of the virtual clock; the function runs outside every task."""

    __slots__ = ("resume",)

    def __init__(self, function: Callable[[], Any]) -> None:
        self.resume = function

    def cancel(self) -> None:
        """Make the timer do nothing when its time comes."""
        self.resume = _nothing


class Scheduler:
    """Resumes tasks: first those that are ready, then the next in virtual time.

    `idle` is asked whenever nobody is ready, before the clock moves; it returns True when it made
    something ready. `ended` is told of every task that ended, with its error or None. `acting` owns
    the tasks that are spawned outside every task.
    """

    reading = ticks(0.001)
    """Ticks that pass when a task reads the clock."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.now = 0
        self.steps = 0
        self.hops = False
        self.leaps = False
        self.deadline = sys.maxsize
        self.current: Resumable | None = None
        self.acting: Any = None
        self.ready: deque[Resumable] = deque()
        self.timers: list[tuple[int, int, Resumable]] = []
        self.tasks: dict[Task, None] = {}
        self._serial = -1
        self.idle: Callable[[], bool] | None = None
        self.ended: Callable[[Task, BaseException | None], None] = lambda task, error: None
        self.stopped = ""
        self.interrupted = False
        self._halt = False
        self._carrier: Carrier | None = None
        self.suspend: Callable[[], Any] = _nothing
        self.ident: Callable[[], int] = threading.get_ident
        self.thread = 0

    def serial(self) -> int:
        """Return the next serial number: of two things at the same time, the first comes first."""
        self._serial += 1
        return self._serial

    # -- what runs

    def attach(self, carrier: Carrier | None = None) -> None:
        """Bind the scheduler to the calling thread; tasks are spawned and resumed there only."""
        self._carrier = carrier or GreenletCarrier()
        self.suspend, self.ident = self._carrier.suspend, self._carrier.ident
        self.thread = self.ident()

    def move(self) -> None:
        """Let tasks be resumed from the caller, which may be a task of another scheduler."""
        assert self._carrier is not None, "attach() comes first"
        self._carrier.move(task.coroutine for task in self.tasks if task.coroutine is not None)
        self.suspend = self._carrier.suspend

    def spawn(self, function: Callable[[], Any], name: str, owner: Any = None) -> Task:
        """Return a new task that is ready to call `function`."""
        assert self._carrier is not None, "attach() comes first"
        task = Task(self.serial(), name, owner)
        task.coroutine = self._carrier.spawn(lambda: self._body(task, function))
        task.resume = task.coroutine.resume
        self.tasks[task] = None
        self.ready.append(task)
        return task

    def _body(self, task: Task, function: Callable[[], Any]) -> None:
        error: BaseException | None = None
        task.halfway = True
        try:
            function()
        except (Killed, SystemExit):
            pass
        except (KeyboardInterrupt, Departed):
            self._forget(task)
            raise
        except BaseException as raised:  # reported by whoever listens to `ended`
            error = raised
        self._forget(task)
        self.ended(task, error)

    def _forget(self, task: Task) -> None:
        if task.coroutine is None:  # it was killed, and now has ended
            return
        task.coroutine, task.resume, task.halfway = None, _nothing, False
        self.tasks.pop(task, None)
        for call in task.at_end:
            call()

    def kill(self, task: Task) -> None:
        """End a suspended task: its ``finally`` blocks run; one that refuses is parked for ever."""
        coroutine = task.coroutine
        if coroutine is None:
            return
        self._forget(task)
        before, self.current = self.current, task
        jumps = self.hops, self.leaps
        self.hops = self.leaps = False  # who waits while it ends shall not resume others
        for _ in range(_MOST_KILLS):
            if coroutine.kill():
                break
        else:
            _parked.append(coroutine)
        self.current = before
        self.hops, self.leaps = jumps

    # -- what a task calls

    def task(self) -> Task | None:
        """Return the running task, or None outside every task (and in every other thread)."""
        current = self.current
        if isinstance(current, Task) and self.ident() == self.thread:
            return current
        return None

    def pause(self, duration: int) -> None:
        """Suspend the running task for `duration` ticks.

        Where the next in line is a task, it is resumed from here, without the way over the loop.
        """
        current, timers = self.current, self.timers
        assert current is not None
        self._serial = serial = self._serial + 1
        entry = (self.now + duration, serial, current)
        if self.hops and not self.ready and not self._halt:
            first = heappushpop(timers, entry)
            item = first[2]
            if type(item) is Task and item.halfway and first[0] <= self.deadline:
                self.now = first[0]
                if item is not current:
                    self.current = item
                    item.resume()
                return
            heappush(timers, first)
        else:
            heappush(timers, entry)
        self.suspend()

    def later(self, duration: int) -> int:
        """Return the time when `duration` ticks from now have passed."""
        return self.now + duration

    def rest(self) -> None:
        """Suspend the running task until somebody makes it ready; the next that is ready goes on.

        It is resumed from here, as in `pause`.
        """
        ready = self.ready
        if ready and self.leaps and not self._halt:
            item = ready[0]
            if type(item) is Task and item.halfway:
                ready.popleft()
                self.steps += 1
                self.current = item
                item.resume()
                return
        self.suspend()

    def park(self, waiting: str) -> None:
        """Suspend the running task until another one wakes it; `waiting` says for what."""
        task = self.current
        assert isinstance(task, Task)
        task.waiting = waiting
        self.suspend()
        task.waiting = ""

    def wake(self, task: Task) -> None:
        """Make a parked task ready."""
        self.ready.append(task)

    def call_at(self, time: int, function: Callable[[], Any]) -> Timer:
        """Call `function` outside every task when the clock reaches `time` (ticks)."""
        timer = Timer(function)
        heappush(self.timers, (time, self.serial(), timer))
        return timer

    # -- the loop

    def stop(self, reason: str) -> None:
        """End the loop before the next resumption; the first reason stays."""
        self.stopped = self.stopped or reason
        self._halt = True

    def interrupt(self) -> None:
        """Let `run` return; the running task stands still and is the first to go on."""
        self.interrupted = self._halt = True
        if self.task() is not None and self.current is not None:
            self.ready.appendleft(self.current)
            self.suspend()

    def peek(self) -> int | None:
        """Return the time of the next resumption, or None when nothing can be resumed."""
        if self.ready:
            return self.now
        return self.timers[0][0] if self.timers else None

    def step(self) -> bool:
        """Resume one task or timer; return False when there is nothing left to resume."""
        return self.run(once=True)

    def run(self, once: bool = False) -> bool:
        """Resume tasks and timers until nothing is left or somebody stops the loop.

        Return whether something may be left: True only after a single step (`once`).
        """
        ready, timers = self.ready, self.timers
        carrier = self._carrier
        self.leaps = carrier is not None and carrier.hops and not once
        self.hops = self.leaps and self.idle is None
        self._halt, self.interrupted = bool(self.stopped), False
        while not self._halt:
            if ready:
                item = ready.popleft()
            else:
                self.current = None
                if self.idle is not None and self.idle():
                    continue
                if not timers:
                    break
                if timers[0][0] > self.deadline:
                    self.stop("time")
                    break
                self.now, _, item = heappop(timers)
            self.steps += 1
            self.current = item
            item.resume()
            if once:
                self.current = None
                return True
        self.current = None
        return False

    def kill_all(self) -> None:
        """End every task, the youngest first."""
        self.hops = self.leaps = False  # who waits while it ends shall not resume others
        for task in reversed(list(self.tasks)):
            self.kill(task)
        self.ready.clear()
        self.timers.clear()


# -- the scheduler of this thread, for the modules that stand in for time, random and threading

_local = threading.local()


def running() -> Scheduler | None:
    """Return the scheduler that is active in the calling thread, or None."""
    return getattr(_local, "scheduler", None)


def activate(scheduler: Scheduler | None) -> Scheduler | None:
    """Make `scheduler` the one that `running` returns in this thread; return the one before."""
    before = running()
    _local.scheduler = scheduler
    return before


@contextmanager
def active(scheduler: Scheduler) -> Iterator[None]:
    """Make `scheduler` the one that `running` returns in this thread, until the block ends."""
    before = activate(scheduler)
    try:
        yield
    finally:
        activate(before)
