"""Devices with threads and timers: searched as every single run comes out."""

import random
from typing import Any

import pytest

from emulators.explore.answer import HOLDS, UNKNOWN, VIOLATED
from emulators.explore.cells import Faults
from emulators.virtual import threads
from tests.framework.explore.asking import ask_about
from tests.framework.explore.plain import TooMany, network, outcomes_of_runs, outcomes_of_states
from tests.framework.explore.test_against_plain_search import STEPS, Player

MORE = (*STEPS, "thread", "thread", "timer", "timer", "join", "locked")


class Weaver(Player):
    """A player that may start threads, set timers, and lock."""

    lives: Any = None

    def run(self):
        self.lock = threads.Lock()
        self.threads = []
        super().run()

    def thread(self):
        self.threads.append(threads.Thread(target=self.work))
        self.threads[-1].start()

    def work(self):
        with self.lock:
            self.got.append("thread")
            self.medium.wait_for_next_round()
            self.got.append("thread ends")

    def timer(self):
        self.medium.set_timer(len(self.got) + 1, self.rings)

    def rings(self):
        self.got.append("rings")
        self.send()

    def join(self):
        for thread in self.threads:
            thread.join()

    def locked(self):
        with self.lock:
            self.got.append("locked")


def program(seed: int) -> Any:
    dice = random.Random(seed)
    plans = [dice.choices(MORE, k=dice.randint(1, 3)) for _ in range(2)]
    return type("Woven", (Weaver,), {"plans": plans})


def compared(seed, most):
    """Compare one program; return whether it was small enough."""
    kind, faults = program(seed), Faults(crashes=seed % 2)
    try:
        expected = outcomes_of_runs(kind, 2, faults, False, most)
    except TooMany:
        return False
    made = network(kind, 2, faults, False, False, several=True)
    found = outcomes_of_states(made)
    made.close()
    assert found == expected, (seed, kind.plans, faults)
    return True


@pytest.mark.parametrize("block", range(3))
def test_threads_and_timers_come_out_as_in_every_single_run(block):
    assert sum(compared(seed, 200) for seed in range(block * 20, block * 20 + 20)) >= 6


RACE = """
class Program(Device):
    def run(self):
        self.total = 0
        workers = [threading.Thread(target=self.add) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert self.total == 2, "an update was lost"

    def add(self):
        {lock}
        seen = self.total
        self.medium.wait_for_next_round()
        self.total = seen + 1
        {unlock}
"""


def race(lock="pass", unlock="pass"):
    return RACE.format(lock=lock, unlock=unlock)


def test_a_race_between_threads_is_found_and_played(tmp_path):
    answer = ask_about(tmp_path, race())
    assert answer.counterexample.violation.reason.endswith("an update was lost")


def test_a_lock_keeps_threads_apart_in_every_schedule(tmp_path):
    source = race("self.lock.acquire()", "self.lock.release()")
    source = source.replace("self.total = 0", "self.total = 0; self.lock = threading.Lock()")
    assert ask_about(tmp_path, source, strategy="bfs").verdict == HOLDS


HASTY = """
class Program(Device):
    def run(self):
        self.rang = False
        self.medium.set_timer(3, self.ring)
        self.medium.send(Note(self.index, 1 - self.index))
        self.medium.wait_for_message()
        assert not self.rang or self.index

    def ring(self):
        self.rang = True
"""


def test_a_timer_may_ring_before_a_message_that_is_on_its_way(tmp_path):
    answer = ask_about(tmp_path, HASTY)
    assert answer.verdict == VIOLATED
    assert answer.counterexample.violation.reason == "device 0: AssertionError"


def test_timers_of_a_device_ring_in_their_order(tmp_path):
    source = """
class Program(Device):
    def run(self):
        self.rang = []
        for delay in (3, 1, 2):
            self.medium.set_timer(delay, lambda delay=delay: self.ring(delay))
        while len(self.rang) < 3:
            self.medium.wait_for_next_round()

    def ring(self, delay):
        self.rang.append(delay)
"""
    asked = "device[0].rang in ([], [1], [1, 2], [1, 2, 3])"
    assert ask_about(tmp_path, source, checks=(asked,), strategy="bfs").verdict == HOLDS


def test_threads_in_rounds_are_walked_only(tmp_path):
    assert ask_about(tmp_path, race(), kind="sync").verdict == VIOLATED
    answer = ask_about(tmp_path, race(), kind="sync", strategy="bfs")
    assert answer.because == [
        "device 0 starts a thread or sets a timer, in rounds: that is not explored"
    ]


CHOOSES = """
class Program(Device):
    def run(self):
        if self.index:
            self.medium.send(Note(self.index, 0, self.index))
            return
        first = self.medium.wait_for_message_from([2])
        assert first.text == 2
        assert self.medium.wait_for_message().text == 1
"""


def test_who_chooses_whose_messages_it_takes_is_walked_only(tmp_path):
    answer = ask_about(tmp_path, CHOOSES, 3)
    assert answer.verdict == UNKNOWN
    assert answer.because[0].startswith("device 0 chooses whose messages it takes")
    wrong = CHOOSES.replace("text == 1", "text == 2")
    assert ask_about(tmp_path, wrong, 3).verdict == VIOLATED
