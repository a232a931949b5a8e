"""Strategies: how the states of a network are gone through.

    bfs      breadth first: what it finds is shortest, in moves; complete
    dfs      depth first: deep states soon; complete within its depth
    random   walks without a memory: finds most bugs in a moment, proves nothing
    pct      walks by priorities that change at few moments: Burckhardt, Kothari, Musuvathi and
             Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs",
             ASPLOS 2010: a bug of depth d among n devices and k moves is found with a probability
             of at least 1 / (n k^(d-1)) in each walk

Each returns a `Course`: what was found, what was seen, and why it ended.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from emulators.explore.cells import OutOfTime, State
from emulators.explore.network import Move, Network

Judge = Callable[[State, bool], str]
"""Returns the name of what a state violates, or nothing; told whether nothing can happen there."""


class Progress(Protocol):
    """Is told now and then how far a search is; may raise KeyboardInterrupt."""

    def __call__(self, states: int, depth: int, frontier: int) -> None:
        """Show it."""


@dataclass
class Limits:
    """Where a search gives up: moves in a row, states, seconds, walks."""

    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    walks: int | None = None


@dataclass
class Course:
    """What came of a search. `path` leads from an initial state to a violation, `violated`.

    `ended` is empty when everything was seen, else what stopped the search. `deepest` is the
    longest shortest way (bfs), the deepest stack (dfs) or walk.
    """

    violated: str = ""
    path: list[State] = field(default_factory=list)
    ended: str = ""
    states: int = 0
    edges: int = 0
    deepest: int = 0
    walks: int = 0
    stage: int = 0


_LOOK, _CALLS, _MOMENT = 4096, 16, 0.2
"""States and seconds between two looks at limits and progress; calls between two at the clock."""
_LEAST_MEMORY = 400_000
"""Kilobytes that are left to all others."""


class Stopped(Exception):
    """A search has to end; the text says why."""


class Search:
    """One search at work: what it looks at, and its account."""

    def __init__(self, network: Network, judge: Judge, limits: Limits, progress: Progress) -> None:
        self.network, self.judge, self.limits = network, judge, limits
        self.course = Course()
        self._progress = progress
        self._began = time.monotonic()
        self._next_look = self._soon(0)
        self._next_time = self._began + _MOMENT
        self._calls = 0

    def run(self) -> Course:
        """Search until the end, a violation or a limit."""
        if self.limits.seconds is not None:
            for cells in self.network.cells:
                cells.deadline = self._began + self.limits.seconds
        try:
            self.search()
        except OutOfTime:
            self.course.ended = "time"
        except Stopped as stopped:
            self.course.ended = str(stopped)
        except KeyboardInterrupt:
            self.course.ended = "interrupted"
        except MemoryError:
            self.course.ended = "memory"
        return self.course

    def search(self) -> None:
        """Go through states; return when all are seen or a violation is noted."""
        raise NotImplementedError

    def violates(self, state: State, at_rest: bool) -> bool:
        """Return whether a state violates something, and note it."""
        self.course.violated = self.judge(state, at_rest)
        return bool(self.course.violated)

    def _soon(self, steps: int) -> int:
        """Return when to look next: never later than a limit of states, so that it is exact."""
        return min(steps + _LOOK, max(steps + 1, self.limits.states or steps + _LOOK))

    def look(self, steps: int, frontier: int) -> None:
        """Look at the clock now and then. Raises `Stopped` when the search has to end."""
        self._calls += 1
        if steps < self._next_look and (self._calls % _CALLS or time.monotonic() < self._next_time):
            return
        self._next_look = self._soon(steps)
        self._next_time = time.monotonic() + _MOMENT
        limits, states = self.limits, self.course.states
        self._progress(states, self.course.deepest, frontier)
        if limits.seconds is not None and time.monotonic() - self._began > limits.seconds:
            raise Stopped("time")
        if limits.states is not None and states >= limits.states:
            raise Stopped("states")
        if memory_is_short():
            raise Stopped("memory")


def memory_is_short() -> bool:
    """Return whether the machine has little memory left, where it says so (Linux)."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next((line for line in file if line.startswith("MemAvailable:")), "")
    except OSError:
        return False
    return bool(available) and int(available.split()[1]) < _LEAST_MEMORY


