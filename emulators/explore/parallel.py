"""Breadth first in several processes: each has the states that a hash gives to it.

The devices stay here: a worker asks for the jumps that it lacks (`worker.py`), all workers are told
them, and so a state is the same number everywhere. Nothing depends on who is faster: questions are
answered in the order of the workers, and all go from level to level together.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from emulators.explore.jumps import Ask, Known, Layout
from emulators.explore.network import Network
from emulators.explore.search import Course, Judge, Limits, Progress, Search, Stopped
from emulators.explore.worker import HAND_OVER, KNOW, PARENT, PART, TAKE, homes

_HOME = Path(__file__).resolve().parents[2]


class _Helper:
    """A worker in another process. Orders and replies raise `Stopped` when it is gone."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self.orders, self._replies = process.stdin, process.stdout

    def tell(self, words: Any) -> None:
        """Send it something."""
        with _present():
            marshal.dump(words, self.orders)
            self.orders.flush()

    def reply(self) -> Any:
        """Return its reply."""
        with _present():
            return marshal.load(self._replies)


@contextmanager
def _present() -> Iterator[None]:
    """Raise `Stopped` where a worker is not there any more."""
    try:
        yield
    except (EOFError, OSError):
        raise Stopped("gone") from None


@contextmanager
def _helper(index: int, workers: int, layout: Layout) -> Iterator[_Helper]:
    """Start a worker, and end it."""
    paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, "-m", "emulators.explore.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    with process:
        helper = _Helper(process)
        try:
            helper.tell((index, workers, tuple(layout)))
            yield helper
        finally:
            process.kill()
            with suppress(OSError):  # what was not sent is sent no more
                helper.orders.close()


class Parallel(Search):
    """Goes from all states at one distance to all states at the next, in several processes."""

    def __init__(
        self, network: Network, judge: Judge, limits: Limits, progress: Progress, jobs: int
    ) -> None:
        super().__init__(network, judge, limits, progress)
        self.teacher = network.teacher
        self.jobs, self.homes = jobs, homes(jobs)
        self.helpers: list[_Helper] = []

    def search(self) -> None:
        """Go through all states."""
        with ExitStack() as stack:
            for index in range(self.jobs):
                helper = _helper(index, self.jobs, self.teacher.layout)
                self.helpers.append(stack.enter_context(helper))
            found = self._begin()
            if found is None:
                found = self._levels()
            if found is not None:
                self._note(found)

    def _begin(self) -> int | None:
        """Give the initial states to whose they are; return one that violates something."""
        parcels: list[tuple[list[int], list[int]]] = [([], []) for _ in self.helpers]
        for state in self.network.initial():
            number = self.teacher.number(state)
            states, parents = parcels[self.homes[number & PART]]
            states.append(number)
            parents.append(-1)
            if self.violates(state, False):
                self._take([[marshal.dumps(parcel)] for parcel in parcels])
                return number
        self._take([[marshal.dumps(parcel)] for parcel in parcels])
        return None

    def _levels(self) -> int | None:
        """Go through the levels; return a state that violates something."""
        while True:
            if self.limits.depth is not None and self.course.deepest >= self.limits.depth:
                raise Stopped("depth")
            self._expand()
            resting, parcels = zip(*self._all([(HAND_OVER,)] * self.jobs), strict=True)
            found = self._violated([one for part in resting for one in part], True)
            if found is not None:
                return found
            following, violated = self._take([list(part) for part in zip(*parcels, strict=True)])
            self.course.deepest += bool(following)
            if violated or not following:
                return self._violated(violated, False)

    def _expand(self) -> None:
        """Let all go one move on from their states; teach them what they lack on the way."""
        lessons: list[tuple[Ask, Known]] = []
        while True:
            order = (KNOW, lessons, sorted(self.teacher.violating))
            asked, left, edges, states = zip(*self._all([order] * self.jobs), strict=True)
            self.course.edges, self.course.states = sum(edges), sum(states)
            self._next_look = 0  # there was enough to do meanwhile
            self.look(self.course.states, sum(left))
            wanted = dict.fromkeys(tuple(ask) for part in asked for ask in part)
            lessons = [(ask, self.teacher.answer(ask)) for ask in wanted]
            if not lessons and not any(left):
                return

    def _take(self, parcels: Sequence[list[bytes]]) -> tuple[int, list[int]]:
        """Hand states to those that have them; return how many are next, and what is violated."""
        replies = self._all([(TAKE, part) for part in parcels])
        following, states, violated = zip(*replies, strict=True)
        self.course.states = sum(states)
        return sum(following), [one for part in violated for one in part]

    def _violated(self, states: list[int], at_rest: bool) -> int | None:
        """Return the first of some states that violates something, and note what."""
        return next(
            (one for one in states if self.violates(self.teacher.state(one), at_rest)), None
        )

    def _all(self, orders: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Give an order to each worker; return their replies."""
        for helper, order in zip(self.helpers, orders, strict=True):
            helper.tell(order)
        return [helper.reply() for helper in self.helpers]

    def _note(self, number: int) -> None:
        """Note the way to a state."""
        while number >= 0:
            self.course.path.append(self.teacher.state(number))
            helper = self.helpers[self.homes[number & PART]]
            helper.tell((PARENT, number))
            number = helper.reply()
        self.course.path.reverse()


def in_parallel(
    network: Network, judge: Judge, limits: Limits, progress: Progress, jobs: int
) -> Course:
    """Go through all states, those with fewer moves before them first, in so many processes."""
    return Parallel(network, judge, limits, progress, jobs).run()
