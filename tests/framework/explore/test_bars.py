"""What is right holds: the programs that the course is about. Mistakes: test_planted.py."""

import pytest

from emulators.explore.answer import HOLDS, VIOLATED
from emulators.explore.cells import Faults
from emulators.untimed import Bounds
from tests.framework.explore.asking import ask
from tests.framework.explore.programs import mutant, paxos, template

MUTANTS = [
    ("answers_while_inside", "RicartAgrawala", 2, ()),
    ("tie_break_by_stamp_only", "RicartAgrawala", 2, ()),
    ("tie_break_with_equals", "RicartAgrawala", 2, ()),
    ("coordinator_forgets_who_is_inside", "Centralised", 3, ()),
    ("token_counts_nothing", "SuzukiKasami", 2, ()),
    ("voting_set_without_column", "Maekawa", 3, ("mutual_exclusion",)),
    ("largest_is_dropped", "ChangRoberts", 3, ("leader_known", "largest_leads")),
]


@pytest.mark.parametrize(("name", "algorithm", "devices", "checks"), MUTANTS, ids=lambda one: one)
def test_a_mutant_of_lecture_4_is_found(tmp_path, name, algorithm, devices, checks):
    folder = mutant(tmp_path, 4, name)
    answer = ask(algorithm, devices, exercises=folder, checks=checks, seconds=60)
    assert answer.verdict == VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("numbers_are_not_unique", ("own_numbers",)),
    ],
    ids=str,
)
def test_a_mutant_of_paxos_is_found_by_walks(tmp_path, name, checks):
    folder = mutant(tmp_path, 6, name)
    answer = ask(
        "PAXOS",
        lecture=6,
        exercises=folder,
        checks=checks,
        settings={"NUMBER_OF_VALUES": 2},
        strategy="random",
        seconds=60,
    )
    assert answer.verdict == VIOLATED


def about_paxos(folder, **asked):
    return ask("OneShot", 5, 6, paxos(folder), checks=("agreement",), seconds=240, **asked)


@pytest.mark.slow
def test_one_shot_paxos_holds_in_every_schedule(tmp_path):
    answer = about_paxos(tmp_path, strategy="bfs")
    assert (answer.verdict, answer.states) == (HOLDS, 94_347)


@pytest.mark.slow
def test_one_shot_paxos_holds_when_any_device_crashes(tmp_path):
    assert about_paxos(tmp_path, faults=Faults(crashes=1), strategy="bfs").verdict == HOLDS


@pytest.mark.slow
def test_one_shot_paxos_holds_without_any_reduction(tmp_path):
    answer = about_paxos(tmp_path, reduced=False, strategy="bfs")
    assert (answer.verdict, answer.states) == (HOLDS, 650_636)


@pytest.mark.slow
def test_requests_out_of_order_are_found_where_grants_carry_no_number(tmp_path):
    sent = "StampedMessage(self.index, destination, Type.GRANT, self._time)"
    folder = template(tmp_path, 4, (sent, sent.replace("self._time", "0")))
    answer = ask(
        "RicartAgrawala", exercises=folder, checks=("entry_order",), strategy="random", seconds=60
    )
    assert answer.counterexample.violation.property == "entry_order"


@pytest.mark.parametrize(
    ("algorithm", "devices", "bounds", "checks"),
    [
        ("RicartAgrawala", 2, Bounds(2), ()),
        ("Centralised", 3, Bounds(2), ()),
        ("TokenRing", 3, Bounds(2), ()),
        ("ChangRoberts", 5, Bounds(), ("termination", "largest_leads")),
        ("Bully", 3, Bounds(), ("termination",)),
    ],
    ids=str,
)
def test_what_is_right_holds_in_every_schedule(algorithm, devices, bounds, checks):
    answer = ask(algorithm, devices, bounds=bounds, checks=checks, seconds=60)
    assert (answer.verdict, answer.because) == (HOLDS, [])


def test_four_bullies_elect_one_where_they_wait_for_a_moment():
    settings = {"ANSWER_ROUNDS": 1}  # a search knows no time: longer is no different
    answer = ask("Bully", 4, settings=settings, checks=("termination",), strategy="bfs")
    assert (answer.verdict, answer.because) == (HOLDS, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("algorithm", "devices", "bounds", "checks"),
    [
        ("SuzukiKasami", 3, Bounds(2), ()),
        ("RicartAgrawala", 3, Bounds(2), ()),
        ("Maekawa", 4, Bounds(1), ("mutual_exclusion",)),
    ],
    ids=str,
)
def test_larger_programs_hold_in_every_schedule(algorithm, devices, bounds, checks):
    asked = {"bounds": bounds, "checks": checks, "strategy": "bfs", "seconds": 120}
    assert ask(algorithm, devices, **asked).verdict == HOLDS
