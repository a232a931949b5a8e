"""``exercise_runner.py grade --mutants``: which case of a suite catches which mutant."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from emulators.errors import UsageError
from emulators.grading.judging import Judging
from emulators.grading.mutants import Mutant, mutants
from emulators.grading.submission import Submission
from emulators.grading.suites import suite
from emulators.grading.verdict import Outcome

_MARKS = {
    Outcome.PASSED: ".",
    Outcome.FAILED: "X",
    Outcome.NOT_YET_IMPLEMENTED: "t",
    Outcome.COULD_NOT_RUN: "-",
    Outcome.FRAMEWORK_ERROR: "!",
}


def table(lecture: int, seeds: int | None) -> int:
    """Print a line of marks for each mutant; return 1 when one survives."""
    cases = suite(lecture)
    chosen = list(mutants(lecture))
    if not chosen:
        raise UsageError(f"lecture {lecture} has no mutants")
    for number, case in enumerate(cases, start=1):
        print(f"{number:>4}  {case.name}")
    print("\n  X failed, - not judged, t not yet implemented, . passed; [X] is meant to catch it\n")
    survivors = [one for one in chosen if not _line(one, seeds)]
    print(f"\n{len(chosen)} mutants, {len(survivors)} survive{_named(survivors)}")
    return 1 if survivors else 0


def _line(mutant: Mutant, seeds: int | None) -> bool:
    """Print the line of a mutant; return whether all cases meant for it catch it."""
    with tempfile.TemporaryDirectory() as folder:
        submission = Submission(mutant.lecture, mutant.write(Path(folder)), seeds=seeds)
        judging = Judging(suite(mutant.lecture), submission)
        outcomes = {one.case.name: one.outcome for one in judging.verdicts()}
    meant = {name: ("[", "]") if name in mutant.caught_by else (" ", " ") for name in judging.cases}
    marks = (f"{a}{_mark(outcomes.get(name))}{z}" for name, (a, z) in meant.items())
    print(f"  {''.join(marks)}  {mutant.name}", flush=True)
    return all(outcomes.get(name) is Outcome.FAILED for name in mutant.caught_by)


def _mark(outcome: Outcome | None) -> str:
    return " " if outcome is None else _MARKS[outcome]


def _named(survivors: Iterable[Mutant]) -> str:
    names = ", ".join(mutant.name for mutant in survivors)
    return f": {names}" if names else ""
