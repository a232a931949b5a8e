"""The gradebook of a class: a line for each submission, kept results, a page for each student."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emulators.errors import UsageError
from emulators.grading.case import Case
from emulators.grading.many.box import Job
from emulators.grading.many.confinement import Limits
from emulators.grading.many.entries import entries, read
from emulators.grading.many.record import Record, loaded
from emulators.grading.many.spread import judged
from emulators.grading.report import Report
from emulators.grading.reports import page
from emulators.grading.suites import SUITES, suite
from emulators.grading.verdict import Outcome
from emulators.lectures import LECTURES
from emulators.virtual.loader import PROJECT


@dataclass(frozen=True)
class Class:
    """The submissions of a class for one lecture, and the folder where results are kept."""

    lecture: int
    submissions: Path
    results: Path
    seeds: int | None = None
    limits: Limits = field(default_factory=Limits)

    def jobs(self) -> list[Job]:
        """Return a job for each submission. Raises `UsageError` where there is none."""
        file = f"{LECTURES[self.lecture].file}.py"
        hidden = (str(self.submissions.resolve()), str(self.results.resolve()))
        return [
            Job(self.lecture, read(path, file), self.seeds, self.limits, hidden)
            for path in entries(self.submissions)
        ]

    def key(self, job: Job) -> str:
        """Return what a kept result must agree in: files, suite, framework, seeds, limits."""
        parts = (
            job.entry.digest,
            _digest_of_framework(self.lecture),
            self.seeds,
            asdict(self.limits),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def kept(self, job: Job) -> Path:
        """Return the file in which the result of a submission is kept."""
        return self.results / f"{job.entry.name}.json"

    def grade(
        self,
        jobs: list[Job],
        count: int,
        cluster: str = "",
        tell: Callable[[Record], object] = lambda record: None,
    ) -> list[Record]:
        """Return the records of all jobs, in their order; those that are kept are not done again.

        Each record is kept as soon as it is there, so an interrupted class goes on where it was.
        """
        records = {job.entry.name: loaded(self.kept(job), self.key(job)) for job in jobs}
        for record in filter(None, records.values()):
            tell(record)
        left = {job.entry.name: job for job in jobs if records[job.entry.name] is None}
        for record in judged(left.values(), count, cluster) if left else ():
            self._keep(record, left[record.name])
            records[record.name] = record
            tell(record)
        return [record for record in records.values() if record is not None]

    def _keep(self, record: Record, job: Job) -> None:
        folder = self.results / record.name
        for name, text in record.recordings.items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        record.save(self.kept(job), self.key(job))

    def report(self, record: Record, cases: list[Case]) -> Report:
        """Return the report on a submission."""
        return record.report(cases, self.results / record.name)

    def write_pages(self, records: Iterable[Record]) -> None:
        """Write a page for each student beside what is kept."""
        cases = suite(self.lecture)
        for record in records:
            text = page.text(self.report(record, cases))
            (self.results / f"{record.name}.html").write_text(text, encoding="utf-8")


def _digest_of_framework(lecture: int) -> str:
    """Return a digest of all that a grade depends on besides the submission."""
    digest = hashlib.sha256()
    files = [SUITES / f"test_lecture{lecture}.py", *sorted((PROJECT / "emulators").rglob("*.py"))]
    for file in files:
        digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


# -- the table


def table(reports: Iterable[tuple[Record, Report]], cases: list[Case]) -> str:
    """Return the gradebook as CSV, the same for the same submissions."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    outcomes = list(Outcome)
    writer.writerow(
        ["submission", "points", "of", "bonus", *outcomes, "note", *(case.name for case in cases)]
    )
    for record, report in reports:
        bonus = sum(one.points for one in report.verdicts if one.case.bonus)
        points = {one.case.name: f"{one.points:g}" for one in report.verdicts}
        writer.writerow(
            _harmless(cell)
            for cell in (
                record.name,
                f"{report.points - bonus:g}",
                f"{report.most:g}",
                f"{bonus:g}",
                *(report.counts[outcome] for outcome in outcomes),
                note(record),
                *(points.get(case.name, "") for case in cases),
            )
        )
    return text.getvalue()


def note(record: Record) -> str:
    """Return what an instructor should know of a submission."""
    return "; ".join(filter(None, [record.problem, *_tried(record)]))


def _tried(record: Record) -> Iterator[str]:
    for offence in record.offences[:5]:
        yield f"not allowed: {offence}"


def _harmless(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def write_table(path: Path, text: str) -> None:
    """Write the gradebook. Raises `UsageError` where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
