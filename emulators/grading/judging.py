"""From the cases of a suite to verdicts: each case once, after those that it needs."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from emulators.errors import Unresponsive, describe, place_of_error
from emulators.grading.case import Case
from emulators.grading.submission import Submission
from emulators.grading.verdict import NotPassed, Outcome, Verdict

REPORT = "this is a fault of the framework and not of the submission: please report it"


class Judging:
    """Judges one submission by the cases of a suite; asked twice, it answers the same.

    `judge` makes a verdict on one case, in place of `judged`.
    """

    def __init__(
        self,
        cases: Iterable[Case],
        submission: Submission,
        judge: Callable[[Case, Submission], Verdict] | None = None,
    ) -> None:
        self._judge = judge or judged
        self.cases = {case.name: case for case in cases}
        self.submission = submission
        self._verdicts: dict[str, Verdict] = {}

    def verdicts(self) -> Iterator[Verdict]:
        """Return the verdicts one after another, in the order of the suite.

        Where the submission uses names of its own, only cases about these are asked for; and what
        was given and is not in the file any more is nobody's mistake.
        """
        return map(self.verdict, filter(self.is_asked_for, self.cases.values()))

    def is_asked_for(self, case: Case) -> bool:
        """Whether a verdict on a case is wanted."""
        names = dict(self.submission.names)
        if names:
            return case.algorithm in names
        return not case.given or self._has(case.algorithm)

    def _has(self, algorithm: str) -> bool:
        try:
            return self.submission.has(algorithm)
        except NotPassed:
            return True  # the verdict says why it is not known

    def verdict(self, case: Case) -> Verdict:
        """Return the verdict on one case; what it needs is judged first."""
        if case.name not in self._verdicts:
            blocked = self._blocked(case)
            began = time.perf_counter()
            verdict = blocked or self._judge(case, self.submission)
            seconds = time.perf_counter() - began
            self._verdicts[case.name] = replace(verdict, seconds=seconds)
        return self._verdicts[case.name]

    def _blocked(self, case: Case) -> Verdict | None:
        for name in case.needs:
            need = self.verdict(self.cases[name])
            if need.outcome is Outcome.NOT_YET_IMPLEMENTED:
                return Verdict(case, need.outcome, need.happened)
            if need.outcome is not Outcome.PASSED:
                return Verdict(
                    case, Outcome.COULD_NOT_RUN, f"it needs “{need.case.sentence}”: {need.outcome}"
                )
        return None


def judged(case: Case, submission: Submission) -> Verdict:
    """Return the verdict on a case, whatever it needs."""
    try:
        case.judge(submission.judged_by(case))
    except NotPassed as verdict:
        return Verdict(
            case,
            verdict.outcome,
            verdict.happened,
            verdict.expected or case.sentence,
            verdict.hint or case.hint,
            verdict.evidence,
            verdict.details,
        )
    except Unresponsive as error:  # a second time, while the first one is reported
        place = place_of_error(error) if _is_theirs(submission, error) else None
        words = f"{error}" + (f", at {place}" if place else "")
        return Verdict(case, Outcome.FAILED, words, case.sentence, case.hint)
    except Exception as error:
        return _of_error(case, submission, error)
    return Verdict(case, Outcome.PASSED)


def _of_error(case: Case, submission: Submission, error: Exception) -> Verdict:
    """Blame the submission for an error that arose in one of its lines, and nobody else's."""
    if isinstance(error, MemoryError):
        words = "it needs more memory than there is"
        return Verdict(case, Outcome.FAILED, words, case.sentence, case.hint)
    place = place_of_error(error)
    if place is not None and _is_theirs(submission, error):
        words = f"{describe(error)}, at {place}"
        return Verdict(case, Outcome.FAILED, words, case.sentence, case.hint)
    details = tuple(traceback.format_exception(error))
    return Verdict(case, Outcome.FRAMEWORK_ERROR, describe(error), hint=REPORT, details=details)


def _is_theirs(submission: Submission, error: BaseException) -> bool:
    """Whether an error went through a file of the submission."""
    folder = submission.folder.resolve()
    steps = traceback.extract_tb(error.__traceback__)
    return any(folder in Path(step.filename).resolve().parents for step in steps)
