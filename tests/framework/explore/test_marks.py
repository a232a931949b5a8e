"""Goals, prunes and stages: where a search is to get, and from where it goes on."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import BOUNDED, HOLDS, REACHED, VIOLATED
from tests.framework.commands import command
from tests.framework.explore.asking import ask, ask_about

ALL_KNOW = "all(one.leader == 2 for one in devices)"


def test_a_goal_is_reached_by_a_shortest_run():
    answer = ask("ChangRoberts", goals=(ALL_KNOW,))
    assert answer.verdict == REACHED
    assert answer.counterexample.events == 11
    assert answer.counterexample.violation.sentence == f"{ALL_KNOW}."


def test_a_goal_that_no_schedule_reaches_is_said():
    answer = ask("ChangRoberts", goals=("device[0].leader == 1",))
    assert (answer.verdict, answer.because) == (HOLDS, ["never reached: device[0].leader == 1"])


def test_a_goal_may_be_a_function():
    def two_leaders(devices):
        """Two leaders are known."""
        return len({one._leader for one in devices} - {None}) > 1

    assert ask("ChangRoberts", goals=(two_leaders,)).because == [
        "never reached: Two leaders are known"
    ]


COUNTS = """
class Program(Device):
    def run(self):
        self.count = 0
        for self.count in range(1, 6):
            self.medium.send(Note(self.index, 1 - self.index))
            self.medium.wait_for_next_round()
"""
LATE = "device[0].count == 3"


def test_the_search_does_not_go_on_from_what_is_pruned(tmp_path):
    whole = ask_about(tmp_path, COUNTS, checks=("device[0].count < 5",))
    cut = ask_about(tmp_path, COUNTS, checks=("device[0].count < 5",), prunes=(LATE,))
    assert (whole.verdict, cut.verdict) == (VIOLATED, BOUNDED)
    assert cut.because == [f"not gone on from where {LATE}"]


def test_what_is_pruned_is_still_judged(tmp_path):
    answer = ask_about(tmp_path, COUNTS, checks=("device[0].count < 3",), prunes=(LATE,))
    assert answer.verdict == VIOLATED


def test_a_stage_leaves_other_states_behind(tmp_path):
    whole = ask_about(tmp_path, COUNTS, goals=("device[0].count == 5 and device[1].count == 5",))
    staged = ask_about(
        *(tmp_path, COUNTS),
        stages=(LATE, "device[1].count == 3"),
        goals=("device[0].count == 5 and device[1].count == 5",),
    )
    assert whole.verdict == staged.verdict == REACHED
    assert staged.states < whole.states


def test_a_stage_that_is_never_reached_is_said(tmp_path):
    answer = ask_about(tmp_path, COUNTS, stages=("device[0].count == 9",))
    assert answer.verdict == BOUNDED
    assert answer.because == ["the stage device[0].count == 9 was never reached"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_goals_and_stages_are_for_both_networks(kind):
    answer = ask("ChangRoberts", kind=kind, stages=("device[0].leader == 2",), goals=(ALL_KNOW,))
    assert answer.verdict == REACHED


def test_what_needs_all_states_is_refused_with_a_prune():
    with pytest.raises(UsageError, match="can_finish needs all states"):
        ask("ChangRoberts", checks=("can_finish",), prunes=(LATE,))


def test_walks_know_no_stages():
    with pytest.raises(UsageError, match="--prune and --stage need --strategy bfs, not pct"):
        ask("ChangRoberts", stages=(LATE,), strategy="pct")


def test_a_goal_that_is_reached_is_no_failure():
    done = command("explore", "--lecture", "4", "--algorithm", "ChangRoberts", "--goal", ALL_KNOW)
    assert done.status == 0
    assert f"Answer: reached: {ALL_KNOW}.\n" in done.out
