"""Devices that may say anything: what that may be, and what an algorithm makes of it."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import BOUNDED, HOLDS, VIOLATED
from emulators.explore.lies import liars
from emulators.grading.mutants import SOLUTIONS
from emulators.runner import EXERCISES, RunConfig
from tests.framework.commands import command
from tests.framework.explore.asking import ask, ask_about

TWO_VALUES = {"NUMBER_OF_VALUES": 2}
AGREEMENT = ("agreement", "byzantine_integrity")


def ask_king(devices, **asked):
    return ask(
        *("King", devices, 6),
        exercises=SOLUTIONS,
        settings=TWO_VALUES,
        kind="sync",
        byzantine=(devices - 1,),
        checks=AGREEMENT,
        **asked,
    )


@pytest.mark.slow
def test_four_devices_of_which_one_lies_are_too_few_for_a_king():
    answer = ask_king(4)
    assert answer.counterexample.violation.property == "agreement"
    assert "device 3" not in answer.counterexample.violation.reason


def test_five_devices_of_which_one_lies_agree_as_far_as_they_are_followed():
    answer = ask_king(5, states=1000)
    assert answer.verdict == BOUNDED
    assert answer.because[-1] == (
        "of what device 4 may say, values that honest devices were seen to send, and nothing"
    )


TELLS = """
class Program(Device):
    def run(self):
        if self.index == 0:
            for other in (1, 2):
                self.medium.send(Note(0, other, random.randrange(2)))
        else:
            self.heard = self.medium.wait_for_message().text
            self.medium.send(Note(self.index, 3 - self.index, self.heard))
            assert self.medium.wait_for_message() is not None
"""


def test_what_is_not_said_is_missed(tmp_path):
    assert ask_about(tmp_path, TELLS, 3).verdict == HOLDS
    answer = ask_about(tmp_path, TELLS, 3, byzantine=(0,))
    assert answer.counterexample.violation.property == "deadlock"


SAME = """
class Program(Device):
    def run(self):
        if self.index == 0:
            for other in (1, 2):
                self.medium.send(Note(0, other, "yes" if self.number_of_devices else "no"))
        elif self.index == 1:
            assert self.medium.wait_for_message().text == "yes"
"""


def test_only_values_that_were_seen_are_said(tmp_path):
    answer = ask_about(tmp_path, SAME, 3, byzantine=(0,), checks=("len(devices) == 3",))
    assert answer.verdict == BOUNDED


def test_a_value_that_another_device_sends_may_be_said(tmp_path):
    source = SAME + '            self.medium.send(Note(1, 2, "no"))\n'
    answer = ask_about(tmp_path, source, 3, byzantine=(0,), checks=("len(devices) == 3",))
    assert answer.counterexample.violation.reason == "device 1: AssertionError"


def test_values_are_those_of_honest_runs():
    config = liars(RunConfig(6, "King", "sync", 4, 1, SOLUTIONS, settings=TWO_VALUES), (2,))
    (lying,) = config.network.byzantine
    assert (lying.device, lying.behaviour) == (2, "anything")
    assert {name: sorted(known) for name, known in lying.values} == {"Propose._value": [0, 1]}


def test_a_device_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="--byzantine: there is no device 5; there are 0 to 2"):
        liars(RunConfig(4, "TokenRing", "sync", 3, 1, EXERCISES), (5,))
    done = command("explore", "--lecture", "4", "--algorithm", "TokenRing", "--byzantine", "one")
    assert "'one' names no devices, as in 0,2" in done.err


def test_a_run_with_a_liar_is_saved_and_replayed(tmp_path):
    file = tmp_path / "run.jsonl"
    asked = ("--lecture", "4", "--algorithm", "TokenRing", "--byzantine", "0")
    done = command("explore", *asked, "--check", "can_finish", "--save", file)
    assert done.status == 1
    assert "departs" not in command("--replay", file).err
    assert VIOLATED in done.out
