"""Synchronous networks: the searched states against every schedule of rounds, and the answers."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import HOLDS, UNKNOWN, VIOLATED
from emulators.explore.cells import Faults
from emulators.explore.scenario import understood
from emulators.network.scenario import Network
from tests.framework.commands import command
from tests.framework.explore.asking import LOSS, ONCE, ask, ask_about
from tests.framework.explore.plain import (
    TooMany,
    lockstep,
    outcomes_in_rounds,
    outcomes_of_states,
)
from tests.framework.explore.test_against_plain_search import program
from tests.framework.explore.test_scenarios import Twofold


def compared(seed, most, devices=3, given=None):
    """Compare one program; return whether it was small enough."""
    kind, fifo = program(seed, devices, 5), seed % 3 == 0
    scenario = understood(Network.parse(given), Faults(), devices, 1) if given else None
    try:
        expected = outcomes_in_rounds(kind, devices, fifo, most, scenario)
    except TooMany:
        return False
    made = lockstep(kind, devices, fifo, scenario)
    found = outcomes_of_states(made)
    made.close()
    assert found == expected, (seed, kind.plans, fifo)
    return True


@pytest.mark.parametrize("block", range(4))
def test_small_programs_come_out_as_in_every_single_run(block):
    assert sum(compared(seed, 300) for seed in range(block * 25, block * 25 + 25)) >= 15


def test_liars_come_out_as_in_every_single_run():
    lying = {"byzantine": [{"device": 0, "class": Twofold}], "topology": "ring"}
    assert sum(compared(seed, 300, 2, lying) for seed in range(30)) >= 10


@pytest.mark.parametrize("algorithm", ["Centralised", "TokenRing"])
def test_an_algorithm_that_is_right_holds_in_every_schedule(algorithm):
    checks = ("mutual_exclusion", "can_finish", "deadlock")
    assert ask(algorithm, kind="sync", checks=checks, bounds=ONCE).verdict == HOLDS


@pytest.mark.parametrize("strategy", ["bfs", "dfs", "random"])
def test_the_deadlock_of_maekawa_shows_in_rounds(strategy):
    answer = ask("Maekawa", 2, kind="sync", bounds=ONCE, strategy=strategy)
    assert answer.counterexample.violation.reason == (
        "devices 0 and 1 wait for ever, and nothing can come"
    )


ORDER = """
class Program(Device):
    def run(self):
        self.medium.send(Note(self.index, 0, self.index))
        self.medium.wait_for_next_round()
        if self.index == 0:
            notes = [note.text for note in self.medium.receive_all()]
            assert notes != [2, 0, 1], random.randrange(3) != 1
"""


def test_an_order_within_a_round_and_a_draw_are_found_and_played(tmp_path):
    answer = ask_about(tmp_path, ORDER, 3, kind="sync")
    assert answer.counterexample.violation.reason == "device 0: AssertionError: True"


BY_ROUNDS = """
class Program(Device):
    def run(self):
        self.round = 0
        for _ in range(4):
            self.medium.wait_for_next_round()
            self.round = self.medium.now
        self.medium.wait_for_message(3)
        assert self.medium.now == 8
"""


def test_devices_are_in_the_same_round(tmp_path):
    same = "device[0].round == device[1].round"
    assert ask_about(tmp_path, BY_ROUNDS, kind="sync", checks=(same,)).verdict == HOLDS
    assert ask_about(tmp_path, BY_ROUNDS, kind="async", checks=(same,)).verdict == VIOLATED


def test_a_condition_is_asked_at_every_round(tmp_path):
    answer = ask_about(tmp_path, BY_ROUNDS, kind="sync", checks=("device[1].round < 4",))
    assert answer.counterexample.violation.reason == "device 1 has round 4"


@pytest.mark.parametrize("step", ["pass", "self.tries = getattr(self, 'tries', 0) + 1"])
def test_a_device_that_polls_for_ever_within_a_round_is_named(tmp_path, step):
    source = f"""
class Program(Device):
    def run(self):
        while self.medium.receive() is None:
            {step}
"""
    answer = ask_about(tmp_path, source, kind="sync")
    assert answer.verdict == UNKNOWN
    assert answer.because[0].startswith("device 0 goes on for ever without waiting for a round")


def test_faults_are_refused_in_rounds():
    with pytest.raises(UsageError, match="not explored in rounds: leave out --type sync"):
        ask("TokenRing", kind="sync", faults=LOSS)


def test_what_a_scenario_loses_is_said_to_be_left_out():
    answer = ask("TokenRing", 2, kind="sync", network=Network.parse({"loss": 0.1}))
    (bound,) = answer.because
    assert bound == "what the scenario loses, doubles or crashes is not explored in rounds"


def test_a_run_in_rounds_is_saved_and_replayed(tmp_path):
    file = tmp_path / "run.jsonl"
    asked = ("--lecture", "4", "--algorithm", "Maekawa", "--devices", "2", "--entries", "1")
    done = command("explore", *asked, "--type", "sync", "--save", file)
    assert done.out.startswith("Exploring Lecture 4 Algorithm Maekawa with 2 devices in rounds\n")
    again = command("--replay", file)
    assert "network of type [sync]" in again.out
    assert "departs" not in again.err
