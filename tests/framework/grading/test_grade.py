"""The command `grade`, and the same in pytest."""

import json

import pytest

from emulators.grading.mutants import SOLUTIONS, mutants
from tests.framework.commands import command, process, refusal

GRADE = ("grade", "--lecture", 4, "--seeds", 1)


@pytest.fixture
def wrong(tmp_path):
    """The mutant whose devices are inside together."""
    mutant = next(one for one in mutants(4) if one.name == "tie_break_by_stamp_only")
    return mutant.write(tmp_path / "wrong")


def test_the_template_is_to_do_and_nothing_failed(tmp_path):
    status, out, err = command(*GRADE, "--out", tmp_path)
    assert (status, err) == (0, "")
    assert "not yet implemented" in out.splitlines()[-1]
    assert "FAILED" not in out


def test_a_failure_is_told_with_the_command_that_shows_it(wrong, tmp_path):
    status, out, _ = command(*GRADE, "--seeds", 8, "--exercises", wrong, "--out", tmp_path / "out")
    assert status == 1
    assert "happened:  device" in out
    assert "--replay" in out
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".jsonl"]


def test_one_algorithm_only(tmp_path):
    _, out, _ = command(*GRADE, "--algorithm", "Bully", "--out", tmp_path)
    assert out.count("passed") == 2  # its line and the sum


def test_a_class_of_another_name(tmp_path):
    status, out, _ = command(
        *GRADE, "--exercises", SOLUTIONS, "--algorithm", "RicartAgrawala=AsyncRicartAgrawala"
    )
    assert status == 0
    assert "passed" in out


def test_all_files_are_written(tmp_path):
    forms = ("json", "junit", "gradescope", "classroom", "html")
    options = [part for form in forms for part in (f"--{form}", tmp_path / form)]
    command(*GRADE, "--algorithm", "Bully", *options, "--out", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(forms)
    assert json.loads((tmp_path / "json").read_text())["lecture"] == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--lecture is missing; there are suites for"),
        (("--lecture", 3), "there is no suite for lecture 3"),
        (("--lecture", 4, "--exercises", "nowhere"), "there is no folder nowhere"),
        (("--lecture", 4, "--algorithm", "Buly"), "did you mean Bully?"),
        (("--lecture", 4, "--algorithm", "Buly=Mine"), "did you mean Bully?"),
        (("--lecture", 4, "--algorithm", "Pinger"), "in place of which one?"),
        (("--lecture", 4, "--seeds", 0), "0 is not positive"),
        (("--lectur", 4), "unknown argument --lectur (did you mean --lecture?)"),
    ],
    ids=range(8),
)
def test_wrong_input_is_refused_in_one_line(options, words):
    assert words in refusal("grade", *options)


@pytest.mark.slow
def test_the_table_of_mutants_says_who_survives():
    status, out, _ = command("grade", "--lecture", 1, "--seeds", 2, "--mutants")
    assert status == 0
    assert out.splitlines()[-1].endswith("mutants, 0 survive")
    assert "[X]" in out


# -- pytest


def test_pytest_says_what_is_to_do():
    done = process("-m", "pytest", "tests/lectures", "--lecture", "4", "--grading-seeds", "1")
    assert done.returncode == 0
    assert "12 not yet implemented" in done.stdout.splitlines()[-1]


def test_pytest_tells_a_failure_as_grade_does(wrong):
    done = process(
        *("-m", "pytest", "tests/lectures", "--lecture", "4", "--exercises", str(wrong)),
        *("--grading-seeds", "8", "--algorithm", "RicartAgrawala"),
    )
    assert done.returncode == 1
    assert "happened:  device" in done.stdout
    assert "Traceback" not in done.stdout
