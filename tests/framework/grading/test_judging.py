"""Verdicts: each outcome for its cause, each cause once, and nobody blamed for what is ours."""

import pytest

from emulators.check.property import Property
from emulators.errors import Unresponsive
from emulators.grading import case
from emulators.grading.case import cases_of
from emulators.grading.verdict import Outcome
from tests.framework.grading.submitting import CASES, handed_in, verdicts


def outcomes(submission, cases=CASES):
    return [str(one.outcome) for one in verdicts(submission, cases)]


def test_a_right_submission_passes(tmp_path):
    assert outcomes(handed_in(tmp_path)) == ["passed", "passed"]


def test_a_wrong_one_fails_in_the_words_of_the_judgement(tmp_path):
    first, second = verdicts(handed_in(tmp_path, says="self.index"))
    assert first.outcome is Outcome.FAILED
    assert first.expected == "All devices say the same."
    assert first.happened == "the devices say 0 and 1"
    assert first.hint == "what do they know of each other?"
    assert (first.points, second.points) == (0, 0)


def test_what_needs_a_failed_case_is_not_judged(tmp_path):
    _, second = verdicts(handed_in(tmp_path, says="self.index"))
    assert second.outcome is Outcome.COULD_NOT_RUN
    assert second.happened == "it needs “All devices say the same thing.”: failed"


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("todo('say it')", "say it (demo.py, line 11)"),
        ("raise NotImplementedError", "NotImplementedError ("),
    ],
    ids=["todo", "raise"],
)
def test_what_is_still_open_is_not_yet_implemented(then, words, tmp_path):
    for verdict in verdicts(handed_in(tmp_path, then)):
        assert verdict.outcome is Outcome.NOT_YET_IMPLEMENTED
        assert verdict.happened.startswith(words)
        assert verdict.happened.count(words) == 1


def test_an_empty_run_is_not_yet_implemented(tmp_path):
    source = "class PingPong(Device):\n    def run(self):\n        pass\n"
    first, _ = verdicts(handed_in(tmp_path, source=source))
    assert first.outcome is not Outcome.FAILED


def test_a_missing_class_is_not_yet_implemented_with_what_was_probably_meant(tmp_path):
    source = "class PingPonk(Device):\n    def run(self):\n        print()\n"
    first, _ = verdicts(handed_in(tmp_path, source=source))
    assert first.outcome is Outcome.NOT_YET_IMPLEMENTED
    assert "did you mean PingPonk?" in first.happened


def test_a_class_that_no_star_import_brings_is_not_yet_implemented(tmp_path):
    first, _ = verdicts(handed_in(tmp_path, source="from exercises.exercise1 import *\n"))
    assert first.outcome is Outcome.NOT_YET_IMPLEMENTED
    assert first.happened.startswith("demo.py has no class PingPong")


def test_a_class_of_another_name_is_judged_in_its_place(tmp_path):
    source = (
        "class Mine(Device):\n    def run(self):\n        print()\n    def print_result(self):\n"
    )
    submission = handed_in(tmp_path, source=f"{source}        print(7)\n")
    assert outcomes(submission.named({"PingPong": "Mine"})) == ["passed", "passed"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("class PingPong(Device:\n", "line 6"),
        ("import nothing_like_it\n\nclass PingPong(Device):\n    pass\n", "cannot be loaded"),
        ("raise SystemExit\n\nclass PingPong(Device):\n    pass\n", "SystemExit"),
    ],
    ids=["syntax", "import", "exit"],
)
def test_a_file_that_does_not_load_could_not_run(source, words, tmp_path):
    for verdict in verdicts(handed_in(tmp_path, source=source)):
        assert verdict.outcome is Outcome.COULD_NOT_RUN
    assert words in verdicts(handed_in(tmp_path, source=source))[0].happened


def test_a_missing_file_could_not_run(tmp_path):
    submission = handed_in(tmp_path)
    (tmp_path / "demo.py").unlink()
    assert outcomes(submission) == ["could not run"] * 2


def test_an_exception_of_the_submission_is_its_failure(tmp_path):
    first, _ = verdicts(handed_in(tmp_path, "{}[self.index]"))
    assert first.outcome is Outcome.FAILED
    assert "KeyError: 1, at " in first.happened


def test_an_endless_loop_fails_after_few_runs(tmp_path):
    first, _ = verdicts(handed_in(tmp_path, "while True: pass", seeds=50))
    assert first.outcome is Outcome.FAILED
    assert "an endless loop?" in first.happened


def test_devices_that_wait_for_ever_may_be_right(tmp_path):
    then = "self.medium.receive_all(); self.medium.wait_for_message()"
    assert outcomes(handed_in(tmp_path, then)) == ["passed", "passed"]


class Broken(Property):
    """A property with a fault."""

    def on_send(self, event):
        return event.nothing


@case("PingPong")
def test_broken_property(submission):
    """Nothing is ever known."""
    submission.runs(seeds=1).satisfy(Broken)


@case("PingPong")
def test_broken_judgement(submission):
    """Nothing is ever known."""
    submission.runs(seeds=1).satisfy(lambda run: run.nothing)


@pytest.mark.parametrize("judge", [test_broken_property, test_broken_judgement], ids=["p", "j"])
def test_a_fault_of_ours_is_never_the_submissions(judge, tmp_path):
    (verdict,) = verdicts(handed_in(tmp_path), cases_of(judge))
    assert verdict.outcome is Outcome.FRAMEWORK_ERROR
    assert "please report it" in verdict.hint
    assert "nothing" in "".join(verdict.details)


for ours in (test_broken_property, test_broken_judgement):
    ours.__test__ = False


def test_a_loop_that_is_interrupted_outside_a_run_fails_its_case(tmp_path):
    @case("PingPong", hint="does it grow?")
    def test_it_comes_back(submission):
        """It comes back."""
        raise Unresponsive

    (verdict,) = verdicts(handed_in(tmp_path), cases_of(test_it_comes_back))
    assert verdict.outcome is Outcome.FAILED
    assert verdict.happened.startswith("it runs on and on without touching the medium")
    assert verdict.hint == "does it grow?"
