"""The verdicts as ``results.json``, which an autograder leaves for Gradescope.

Source: Gradescope's documentation of autograder specifications, "Output format". A bonus case has
no maximum of its own there: its points come on top.
"""

from __future__ import annotations

import json
from typing import Any

from emulators.grading.report import Report
from emulators.grading.reports.in_words import points_of, summary, text_of
from emulators.grading.verdict import Outcome, Verdict


def text(report: Report) -> str:
    """Return a report in Gradescope's form."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Return a report as plain values in Gradescope's form."""
    return {
        "score": report.points,
        "execution_time": round(sum(verdict.seconds for verdict in report.verdicts)),
        "output": summary(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": [_test(verdict) for verdict in report.verdicts],
        "extra_data": {"lecture": report.submission.lecture},
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    case = verdict.case
    test = {
        "score": verdict.points,
        "max_score": 0 if case.bonus else case.points,
        "status": "passed" if verdict.outcome is Outcome.PASSED else "failed",
        "name": case.sentence,
        "output": f"{verdict.outcome} ({points_of(verdict)})\n{text_of(verdict)}".rstrip(),
        "tags": [case.algorithm],
        "visibility": "visible",
        "extra_data": {"case": case.name, "outcome": str(verdict.outcome)},
    }
    if case.task:
        test["number"] = case.task
    return test
