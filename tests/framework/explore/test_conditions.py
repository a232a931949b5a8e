"""Conditions over devices as invariants: asked in every state, in no other."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import HOLDS, UNKNOWN, VIOLATED
from tests.framework.commands import command, refusal
from tests.framework.explore.asking import CRASH, ask, ask_about
from tests.framework.explore.plain import TooMany, network, outcomes_of_runs, reachable
from tests.framework.explore.test_against_plain_search import FAULTS, program

SAME = "device[1].leader == device[2].leader"


def seen_of(devices):
    return tuple((one.index, tuple(getattr(one, "got", ()))) for one in devices)


def compared(seed, most):
    """Compare what an invariant sees in a search with what it sees in every single run."""
    kind, faults, fifo = program(seed, 2 + seed % 2, 3), FAULTS[seed % 4], seed % 3 == 0
    expected = set()
    try:
        outcomes_of_runs(
            *(kind, 2 + seed % 2, faults, fifo, most),
            look=lambda devices: expected.add(seen_of(devices)),
        )
    except TooMany:
        return False
    for reduced, lazy in ((False, False), (True, False), (True, True)):
        found = set()

        def look(devices, found=found):
            found.add(seen_of(devices))
            return True

        made = network(kind, 2 + seed % 2, faults, fifo, reduced, lazy, look)
        reachable(made)
        made.close()
        assert found == expected, (seed, kind.plans, faults, fifo, reduced, lazy)
    return True


@pytest.mark.parametrize("block", range(4))
def test_an_invariant_sees_what_it_would_see_in_every_single_run(block):
    assert sum(compared(seed, 150) for seed in range(block * 8, block * 8 + 8)) >= 2


def test_a_condition_that_is_broken_comes_with_its_run_and_the_values():
    answer = ask("ChangRoberts", checks=(SAME,))
    assert answer.verdict == VIOLATED
    violation = answer.counterexample.violation
    assert violation.sentence == f"In every state: {SAME}."
    assert violation.reason == "device 1 has leader None; device 2 has leader 2"
    assert answer.counterexample.lines[-1].text == "device 2 sends Vote 2 -> 0: leader 2"


def test_a_condition_that_always_holds_holds_in_every_schedule():
    answer = ask(
        "ChangRoberts", checks=("all(one.leader == 2 or not one.leader for one in devices)",)
    )
    assert answer.verdict == HOLDS


def test_an_invariant_may_be_a_function():
    def one_leader(devices):
        """All who know a leader know the same one."""
        return len({one._leader for one in devices} - {None}) <= 1

    answer = ask("ChangRoberts", invariants=(one_leader,))
    assert (answer.verdict, answer.asked[0]) == (HOLDS, "All who know a leader know the same one")


def test_a_walk_finds_a_broken_condition_too():
    assert ask("ChangRoberts", checks=(SAME,), strategy="random").verdict == VIOLATED


HASTY = """
class Program(Device):
    def run(self):
        self.value = 0
        self.medium.send(Note(self.index, 1 - self.index, 5))
        self.value = self.medium.wait_for_message().text
        self.value = 7
        self.medium.wait_for_next_round()
"""


def test_what_changes_between_two_waits_is_no_state(tmp_path):
    assert ask_about(tmp_path, HASTY, checks=("device[0].value != 5",)).verdict == HOLDS
    assert ask_about(tmp_path, HASTY, checks=("device[0].value != 7",)).verdict == VIOLATED


def test_what_is_not_there_yet_breaks_nothing(tmp_path):
    answer = ask_about(tmp_path, HASTY, checks=("device[1].value >= 0", "devices[0].value < 9"))
    assert answer.verdict == HOLDS


def test_a_device_that_has_crashed_is_not_asked(tmp_path):
    condition = "device[0].value + device[1].value < 14"
    alive = ask_about(tmp_path, HASTY, checks=("len(devices) == 2",), faults=CRASH)
    assert alive.verdict == VIOLATED
    assert ask_about(tmp_path, HASTY, checks=(condition,), faults=CRASH).verdict == VIOLATED


def test_an_attribute_that_nothing_ever_has_is_said(tmp_path):
    answer = ask_about(tmp_path, HASTY, checks=("device[0].valeu < 9",))
    assert answer.verdict == UNKNOWN
    assert answer.because[0].endswith("had an attribute 'valeu' (did you mean value?)")


def test_what_devices_share_cannot_be_asked_for(tmp_path):
    source = """
class Program(Device):
    turn = 0
    def run(self):
        Program.turn = self.index + 1
        self.medium.wait_for_next_round()
"""
    answer = ask_about(tmp_path, source, checks=("device[0].turn < 3",))
    assert answer.because == ["devices share turn, which 'device[0].turn < 3' may look at"]


def test_a_device_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="there is no device 7; there are 0 to 2"):
        ask("ChangRoberts", checks=("device[7].leader == 1",))


def test_the_command_takes_conditions_beside_names():
    asked = ("explore", "--lecture", "4", "--algorithm", "ChangRoberts")
    done = command(
        *asked, "--check", "leader_known,one_leader", "--check", "max(0, 1) < len(devices)"
    )
    assert "Asked: leader_known, one_leader, max(0, 1) < len(devices), no_failure" in done.out
    assert done.status == 0


def test_a_condition_that_is_none_is_refused_before_anything_is_searched():
    line = refusal(
        "explore", "--lecture", "4", "--algorithm", "TokenRing", "--check", "device[0]=1"
    )
    assert line.endswith("(to compare, write ==, >= or <=)")
