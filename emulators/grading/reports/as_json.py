"""The verdicts as JSON, for programs: docs/grading.md says what stands in it."""

from __future__ import annotations

import json
from typing import Any

from emulators.grading.report import Report
from emulators.grading.verdict import Evidence, Outcome, Verdict
from emulators.lectures import LECTURES

VERSION = 1


def text(report: Report) -> str:
    """Return a report as JSON."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Return a report as plain values; the same submission gives the same ones."""
    lecture = report.submission.lecture
    return {
        "version": VERSION,
        "lecture": lecture,
        "title": LECTURES[lecture].title,
        "points": report.points,
        "most": report.most,
        "most_bonus": report.most_bonus,
        "counts": {str(one): report.counts[one] for one in Outcome if report.counts[one]},
        "cases": [as_case(verdict) for verdict in report.verdicts],
    }


def as_case(verdict: Verdict) -> dict[str, Any]:
    """Return one verdict as plain values."""
    case = verdict.case
    return {
        "name": case.name,
        "sentence": case.sentence,
        "algorithm": case.algorithm,
        "task": case.task,
        "outcome": str(verdict.outcome),
        "points": verdict.points,
        "most": case.points,
        "bonus": case.bonus,
        "given": case.given,
        "expected": verdict.expected,
        "happened": verdict.happened,
        "hint": verdict.hint,
        "evidence": _evidence(verdict.evidence),
        "details": list(verdict.details),
    }


def _evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        "run": evidence.run,
        "events": list(evidence.lines),
        "recording": None if evidence.recording is None else evidence.recording.as_posix(),
        "replay": evidence.replay,
        "window": evidence.window,
    }
