"""A class of thirty whose grades are known: graded twice, once interrupted, the same both times."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from emulators.grading.many.gradebook import Class, table
from emulators.grading.many.record import Record
from emulators.grading.mutants import SOLUTIONS, mutants
from emulators.grading.report import Report
from emulators.grading.suites import suite
from emulators.runner import EXERCISES
from tests.exercises.pasting import pasted
from tests.framework.commands import ROOT, command, refusal
from tests.framework.grading.many.attacking import RIGHT, entry
from tests.framework.grading.suites import judging

FULL = ("11", "2")
NOTHING = ("0", "0")
ATTACKS = {
    "exit": {"in_run": "__import__('os')._exit(0)"},
    "patch": {"at_load": "import emulators.grading.judging as j\nj.judged = print"},
    "fork": {"in_run": "__import__('os').fork()"},
    "memory": {"in_run": "self.much = bytearray(10 * 2**30)"},
    "steal": {"in_run": f"open({str(SOLUTIONS / 'exercise1.py')!r})"},
    "delete": {"in_run": "import shutil, os\nshutil.rmtree(os.path.dirname(__file__), True)"},
    "hang": {"in_run": "sum(range(10**13))"},
}
BROKEN = {
    "syntax": "class Gossip(:\n",
    "import": "import nothing_like_it\nfrom emulators.Device import Device\n"
    "class Gossip(Device):\n    pass\n",
    "empty": "",
    "binary": "\x00\x01",
    "raise": f"raise ValueError('not yet')\n{RIGHT}",
}


def known_points(folder):
    """What the submission in a folder gets when it is judged in this process."""
    report = Report(None, tuple(judging(1, folder, seeds=1).verdicts()))
    bonus = sum(one.points for one in report.verdicts if one.case.bonus)
    return f"{report.points - bonus:g}", f"{bonus:g}"


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    """The folder of a class of thirty, and the grade of each."""
    folder = tmp_path_factory.mktemp("class")
    grades = {}

    def hand_in(name, text, grade, archive=False):
        data = text.encode()
        if archive:
            with zipfile.ZipFile(folder / f"{name}.zip", "w") as made:
                made.writestr(f"{name}/exercises/exercise1.py", data)
        else:
            (folder / name).mkdir()
            (folder / name / "exercise1.py").write_bytes(data)
        grades[name] = grade

    for number in range(4):
        text = (SOLUTIONS / "exercise1.py").read_text("utf-8") if number < 2 else RIGHT
        hand_in(f"right{number}", text, FULL, archive=number % 2 == 1)
    hand_in("calls", pasted("exercise1", calls=True), FULL)
    hand_in("template", (EXERCISES / "exercise1.py").read_text("utf-8"), NOTHING)
    for name, text in BROKEN.items():
        hand_in(f"broken-{name}", text, NOTHING)
    for name, lines in ATTACKS.items():
        hand_in(f"attack-{name}", entry(**lines).files[0][1].decode(), NOTHING)
    chosen = list(mutants(1))
    for number in range(30 - len(grades)):
        mutant = chosen[number % len(chosen)]
        made = mutant.write(tmp_path_factory.mktemp("mutant"))
        grade = known_points(made)
        hand_in(f"mutant{number}", (made / "exercise1.py").read_text("utf-8"), grade)
    return folder, grades


def grade_options(folder, where):
    return (
        *("grade", "--lecture", "1", "--submissions", str(folder), "--seeds", "1", "--cpu", "10"),
        *("--gradebook", str(where / "grades.csv"), "--results", str(where / "results")),
    )


def grades_of(text):
    rows = csv.DictReader(io.StringIO(text))
    return {row["submission"]: (row["points"], row["bonus"]) for row in rows}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_thirty_known_grades_twice_and_once_interrupted(students, tmp_path):
    folder, grades = students
    first, second = tmp_path / "first", tmp_path / "second"
    status, _, err = command(*grade_options(folder, first))
    assert status == 0, err
    text = (first / "grades.csv").read_text(encoding="utf-8")
    assert grades_of(text) == grades
    assert len(grades) == 30
    interrupted(grade_options(folder, second), second / "results")
    kept = {path.name for path in (second / "results").glob("*.json")}
    assert 0 < len(kept) < 30
    assert command(*grade_options(folder, second)).status == 0
    assert (second / "grades.csv").read_text(encoding="utf-8") == text


def interrupted(options, results):
    """Start a command, and interrupt it when a few submissions are done."""
    process = subprocess.Popen(
        [sys.executable, "exercise_runner.py", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    while len(list(results.glob("*.json"))) < 4 and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"goes on from" in words


def test_what_is_kept_is_not_graded_again(tmp_path, monkeypatch):
    (tmp_path / "in" / "anna").mkdir(parents=True)
    (tmp_path / "in" / "anna" / "exercise1.py").write_text("")
    graded = Class(1, tmp_path / "in", tmp_path / "out", seeds=1)
    jobs = graded.jobs()
    first = graded.grade(jobs, 1)
    monkeypatch.setattr("emulators.grading.many.gradebook.judged", None)
    assert graded.grade(jobs, 1) == first
    (tmp_path / "in" / "anna" / "exercise1.py").write_text("changed = 1")
    with pytest.raises(TypeError):
        graded.grade(graded.jobs(), 1)


def test_no_cell_is_taken_for_a_formula():
    record = Record("=cmd()", "d", 1, "", problem="@bad")
    text = table([(record, record.report(suite(1)))], suite(1))
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["submission"], row["note"]) == ("'=cmd()", "'@bad")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--submissions", "nowhere"), "there is no folder nowhere"),
        (("--submissions", "docs", "--json", "x"), "--json is for one submission"),
        (("--jobs", 2), "--submissions DIR is missing"),
        (("--cluster", "tcp://here:1"), "--submissions DIR is missing"),
    ],
    ids=range(4),
)
def test_options_that_do_not_fit_are_refused(options, words):
    assert words in refusal("grade", "--lecture", 1, *options)
