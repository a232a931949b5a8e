"""Shorter and more readable ways to the same violation.

Moves are left out as long as what is left still leads there; a move that is not possible any more
is passed over: delta debugging, Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
input", IEEE TSE 28(2), 2002. Then the moves of one device are put together where the order of
devices does not matter, so that a run reads as a few paragraphs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulators.explore.cells import State
from emulators.explore.network import Move, Network

Judge = Callable[[State, bool], str]


@dataclass
class Way:
    """Moves from an initial state, and the states between; the last one breaks `violated`."""

    moves: list[Move]
    path: list[State]
    violated: str = ""


def followed(network: Network, judge: Judge, initial: State, wanted: Sequence[Move]) -> Way:
    """Go along moves as far as they are possible, up to the first violation.

    Where any move leads to a violation at once, that one is taken.
    """
    way = Way([], [initial])
    violations = network.monitors.violations
    for move in (*wanted, None):
        moves = network.moves(way.path[-1])
        bad = [(made, new) for made, new in moves if violations[new[-2]] is not None]
        chosen = next(iter(bad or [one for one in moves if one[0] == move]), None)
        if chosen is not None:
            way.moves.append(chosen[0])
            way.path.append(chosen[1])
        if bad:
            break
    network.expand(way.path[-1])
    way.violated = judge(way.path[-1], network.resting)
    return way


class Shrinker:
    """Looks for a shorter way to a violation, for so many seconds."""

    def __init__(self, network: Network, judge: Judge, way: Way, seconds: float = 10.0) -> None:
        self._network, self._judge = network, judge
        self._initial, self._violated = way.path[0], way.violated
        self._until = time.monotonic() + seconds
        self.best = way

    def shrunk(self) -> Way:
        """Return the shortest way that was found, its moves in an order for reading."""
        size = len(self.best.moves) // 2
        while size >= 1 and not self._late():
            if not self._without_some(size):
                size //= 2
        self.grouped()
        return self.best

    def _late(self) -> bool:
        return time.monotonic() > self._until

    def _without_some(self, size: int) -> bool:
        """Leave out so many moves in a row, wherever that is possible; return whether it was."""
        before = len(self.best.moves)
        start = 0
        while start < len(self.best.moves) and not self._late():
            moves = self.best.moves
            if not self._try(moves[:start] + moves[start + size :], shorter=True):
                start += size
        return len(self.best.moves) < before

    def _try(self, moves: Sequence[Move], shorter: bool) -> bool:
        way = followed(self._network, self._judge, self._initial, moves)
        good = way.violated == self._violated and (
            len(way.moves) < len(self.best.moves)
            if shorter
            else len(way.moves) == len(self.best.moves)
        )
        if good:
            self.best = way
        return good

    def grouped(self) -> None:
        """Put each move behind the one that its device makes before, where that changes nothing."""
        for place in range(1, len(self.best.moves)):
            moves = self.best.moves
            device = moves[place].device
            last = next((i for i in range(place - 1, -1, -1) if moves[i].device == device), -1)
            if -1 < last < place - 1 and not self._late():
                order = [*moves[: last + 1], moves[place], *moves[last + 1 : place]]
                self._try([*order, *moves[place + 1 :]], shorter=False)
