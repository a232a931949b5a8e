"""Lets pytest judge a submission: ``pytest tests/lectures --exercises DIR --lecture N``.

A case needs no pytest, and `exercise_runner.py grade` works without it. Here a test function that
is a case is collected once for each of its algorithms, and its verdict becomes pytest's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulators.errors import UsageError
from emulators.grading.case import cases_of
from emulators.grading.judging import Judging
from emulators.grading.reports.in_words import text_of
from emulators.grading.submission import Submission
from emulators.grading.suites import lecture_of, names_for, suite
from emulators.grading.verdict import Outcome, Verdict
from emulators.lectures import LECTURES
from emulators.runner import EXERCISES

_judgings = pytest.StashKey[dict[int, Judging]]()
_OPTIONS: dict[str, dict[str, Any]] = {
    "--exercises": {"metavar": "DIR", "help": "folder of the exercise files to grade"},
    "--lecture": {"metavar": "N", "type": int, "help": "grade this lecture only"},
    "--algorithm": {"metavar": "NAME", "help": "as for exercise_runner.py grade"},
    "--grading-seeds": {"metavar": "N", "type": int, "help": "seeds of each case"},
    "--grading-out": {"metavar": "DIR", "help": "folder for the recordings of what failed"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what says what to grade."""
    group = parser.getgroup("grading", "grading of exercise files")
    for name, how in _OPTIONS.items():
        group.addoption(name, **how)


def _option(config: pytest.Config, name: str) -> Any:
    return config.getoption(name, None)  # None where the tests of the framework run too


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Any:
    """Return the case that is to be judged: it is the judging that hands it a submission."""
    return request.param


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the suites of other lectures than the one that was asked for."""
    wanted, lecture = _option(config, "--lecture"), lecture_of(collection_path)
    if wanted is None or lecture is None or lecture == wanted:
        return None
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test for each algorithm of a case."""
    cases = cases_of(metafunc.function)
    if cases:
        ids = [case.algorithm for case in cases]
        metafunc.parametrize("submission", cases, ids=ids, indirect=True)


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge a case in place of calling its function."""
    if not cases_of(pyfuncitem.function):
        return None
    case: Any = pyfuncitem.callspec.params["submission"]
    judging = _judging(pyfuncitem.config, lecture_of(pyfuncitem.path) or 0)
    if not judging.is_asked_for(case):
        pytest.skip("--algorithm asks for another one")
    _tell(judging.verdict(case))
    return True


def _judging(config: pytest.Config, lecture: int) -> Judging:
    made = config.stash.setdefault(_judgings, {})
    if lecture not in made:
        made[lecture] = _new_judging(config, lecture)
    return made[lecture]


def _new_judging(config: pytest.Config, lecture: int) -> Judging:
    out = _option(config, "--grading-out")
    submission = Submission(
        lecture,
        Path(_option(config, "--exercises") or EXERCISES),
        seeds=_option(config, "--grading-seeds"),
        out=Path(out) if out else None,
    )
    cases = suite(lecture)
    asked = _option(config, "--algorithm")
    if asked:
        try:
            names = names_for(asked, cases, submission.algorithms())
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        submission = submission.named(names)
    return Judging(cases, submission)


def _tell(verdict: Verdict) -> None:
    """Pass, fail or skip as a verdict says."""
    if verdict.outcome is Outcome.PASSED:
        return
    if verdict.outcome is Outcome.NOT_YET_IMPLEMENTED:
        pytest.skip(f"{verdict.outcome}: {verdict.happened}")
    text = text_of(verdict)
    pytest.fail(f"{verdict.outcome}\n{text}", pytrace=False)


def pytest_report_teststatus(report: Any, config: pytest.Config) -> tuple[str, str, str] | None:
    """Count what is not yet implemented apart from what is skipped."""
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    words = str(Outcome.NOT_YET_IMPLEMENTED)
    if words in reason:
        return words, "t", words.upper()
    return None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is graded."""
    lecture = _option(config, "--lecture")
    folder = _option(config, "--exercises")
    if folder is None and lecture is None:
        return None
    title = f", lecture {lecture}: {LECTURES[lecture].title}" if lecture in LECTURES else ""
    return f"submission: {folder or EXERCISES}{title}"
