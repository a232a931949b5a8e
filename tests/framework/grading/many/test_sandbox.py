"""A submission that attacks gets a line of its own, and harms neither machine nor others."""

import os

import pytest

from emulators.grading.many.walls import NONE, strongest
from tests.framework.grading.many.attacking import RIGHT, entry, judged, outcomes, words

on_both_sides = pytest.mark.parametrize("wall", sorted({NONE, strongest()}))
SOON = 0.3
"""How patient the watchdog is with what hangs anyway."""
FORBIDDEN = "not allowed while it is graded"


@on_both_sides
def test_a_right_submission_passes(wall):
    record = judged(entry(), wall)
    assert (record.problem, record.offences, record.done) == ("", [], True)
    assert outcomes(record) == {"passed"}


# -- that take too much


def test_an_endless_loop_is_found():
    record = judged(entry(in_run="while True: pass"), patience=SOON)
    assert "endless loop" in words(record)
    assert "passed" not in outcomes(record)


def test_a_loop_that_catches_everything_is_found():
    source = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    record = judged(entry(in_run=source), patience=SOON)
    assert "endless loop" in words(record)
    assert "passed" not in outcomes(record)


def test_a_call_that_does_not_come_back_is_ended():
    record = judged(entry(in_run="sum(range(10**13))"), patience=SOON)
    assert record.problem.startswith("a call does not come back and cannot be interrupted: File")
    assert not record.done


def test_what_takes_too_much_processor_time_is_ended():
    waits = "while True:\n    sum(range(10**6))\n    self.medium.wait_for_next_round()"
    record = judged(entry(in_run=f"self._secrets = set()\n{waits}"), cpu=2)
    assert "more than 2 s of processor time" in record.problem


def test_a_submission_that_waits_for_real_is_ended():
    lines = "lock = __import__('_thread').allocate_lock()\nlock.acquire()\nlock.acquire()"
    record = judged(entry(at_load=lines), wall_seconds=3)
    assert record.problem == "it was not done after 3 s"


def test_ten_gigabytes_are_refused():
    record = judged(entry(in_run="self.much = bytearray(10 * 2**30)"))
    assert "MemoryError" in words(record)
    assert "passed" not in outcomes(record)


@pytest.mark.parametrize("how", ["print('x' * 2**20)", "__import__('os').write(1, b'x' * 2**20)"])
def test_a_gigabyte_of_output_is_dropped(how):
    record = judged(entry(in_run=f"if self.index == 0:\n    for _ in range(1000): {how}"))
    assert outcomes(record) == {"passed"}
    assert len(words(record)) < 10_000


# -- that leave


@on_both_sides
@pytest.mark.parametrize("status", [0, 1])
def test_the_end_of_the_process_is_no_grade(wall, status):
    record = judged(entry(in_run=f"__import__('os')._exit({status})"), wall)
    assert record.problem.startswith(
        "it ended the process" if status == 0 else "its process ended with status 1"
    )
    assert record.verdicts == []


def test_an_exit_ends_a_device_and_no_more():
    record = judged(entry(in_run="__import__('sys').exit(0)"))
    assert record.done
    assert record.verdicts[0]["happened"] == "device 0 never received the secret of device 1"


# -- that reach out


@on_both_sides
@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("os.fork()", "os.fork"),
        ("os.system('true')", "os.system"),
        ("__import__('subprocess').run(['true'])", "subprocess.Popen"),
        ("__import__('socket').socket()", "socket."),
        ("os.kill(os.getppid(), 9)", "os.kill"),
        ("__import__('ctypes').CDLL(None)", "ctypes.dlopen"),
        ("__import__('gc').get_objects()", "gc.get_objects"),
        ("sys.settrace(print)", "sys.settrace"),
        ("__import__('resource').setrlimit(0, (1, 1))", "resource.setrlimit"),
    ],
    ids=lambda value: value if value.isidentifier() else "",
)
def test_what_no_exercise_needs_is_refused(wall, lines, what):
    record = judged(entry(in_run=f"import os, sys\n{lines}"), wall)
    assert any(what in one and FORBIDDEN in one for one in record.offences), words(record)
    assert "passed" not in outcomes(record)


