"""What a search came to: one of five answers, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from emulators.check.property import Violation
from emulators.errors import Place
from emulators.explore.steps import Steps, as_text
from emulators.kernel.choices import Decision
from emulators.runner import RunConfig

HOLDS = "holds in every schedule"
BOUNDED = "holds within bounds"
UNVIOLATED = "no violation found"
UNKNOWN = "cannot tell"
VIOLATED = "violated"
REACHED = "reached"


@dataclass(frozen=True)
class Line:
    """One event of a counterexample: what happens, and the line of the student's code."""

    text: str
    place: Place | None = None


@dataclass
class Counterexample:
    """A run that violates something: found, then played once more without any tables.

    `config` with `steps` is the run, in rounds with `decisions`; `lines` are its events,
    `recording` is where it was saved. `change` is what would have saved it, in words.
    """

    violation: Violation
    steps: Steps
    config: RunConfig
    lines: list[Line] = field(default_factory=list)
    events: int = 0
    decisions: tuple[Decision, ...] = ()
    rounds: int = 0
    change: str = ""
    recording: Path | None = None

    @property
    def moves(self) -> int:
        """How many times it was decided what happens next."""
        return len(self.steps) - 1

    @property
    def schedule(self) -> str:
        """The steps in one line, as they are typed after ``--schedule``."""
        return as_text(self.steps)


@dataclass
class Answer:
    """The answer of a search: `verdict` is one of the five, `because` the bounds or the causes.

    `states`, `moves` and `depth` are what was seen: different states, moves between them, and the
    most moves on a shortest way. `seconds` is real time. `ended`: what stopped the
    search, if anything did. `run` is the configuration of a run that may do what was searched.
    """

    verdict: str
    because: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    strategy: str = ""
    states: int = 0
    moves: int = 0
    depth: int = 0
    walks: int = 0
    seconds: float = 0.0
    local_states: int = 0
    steps: int = 0
    counterexample: Counterexample | None = None
    todos: list[str] = field(default_factory=list)
    interrupted: bool = False
    ended: str = ""
    run: RunConfig | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was violated in what was seen, and it is known what was seen."""
        return self.verdict in (HOLDS, BOUNDED, UNVIOLATED)
