"""The verdicts as one HTML page: no script, nothing from elsewhere, light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from emulators.grading.report import Report
from emulators.grading.reports.in_words import points_of, total
from emulators.grading.verdict import Evidence, Outcome, Verdict
from emulators.lectures import LECTURES

_STYLE = Path(__file__).with_name("page.css")
_OPEN = frozenset({Outcome.FAILED, Outcome.FRAMEWORK_ERROR})


def text(report: Report) -> str:
    """Return a report as a page of HTML."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    lecture = LECTURES[report.submission.lecture]
    title = f"Lecture {lecture.number}: {lecture.title}"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>"
    yield f"<header>\n<h1>{escape(title)}</h1>"
    yield _bar(report)
    counts = ", ".join(f"{report.counts[one]} {one}" for one in Outcome if report.counts[one])
    yield f"<p><strong>{escape(total(report))}</strong> · {escape(counts)}</p>\n</header>"
    for number, verdict in enumerate(report.verdicts):
        yield from _case(verdict, number)
    yield "</main>\n</body>\n</html>"


def _bar(report: Report) -> str:
    parts = "".join(
        f'<span class="state-part {_class(one)}" style="flex: {report.counts[one]}"></span>'
        for one in Outcome
        if report.counts[one]
    )
    return f'<div class="bar" aria-hidden="true">{parts}</div>'


def _class(outcome: Outcome) -> str:
    return str(outcome).replace(" ", "-")


def _case(verdict: Verdict, number: int) -> Iterator[str]:
    head = (
        f'<span class="state">{escape(str(verdict.outcome))}</span>'
        f'<span class="sentence">{escape(verdict.case.sentence)}</span>'
        f'<span class="points">{escape(points_of(verdict))}</span>'
    )
    state = f"case {_class(verdict.outcome)}"
    if verdict.outcome is Outcome.PASSED:
        yield f'<div class="{state}"><p>{head}</p></div>'
        return
    opened = " open" if verdict.outcome in _OPEN else ""
    yield f'<details class="{state}"{opened}><summary>{head}</summary>\n<div class="about">'
    yield from _about(verdict)
    if verdict.evidence is not None:
        yield from _evidence(verdict.evidence, number)
    if verdict.details:
        yield f"<pre>{escape(''.join(verdict.details))}</pre>"
    yield "</div>\n</details>"


def _about(verdict: Verdict) -> Iterator[str]:
    in_run = verdict.evidence.run if verdict.evidence else ""
    parts = {
        "expected": verdict.expected,
        "happened": verdict.happened,
        "look at": verdict.hint,
        "in": in_run,
    }
    yield "<dl>"
    for name, words in parts.items():
        if words:
            yield f"<dt>{name}</dt><dd>{escape(words)}</dd>"
    yield "</dl>"


def _evidence(evidence: Evidence, number: int) -> Iterator[str]:
    if evidence.picture:
        picture = evidence.picture.replace('id="body"', f'id="body{number}"')
        picture = picture.replace("url(#body)", f"url(#body{number})")
        yield f"<figure>{picture}<figcaption>the last events, time from left to right"
        yield "</figcaption></figure>"
    if evidence.lines:
        yield "<pre>" + "\n".join(map(_event, evidence.lines)) + "</pre>"
    if evidence.replay:
        yield f"<dl><dt>again</dt><dd><code>{escape(evidence.replay)}</code></dd>"
        yield f"<dt>to watch</dt><dd><code>{escape(evidence.window)}</code></dd></dl>"


def _event(line: str) -> str:
    shown = escape(line)
    return f"<b>{shown}</b>" if line.startswith(">") else shown
