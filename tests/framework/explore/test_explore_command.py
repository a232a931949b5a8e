"""`exercise_runner.py explore`: what is printed, what is saved, how it ends."""

import json

import pytest

from tests.framework.commands import FAILURES, command, refusal

MAEKAWA = ("--lecture", "4", "--algorithm", "Maekawa", "--devices", "2", "--entries", "1")


def test_a_property_that_holds_ends_with_status_0():
    done = command("explore", "--lecture", "4", "--algorithm", "TokenRing")
    assert done.status == 0
    assert "Answer: holds in every schedule" in done.out
    assert "145 states" in done.out


def test_a_violation_is_printed_with_its_run_and_ends_with_status_1():
    done = command("explore", *MAEKAWA)
    assert done.status == 1
    assert "Answer: violated: Somebody can always go on" in done.out
    assert "devices 0 and 1 wait for ever" in done.out
    assert "device 0 asks for the critical section" in done.out


def test_an_answer_as_json_is_nothing_but_json():
    done = command("explore", *MAEKAWA, "--json")
    answer = json.loads(done.out)
    assert answer["verdict"] == "violated"
    assert answer["counterexample"]["property"] == "deadlock"
    assert done.status == 1


def test_a_saved_run_is_replayed_event_for_event(tmp_path):
    file = tmp_path / "run.jsonl"
    command("explore", *MAEKAWA, "--save", file)
    done = command("--replay", file)
    assert "Send MutexMessage 0 -> 1: REQUEST" in done.out
    assert "departs" not in done.err


def test_a_saved_run_opens_in_steps_at_its_end(tmp_path):
    from emulators.runner import opened

    file = tmp_path / "run.jsonl"
    command("explore", *MAEKAWA, "--save", file)
    _, stepper = opened(file)
    last = stepper.last
    stepper.back()
    stepper.step()
    assert stepper.last.envelope.serial == last.envelope.serial
    stepper.close()


def test_an_unknown_strategy_is_refused_with_what_was_meant():
    assert "did you mean bfs?" in refusal("explore", *MAEKAWA, "--strategy", "bsf")


def test_what_belongs_to_a_run_is_refused(tmp_path):
    line = refusal("explore", *MAEKAWA, "--record", tmp_path / "run.jsonl")
    assert line == "--record is of a run, not of a search"


@pytest.mark.parametrize("algorithm", ["RunsAsCoroutine", "RunsAsGenerator"])
def test_a_run_that_would_never_begin_holds_nothing(algorithm):
    given = ("--exercises", FAILURES, "--lecture", 0, "--algorithm", algorithm)
    answer = command("explore", *given, "--devices", 2)
    assert answer.status == 1
    assert "run() has not begun, because it is a generator or a coroutine" in answer.out
