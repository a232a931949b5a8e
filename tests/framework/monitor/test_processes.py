"""Monitors in processes of their own, some of which are killed."""

import signal
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

from tests.framework.monitor.test_library import addresses

WORKER = Path(__file__).with_name("worker.py")


class Worker:
    """A process with a monitor; what it says is read a line at a time."""

    def __init__(self, index, tasks, end, where):
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), str(index), str(tasks), end, *where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.done = 0

    def until(self, *words):
        """Read until a line begins with one of the words; return the line."""
        for line in self._process.stdout:
            if line.startswith(words):
                return line.rstrip()
            self.done += line == "done\n"
        raise AssertionError(self._process.stderr.read())

    def tell(self, text):
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        """SIGKILL, where there are signals."""
        self._process.kill()
        self._process.wait()

    def rest(self):
        """Count what a process that has ended had said before."""
        self.done += self._process.stdout.read().count("done\n")
        return self.done

    def log(self):
        """What was logged, after the end of the process."""
        _, errors = self._process.communicate(timeout=60)
        return errors

    def close(self):
        with self._process:
            self._process.kill()


@pytest.fixture
def group():
    """Start workers: `group((tasks, end), …)`; all are dead after the test."""
    started = []

    def start(*what):
        where = addresses(len(what))
        started.extend(Worker(index, *one, where) for index, one in enumerate(what))
        return started

    yield start
    for worker in started:
        worker.close()


def last_state(workers, survivor, expected):
    """Let a survivor wait until so many executions are in the state; return the state."""
    survivor.tell(expected)
    return literal_eval(survivor.until("values").removeprefix("values "))


def test_processes_that_are_started_one_after_the_other_lose_no_task(group):
    workers = group((50, "last"), (50, "leave"), (50, "leave"))
    assert last_state(workers, workers[0], 150) == [50, 50, 50]


@pytest.mark.slow
def test_ten_thousand_executions_survive_a_killed_holder_and_a_killed_waiter(group):
    workers = group((4500, "last"), (500, "hang"), (500, "wait"), (4499, "leave"))
    survivor, holder, waiter, other = workers
    holder.until("inside")
    holder.kill()
    waiter.until("waiting")
    waiter.kill()
    state = last_state(workers, survivor, 9999)
    assert state == [4500, 500, 500, 4499]
    made_again = (survivor.log() + other.log()).count("is made again")
    assert made_again in (1, 2)  # the waiter may have had the token, to find its predicate false


@pytest.mark.parametrize("killed", [0, 1])
def test_one_of_two_goes_on_when_the_other_is_killed_with_the_token(group, killed):
    plan = [(20, "last"), (20, "last")]
    plan[killed] = (10, "hang")
    workers = group(*plan)
    workers[killed].until("inside")
    workers[killed].kill()
    lasting = workers[1 - killed]
    state = last_state(workers, lasting, 30)
    assert (state[killed], state[1 - killed]) == (10, 20)
    assert lasting.log().count("is made again") == 1


@pytest.mark.slow
@pytest.mark.parametrize("go", range(5))
def test_a_process_that_is_killed_at_any_moment_leaves_at_most_one_task_in_doubt(group, go):
    workers = group((400, "last"), (100_000, "leave"), (400, "leave"))
    for _ in range(50 + 37 * go):
        workers[1].until("done")
    workers[1].kill()
    reported = 50 + 37 * go + workers[1].rest()
    state = last_state(workers, workers[0], 800 + reported)
    assert state[0] == state[2] == 400
    assert reported <= state[1] <= reported + 1


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_process_that_is_frozen_with_the_token_is_told_that_its_task_is_undone(group):
    workers = group((30, "last"), (10, "pause"), (30, "last"))
    frozen = workers[1]
    frozen.until("inside")
    frozen.signal(signal.SIGSTOP)
    assert last_state(workers, workers[0], 70) == [30, 10, 30]  # two of three go on
    frozen.signal(signal.SIGCONT)
    frozen.tell("go on")
    assert frozen.until("lost", "done") == "lost"
