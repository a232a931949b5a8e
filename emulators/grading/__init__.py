"""Grading: suites of cases judge a submission by what its runs do.

A case (case.py) is one sentence about a submission (submission.py). It judges many runs (runs.py,
graded_run.py) or all schedules up to a budget (schedules.py), and the shortest that violates it
becomes the evidence (evidence.py). judging.py makes verdicts (verdict.py) of a suite
(suites.py); plugin.py lets pytest do the same.
Not here: what a property is (emulators/check), and what the lectures demand (tests/lectures).
"""

from emulators.grading.case import case
from emulators.grading.graded_run import GradedRun, Judgement
from emulators.grading.submission import Submission

__all__ = ["GradedRun", "Judgement", "Submission", "case"]
