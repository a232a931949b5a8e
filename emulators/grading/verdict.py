"""What comes out of a case: its outcome, what was expected and what happened, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.grading.case import Case


class Outcome(Enum):
    """How a case can end. `FRAMEWORK_ERROR` is never the submission's fault."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_YET_IMPLEMENTED = "not yet implemented"
    COULD_NOT_RUN = "could not run"
    FRAMEWORK_ERROR = "framework error"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Evidence:
    """The shortest run that shows a failure.

    `run` names it: type, devices, seed, and how many of how many runs failed. `lines` are the
    events that lead to it, the guilty ones marked. `recording` was written for `replay`, the
    command that runs it again; `window` is the command that opens it in the window. `picture` is
    its space-time diagram as SVG.
    """

    run: str
    lines: tuple[str, ...] = ()
    recording: Path | None = None
    replay: str = ""
    window: str = ""
    picture: str = field(default="", repr=False)


@dataclass(frozen=True)
class Verdict:
    """The verdict on one case. `expected` and `happened` are sentences; `hint` says what to try.

    `happened` is also the reason of whatever is not passed and not failed. `seconds` are real ones.
    """

    case: Case
    outcome: Outcome
    happened: str = ""
    expected: str = ""
    hint: str = ""
    evidence: Evidence | None = None
    details: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        """The points that were earned."""
        return self.case.points if self.outcome is Outcome.PASSED else 0


class NotPassed(Exception):
    """Ends a case; what it says becomes the verdict."""

    outcome = Outcome.FAILED

    def __init__(
        self,
        happened: str,
        expected: str = "",
        hint: str = "",
        evidence: Evidence | None = None,
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(happened)
        self.happened = happened
        self.expected = expected
        self.hint = hint
        self.evidence = evidence
        self.details = details


class Failed(NotPassed):
    """The submission does something wrong."""


class NotYetImplemented(NotPassed):
    """A part that the case judges is still to be written."""

    outcome = Outcome.NOT_YET_IMPLEMENTED


class CouldNotRun(NotPassed):
    """Nothing could be judged: the file does not load, or what the case needs did not pass."""

    outcome = Outcome.COULD_NOT_RUN