@on_both_sides
@pytest.mark.parametrize("folder", ["solutions", "mutants", "lectures"])
def test_what_is_not_for_them_cannot_be_read(wall, folder):
    file = {"solutions": "exercise1.py", "mutants": "lecture1", "lectures": "test_lecture1.py"}
    path = os.path.join(os.getcwd(), "tests", folder)
    lines = f"import os\nopen(os.path.join({path!r}, {file[folder]!r})).read()"
    record = judged(entry(in_run=lines), wall)
    assert any(folder in one for one in record.offences)
    assert "passed" not in outcomes(record)


@on_both_sides
def test_the_solution_cannot_be_imported(wall):
    record = judged(entry(at_load="import tests.solutions.exercise1"), wall)
    assert "passed" not in outcomes(record)


@on_both_sides
def test_the_files_of_others_cannot_be_written(wall, tmp_path):
    target = tmp_path / "grades.csv"
    target.write_text("mine")
    record = judged(entry(in_run=f"open({str(target)!r}, 'w').write('theirs')"), wall)
    assert target.read_text() == "mine"
    assert any("for writing" in one for one in record.offences)


def test_a_fault_that_is_caught_is_noted_all_the_same():
    lines = "try: open('/etc/passwd')\nexcept Exception: pass"
    record = judged(entry(in_run=lines))
    assert outcomes(record) == {"passed"}
    assert record.offences == ["it opens '/etc/passwd'"]


@on_both_sides
def test_its_own_folder_is_its_own_to_delete(wall):
    lines = "import os, shutil\nshutil.rmtree(os.path.dirname(__file__), ignore_errors=True)"
    record = judged(entry(in_run=lines), wall)
    assert "could not run" in outcomes(record)


def test_a_file_in_the_working_folder_may_be_written():
    record = judged(entry(in_run="open('notes.txt', 'a').write('hello')"))
    assert (outcomes(record), record.offences) == ({"passed"}, [])


# -- that grade themselves


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (
            "import emulators.grading.judging as j\nj.judged = print",
            "emulators.grading.judging.judged",
        ),
        (
            "from emulators.grading.verdict import Verdict\nVerdict.points = property(lambda s: 9)",
            "emulators.grading.verdict.Verdict.points",
        ),
        (
            "from emulators.grading.runs import Runs\nRuns.satisfy.__code__ = (lambda *a: 0).__code__",  # noqa: E501
            "emulators.grading.runs.Runs.satisfy",
        ),
        ("import builtins\nbuiltins.len = lambda x: 0", "builtins.len"),
    ],
    ids=["judge", "points", "code", "builtins"],
)
def test_who_changes_the_framework_gets_no_grade(lines, name):
    broken = RIGHT.replace("self.medium.send(", "print(")
    record = judged(entry(at_load=lines, source=broken))
    assert "passed" not in outcomes(record)
    assert name in record.problem


def test_patching_pytest_changes_nothing():
    lines = "import pytest\npytest.fail = pytest.skip = lambda *a, **k: None"
    record = judged(entry(in_run="raise ValueError", at_load=lines))
    assert "passed" not in outcomes(record)


@on_both_sides
def test_a_fake_answer_is_not_believed(wall):
    line = '["x", "done", null]\n'
    fake = f"""import os
for fd in range(3, 40):
    try:
        os.write(fd, {line.encode()!r})
    except OSError:
        pass
os._exit(0)"""
    record = judged(entry(in_run=fake), wall)
    assert record.problem == "it wrote into the answer of the grader"


def test_a_fake_report_in_a_file_is_nothing():
    lines = "open('results.json', 'w').write('{\"score\": 100}')\nraise ValueError"
    record = judged(entry(in_run=lines))
    assert "passed" not in outcomes(record)


def test_the_frames_of_the_grader_cannot_be_reached():
    lines = (
        "import sys\nframe = sys._getframe()\nwhile frame.f_back: frame = frame.f_back\n"
        "print([n for n in frame.f_locals])\nassert 'secret' not in str(frame.f_locals)\n"
    )
    record = judged(entry(at_load=lines))
    assert outcomes(record) == {"passed"}, words(record)
