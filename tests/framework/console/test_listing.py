"""`--list`: lectures, titles, and what can be run, a student's own classes among them."""

import json
import subprocess
import sys
from pathlib import Path

from emulators.lectures import LECTURES
from tests.framework.commands import ROOT, command, process, refusal


def test_every_lecture_is_listed_with_its_title() -> None:
    status, out, err = command("--list")
    assert (status, err) == (0, "")
    for lecture in LECTURES.values():
        assert f"Lecture {lecture.number}: {lecture.title}\n" in out


def test_the_classes_of_a_file_are_listed_below_its_lecture() -> None:
    out = command("--list").out
    assert "Lecture 11: Chord\n    exercise11.py: ChordNode, ChordClient, ChordNetwork\n" in out


def test_a_lecture_without_an_exercise_says_so() -> None:
    assert "Lecture 3: Time and network types\n    no exercise" in command("--list").out


def test_one_lecture_can_be_listed() -> None:
    assert command("--list", "--lecture", 0).out == (
        "Lecture 0: A first look: ping and pong\n    demo.py: PingPong\n"
    )


def students(folder: Path) -> str:
    """List the files of a student: one with a class of their own, a broken one, an empty one."""
    source = (ROOT / "exercises" / "exercise1.py").read_text(encoding="utf-8")
    own = "\n\nclass ImprovedGossip(Gossip):\n    def run(self): pass\n"
    (folder / "exercise1.py").write_text(source + own, encoding="utf-8")
    (folder / "exercise2.py").write_text("x = 1\nfor device in range(3)\n    pass\n")
    (folder / "exercise4.py").write_text("x = 1\n")
    (folder / "exercise5.py").write_bytes(b"x = 1\0\n")
    status, out, err = command("--list", "--exercises", folder)
    assert (status, err) == (0, "")
    return out


def test_a_students_own_class_is_listed(tmp_path: Path) -> None:
    assert "    exercise1.py: Gossip, ImprovedGossip\n" in students(tmp_path)


def test_a_file_with_a_syntax_error_is_named_with_its_line_and_hides_no_other(
    tmp_path: Path,
) -> None:
    out = students(tmp_path)
    assert "Lecture 2: Routing with RIP\n    exercise2.py, line 2: " in out
    assert "    exercise4.py: no device class\n" in out


def test_a_file_that_is_no_text_hides_no_other(tmp_path: Path) -> None:
    out = students(tmp_path)
    assert "Lecture 5: Multicast\n    exercise5.py, line " in out
    assert "Lecture 12:" in out


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "Lecture 6: Consensus\n    no file exercise6.py\n" in students(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal("--list", "--exercises", tmp_path / "none") == (
        f"there is no folder {tmp_path / 'none'}"
    )


def test_a_lecture_that_does_not_exist_is_refused() -> None:
    assert refusal("--list", "--lecture", 99).startswith("there is no lecture 99; there are 0, 1")


def test_listing_imports_neither_a_kernel_nor_a_window() -> None:
    code = (
        "import sys, json; from emulators.console.command_line import main; main(['--list']);"
        "print(json.dumps(sorted(sys.modules)))"
    )
    loaded = set(json.loads(process("-c", code).stdout.splitlines()[-1]))
    assert loaded.isdisjoint({"greenlet", "msgspec", "tqdm", "PyQt6", "emulators.simulation"})


def test_listing_needs_no_installed_package() -> None:
    code = "import sys; from emulators.console.command_line import main; sys.exit(main(['--list']))"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
