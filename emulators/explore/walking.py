"""Walks through a program as it runs, without tables: soon deep in it, where a search begins.

Each walk is one run by chance. What is by chance differs from walk to walk: which devices and which
messages are slow, and by how much; so one walk lets a device fall far behind, another holds back a
few messages, another mixes all (swarm testing: Groce, Zhang, Eide, Chen and Regehr, ISSTA 2012).
A walk proves nothing.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emulators.explore.playing import Asked, Played, led
from emulators.explore.steps import Chooser, Over
from emulators.runner import RunConfig
from emulators.untimed import Bounds, Option, Plan, UntimedEmulator
from emulators.virtual.loader import Program

LENGTHS = (100, 200, 400, 800)
"""Moves of one walk, at most."""
_START = 50
"""So many moves could be made in the time that it takes to begin a walk."""
_NOTHING = 0.5
Look = Callable[[int, int], object]
_FAULTS = ("lose", "duplicate", "crash")


class Walker(Chooser):
    """Decides by chance; the same `seed` and `number` decide the same."""

    def __init__(self, bounds: Bounds, seed: int, number: int, timeouts: bool = False) -> None:
        super().__init__(bounds)
        self.moves = 0
        self._timeouts = timeouts
        self._dice = dice = random.Random(f"{seed} {number}")
        self._weights: dict[Any, float] = {}
        self._share = {
            "device": dice.choice((0.0, 0.0, 0.4)),
            "channel": dice.choice((0.0, 0.0, 0.3)),
            "message": dice.choice((0.0, 0.1, 0.3)),
        }
        self._idle = dice.choice((1.0, 0.3, 0.05))
        self._late = dice.choice((0.03, 0.003))
        self._turn = dice.choice((0.0, 0.02, 0.05))
        self._longest = dice.choice(LENGTHS)
        self._fault = dice.choice((0.3, 0.1, 0.03))

    def move(self, emulator: UntimedEmulator, menu: Sequence[Option], count: int) -> int:
        """Return what happens next. Raises `Over` when the walk is long enough."""
        if self.moves >= self._longest:
            raise Over
        self.moves += 1
        if count > len(menu) and self._dice.random() < _NOTHING:
            return len(menu)
        if self._dice.random() < self._turn:
            self._weights.clear()
        weights = [self._weight(one, emulator) for one in menu]
        if not self._timeouts:
            weights = _in_time(weights, menu, emulator.late())
        return self._dice.choices(range(len(menu)), weights)[0]

    def _weight(self, option: Option, emulator: UntimedEmulator) -> float:
        kind, device, _, serial = option
        if kind in _FAULTS:
            return self._fault / 10
        weight = self._slow("device", device)
        if kind != "message":
            return weight * self._idle
        inbox = emulator.ports[device].inbox
        sender = next(one[2] for one in inbox if one[1] == serial)
        return weight * self._slow("message", serial) * self._slow("channel", (sender, device))

    def _slow(self, what: str, which: Any) -> float:
        """Return how likely a device, a channel or a message comes next: now and then redrawn."""
        if (what, which) not in self._weights:
            slow = self._dice.random() < self._share[what]
            self._weights[what, which] = self._late if slow else 1.0
        return self._weights[what, which]

    def crashes(self, sends: int) -> bool:
        """Return whether a device crashes in the middle of sending: seldom."""
        return self._dice.random() < self._fault / 5

    def draw(self, count: int) -> int:
        """Return one of `count` alternatives."""
        return int(self._dice.random() * count)


def _in_time(weights: list[float], menu: Sequence[Option], late: Sequence[Option]) -> list[float]:
    """Return the weights with those of what is late 0, where something else is possible."""
    found = [
        0.0 if option in late else weight for weight, option in zip(weights, menu, strict=True)
    ]
    others = (option for option in menu if option not in late and option.kind not in _FAULTS)
    return found if next(others, None) is not None else weights


@dataclass
class Walked:
    """What came of walks: the run that violates something, or none."""

    found: Played | None = None
    walks: int = 0
    moves: int = 0


def walked(
    config: RunConfig,
    asked: Asked,
    moves: int,
    until: float | None,
    look: Look,
    timeouts: bool = False,
) -> Walked:
    """Walk until something is violated, so many moves are done, or it is so late (monotonic time).

    `look` is told the numbers of walks and moves so far. Without `timeouts` time passes only where
    nothing else can happen.
    """
    bounds, seed = (config.plan or Plan()).bounds, config.seed or 0
    course, program = Walked(), Program()
    while course.moves < moves and (until is None or time.monotonic() < until):
        walker = Walker(bounds, seed, course.walks, timeouts)
        run = led(config, walker, asked, program=program)
        course.walks += 1
        course.moves += walker.moves + _START
        look(course.walks, course.moves)
        if run.violations:
            course.found = run
            break
    return course
