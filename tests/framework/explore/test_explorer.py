"""Answers about the algorithms of lecture 4, and about small programs."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import BOUNDED, HOLDS, UNKNOWN, UNVIOLATED, VIOLATED
from emulators.untimed import Bounds
from tests.framework.explore.asking import ONCE, ask, ask_about

STRATEGIES = ("bfs", "dfs", "random", "pct")


@pytest.mark.parametrize("algorithm", ["Centralised", "TokenRing"])
def test_an_algorithm_that_is_right_holds_in_every_schedule(algorithm):
    answer = ask(algorithm)
    assert (answer.verdict, answer.because) == (HOLDS, [])
    assert answer.states > 100


def test_suzuki_and_kasami_hold_with_one_entry_each():
    assert ask("SuzukiKasami", bounds=ONCE).verdict == HOLDS


def test_an_election_comes_to_its_end_in_every_schedule():
    assert ask("ChangRoberts", checks=("termination",)).verdict == HOLDS


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_finds_the_deadlock_of_maekawa(strategy):
    answer = ask("Maekawa", 2, bounds=ONCE, strategy=strategy)
    assert answer.verdict == VIOLATED
    assert answer.counterexample.violation.reason == (
        "devices 0 and 1 wait for ever, and nothing can come"
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_deterministic_for_a_seed(strategy):
    answers = [ask("Maekawa", 2, bounds=ONCE, strategy=strategy, seed=4) for _ in range(2)]
    assert len({(one.states, one.moves, one.counterexample.steps) for one in answers}) == 1


def test_a_search_without_a_memory_never_says_that_something_holds():
    answer = ask("TokenRing", strategy="random", seconds=0.2)
    assert answer.verdict == UNVIOLATED
    assert answer.walks > 1


def test_a_search_that_is_stopped_says_how_far_it_came():
    answer = ask("Centralised", depth=5)
    assert (answer.verdict, answer.because) == (
        BOUNDED,
        ["stopped at --depth: all schedules of 5 moves"],
    )


BOTH_ENTER = """
class Program(WorkerDevice):
    def run(self):
        while True:
            if self.has_work:
                self.do_work()
            self.medium.wait_for_next_round()
"""


def test_two_devices_inside_are_found_without_asking(tmp_path):
    answer = ask_about(tmp_path, BOTH_ENTER)
    violation = answer.counterexample.violation
    assert violation.reason.startswith("devices 0 and 1 are in the critical section")
    assert [line.text for line in answer.counterexample.lines if "enters" in line.text] == [
        "device 0 enters the critical section",
        "device 1 enters the critical section",
    ]


def test_an_event_names_the_line_of_the_student(tmp_path):
    lines = ask_about(tmp_path, BOTH_ENTER).counterexample.lines
    assert {line.place.source for line in lines} == {"if self.has_work:", "self.do_work()"}


RARE_FAILURE = """
class Program(Device):
    def run(self):
        if self.index:
            self.medium.send(Note(self.index, 0, self.index))
            return
        order = [self.medium.wait_for_message().text for _ in range(self.number_of_devices - 1)]
        assert order != [3, 2, 1], order
"""


def test_an_exception_in_one_schedule_of_many_is_found(tmp_path):
    answer = ask_about(tmp_path, RARE_FAILURE, 4)
    assert answer.verdict == VIOLATED
    assert answer.counterexample.violation.reason == "device 0: AssertionError: [3, 2, 1]"


def test_a_draw_is_a_part_of_the_schedule(tmp_path):
    source = """
class Program(Device):
    def run(self):
        dice = [random.randrange(3) for _ in range(3)]
        assert dice != [2, 0, 1]
"""
    assert ask_about(tmp_path, source).verdict == VIOLATED


def test_of_a_draw_with_many_alternatives_a_few_are_taken_and_it_is_said(tmp_path):
    source = """
class Program(Device):
    def run(self):
        self.value = random.randrange(1000)
"""
    answer = ask_about(tmp_path, source)
    assert answer.verdict == BOUNDED
    assert answer.because == [
        "of draws with more than 4 alternatives only 4 were taken, the first ones and the last"
    ]


def test_hidden_nondeterminism_is_reported_and_not_searched_over(tmp_path):
    source = """
