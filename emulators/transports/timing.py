"""Time that the world decides: how long a wait lasts is not drawn but lived through.

Between two waits a device is deterministic: its clock stands still, and what arrives meanwhile is
seen after the next wait only. So what happened to it is the list of how long its waits lasted, when
messages arrived, and what its draws gave: with that list the simulator runs it again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from heapq import heappop
from typing import Protocol

from emulators.kernel.choices import Choices
from emulators.kernel.clock import TICKS_PER_SECOND, seconds, ticks
from emulators.kernel.tasks import Resumable, Scheduler, Task, Timer, _nothing

NEVER = 1 << 52
"""Ticks of a wait that does not end, or of a message that does not arrive: 142 years."""
_MANY = 4096


class LivedTime(Scheduler):
    """A scheduler that asks `lasting` how long every wait lasts, and `dozing` for waits that a
    message may end.
    """

    reading = ticks(0.0001)

    def lasting(self, duration: int) -> int:
        """Return how many ticks a wait for `duration` ticks lasts."""
        raise NotImplementedError

    def doze(self, low: int, high: int, until: int | None) -> None:
        """Let a wait of `low` to `high` ticks pass, or less if a message arrives.

        `until` is when one arrives that is known already.
        """
        raise NotImplementedError

    def pause(self, duration: int) -> None:
        """Let time pass for the running task."""
        super().pause(self.lasting(duration))

    def later(self, duration: int) -> int:
        """Return the time when `duration` ticks from now have passed."""
        return self.now + self.lasting(duration)


class Diary(Protocol):
    """What keeps the decisions that the world takes; numbers of things to come are filled later."""

    def decided(self, time: int, value: int | float) -> None:
        """Keep a decision that was taken at `time`."""

    def undecided(self, time: int) -> int:
        """Keep room for a decision whose value is not known yet; return its number."""

    def fill(self, number: int, value: int) -> None:
        """Keep the value of such a decision."""


class _Doze:
    """A task that lets time pass until a message comes."""

    __slots__ = ("began", "number", "task", "timer", "until")

    def __init__(self, task: Task, began: int, number: int) -> None:
        self.task, self.began, self.number = task, began, number
        self.until = NEVER
        self.timer: Timer | None = None


class RealTime(LivedTime):
    """The real clock of one device, and its tasks.

    All its moments are different, and other devices have others (remainder `index` modulo
    `number_of_devices` ticks), so that the order of everything in a run is the order in time.
    `wait` is called with the seconds to wait, or None, and hands in what arrived.
    """

    def __init__(
        self,
        choices: Choices,
        index: int,
        number_of_devices: int,
        wait: Callable[[float | None], object],
        diary: Diary | None = None,
    ) -> None:
        super().__init__(choices)
        self.began = time.perf_counter()
        self.ahead = 0
        self.waiting = self.for_ever = False
        self._wait = wait
        self._diary = diary
        self._index, self._step = index, number_of_devices
        self._taken: set[int] = set()
        self._most_taken = _MANY
        self._arrived = 0
        self._dozes: list[_Doze] = []
        self._bounds = random.Random(index)

    # -- the clock

    def clock(self) -> int:
        """Return the real time of the run in ticks."""
        return int((time.perf_counter() - self.began) * TICKS_PER_SECOND) + self.ahead

    def catch_up(self, time: int) -> int:
        """Set a clock that shows less than `time` to it; return what it shows then."""
        now = self.clock()
        if now < time:
            self.ahead += time - now
        return max(now, time)

    def moment(self, time: int) -> int:
        """Return the first moment from `time` on that belongs to this device and nothing else."""
        step, taken = self._step, self._taken
        if time <= self.now:
            time = self.now + 1
        time += (self._index - time) % step
        while time in taken:
            time += step
        if len(taken) > self._most_taken:
            self._taken = taken = {one for one in taken if one > self.now}
            self._most_taken = max(_MANY, 2 * len(taken))
        taken.add(time)
        return time

    def arrival(self, sent: int, delay: int) -> int:
        """Return when a message arrives that is here now, and shall take `delay` ticks more.

        A clock that is behind the one of the sender is set: nothing comes before it was sent.
        """
        time = max(self.catch_up(sent), self.now) + 1
        if delay:
            return self.moment(time + delay)
        self._arrived = self.moment(max(time, self._arrived + 1))  # in the order of their coming
        return self._arrived

    def advance(self, time: int) -> bool:
        """Let it be `time` now, if nothing else is to happen before; return whether it is."""
        timers = self.timers
        if self.ready or (timers and timers[0][0] < time) or time > self.clock() + self._step:
            return False
        self.now = time
        return True

    # -- waiting

    def lasting(self, duration: int) -> int:
        """Return how long a wait lasts: from now, by the real clock, to a moment of its own."""
        lasts = self.moment(max(self.clock(), self.now) + duration) - self.now
        if self._diary is not None:
            self._diary.decided(self.now, lasts)
        return lasts

    def doze(self, low: int, high: int, until: int | None) -> None:
        """Let a while pass, or less if a message arrives."""
        number = 0 if self._diary is None else self._diary.undecided(self.now)
        task = self.current
        assert isinstance(task, Task)
        doze = _Doze(task, self.now, number)
        self._dozes.append(doze)
        bound = max(self.clock(), self.now) + self._bounds.randrange(low, high)
        self._end_at(doze, bound if until is None else min(bound, until))
        self.park("the next round")

    def rouse(self, time: int) -> None:
        """End at `time` what waits for at most so long and may be ended by a message."""
        for doze in self._dozes:
            if time < doze.until:
                self._end_at(doze, time)

    def _end_at(self, doze: _Doze, time: int) -> None:
        if doze.timer is not None:
            doze.timer.cancel()
        doze.until = self.moment(time)
        doze.timer = self.call_at(doze.until, lambda: self._end(doze))

    def _end(self, doze: _Doze) -> None:
        self._dozes.remove(doze)
        if self._diary is not None:
            self._diary.fill(doze.number, self.now - doze.began)
        self.wake(doze.task)

    # -- the loop

    def run(self, once: bool = False) -> bool:
        """Resume tasks and timers in real time until somebody stops the loop."""
        self._halt = bool(self.stopped)
        while not self._halt:
            item = self.ready.popleft() if self.ready else self._next()
            if item is not None:
                self.steps += 1
                self.current = item
                item.resume()
        self.current = None
        self.now = max(self.now, self.clock())  # for whoever asks when it is over
        return False

    def _next(self) -> Resumable | None:
        """Wait for the next timer or message; return a timer that is due, or None at the end."""
        self.current = None
        timers = self.timers
        looked = False
        while not self._halt:
            while timers and timers[0][2].resume is _nothing:
                heappop(timers)
            due = min(timers[0][0] if timers else NEVER, self.deadline)
            left = due - self.clock()
            if left <= self._step and looked:
                if due >= self.deadline:
                    self.stop("time")
                    break
                self.now, _, item = heappop(timers)
                return item
            self._pass(None if due >= NEVER else max(0.0, seconds(left)))
            if self.ready:
                return self.ready.popleft()
            looked = True
        return None

    def _pass(self, duration: float | None) -> None:
        self.waiting, self.for_ever = True, duration is None
        try:
            self._wait(duration)
        finally:
            self.waiting = self.for_ever = False
