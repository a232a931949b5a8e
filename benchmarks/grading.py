"""What grading costs: each lecture's suite on one core, a class on one core, on two, on a cluster.

    python3 benchmarks grading

The suites judge the reference solutions: whoever fails is done sooner. The class hands in the same
solution of lecture 1 under many names. The cluster is two Dask workers on this machine; starting
them is not counted.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from benchmarks.measuring import ROOT, Candidate, in_process, rates, report, table
from emulators.grading.many.box import Job
from emulators.grading.many.entries import Entry
from emulators.grading.many.spread import judged
from emulators.grading.suites import lectures
from emulators.lectures import LECTURES

SOLUTIONS = ROOT / "tests" / "solutions"
BAR = 20.0
SUBMISSIONS = 100


def suite_seconds(lecture: int) -> tuple[float, int]:
    """Return the processor time of a suite on the reference solution, and the number of cases."""
    measured = in_process("benchmarks.grading", lecture)
    return measured.seconds, int(measured.output.split()[-1])


def judge_here(lecture: int) -> int:
    """Judge the reference solution in this process; return the number of cases."""
    from emulators.grading.judging import Judging
    from emulators.grading.submission import Submission
    from emulators.grading.suites import suite

    return len(list(Judging(suite(lecture), Submission(lecture, SOLUTIONS)).verdicts()))


def jobs(count: int, lecture: int = 1, seeds: int | None = 2) -> list[Job]:
    """Return a class that hands in the reference solution `count` times."""
    file = f"{LECTURES[lecture].file}.py"
    data = (SOLUTIONS / file).read_bytes()
    return [Job(lecture, Entry(f"student{n}", ((file, data),)), seeds) for n in range(count)]


def a_class(count: int, at_a_time: int, cluster: str = "") -> Candidate:
    """Return the grading of a class."""

    def candidate() -> int:
        records = list(judged(jobs(count), at_a_time, cluster))
        assert all(record.done for record in records)
        return len(records)

    return candidate


@contextlib.contextmanager
def two_workers() -> Iterator[str]:
    """Give the address of a cluster of two workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        list(judged(jobs(2), 1, cluster.scheduler_address))  # the workers import the framework
        yield cluster.scheduler_address


def measure_suites() -> None:
    """Measure the suite of each lecture, and print."""
    rows = []
    for lecture in lectures():
        seconds, cases = suite_seconds(lecture)
        title = f"{lecture}: {LECTURES[lecture].title}"
        rows.append([title, str(cases), f"{seconds:.1f} s", f"{BAR:g} s"])
    heads = ["lecture", "cases", "processor time", "bar"]
    report("The suite of each lecture on one submission", heads, rows)


def measure_class() -> None:
    """Measure a class, and print."""
    with two_workers() as address:
        candidates = {
            "one at a time": a_class(SUBMISSIONS, 1),
            "two at a time": a_class(SUBMISSIONS, 2),
            "two workers": a_class(SUBMISSIONS, 2, address),
        }
        found = rates(candidates, goes=1, clock=time.perf_counter)
    a_minute = {name: 60 * rate for name, rate in found.items()}
    table(
        "Submissions a minute",
        {f"{SUBMISSIONS} submissions": a_minute},
        "one at a time",
        {f"{SUBMISSIONS} submissions": "1.7, and the cluster within 15 % of it"},
    )


def main() -> None:
    """Measure and print."""
    measure_suites()
    measure_class()


if __name__ == "__main__":
    import sys

    if sys.argv[1:]:
        print(judge_here(int(sys.argv[1])))
    else:
        main()
