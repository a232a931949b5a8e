"""Which forms a report can be written in, and writing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emulators.errors import UsageError
from emulators.grading.report import Report
from emulators.grading.reports import as_json, classroom, gradescope, junit, page

FORMS: dict[str, Callable[[Report], str]] = {
    "json": as_json.text,
    "junit": junit.text,
    "gradescope": gradescope.text,
    "classroom": classroom.text,
    "html": page.text,
}
"""By the name of the option: what makes the text of the file."""


def write(report: Report, form: str, path: Path) -> None:
    """Write a report. Raises `UsageError` where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FORMS[form](report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
