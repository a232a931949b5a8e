"""``exercise_runner.py grade --submissions DIR``: judge all submissions of a class."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from emulators.errors import UsageError
from emulators.grading.many import box
from emulators.grading.many.confinement import Limits
from emulators.grading.many.gradebook import Class, table, write_table
from emulators.grading.many.record import Record
from emulators.grading.many.spread import cores
from emulators.grading.many.walls import NONE, strongest
from emulators.grading.suites import suite
from emulators.grading.verdict import Outcome


def grade_many(options: argparse.Namespace) -> int:
    """Grade as the command line says; return 0 when every submission has its line."""
    gradebook = options.gradebook or Path("grades.csv")
    results = options.results or gradebook.with_suffix(".results")
    limits = Limits(options.cpu, options.time, options.memory)
    cases = suite(options.lecture)
    graded = Class(options.lecture, options.submissions, results, options.seeds, limits)
    jobs = graded.jobs()
    count = min(options.jobs or cores(), len(jobs))
    _announce(options, len(jobs), count)
    try:
        with tqdm(total=len(jobs), unit=" submissions", disable=None, file=sys.stderr) as bar:
            records = graded.grade(jobs, count, options.cluster, lambda record: bar.update())
    except KeyboardInterrupt:
        box.end_all()
        print(f"Interrupted; the same command goes on from what {results} has", file=sys.stderr)
        return 130
    reports = [(record, graded.report(record, cases)) for record in records]
    write_table(gradebook, table(reports, cases))
    graded.write_pages(records)
    _summarise(records, Counter(o for _, report in reports for o in report.counts.elements()))
    print(f"Grades: {gradebook}; a page for each student: {results}")
    return 0


def _announce(options: argparse.Namespace, submissions: int, count: int) -> None:
    where = f"the cluster at {options.cluster}" if options.cluster else f"{count} at a time"
    print(f"Grading lecture {options.lecture}, {submissions} submissions, {where}")
    if not options.cluster and strongest() == NONE:
        print(
            "No namespaces on this machine: a submission is held by limits and rules only, "
            "docs/grading.md says what that means"
        )


def _summarise(records: list[Record], counts: Counter[Outcome]) -> None:
    for record in records:
        if record.problem:
            print(f"  {record.name}: {record.problem}")
        elif record.offences:
            print(f"  {record.name}: not allowed: {record.offences[0]}")
    if counts[Outcome.FRAMEWORK_ERROR]:
        print("Some cases ended in faults of the framework, and of nobody else: please report them")


def check(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options that do not go together."""
    alone = ("algorithm", "json", "junit", "gradescope", "classroom", "html")
    many = ("gradebook", "results", "jobs", "cluster")
    wrong = [name for name in (alone if options.submissions else many) if getattr(options, name)]
    if wrong and options.submissions:
        raise UsageError(f"--{wrong[0]} is for one submission; --gradebook and --results for many")
    if wrong:
        raise UsageError(f"--{wrong[0]} is for many submissions: --submissions DIR is missing")
