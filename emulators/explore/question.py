"""What is asked of a program: a configuration, properties by name, and how to search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from emulators.check.choosing import choices, made
from emulators.check.property import Property
from emulators.errors import UsageError
from emulators.explore.cells import Faults
from emulators.runner import RunConfig
from emulators.untimed import Bounds

STRATEGIES = ("bfs", "dfs", "random", "pct")
AT_REST = {
    "deadlock": "Somebody can always go on: the devices never all wait for each other.",
    "termination": "Every device comes to its end.",
}
"""Properties of the states in which nothing can happen any more."""
CAN_FINISH = "can_finish"
LASTING = {CAN_FINISH: "Whatever has happened, everybody can still get what it wants."}
"""A property of all states together: from each of them a good one can be reached."""
TIMED = frozenset({"everyone_enters"})
"""Properties that count time, of which a search has none."""


@dataclass(frozen=True)
class Question:
    """What is asked of a program: a configuration, properties by name, and how to search.

    Bounds: `bounds` of what the dice give, `faults`, `depth` in moves, `states`, `seconds`.
    """

    config: RunConfig
    checks: tuple[str, ...] = ()
    strategy: str = "bfs"
    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    bounds: Bounds = field(default_factory=Bounds)
    faults: Faults = field(default_factory=Faults)
    timeouts: bool = False
    reduced: bool = True
    save: Path | None = None

    def __post_init__(self) -> None:
        if self.config.network is not None:
            raise UsageError(
                "a scenario of a network is not explored; --losses, --duplicates and --crashes say "
                "how many of these may happen, at any moment"
            )

    @property
    def names(self) -> list[str]:
        """The names of all properties that are asked for; `UsageError` for one that means none."""
        lecture, algorithm = self.config.lecture, self.config.algorithm
        names = [offer.kind.name for offer, _ in choices(self.events, lecture, algorithm)]
        lasting = [name for name in self.checks if name in LASTING]
        return [*(name for name in names if name not in TIMED), *lasting]

    @property
    def events(self) -> list[str]:
        """The names, as they were given, of those that a run can be judged by, too."""
        return [name for name in self.checks if name not in LASTING]

    @property
    def at_rest(self) -> list[str]:
        """The properties that are judged where nothing can happen any more."""
        return [name for name in self.names if name in AT_REST] if self.checks else ["deadlock"]

    def properties(self, modules: Iterable[ModuleType] = ()) -> list[Property]:
        """Return new properties that look at events, for freshly loaded modules."""
        found = choices(self.events, self.config.lecture, self.config.algorithm)
        wanted = [one for one in found if one[0].kind.name in {*self.names} - {*AT_REST}]
        return made(wanted, modules)
