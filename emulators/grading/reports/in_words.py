"""What is to be said about one verdict, as lines of text: for whatever shows text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from emulators.grading.report import Report
from emulators.grading.verdict import Outcome, Verdict

_WIDTH = 96
_INDENT = " " * 15


def details(verdict: Verdict) -> Iterator[str]:
    """Return all that is to be said about a case that did not pass."""
    yield from wrapped(verdict.case.sentence, "  ", "  ")
    if verdict.expected and verdict.expected != verdict.case.sentence:
        yield from wrapped(verdict.expected, "    expected:  ", _INDENT)
    yield from wrapped(verdict.happened, "    happened:  ", _INDENT)
    if verdict.hint:
        yield from wrapped(verdict.hint, "    look at:   ", _INDENT)
    evidence = verdict.evidence
    if evidence is not None:
        yield from wrapped(evidence.run, "    in:        ", _INDENT)
        yield from (f"      {text}" for text in evidence.lines)
        if evidence.replay:
            yield f"    again:     {evidence.replay}"
            yield f"    to watch:  {evidence.window}"
    yield from (f"      {text}" for part in verdict.details for text in part.splitlines())


def text_of(verdict: Verdict) -> str:
    """Return the details as one text; of what passed, nothing."""
    return "" if verdict.outcome is Outcome.PASSED else "\n".join(details(verdict))


def wrapped(text: str, first: str, others: str) -> list[str]:
    """Return a text in lines that fit."""
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def points_of(verdict: Verdict) -> str:
    """Return the points of a case: ``2/3``, ``+1/1`` for a bonus, ``given``."""
    case = verdict.case
    if case.given:
        return "given"
    return f"{'+' if case.bonus else ''}{verdict.points:g}/{case.points:g}"


def summary(report: Report) -> str:
    """Return the sum in one line."""
    counts = [f"{report.counts[one]} {one}" for one in Outcome if report.counts[one]]
    return f"{total(report)}: {', '.join(counts)}"


def total(report: Report) -> str:
    """Return the points in words."""
    bonus = sum(one.points for one in report.verdicts if one.case.bonus)
    text = f"{report.points - bonus:g} of {report.most:g} points"
    if report.most_bonus:
        text += f", {bonus:g} of {report.most_bonus:g} bonus points"
    return text
