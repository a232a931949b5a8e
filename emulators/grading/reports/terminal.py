"""The verdicts in a terminal: a line for each case, then what is to be said about failures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from emulators.grading.report import Report
from emulators.grading.verdict import Outcome, Verdict
from emulators.trace.console import painted

_MARKS = {
    Outcome.PASSED: ("passed", "green"),
    Outcome.FAILED: ("FAILED", "red"),
    Outcome.NOT_YET_IMPLEMENTED: ("to do", "yellow"),
    Outcome.COULD_NOT_RUN: ("not run", "yellow"),
    Outcome.FRAMEWORK_ERROR: ("ERROR", "red"),
}
_WIDTH = 96


def line(verdict: Verdict, stream: TextIO) -> str:
    """Return the line of one case."""
    word, color = _MARKS[verdict.outcome]
    sentence = textwrap.shorten(verdict.case.sentence, _WIDTH - 24, placeholder="…")
    return f"  {painted(f'{word:<8}', color, stream)}{_points(verdict):>9}  {sentence}"


def _points(verdict: Verdict) -> str:
    case = verdict.case
    if case.given:
        return "given"
    sign = "+" if case.bonus else ""
    return f"{sign}{verdict.points:g}/{case.points:g}"


def rest(report: Report, stream: TextIO) -> Iterator[str]:
    """Return the lines after those of the cases: what went wrong, and the sum."""
    for outcome, heading in _HEADINGS.items():
        verdicts = [one for one in report.verdicts if one.outcome is outcome]
        if verdicts:
            yield ""
            yield painted(heading, "bold", stream)
            yield from _causes(verdicts)
    yield ""
    yield painted(summary(report), "bold", stream)


_HEADINGS = {
    Outcome.NOT_YET_IMPLEMENTED: "Not yet implemented",
    Outcome.COULD_NOT_RUN: "Could not run",
    Outcome.FAILED: "Failed",
    Outcome.FRAMEWORK_ERROR: "Faults of the framework: nobody else's. Please report them",
}


def _causes(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Return each cause once, below it what it explains."""
    for verdict in verdicts:
        if verdict.outcome in (Outcome.FAILED, Outcome.FRAMEWORK_ERROR):
            yield ""
            yield from details(verdict)
    causes: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome in (Outcome.NOT_YET_IMPLEMENTED, Outcome.COULD_NOT_RUN):
            causes.setdefault(verdict.happened, []).append(verdict)
    for cause, same in causes.items():
        cases = "1 case" if len(same) == 1 else f"{len(same)} cases"
        yield from _wrapped(f"{cause} ({cases})", "  - ", "    ")


def details(verdict: Verdict) -> Iterator[str]:
    """Return all that is to be said about a failure."""
    yield from _wrapped(verdict.case.sentence, "  ", "  ")
    if verdict.expected and verdict.expected != verdict.case.sentence:
        yield from _wrapped(verdict.expected, "    expected:  ", " " * 15)
    yield from _wrapped(verdict.happened, "    happened:  ", " " * 15)
    if verdict.hint:
        yield from _wrapped(verdict.hint, "    look at:   ", " " * 15)
    evidence = verdict.evidence
    if evidence is not None:
        yield from _wrapped(evidence.run, "    in:        ", " " * 15)
        yield from (f"      {text}" for text in evidence.lines)
        if evidence.replay:
            yield f"    again:     {evidence.replay}"
            yield f"    to watch:  {evidence.window}"
    yield from (f"      {text}" for part in verdict.details for text in part.splitlines())


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def summary(report: Report) -> str:
    """Return the sum in one line."""
    earned = sum(one.points for one in report.verdicts if not one.case.bonus)
    bonus = report.points - earned
    parts = [f"{count} {outcome}" for outcome, count in sorted(report.counts.items(), key=_order)]
    text = f"{earned:g} of {report.most:g} points"
    if report.most_bonus:
        text += f", {bonus:g} of {report.most_bonus:g} bonus points"
    return f"{text}: {', '.join(parts)}"


def _order(item: tuple[Outcome, int]) -> int:
    return list(Outcome).index(item[0])
