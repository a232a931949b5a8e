"""What a scenario says may happen: the same in a search as in every single run."""

import pytest

from emulators.explore.answer import BOUNDED, HOLDS, VIOLATED
from emulators.explore.cells import Faults
from emulators.explore.scenario import understood
from emulators.network.byzantine import Liar
from emulators.network.scenario import Network
from tests.framework.commands import command
from tests.framework.explore.asking import ask, ask_about
from tests.framework.explore.plain import TooMany, network, outcomes_of_runs, outcomes_of_states
from tests.framework.explore.test_against_plain_search import Player, program


class Twofold(Liar):
    """Says something else now and then, or nothing."""

    def sends(self, message):
        said = self.choices.below(3)
        message.text = ("lie", said)
        return [message] * (said > 0)


class Impostor(Player):
    """Takes the place of a device."""

    plans = (["send", "send", "receive"],) * 3


SCENARIOS = [
    {"loss": 0.1},
    {"duplicate": 0.1},
    {"topology": "line"},
    {"fifo": True},
    {"link": [{"from": 0, "to": 1, "fifo": True}]},
    {"link": [{"from": 1, "loss": 0.5, "fifo": True}], "duplicate": 0.2},
    {"crash": [{"device": 0, "at": "3r"}]},
    {"partition": [{"groups": [[0], [1]], "start": "2r", "heal": "4r"}]},
    {"byzantine": [{"device": 0, "class": Twofold}]},
    {"byzantine": [{"device": 1, "class": Impostor}]},
    {"byzantine": [{"device": 0, "behaviour": "anything", "values": {"Note.text": [0, "x"]}}]},
    {"byzantine": [{"device": 0, "behaviour": "silent", "probability": 0.9}], "latency": "1r:9r"},
]


def compared(seed, given, most):
    """Compare one program in a scenario; return whether it was small enough."""
    devices = 2 + seed % 2
    kind = program(seed, devices, 3)
    scenario = understood(Network.parse(given), Faults(), devices, 1)
    asked = (kind, devices, scenario.faults, False)
    try:
        expected = outcomes_of_runs(*asked, most, scenario=scenario)
    except TooMany:
        return False
    for reduced, lazy in ((False, False), (True, False), (True, True)):
        made = network(*asked, reduced, lazy, scenario=scenario)
        found = outcomes_of_states(made)
        made.close()
        assert found == expected, (seed, kind.plans, given, reduced, lazy)
    return True


@pytest.mark.parametrize("given", SCENARIOS, ids=lambda given: "-".join(given))
def test_small_programs_come_out_as_in_every_single_run(given):
    assert sum(compared(seed, given, 150) for seed in range(8)) >= 1


def scenario(**given):
    return Network.parse(given)


def test_what_a_scenario_may_lose_may_be_lost_once():
    understanding = understood(scenario(loss=0.01), Faults(), 3, 1)
    assert understanding.faults == Faults(losses=1)
    assert understood(scenario(loss=0.01), Faults(losses=3), 3, 1).faults == Faults(losses=3)


def test_a_partition_loses_only_what_crosses_it():
    split = {"groups": [[0, 1], [2]], "start": "2r"}
    where = understood(Network.parse({"partition": [split]}), Faults(), 3, 1).where
    assert where.losses == ((0, 2), (1, 2), (2, 0), (2, 1))


def test_a_partition_that_holds_messages_only_delays():
    split = {"groups": "halves", "start": "2r", "heal": "5r", "hold": True}
    understanding = understood(Network.parse({"partition": [split]}), Faults(), 4, 1)
    assert understanding.faults == Faults()


def test_a_token_that_a_scenario_loses_is_gone():
    answer = ask("TokenRing", network=scenario(loss=0.1), checks=("can_finish",))
    assert answer.verdict == VIOLATED


def test_only_the_device_that_is_named_crashes():
    crash = Network.parse({"crash": [{"device": 1, "at": "5r"}]})
    answer = ask("Centralised", network=crash, checks=("can_finish",))
    assert answer.counterexample.lines[-1].text == "device 1 crashes"


def test_what_is_not_explored_is_said():
    crash = Network.parse({"crash": [{"device": 1, "at": "5r", "recovery": "2r"}]})
    answer = ask("ChangRoberts", network=crash, checks=("one_leader",))
    assert answer.verdict == BOUNDED
    (bound,) = answer.because
    assert bound == "a device that crashes does not come back here, as the scenario has it"


OVERTAKES = """
class Program(Device):
    def run(self):
        if self.index:
            self.medium.send(Note(1, 0, "first"))
            self.medium.send(Note(1, 0, "second"))
        else:
            assert self.medium.wait_for_message().text == "first"
"""


def test_the_order_of_a_channel_is_kept(tmp_path):
    ordered = Network.parse({"link": [{"from": 1, "to": 0, "fifo": True}]})
    other = Network.parse({"link": [{"from": 0, "to": 1, "fifo": True}]})
    assert ask_about(tmp_path, OVERTAKES, network=ordered).verdict == HOLDS
    assert ask_about(tmp_path, OVERTAKES, network=other).verdict == VIOLATED


def test_the_network_of_a_lecture_is_respected():
    answer = ask("Bank", 4, 13, states=2000)
    assert answer.verdict == BOUNDED


def test_a_run_that_a_scenario_violates_is_saved_and_replayed(tmp_path):
    file = tmp_path / "run.jsonl"
    asked = ("--lecture", "4", "--algorithm", "TokenRing", "--duplicate", "0.1", "--check")
    done = command("explore", *asked, "mutual_exclusion", "--save", file)
    assert done.status == 1
    again = command("--replay", file)
    assert "departs" not in again.err
    assert "critical section at the same time" in again.out + again.err
