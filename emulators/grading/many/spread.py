"""Jobs spread over the cores of one machine, or over the machines of a Dask cluster.

joblib serves both, so there is one way through. A job is a process of its own anyway: here threads
wait for processes, there workers do. A job that a lost worker has left is done by another one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any

from emulators.errors import UsageError
from emulators.grading.many.box import Job, judge
from emulators.grading.many.record import Record


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def judged(jobs: Iterable[Job], count: int, cluster: str = "") -> Iterator[Record]:
    """Return the records of jobs as they are done, in any order.

    `count` jobs are done at a time; with the address of a Dask scheduler as `cluster`, as many as
    its workers have threads. Raises `UsageError` where the cluster cannot be reached.
    """
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise UsageError("many submissions need joblib: pip install joblib") from None
    with _cluster(cluster) if cluster else _here(count):
        yield from Parallel(return_as="generator_unordered", batch_size=1)(
            delayed(judge)(job) for job in jobs
        )


@contextlib.contextmanager
def _here(count: int) -> Iterator[None]:
    from joblib import parallel_config

    with parallel_config(backend="threading", n_jobs=count):
        yield


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[None]:
    try:
        from distributed import Client
        from joblib import parallel_config
    except ImportError:
        raise UsageError(
            "--cluster needs Dask here and on every worker: pip install distributed"
        ) from None
    client: Any = None
    try:
        make: Any = Client
        client = make(address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"there is no Dask scheduler at {address}: {error}") from None
    try:
        with parallel_config(backend="dask", n_jobs=-1, wait_for_workers_timeout=60):
            yield
    finally:
        client.close()
