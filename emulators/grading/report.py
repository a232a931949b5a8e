"""All verdicts on one submission, and what they add up to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from emulators.grading.submission import Submission
from emulators.grading.verdict import Outcome, Verdict


@dataclass(frozen=True)
class Report:
    """The verdicts on one submission for one lecture, in the order of the suite."""

    submission: Submission
    verdicts: tuple[Verdict, ...]

    @property
    def points(self) -> float:
        """The points earned, bonus points included."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def most(self) -> float:
        """The points of a full grade: those of all cases that are no bonus."""
        return sum(one.case.points for one in self.verdicts if not one.case.bonus)

    @property
    def most_bonus(self) -> float:
        """The bonus points that there are on top."""
        return sum(one.case.points for one in self.verdicts if one.case.bonus)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many cases ended in each way."""
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def status(self) -> int:
        """The exit status: 1 when a case failed or could not run."""
        fine = {Outcome.PASSED, Outcome.NOT_YET_IMPLEMENTED}
        return 0 if set(self.counts) <= fine else 1
