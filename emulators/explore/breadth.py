"""Breadth first: all states at one distance, then all at the next; what it finds is shortest.

States are whole numbers here (`jumps.py`), which is what makes it fast.
"""

from __future__ import annotations

from emulators.explore.cells import State
from emulators.explore.jumps import MASK
from emulators.explore.network import Network
from emulators.explore.search import Course, Judge, Limits, Progress, Search, Stopped


class BreadthFirst(Search):
    """Goes from all states at one distance to all states at the next.

    With the name of a property in `lasting`, a state from which no good one can be reached violates
    it; that is asked when all states are known.
    """

    def __init__(
        self,
        network: Network,
        judge: Judge,
        limits: Limits,
        progress: Progress,
        lasting: str = "",
    ) -> None:
        super().__init__(network, judge, limits, progress)
        self.lasting = lasting
        self.teacher, self.jumps = network.teacher, network.jumps
        self.parents: dict[int, int] = {}
        self._stage = 0

    def search(self) -> None:
        """Go through all states."""
        frontier: list[int] = []
        for state in self.network.initial():
            number = self.teacher.number(state)
            self.parents[number] = -1
            frontier.append(number)
            if self.violates(state, False):
                return self._note(number)
        frontier = self._going_on(frontier)
        while frontier:
            if self.limits.depth is not None and self.course.deepest >= self.limits.depth:
                raise Stopped("depth")
            found, frontier = self._level(frontier)
            if found is not None:
                return self._note(found)
            self.course.deepest += bool(frontier)
            frontier = self._going_on(frontier)
        if self.lasting:
            stuck = self._stuck()
            if stuck is not None:
                self.course.violated = self.lasting
                self._note(stuck)
        return None

    def _going_on(self, frontier: list[int]) -> list[int]:
        """Return the states from which the search goes on: not all where some are marked."""
        thoughts, monitors = self.jumps.thoughts, self.network.monitors
        if monitors.pruned:
            frontier = [one for one in frontier if one >> thoughts & MASK not in monitors.pruned]
        if not any(monitors.stages):
            return frontier
        reached = [monitors.stages[one >> thoughts & MASK] for one in frontier]
        highest = max(reached, default=self._stage)
        if highest > self._stage:
            self._stage = self.course.stage = highest
            frontier = [one for one, at in zip(frontier, reached, strict=True) if at == highest]
        return frontier

    def _level(self, frontier: list[int]) -> tuple[int | None, list[int]]:
        """Go one move on from all states of a level; stop at one that violates something."""
        parents, course, jumps = self.parents, self.course, self.jumps
        thoughts, violating = jumps.thoughts, self.teacher.violating
        following: list[int] = []
        for state in frontier:
            after = jumps.after(state)
            if jumps.resting and self._judged(state, True):
                return state, following
            course.edges += len(after)
            for new in after:
                if new not in parents:
                    parents[new] = state
                    following.append(new)
                    if violating and new >> thoughts & MASK in violating:
                        self._judged(new, False)
                        return new, following
            course.states = len(parents)
            self.look(course.states, len(following))
        return None, following

    def _judged(self, number: int, at_rest: bool) -> bool:
        return self.violates(self.teacher.state(number), at_rest)

    def _stuck(self) -> int | None:
        """Return the first state from which none can be reached that is good, or None.

        All states have to be known. The way back goes over all moves, from the good ones.
        """
        before: dict[int, list[int]] = {state: [] for state in self.parents}
        todo = []
        for state in self.parents:
            for after in self.jumps.after(state):
                before[after].append(state)
            if self.network.good(self.teacher.state(state)):
                todo.append(state)
        good = set(todo)
        while todo:
            fresh = [state for state in before[todo.pop()] if state not in good]
            good.update(fresh)
            todo += fresh
        return next((state for state in self.parents if state not in good), None)

    def _note(self, number: int) -> None:
        """Note the way to a state."""
        self.course.states = len(self.parents)
        path: list[State] = []
        while number >= 0:
            path.append(self.teacher.state(number))
            number = self.parents[number]
        self.course.path = path[::-1]


def breadth_first(
    network: Network, judge: Judge, limits: Limits, progress: Progress, lasting: str = ""
) -> Course:
    """Go through all states, those with fewer moves before them first; see `BreadthFirst`."""
    return BreadthFirst(network, judge, limits, progress, lasting).run()
