"""What is kept of a submission: read again for the same key only, and harmless to look at."""

import pytest

from emulators.grading.case import Case
from emulators.grading.many.record import Record, harmless, loaded
from emulators.grading.verdict import Outcome

CASES = [
    Case("one", "One.", lambda submission: None, "Gossip", points=2),
    Case("two", "Two.", lambda submission: None, "Gossip", points=3),
    Case("given", "Given.", lambda submission: None, "Gossip", points=0, given=True),
]
VERDICT = {
    "name": "one",
    "outcome": "passed",
    "points": 1000,
    "happened": "",
    "expected": "",
    "hint": "",
    "details": [],
    "seconds": 0.5,
    "evidence": None,
}


def record(**options):
    return Record("anna", "d", 1, "limits only", **options)


def test_a_record_is_read_again_for_the_same_key(tmp_path):
    made = record(verdicts=[VERDICT], done=True)
    made.save(tmp_path / "a" / "anna.json", "key")
    assert loaded(tmp_path / "a" / "anna.json", "key") == made
    assert loaded(tmp_path / "a" / "anna.json", "another") is None
    assert loaded(tmp_path / "nothing.json", "key") is None


def test_a_damaged_record_is_none(tmp_path):
    (tmp_path / "anna.json").write_text("{")
    assert loaded(tmp_path / "anna.json", "key") is None


def test_points_are_those_of_the_suite():
    assert record(verdicts=[VERDICT]).report(CASES).points == 2


def test_cases_without_a_verdict_could_not_run_and_say_why():
    report = record(verdicts=[VERDICT], problem="it was not done after 5 s").report(CASES)
    second = report.verdicts[1]
    assert (second.outcome, second.happened) == (Outcome.COULD_NOT_RUN, "it was not done after 5 s")


def test_given_code_that_was_not_handed_in_is_left_out():
    report = record(verdicts=[VERDICT, {**VERDICT, "name": "two"}]).report(CASES)
    assert [one.case.name for one in report.verdicts] == ["one", "two"]


@pytest.mark.parametrize(
    "picture",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'><g href='http://elsewhere'/></svg>",
        "<svg",
    ],
    ids=["script", "handler", "link", "damaged"],
)
def test_a_picture_that_does_more_is_left_out(picture):
    assert harmless(picture) == ""
