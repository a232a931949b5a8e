"""Walks through a synchronous network: ordinary runs in which all that is decided is by chance.

What is found becomes simple, decision by decision: the first alternative wherever that changes
nothing.
"""

from __future__ import annotations

import random
import time

from emulators.explore.lockstep_playing import led_in_rounds
from emulators.explore.lockstep_script import LockstepLeader
from emulators.explore.playing import Asked, Played
from emulators.explore.walking import Look
from emulators.kernel.choices import Decision
from emulators.runner import RunConfig
from emulators.untimed import Bounds, Plan, alternative
from emulators.virtual.loader import Program

ROUNDS = 200
"""Rounds of one walk, at most."""
_MOST_TRIES = 100


class _Roamer(LockstepLeader):
    """Takes `decisions`, then decides by chance, or for the first alternative without dice."""

    def __init__(
        self, bounds: Bounds, dice: random.Random | None, decisions: tuple[Decision, ...] = ()
    ) -> None:
        super().__init__((), bounds)
        self._dice = dice
        self._decisions = list(decisions)[::-1]

    def below(self, count: int) -> int:
        """Return one of `count` alternatives, among those of the bounds."""
        if self._work is not None:
            work, self._work = self._work, None
            if self._decisions:
                self._decisions.pop()
            return work
        if self._decisions:
            return min(int(self._decisions.pop()), count - 1)
        return alternative(self._one_of(min(count, self._bounds.most)), count, self._bounds.most)

    def _one_of(self, count: int) -> int:
        return 0 if self._dice is None else int(self._dice.random() * count)

    def random(self) -> float:
        """Return one of a few numbers between 0.0 and 1.0."""
        if self._decisions:
            return float(self._decisions.pop())
        return self._one_of(self._bounds.most) / self._bounds.most

    def bits(self, count: int) -> int:
        """Return random bits, among those of the bounds."""
        return self.below(1 << count)


def walked_in_rounds(
    config: RunConfig, asked: Asked, walks: int, until: float | None, look: Look
) -> tuple[Played | None, int]:
    """Walk so often, until it is so late (monotonic time), or until something is violated.

    Return the run that does, in a simple form, and the number of walks.
    """
    bounds, seed = (config.plan or Plan()).bounds, config.seed or 0
    program = Program()
    for number in range(walks):
        if until is not None and time.monotonic() > until:
            return None, number
        leader = _Roamer(bounds, random.Random(f"{seed} {number}"))
        run = led_in_rounds(config, leader, asked, ROUNDS, program, to_the_end=False)
        look(number + 1, 0)
        if run.violations:
            return _simple(config, asked, run, program), number + 1
    return None, walks


def _simple(config: RunConfig, asked: Asked, run: Played, program: Program) -> Played:
    """Return a run with the same violation, in which more is decided for the first alternative."""
    bounds, wanted = (config.plan or Plan()).bounds, run.violations[0].property

    def again(decisions: tuple[Decision, ...]) -> Played | None:
        leader = _Roamer(bounds, None, decisions)
        made = led_in_rounds(config, leader, asked, run.rounds, program)
        return made if made.violation(wanted) is not None else None

    best = again(run.decisions) or run
    for place in range(min(_MOST_TRIES, len(best.decisions))):
        if place < len(best.decisions) and best.decisions[place]:
            changed = list(best.decisions)
            changed[place] = type(changed[place])(0)
            best = again(tuple(changed)) or best
    return best
