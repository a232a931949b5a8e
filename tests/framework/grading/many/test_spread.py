"""Jobs on several cores and on a Dask cluster: the same records, whatever is lost on the way."""

import os
import signal

import pytest

from emulators.errors import UsageError
from emulators.grading.many.box import Job
from emulators.grading.many.spread import judged
from tests.framework.grading.many.attacking import entry


def jobs(count):
    wrong = entry("wrong", in_run="raise ValueError")
    return [Job(1, entry(f"right{n}") if n else wrong, seeds=1) for n in range(count)]


def grades(records):
    return {
        record.name: [(one["name"], one["outcome"]) for one in record.verdicts]
        for record in records
    }


@pytest.fixture(scope="module")
def expected():
    return grades(judged(jobs(4), 1))


def test_two_at_a_time(expected):
    assert grades(judged(jobs(4), 2)) == expected


def test_a_cluster_that_is_not_there_is_one_line():
    with pytest.raises(UsageError, match=r"there is no Dask scheduler at tcp"):
        list(judged(jobs(1), 1, "tcp://127.0.0.1:9"))


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_grades(cluster, expected):
    assert grades(judged(jobs(4), 1, cluster.scheduler_address)) == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_is_killed_costs_no_grade(cluster, expected):
    records = judged(jobs(4), 1, cluster.scheduler_address)
    done = [next(records)]
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    assert grades([*done, *records]) == expected