import os

class Program(Device):
    def run(self):
        while True:
            self.secret = os.urandom(4)
            self.medium.receive()
            self.medium.send(Note(self.index, 1 - self.index))
            self.medium.wait_for_next_round()
"""
    answer = ask_about(tmp_path, source, states=20_000)
    assert answer.verdict == UNKNOWN
    assert "is not the same" in answer.because[0] or "once more" in answer.because[0]


def test_a_list_that_devices_share_is_named(tmp_path):
    source = """
everybody = []

class Program(Device):
    def run(self):
        everybody.append(self.index)
"""
    answer = ask_about(tmp_path, source)
    assert (answer.verdict, answer.because) == (
        UNKNOWN,
        ["devices share exercises.demo.everybody, which devices change"],
    )


def test_a_variable_that_devices_share_is_a_part_of_the_state(tmp_path):
    source = """
class Program(Device):
    turn = 0
    def run(self):
        seen = Program.turn
        self.medium.wait_for_next_round()
        Program.turn = seen + 1
        self.medium.wait_for_next_round()
        assert self.index == 0 or Program.turn > 1, "an update was lost"
"""
    answer = ask_about(tmp_path, source)
    assert answer.counterexample.violation.reason.endswith("an update was lost")


def test_a_program_that_counts_without_end_is_bounded(tmp_path):
    source = """
class Program(Device):
    def run(self):
        self.count = 0
        while True:
            self.count += 1
            self.medium.send(Note(self.index, 1 - self.index, self.count))
            self.medium.receive()
            self.medium.wait_for_next_round()
"""
    assert ask_about(tmp_path, source, depth=4).verdict == BOUNDED


def test_a_property_that_is_not_known_is_refused_with_what_was_meant():
    with pytest.raises(UsageError, match="did you mean deadlock"):
        ask("TokenRing", checks=("deadlok",))


def test_a_property_may_judge_where_everything_comes_to_rest():
    answer = ask("ChangRoberts", checks=("leader_known", "one_leader", "largest_leads"))
    assert answer.verdict == HOLDS
    assert answer.asked == ["leader_known", "one_leader", "largest_leads", "no_failure"]


def test_bully_may_have_two_leaders_when_time_means_nothing():
    answer = ask("Bully", 3, checks=("one_leader",), settings={"ANSWER_ROUNDS": 2})
    assert answer.verdict == VIOLATED
    assert answer.counterexample.violation.property == "one_leader"


def test_workers_have_as_much_work_as_is_asked_for():
    few, many = (ask("TokenRing", bounds=Bounds(work=work)).states for work in (1, 3))
    assert few < many


def test_a_device_that_waits_in_a_circle_for_its_dice_can_be_left_there(tmp_path):
    source = """
class Program(Device):
    def run(self):
        while random.randrange(2):
            self.medium.wait_for_next_round()
        self.medium.send(Note(self.index, 1 - self.index))
        self.got = self.medium.wait_for_message()
"""
    answer = ask_about(tmp_path, source)
    assert (answer.verdict, answer.because) == (HOLDS, [])


def test_draws_stand_where_the_run_has_them_also_when_a_property_looks_on():
    answer = ask("Maekawa", 2, bounds=ONCE, checks=("fairness", "mutual_exclusion", "deadlock"))
    assert answer.counterexample.violation.property == "deadlock"


def test_equal_tuples_are_the_same_wherever_they_come_from(tmp_path):
    source = """
class Program(Device):
    def run(self):
        self.mine = (self.index, "mine")
        self.seen = {}
        self.medium.send(Note(self.index, self.index, self.mine))
        for _ in range(4):
            for note in self.medium.receive_all():
                self.seen[note.text] = (note.text, self.mine)
            self.medium.send(Note(self.index, 1 - self.index, self.mine))
            self.medium.wait_for_next_round()
"""
    answer = ask_about(tmp_path, source, states=3000)
    assert answer.verdict in (HOLDS, BOUNDED)
