"""A run that violates something becomes short, by running it again and again without a part of it.

What does not lead to the violation goes first: the last steps of each device. Then steps are left
out, many at a time and fewer and fewer; one that is not possible any more is passed over: delta
debugging, Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE
28(2), 2002. A message is looked for by sender, receiver and class. In the end the steps of each
device are put together where the order does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.explore.playing import Asked, Played, led
from emulators.explore.steps import Follower, Step
from emulators.runner import RunConfig
from emulators.untimed import Plan
from emulators.virtual.loader import Program

MOST_RUNS = 600
"""Runs that are tried, at most."""


class Reducer:
    """Looks for a shorter run with the same violation; `best` is the shortest so far."""

    def __init__(self, config: RunConfig, asked: Asked, run: Played, most: int = MOST_RUNS) -> None:
        self.best = run
        self.runs = 0
        self._program = Program()
        self._config, self._asked, self._most = config, asked, most
        self._bounds = (config.plan or Plan()).bounds
        self._wanted = run.violations[0].property

    def reduced(self) -> Played:
        """Return the shortest run that was found, its steps in an order for reading."""
        before = None
        while self.best.steps != before and self.runs < self._most:
            before = self.best.steps
            self._without_ends()
            size = max(1, len(before) // 4)
            while size >= 1:
                self._without_some(size)
                size //= 2
        self._with_first_draws()
        self._grouped()
        return self.best

    def _try(self, steps: Sequence[Step], shorter: bool = True) -> bool:
        """Run some steps; keep the run if it still violates the same, and is shorter."""
        if self.runs >= self._most:
            return False
        self.runs += 1
        run = led(self._config, Follower(steps, self._bounds), self._asked, program=self._program)
        if run.violation(self._wanted) is None:
            return False
        before, after = _cost(self.best), _cost(run)
        good = after < before if shorter else after == before and run.steps != self.best.steps
        if good:
            self.best = run
        return good

    def _without_ends(self) -> None:
        """Leave out the last steps of each device, as many as possible."""
        for device in sorted({step.device for step in self.best.steps[1:]}):
            size = sum(step.device == device for step in self.best.steps)
            while size >= 1:
                own = [i for i, step in enumerate(self.best.steps) if step.device == device]
                if size > len(own) or not self._try(_without(self.best.steps, own[-size:])):
                    size //= 2

    def _without_some(self, size: int) -> None:
        """Leave out so many steps in a row, wherever that is possible."""
        start = 1
        while start < len(self.best.steps) and self.runs < self._most:
            steps = self.best.steps
            if not self._try(steps[:start] + steps[start + size :]):
                start += size

    def _with_first_draws(self) -> None:
        """Take the first alternative of each draw, where that changes nothing."""
        for place, step in enumerate(self.best.steps):
            if any(step.draws) and place < len(self.best.steps):
                steps = list(self.best.steps)
                steps[place] = steps[place]._replace(draws=tuple(0 for _ in step.draws))
                self._try(steps, shorter=False)

    def _grouped(self) -> None:
        """Put each step behind the one that its device makes before, where that is possible."""
        for place in range(2, len(self.best.steps)):
            steps = self.best.steps
            device = steps[place].device
            last = next((i for i in range(place - 1, 0, -1) if steps[i].device == device), 0)
            if 0 < last < place - 1:
                order = [*steps[: last + 1], steps[place], *steps[last + 1 : place]]
                self._try([*order, *steps[place + 1 :]], shorter=False)


def _cost(run: Played) -> tuple[int, int]:
    return run.events, len(run.steps)


def _without(steps: Sequence[Step], places: Sequence[int]) -> list[Step]:
    left_out = set(places)
    return [step for place, step in enumerate(steps) if place not in left_out]
