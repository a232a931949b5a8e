"""Livelock: devices go round for ever, fairly, and nobody gets on.

Looked for is a set of states from each of which all others can be reached, without anybody getting
on (entering, leaving, ending, deciding), that is fair: whoever can do something there again and
again does something, and what can be received again and again is received. That is strong fairness
([Lynch] 8.3); the sets are found as in Emerson and Lei, "Modalities for model checking", 1987: in a
component, the states that make it unfair are left out, and what remains is looked at again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from emulators.explore.cells import State
from emulators.explore.graph import components
from emulators.explore.network import Move, Network
from emulators.explore.solo import Output
from emulators.trace.events import CALL

_PROGRESS = frozenset({"enter", "leave", "end", "respond", "cut", CALL})
"""Kinds of events by which somebody gets on."""


class Way(NamedTuple):
    """A move of a device, where it leads, what is received on it, whether somebody gets on."""

    move: Move
    after: State
    received: frozenset[int]
    progress: bool


class Lasso(NamedTuple):
    """A way to a circle, and once around it: `states` has one more than `moves`."""

    moves: list[Move]
    states: list[State]
    around: int
    circle: frozenset[State]


class Livelocks:
    """All states of a network with the moves between them; `look` is called for each state."""

    def __init__(self, network: Network, look: Callable[[int], object]) -> None:
        self.network = network
        first = [*network.births] or [*network.initial()]  # which are told once only
        self._before: dict[State, tuple[State, Move] | None] = dict.fromkeys(first)
        self._ways: dict[State, list[Way]] = {}
        todo = deque(self._before)
        while todo:
            state = todo.popleft()
            look(len(self._before))
            self._ways[state] = [_way(*one) for one in network.ways(state)]
            for move, after in network.moves(state):
                if after not in self._before:
                    self._before[after] = (state, move)
                    todo.append(after)

    def first(self) -> Lasso | None:
        """Return a livelock, or None."""
        todo: list[set[State]] = [set(self._ways)]
        while todo:
            part = todo.pop()
            for found in components(sorted(part), partial(self._within, part)):
                circle = set(found)
                if not any(self._inside(state, circle) for state in circle):
                    continue
                unfair = self._unfair(circle)
                if unfair:
                    todo.append(circle - unfair)
                elif self._wanting(circle):
                    return self._lasso(circle)
        return None

    def _within(self, part: set[State], state: State) -> list[State]:
        return [way.after for way in self._inside(state, part)]

    def _inside(self, state: State, part: set[State]) -> list[Way]:
        """Return the ways from a state that stay in a set, and by which nobody gets on."""
        return [way for way in self._ways[state] if way.after in part and not way.progress]

    def _unfair(self, circle: set[State]) -> set[State]:
        """Return the states in which something is possible that never happens in a circle."""
        inside = [way for state in circle for way in self._inside(state, circle)]
        moving = {way.move.device for way in inside}
        received = {(way.move.device, message) for way in inside for message in way.received}
        return {
            state
            for state in circle
            for way in self._ways[state]
            if way.move.device not in moving
            or any((way.move.device, message) not in received for message in way.received)
        }

    def _wanting(self, circle: Iterable[State]) -> bool:
        """Whether somebody wants something in a whole circle: to be let in, or to end."""
        return bool(self.waiting(circle))

    def waiting(self, circle: Iterable[State]) -> list[int]:
        """Return the devices that want something in all states of a circle."""
        network = self.network
        workers = any(any(one.busy) for one in network.automata)

        def wants(device: int, state: State) -> bool:
            if workers:
                return network.is_busy(device, state[device])
            return not network.is_over(device, state[device])

        every = range(network.devices)
        return [device for device in every if all(wants(device, state) for state in circle)]

    # -- how it is shown

    def _lasso(self, circle: set[State]) -> Lasso:
        """Return how a circle is reached, and a way around in which each of its devices moves."""
        start = next(state for state in self._before if state in circle)
        states, moves = self._way_to(start)
        around = len(moves)
        movers = {way.move.device for state in circle for way in self._inside(state, circle)}
        for device in sorted(movers):
            self._go(states, moves, circle, partial(_moves, device))
        if states[-1] != start:
            self._go(states, moves, circle, lambda way: way.after == start)
        return Lasso(moves, states, around, frozenset(circle))

    def _way_to(self, state: State) -> tuple[list[State], list[Move]]:
        states, moves = [state], []
        before = self._before[state]
        while before is not None:
            states.append(before[0])
            moves.append(before[1])
            before = self._before[before[0]]
        return states[::-1], moves[::-1]

    def _go(
        self,
        states: list[State],
        moves: list[Move],
        circle: set[State],
        wanted: Callable[[Way], bool],
    ) -> None:
        """Go on in a circle, on a shortest way, up to a move that is wanted."""
        came: dict[State, tuple[State, Way] | None] = {states[-1]: None}
        todo = deque(came)
        while todo:
            state = todo.popleft()
            for way in self._inside(state, circle):
                if wanted(way):
                    self._append(states, moves, came, state, way)
                    return
                if way.after not in came:
                    came[way.after] = (state, way)
                    todo.append(way.after)

    def _append(
        self,
        states: list[State],
        moves: list[Move],
        came: dict[State, tuple[State, Way] | None],
        state: State,
        last: Way,
    ) -> None:
        ways = [last]
        before = came[state]
        while before is not None:
            ways.append(before[1])
            before = came[before[0]]
        for way in reversed(ways):
            moves.append(way.move)
            states.append(way.after)


def _moves(device: int, way: Way) -> bool:
    return way.move.device == device


def _way(move: Move, after: State, happens: Sequence[Output]) -> Way:
    received = frozenset(one.subject for one in happens if one.kind == "receive")
    return Way(move, after, received, any(one.kind in _PROGRESS for one in happens))
