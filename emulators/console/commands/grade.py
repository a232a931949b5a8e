"""``exercise_runner.py grade``: judge the exercise files of one folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emulators.console.commands import grade_many, grade_mutants
from emulators.console.giving_up import last_words, say
from emulators.console.options import Parser, path, positive_number, whole_number
from emulators.errors import UsageError
from emulators.grading.judging import Judging
from emulators.grading.many.confinement import Limits
from emulators.grading.report import Report
from emulators.grading.reports import terminal
from emulators.grading.reports.files import FORMS, write
from emulators.grading.submission import Submission
from emulators.grading.suites import lectures, names_for, suite
from emulators.grading.verdict import CouldNotRun
from emulators.lectures import LECTURES
from emulators.runner import EXERCISES
from emulators.usage import PROGRAM


def main(arguments: list[str]) -> int:
    """Grade as the command line says; return 1 when something failed or could not run."""
    options = parser().parse_args(arguments)
    if options.lecture is None:
        known = ", ".join(map(str, lectures()))
        raise UsageError(f"--lecture is missing; there are suites for {known}")
    if options.mutants:
        return grade_mutants.table(options.lecture, options.seeds)
    grade_many.check(options)
    if options.submissions is not None:
        return grade_many.grade_many(options)
    with last_words(say):
        report = grade(options)
    for text in terminal.rest(report, sys.stdout):
        print(text)
    for form in FORMS:
        if getattr(options, form) is not None:
            write(report, form, getattr(options, form))
    return report.status


def grade(options: argparse.Namespace) -> Report:
    """Judge the submission, with a line for each case as it comes."""
    cases = suite(options.lecture)
    submission = Submission(
        options.lecture, options.exercises, seeds=options.seeds, out=options.out
    )
    if not options.exercises.is_dir():
        raise UsageError(f"there is no folder {options.exercises}")
    if options.algorithm:
        names = names_for(options.algorithm, cases, submission.algorithms())
        submission = submission.named(names)
    try:
        file = submission.file
    except CouldNotRun as error:
        raise UsageError(str(error)) from None
    print(f"Grading lecture {options.lecture}, {LECTURES[options.lecture].title}: {file}")
    judging = Judging(cases, submission)
    verdicts = []
    for verdict in judging.verdicts():
        verdicts.append(verdict)
        print(terminal.line(verdict, sys.stdout), flush=True)
    return Report(submission, tuple(verdicts))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    made = Parser(
        prog=f"{PROGRAM} grade",
        allow_abbrev=False,
        description="Grades the exercise files of a lecture.",
        epilog="Exit status: 0 nothing failed, 1 something failed or could not run, 2 wrong input.",
    )
    made.add_argument("--lecture", type=whole_number, metavar="N", help="number of the lecture")
    made.add_argument(
        "--exercises",
        type=path,
        metavar="DIR",
        default=EXERCISES,
        help="folder of the exercise files",
    )
    made.add_argument(
        "--algorithm",
        metavar="NAME",
        help="judge this one only; a class of another name takes the place of the published one, "
        "as in Gossip=MyGossip",
    )
    made.add_argument(
        "--mutants", action="store_true", help="for who writes suites: which case catches which"
    )
    made.add_argument("--seeds", type=positive_number, metavar="N", help="seeds of each case")
    made.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        default=Path("grading"),
        help="folder for the recordings of what failed (default: grading)",
    )
    _add_many(made.add_argument_group("many submissions"))
    files = made.add_argument_group("files")
    for form, what in _FORMS_IN_WORDS.items():
        files.add_argument(f"--{form}", type=path, metavar="FILE", help=what)
    return made


def _add_many(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--submissions", type=path, metavar="DIR", help="a folder or zip each")
    group.add_argument("--gradebook", type=path, metavar="FILE", help="CSV (default: grades.csv)")
    group.add_argument("--results", type=path, metavar="DIR", help="what is kept of each")
    group.add_argument(
        "--jobs", type=positive_number, metavar="N", help="at a time (default: all cores)"
    )
    group.add_argument("--cluster", metavar="ADDRESS", help="spread over a Dask cluster")
    limits = Limits()
    for name, most, what in (
        ("cpu", limits.cpu, "seconds of processor time"),
        ("time", limits.wall, "real seconds"),
        ("memory", limits.memory, "MB of memory"),
    ):
        words = f"{what} of each submission (default: {most})"
        group.add_argument(f"--{name}", type=positive_number, default=most, metavar="N", help=words)


_FORMS_IN_WORDS = {
    "json": "the verdicts as JSON",
    "junit": "as JUnit XML, for a build server",
    "gradescope": "as results.json of Gradescope",
    "classroom": "as the result of an autograder of GitHub Classroom",
    "html": "as a page to read",
}