class _DepthFirst(Search):
    """Follows one way as far as it goes before the next.

    `best` is the least depth at which a state was met: within a limit of depth, a state that was
    met late has to be gone on from once more when it is met earlier.
    """

    def search(self) -> None:
        self.best: dict[State, int] = {}
        for state in self.network.initial():
            if self._is_new(state, 0) and self._from(state):
                return

    def _is_new(self, state: State, depth: int) -> bool:
        known = self.best.get(state)
        new = known is None or (self.limits.depth is not None and depth < known)
        if new:
            self.best[state] = depth
            self.course.states = len(self.best)
        return new

    def _from(self, initial: State) -> bool:
        """Search from a state; return whether something is violated."""
        stack: list[tuple[State, Iterator[State]]] = []
        if self._push(stack, initial):
            return True
        while stack:
            new = next(stack[-1][1], None)
            if new is None:
                stack.pop()
                continue
            self.course.edges += 1
            if self._is_new(new, len(stack)):
                self.course.deepest = max(self.course.deepest, len(stack))
                if self._push(stack, new):
                    return True
                if self.limits.depth is not None and len(stack) > self.limits.depth:
                    self.course.ended = "depth"
                    stack.pop()
                self.look(len(self.best), len(stack))
        return False

    def _push(self, stack: list[tuple[State, Iterator[State]]], state: State) -> bool:
        """Go to a state; return whether it violates something."""
        after = self.network.expand(state)
        stack.append((state, iter(after)))
        if self.violates(state, self.network.resting):
            self.course.path = [one for one, _ in stack]
            return True
        return False


def depth_first(network: Network, judge: Judge, limits: Limits, progress: Progress) -> Course:
    """Go through all states, following one way as far as it goes before the next."""
    return _DepthFirst(network, judge, limits, progress).run()


# -- walks

_LONGEST_WALK = 2000
_MOST_COUNTED = 2_000_000
"""Different states of walks that are counted."""


class _Walks(Search):
    """Walks from the beginning again and again."""

    def __init__(
        self, network: Network, judge: Judge, limits: Limits, progress: Progress, seed: int
    ) -> None:
        super().__init__(network, judge, limits, progress)
        self.dice = random.Random(seed)
        self._seen: set[State] = set()
        self._steps = 0

    def search(self) -> None:
        initial = list(self.network.initial())
        while self.limits.walks is None or self.course.walks < self.limits.walks:
            self.course.walks += 1
            self.begin()
            if self._walk(self.dice.choice(initial)):
                return
        raise Stopped("walks")

    def _walk(self, state: State) -> bool:
        """Walk to the end; return whether something is violated on the way."""
        path = [state]
        while True:
            moves = self.network.expand(state)
            if self.violates(state, self.network.resting):
                self.course.path = path
                return True
            if len(self._seen) < _MOST_COUNTED:
                self._seen.add(state)
            self.course.states = len(self._seen)
            self.course.deepest = max(self.course.deepest, len(path) - 1)
            self._steps += 1
            self.look(self._steps, self.course.walks)
            if not moves or len(path) > (self.limits.depth or _LONGEST_WALK):
                return False
            state = self.choose(state, moves, len(path))
            self.course.edges += 1
            path.append(state)

    def begin(self) -> None:
        """Get ready for one more walk."""

    def choose(self, state: State, moves: list[State], step: int) -> State:
        """Return where to go on: each move is as likely."""
        return moves[int(self.dice.random() * len(moves))]


class _ByPriorities(_Walks):
    """The first device that can goes on; at some steps of a walk it becomes the last."""

    changes = 2
    longest = 20

    def begin(self) -> None:
        self.order = list(range(self.network.devices))
        self.dice.shuffle(self.order)
        self.drops = {self.dice.randrange(self.longest) for _ in range(self.changes)}

    def choose(self, state: State, moves: list[State], step: int) -> State:
        by_device: dict[int, list[State]] = {}
        for move, after in self.network.moves(state):
            by_device.setdefault(move.device, []).append(after)
        if step in self.drops:
            first = next(device for device in self.order if device in by_device)
            self.order.remove(first)
            self.order.append(first)
        self.longest = max(self.longest, step)
        return self.dice.choice(
            by_device[next(device for device in self.order if device in by_device)]
        )


def random_walks(
    network: Network, judge: Judge, limits: Limits, progress: Progress, seed: int = 0
) -> Course:
    """Walk from the beginning again and again; at each state every move is as likely."""
    return _Walks(network, judge, limits, progress, seed).run()


def by_priorities(
    network: Network, judge: Judge, limits: Limits, progress: Progress, seed: int = 0
) -> Course:
    """Walk by priorities: the first device that can goes on, until its priority is taken away."""
    return _ByPriorities(network, judge, limits, progress, seed).run()


def moves_of(network: Network, path: list[State]) -> list[Move]:
    """Return the moves along a path of states."""
    return [
        next(move for move, new in network.moves(path[place]) if new == after)
        for place, after in enumerate(path[1:])
    ]
