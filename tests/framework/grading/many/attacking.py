"""Submissions that do more than they should: a right solution of lecture 1 with some more lines."""

import re

from emulators.grading.many.box import Job, judge
from emulators.grading.many.confinement import Limits
from emulators.grading.many.entries import Entry
from tests.exercises.pasting import pasted

RIGHT = pasted("exercise1")
_RUN = re.compile(r"    def run\(self\).*:\n")


def entry(name="somebody", at_load="", in_run="", source=None):
    """A submission of lecture 1 with lines at its beginning, or in every `run`."""
    text = RIGHT if source is None else source
    inner = "".join(f"        {line}\n" for line in in_run.splitlines())
    text = _RUN.sub(lambda found: found[0] + inner, text)
    head, future, rest = text.partition("\nfrom ")
    data = f"{head}\n{at_load}\n{future.strip()} {rest}" if at_load else text
    return Entry(name, (("exercise1.py", data.encode()),))


def judged(made, wall="", cpu=60, wall_seconds=120, patience=1.0):
    limits = Limits(cpu=cpu, wall=wall_seconds, patience=patience)
    return judge(Job(1, made, seeds=1, limits=limits, wall=wall))


def outcomes(record):
    return {verdict["outcome"] for verdict in record.verdicts}


def words(record):
    """All that is said about a submission."""
    said = [verdict["happened"] for verdict in record.verdicts]
    return "\n".join([record.problem, *record.offences, *said])
