"""A process of a parallel search: it has a part of all states, and knows them as numbers only.

It is sent jumps, never devices or their files: what it does not know yet it asks for, and tries the
states that need it once more. It obeys one order after the other, read from its input:

    KNOW       jumps that were asked for; it goes on from some states, and replies what it lacks
    HAND_OVER  it replies with the states at rest, and with those that belong to others
    TAKE       states of its own that others have found; it replies how many it has to go on from
    PARENT     a state: from where it was found
"""

from __future__ import annotations

import marshal
import signal
import sys
from typing import Any, BinaryIO

from emulators.explore.jumps import MASK, PUT, Ask, Jumps, Known, Layout

KNOW, HAND_OVER, TAKE, PARENT = range(4)
CHUNK = 20_000
"""States that a worker goes on from before it replies: no time, so that nothing depends on it."""
PART = (1 << 10) - 1
"""What of a state decides whose it is: a part of the first field. So most moves stay at home, those
of other devices that send nothing to the first one: Lerda and Sisto, "Distributed-memory model
checking with SPIN", 1999."""


def homes(workers: int) -> list[int]:
    """Return which worker has the states, for each value of their part."""
    return [part * 40_503 % 65_536 * workers // 65_536 for part in range(PART + 1)]


class Asking(Jumps):
    """Takes note of what is not known; until it is known, it is nothing."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout, lambda ask: 0)
        self.asked: dict[Ask, None] = {}
        self.lacking = False

    def learn(self, ask: Ask) -> Any:
        """Note what is not known."""
        self.asked[ask] = None
        self.lacking = True
        return 0 if ask[0] >= PUT else ((), ())


class Worker:
    """The states of one process, and where each was found from."""

    def __init__(self, index: int, workers: int, layout: Layout) -> None:
        self.index, self.workers, self.homes = index, workers, homes(workers)
        self.jumps = Asking(layout)
        self.parents: dict[int, int] = {}
        self.frontier: list[int] = []
        self.following: list[int] = []
        self.abroad: list[dict[int, int]] = [{} for _ in range(workers)]
        self.violating: set[int] = set()
        self.resting: list[int] = []
        self.edges = 0

    def know(self, lessons: list[tuple[Ask, Known]], violating: list[int]) -> Any:
        """Take up what was asked for, and go on from some states.

        Returns what is missing, and how many states are left, those that need it included.
        """
        for ask, known in lessons:
            self.jumps.know(ask, known)
        self.violating.update(violating)
        self.jumps.asked = {}
        chunk, left = self.frontier[:CHUNK], self.frontier[CHUNK:]
        self.frontier = self._go_on(chunk) + left
        return list(self.jumps.asked), len(self.frontier), self.edges, len(self.parents)

    def _go_on(self, chunk: list[int]) -> list[int]:
        """Go one move on from some states; return those for which something is missing."""
        jumps, parents, index, abroad = self.jumps, self.parents, self.index, self.abroad
        homes, following = self.homes, self.following
        lacking: list[int] = []
        for state in chunk:
            jumps.lacking = False
            after = jumps.after(state)
            if jumps.lacking:
                lacking.append(state)
                continue
            if jumps.resting:
                self.resting.append(state)
            self.edges += len(after)
            for new in after:
                if new not in parents:
                    home = homes[new & PART]
                    if home == index:
                        parents[new] = state
                        following.append(new)
                    elif new not in abroad[home]:
                        abroad[home][new] = state
        return lacking

    def hand_over(self) -> Any:
        """Return the states at rest, and for each worker its states with where they were found."""
        resting, self.resting = self.resting, []
        abroad, self.abroad = self.abroad, [{} for _ in range(self.workers)]
        return resting, [marshal.dumps((list(one), list(one.values()))) for one in abroad]

    def take(self, parcels: list[bytes]) -> Any:
        """Take states that others have found; return how many are next, and what is violated."""
        parents = self.parents
        for parcel in parcels:
            for new, parent in zip(*marshal.loads(parcel), strict=True):
                if new not in parents:
                    parents[new] = parent
                    self.following.append(new)
        self.frontier, self.following = self.following, []
        return len(self.frontier), len(parents), self._violated() if self.violating else []

    def _violated(self) -> list[int]:
        thoughts = self.jumps.thoughts
        return [new for new in self.frontier if new >> thoughts & MASK in self.violating]

    def obey(self, order: int, *words: Any) -> Any:
        """Do what is asked for, and return the reply."""
        if order == KNOW:
            return self.know(*words)
        if order == HAND_OVER:
            return self.hand_over()
        return self.take(*words) if order == TAKE else self.parents[words[0]]


def main(orders: BinaryIO, replies: BinaryIO) -> None:
    """Obey until nobody gives orders any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    index, workers, layout = marshal.load(orders)
    worker = Worker(index, workers, Layout(*layout))
    while True:
        try:
            order = marshal.load(orders)
        except EOFError:
            return
        marshal.dump(worker.obey(*order), replies)
        replies.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
