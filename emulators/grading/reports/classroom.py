"""The verdicts as GitHub Classroom reads them: the result of an autograder, version 1.

Source: the autograding reporter of GitHub Classroom (education/autograding-grading-reporter), which
takes this JSON, in base64, from the output ``result`` of a grading step. It adds the scores up and
takes ``max_score`` for the maximum: bonus points come on top.
"""

from __future__ import annotations

import json
from typing import Any

from emulators.grading.report import Report
from emulators.grading.reports.in_words import text_of
from emulators.grading.verdict import Outcome, Verdict

_STATUS = {Outcome.PASSED: "pass", Outcome.FRAMEWORK_ERROR: "error"}


def text(report: Report) -> str:
    """Return a report in the form of GitHub Classroom."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Return a report as plain values in the form of GitHub Classroom."""
    tests = [_test(verdict) for verdict in report.verdicts]
    states = {test["status"] for test in tests}
    return {
        "version": 1,
        "status": next((state for state in ("error", "fail") if state in states), "pass"),
        "max_score": report.most,
        "tests": tests,
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.case.sentence,
        "status": _STATUS.get(verdict.outcome, "fail"),
        "score": verdict.points,
        "message": text_of(verdict),
        "test_code": verdict.case.name,
        "filename": "",
        "line_no": 0,
        "execution_time": f"{verdict.seconds:.3f}s",
    }
