"""What is asked of a program: a configuration, properties by name, and how to search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from emulators.check.choosing import choices, made
from emulators.check.lectures import Offer
from emulators.check.liveness import Deadlock, Termination
from emulators.check.property import Property
from emulators.errors import UsageError
from emulators.explore.cells import Faults
from emulators.explore.conditions import Condition, Function, is_condition
from emulators.explore.playing import Asked
from emulators.runner import RunConfig
from emulators.untimed import Bounds

STRATEGIES = ("auto", "bfs", "dfs", "random", "pct")
AT_REST = {
    "deadlock": "Somebody can always go on: the devices never all wait for each other.",
    "termination": "Every device comes to its end.",
}
"""Properties of the states in which nothing can happen any more."""
CAN_FINISH = "can_finish"
LIVELOCK = "livelock"
LASTING = {
    CAN_FINISH: "Whatever has happened, everybody can still get what it wants.",
    LIVELOCK: "Nobody goes round for ever while others wait and nobody gets on.",
}
"""A property of all states together: from each of them a good one can be reached."""
TIMED = frozenset({"everyone_enters"})
"""Properties that count time, of which a search has none."""


@dataclass(frozen=True)
class Question:
    """What is asked of a program: a configuration, properties by name, and how to search.

    A check is the name of a property, or a condition over devices; `invariants` are conditions as
    functions. `goals` are to be reached; from `prunes` the search does not go on, and of `stages`
    only from the first states that reach them. Bounds: `bounds` of what the dice give, `faults`,
    `depth` in moves, `states`, `seconds`. `jobs` are the processes of a breadth-first
    search. Raises `UsageError` for what cannot be asked.
    """

    config: RunConfig
    checks: tuple[str, ...] = ()
    strategy: str = "auto"
    depth: int | None = None
    states: int | None = None
    moves: int | None = None
    seconds: float | None = None
    bounds: Bounds = field(default_factory=Bounds)
    faults: Faults = field(default_factory=Faults)
    timeouts: bool = False
    reduced: bool = True
    jobs: int = 1
    save: Path | None = None
    invariants: tuple[Function, ...] = ()
    goals: tuple[str | Function, ...] = ()
    prunes: tuple[str | Function, ...] = ()
    stages: tuple[str | Function, ...] = ()

    def __post_init__(self) -> None:
        self.conditions()
        if self.marks():
            self._refuse_marks()
        if self.jobs > 1:
            self._refuse_jobs()
        if self.config.type not in ("sync", "async"):
            kind = self.config.type
            raise UsageError(f"--type {kind}: a search explores sync and async networks")
        if self.in_rounds and LIVELOCK in self.checks:
            raise UsageError(f"--check {LIVELOCK} is for async networks")
        if self.in_rounds and (self.faults or self.timeouts):
            raise UsageError(
                "--losses, --duplicates, --crashes and --timeouts are not explored in rounds: "
                "leave out --type sync"
            )

    def _refuse_marks(self) -> None:
        if self.strategy not in ("auto", "bfs"):
            raise UsageError(f"--prune and --stage need --strategy bfs, not {self.strategy}")
        if any(name in LASTING for name in self.checks):
            lasting = next(name for name in self.checks if name in LASTING)
            raise UsageError(f"--check {lasting} needs all states: without --prune and --stage")

    def _refuse_jobs(self) -> None:
        if self.in_rounds or self.strategy not in ("auto", "bfs"):
            raise UsageError(f"--jobs {self.jobs}: only breadth-first searches of async networks")
        if any(name in LASTING for name in self.checks) or self.prunes or self.stages:
            raise UsageError(
                f"--jobs {self.jobs}: not with --check {CAN_FINISH}, --prune or --stage"
            )

    @property
    def in_rounds(self) -> bool:
        """Whether the network is synchronous."""
        return self.config.type == "sync"

    @property
    def names(self) -> list[str]:
        """The names of all properties that are asked for; `UsageError` for one that means none."""
        lecture, algorithm = self.config.lecture, self.config.algorithm
        names = [offer.kind.name for offer, _ in choices(self.events, lecture, algorithm)]
        lasting = [name for name in self.checks if name in LASTING]
        conditions = [one.name for one in self.conditions()]
        return [*(name for name in names if name not in TIMED), *lasting, *conditions]

    @property
    def left_out(self) -> list[str]:
        """The names of the properties that were asked for and that a search cannot judge."""
        lecture, algorithm = self.config.lecture, self.config.algorithm
        names = [offer.kind.name for offer, _ in choices(self.events, lecture, algorithm)]
        return [name for name in names if name in TIMED]

    @property
    def events(self) -> list[str]:
        """The names, as they were given, of those that a run can be judged by, too."""
        return [one for one in self.checks if one not in LASTING and not is_condition(one)]

    @property
    def asked(self) -> Asked:
        """What a run is judged by that a search has found."""
        untimed = (one for one in self.events if one.partition("=")[0] not in TIMED)
        return Asked(tuple(untimed), tuple(self.conditions()))

    @property
    def asked_of_walks(self) -> Asked:
        """The same, with what is looked for where nothing else is asked."""
        asked = self.asked
        return asked._replace(checks=tuple(dict.fromkeys([*asked.checks, *self.at_rest])))

    def conditions(self) -> list[Condition]:
        """Return new conditions that have to hold in every state. Raises `UsageError`."""
        texts = [one for one in self.checks if is_condition(one)]
        given: list[str | Function] = [*texts, *self.invariants]
        devices = self.config.devices
        goals = [Condition(one, devices, "goal") for one in self.goals]
        return [*(Condition(one, devices) for one in given), *goals]

    def marks(self) -> list[Condition]:
        """Return new conditions that say where the search goes on. Raises `UsageError`."""
        roles = {"prune": self.prunes, "stage": self.stages}
        devices = self.config.devices
        return [Condition(one, devices, role) for role, given in roles.items() for one in given]

    @property
    def at_rest(self) -> list[str]:
        """The properties that are judged where nothing can happen any more."""
        found = choices(self.events, self.config.lecture, self.config.algorithm)
        asked = [offer.kind.name for offer, _ in found if _is_at_rest(offer)]
        return asked if self.checks or self.invariants or self.goals else ["deadlock"]

    def properties(self, modules: Iterable[ModuleType] = ()) -> list[Property]:
        """Return new properties that look at events, for freshly loaded modules."""
        found = choices(self.events, self.config.lecture, self.config.algorithm)
        names = self.names
        wanted = [one for one in found if one[0].kind.name in names and not _is_at_rest(one[0])]
        return made(wanted, modules)


def _is_at_rest(offer: Offer) -> bool:
    """Whether a property is one of `AT_REST`, and not one of a lecture that is named alike."""
    return offer.kind in (Deadlock, Termination)


def single_checks(text: str) -> list[str]:
    """Return what one ``--check`` asks for: a condition, or names with commas between them."""
    return [text] if is_condition(text) else [name.strip() for name in text.split(",")]
