"""Planted mistakes are found, and what is right holds: the programs that the course is about."""

import pytest

from emulators.explore.answer import HOLDS, VIOLATED
from emulators.explore.cells import Faults
from emulators.untimed import Bounds
from tests.framework.explore.asking import ONCE, ask
from tests.framework.explore.programs import mutant, paxos, talkers, template

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
        ("accepts_below_its_promise", ("one_value_chosen",)),
        ("promises_everything", ("one_value_chosen",)),
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


FORGETS = (
    """        if newest.prev_uid >= 0:
            self._preference = newest.prev_value
""",
    "",
)
HALF = ("return acceptors // 2 + 1", "return (acceptors + 1) // 2")


def about_paxos(folder, *edits, devices=5, **asked):
    return ask(
        "OneShot", devices, 6, paxos(folder, *edits), checks=("agreement",), seconds=60, **asked
    )


def test_paxos_that_forgets_the_accepted_value_is_found(tmp_path):
    answer = about_paxos(tmp_path, FORGETS)
    assert answer.verdict == VIOLATED
    assert answer.counterexample.events <= 36


def test_paxos_with_half_of_four_acceptors_is_found_by_walks(tmp_path):
    answer = about_paxos(tmp_path, HALF, devices=6, strategy="random")
    assert answer.counterexample.violation.property == "agreement"


@pytest.mark.slow
def test_paxos_with_half_of_four_acceptors_is_found_breadth_first(tmp_path):
    assert about_paxos(tmp_path, HALF, devices=6).verdict == VIOLATED


@pytest.mark.slow
def test_one_shot_paxos_holds_in_every_schedule(tmp_path):
    answer = about_paxos(tmp_path)
    assert (answer.verdict, answer.states) == (HOLDS, 94_347)


@pytest.mark.slow
def test_one_shot_paxos_holds_when_any_device_crashes(tmp_path):
    assert about_paxos(tmp_path, faults=Faults(crashes=1)).verdict == HOLDS


@pytest.mark.slow
def test_one_shot_paxos_holds_without_any_reduction(tmp_path):
    answer = about_paxos(tmp_path, reduced=False)
    assert (answer.verdict, answer.states) == (HOLDS, 650_636)


def test_suzuki_and_kasami_that_serve_old_requests_are_found(tmp_path):
    old = "return self._rn[other] == self._token.ln()[other] + 1"
    folder = template(tmp_path, 4, (old, "return True"))
    assert ask("SuzukiKasami", exercises=folder, bounds=ONCE).verdict == VIOLATED


@pytest.mark.slow
def test_requests_out_of_order_are_found_where_grants_carry_no_number(tmp_path):
    sent = "StampedMessage(self.index, destination, Type.GRANT, self._time)"
    folder = template(tmp_path, 4, (sent, sent.replace("self._time", "0")))
    answer = ask(
        "RicartAgrawala", exercises=folder, checks=("entry_order",), strategy="random", seconds=60
    )
    assert answer.counterexample.violation.property == "entry_order"


def test_the_deadlock_of_maekawa_shows_with_two_devices():
    assert ask("Maekawa", 2, bounds=ONCE).verdict == VIOLATED


def test_a_total_order_that_loses_fifo_is_found(tmp_path):
    answer = ask(
        "TalkingTOSEQ",
        2,
        5,
        talkers(tmp_path),
        checks=("fifo",),
        settings={"CONTENTS": 2},
        seconds=60,
    )
    assert answer.counterexample.violation.property == "fifo"


def test_isis_without_a_rule_for_ties_is_found(tmp_path):
    answer = ask("TalkingISIS", 2, 5, talkers(tmp_path), checks=("total_order",), seconds=60)
    assert answer.counterexample.violation.property == "total_order"


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("algorithm", "bounds"), [("SuzukiKasami", Bounds(2)), ("RicartAgrawala", Bounds(1))], ids=str
)
def test_three_devices_hold_in_every_schedule(algorithm, bounds):
    assert ask(algorithm, bounds=bounds, seconds=120).verdict == HOLDS
