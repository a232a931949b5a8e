"""Counterexamples get short, and readable."""

from itertools import pairwise

import pytest

from tests.framework.explore.asking import ONCE, ask, ask_about

FOUR_SENDERS = """
class Program(Device):
    def run(self):
        if self.index:
            for number in range(3):
                self.medium.send(Note(self.index, 0, number))
            return
        for _ in range(4):
            self.medium.wait_for_message()
            note = self.medium.receive()
            assert note is None or note.text != 2 or note.source != 2
"""


def shortest(answer):
    return answer.counterexample.events


@pytest.mark.parametrize("strategy", ["dfs", "random", "pct"])
@pytest.mark.parametrize("algorithm", ["Maekawa"])
def test_what_a_walk_finds_becomes_nearly_as_short_as_the_shortest(strategy, algorithm):
    best = shortest(ask(algorithm, 2, bounds=ONCE))
    assert shortest(ask(algorithm, 2, bounds=ONCE, strategy=strategy)) <= best + 1


@pytest.mark.parametrize("strategy", ["dfs", "random", "pct"])
def test_what_does_not_matter_is_left_out(tmp_path, strategy):
    best = shortest(ask_about(tmp_path, FOUR_SENDERS, 4))
    assert shortest(ask_about(tmp_path, FOUR_SENDERS, 4, strategy=strategy)) <= best + 1


def test_the_events_of_one_device_stand_together(tmp_path):
    answer = ask_about(tmp_path, FOUR_SENDERS, 4)
    devices = [line.text.split()[1] for line in answer.counterexample.lines]
    changes = sum(one != other for one, other in pairwise(devices))
    assert changes <= 3
