"""The verdicts in a terminal: a line for each case, then what is to be said about failures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from emulators.grading.report import Report
from emulators.grading.reports.in_words import details, points_of, summary, wrapped
from emulators.grading.verdict import Outcome, Verdict
from emulators.trace.console import painted

_MARKS = {
    Outcome.PASSED: ("passed", "green"),
    Outcome.FAILED: ("FAILED", "red"),
    Outcome.NOT_YET_IMPLEMENTED: ("to do", "yellow"),
    Outcome.COULD_NOT_RUN: ("not run", "yellow"),
    Outcome.FRAMEWORK_ERROR: ("ERROR", "red"),
}
_HEADINGS = {
    Outcome.NOT_YET_IMPLEMENTED: "Not yet implemented",
    Outcome.COULD_NOT_RUN: "Could not run",
    Outcome.FAILED: "Failed",
    Outcome.FRAMEWORK_ERROR: "Faults of the framework, and of nobody else: please report them",
}
_SENTENCE = 76


def line(verdict: Verdict, stream: TextIO) -> str:
    """Return the line of one case."""
    word, color = _MARKS[verdict.outcome]
    sentence = textwrap.shorten(verdict.case.sentence, _SENTENCE, placeholder=" …")
    return f"  {painted(f'{word:<8}', color, stream)}{points_of(verdict):>7}  {sentence}"


def rest(report: Report, stream: TextIO) -> Iterator[str]:
    """Return the lines after those of the cases: what went wrong, and the sum."""
    for outcome, heading in _HEADINGS.items():
        verdicts = [one for one in report.verdicts if one.outcome is outcome]
        if verdicts:
            yield ""
            yield painted(heading, "bold", stream)
            in_full = outcome in (Outcome.FAILED, Outcome.FRAMEWORK_ERROR)
            yield from _one_by_one(verdicts) if in_full else _by_cause(verdicts)
    yield ""
    yield painted(summary(report), "bold", stream)


def _one_by_one(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        yield ""
        yield from details(verdict)


def _by_cause(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Return each cause once, with the number of cases that it explains."""
    causes: dict[str, int] = {}
    for verdict in verdicts:
        causes[verdict.happened] = causes.get(verdict.happened, 0) + 1
    for cause, count in causes.items():
        yield from wrapped(f"{cause} ({count} case{'s' if count > 1 else ''})", "  - ", "    ")
