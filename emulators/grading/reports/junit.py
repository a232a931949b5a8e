"""The verdicts as JUnit XML, which build servers read.

There is no standard; this is the form of Ant's junit task and Maven Surefire that Jenkins, GitLab
and Azure document: ``testsuites/testsuite/testcase`` with ``failure``, ``error`` or ``skipped``.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from emulators.grading.report import Report
from emulators.grading.reports.in_words import text_of, total
from emulators.grading.verdict import Outcome, Verdict

_TAGS = {
    Outcome.FAILED: "failure",
    Outcome.COULD_NOT_RUN: "error",
    Outcome.FRAMEWORK_ERROR: "error",
    Outcome.NOT_YET_IMPLEMENTED: "skipped",
}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def text(report: Report) -> str:
    """Return a report as JUnit XML."""
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"lecture {report.submission.lecture}",
        tests=str(len(report.verdicts)),
        failures=str(_count(report, "failure")),
        errors=str(_count(report, "error")),
        skipped=str(_count(report, "skipped")),
        time=f"{sum(verdict.seconds for verdict in report.verdicts):.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="points", value=total(report))
    for verdict in report.verdicts:
        _add(suite, verdict, report.submission.lecture)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _count(report: Report, tag: str) -> int:
    return sum(_TAGS.get(verdict.outcome) == tag for verdict in report.verdicts)


def _add(suite: ET.Element, verdict: Verdict, lecture: int) -> None:
    case = verdict.case
    element = ET.SubElement(
        suite,
        "testcase",
        classname=f"lecture{lecture}.{case.algorithm}",
        name=_allowed(case.sentence),
        time=f"{verdict.seconds:.3f}",
    )
    tag = _TAGS.get(verdict.outcome)
    if tag is None:
        return
    message = _allowed(f"{verdict.outcome}: {verdict.happened}")
    told = ET.SubElement(element, tag, message=message)
    if tag != "skipped":
        told.set("type", str(verdict.outcome).replace(" ", "_"))
        told.text = _allowed(text_of(verdict))


def _allowed(words: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", words)
