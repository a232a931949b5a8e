"""One person at a real screen: from the start window through a run to walk through, to the end.

What was done is read from the recordings that the window saves. A recording that is there also
means that all keys before it were obeyed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.gui.settings import VARIABLE
from tests.framework.gui.display import (
    PATIENCE,
    Screen,
    a_screen,
    cannot,
    is_complete,
    need_a_screen,
    wait_for,
    wait_for_end,
)

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
SOLUTIONS = ROOT / "tests" / "solutions"
START, RUN, SAVE = "^Distributed systems: start a run", "^Lecture 4: SuzukiKasami", "^Save the run"


@pytest.fixture
def screen() -> Iterator[Screen]:
    need_a_screen()
    with a_screen() as made:
        yield made


@contextlib.contextmanager
def start_window(screen: Screen, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the script, as the leader of a group of processes that is ended in any case."""
    remembered = folder / "settings.ini"
    remembered.write_text(f"[General]\nfolder={SOLUTIONS}\n", encoding="utf-8")
    program = subprocess.Popen(
        [sys.executable, "exercise_runner_overlay.py"],
        cwd=ROOT,
        env=screen.environment(**{VARIABLE: str(remembered), "HOME": str(folder)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def wait_for_start(screen: Screen, program: subprocess.Popen[str]) -> None:
    """Wait for the start window; not every machine has the libraries of Qt for X."""
    wait_for(lambda: screen.is_shown(START) or program.poll() is not None, "the window is shown")
    if program.poll() is not None:
        cannot(f"the start window does not open: {program.communicate()[1].strip()}")


def choose_and_start(screen: Screen) -> None:
    """Choose Suzuki-Kasami with 5 devices to walk through, with the keyboard; click Start."""
    window = screen.window(START)
    screen.press("alt+l", "Home", "Down", "Down", "Down", "Down", "alt+a")
    screen.write("Suz")
    screen.press("alt+n")
    screen.write("Step")
    screen.press("alt+d", "ctrl+a")
    screen.write("5")
    screen.press("alt+s", "ctrl+a")
    screen.write("7")
    screen.click(window, 200, screen.size(window)[1] - 24)


def saved(screen: Screen, window: str, path: Path) -> tuple[dict, list[dict]]:
    """Save the run; return the first line of the recording, and its events."""
    screen.press("ctrl+s")
    screen.window(SAVE)
    screen.press("ctrl+a")
    screen.write(str(path))
    screen.press("Return")
    wait_for(lambda: is_complete(path), f"the run is saved as {path.name}")
    wait_for(lambda: not screen.is_shown(SAVE), "the dialog is closed")
    screen.focus(window)
    header, *events = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return header, events[:-1]


def test_from_the_start_window_through_a_run(screen: Screen, tmp_path: Path) -> None:
    with start_window(screen, tmp_path) as program:
        wait_for_start(screen, program)
        choose_and_start(screen)
        window = screen.window(RUN)
        assert screen.do("getwindowname", window).startswith("Lecture 4: SuzukiKasami, 5 devices")
        process = int(screen.do("getwindowpid", window))
        assert process != program.pid

        screen.press("space", "space")  # a window that is still loading keeps at most two
        header, _ = saved(screen, window, tmp_path / "two.jsonl")
        assert (header["seed"], header["devices"], header["options"]["steps"]) == (7, 5, 2)

        screen.press("space", "space")
        header, before = saved(screen, window, tmp_path / "four.jsonl")
        assert header["options"]["steps"] == 4

        screen.press("b")
        header, back = saved(screen, window, tmp_path / "back.jsonl")
        assert header["options"]["steps"] == 3
        assert back == before[:-1]
        transit = [event["m"] for event in back if event["e"] == "send"]
        assert len(transit) == 3

        screen.press("s", "Down", "s")  # asks which message: the second one
        header, _ = saved(screen, window, tmp_path / "pick.jsonl")
        assert header["actions"] == [[3, "pick", transit[1]]]

        screen.press("Tab", "Down", "Delete")
        header, events = saved(screen, window, tmp_path / "drop.jsonl")
        assert header["actions"][1:] == [[3, "drop", transit[2]]]
        assert [(one["e"], one["m"]) for one in events[-2:]] == [
            ("pick", transit[1]),
            ("lose", transit[2]),
        ]

        screen.press("ctrl+w")
        wait_for_end(process)
        assert screen.is_shown(START)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=PATIENCE)
        assert (program.returncode, out, err) == (130, "", "")
        with pytest.raises(ProcessLookupError):  # nobody of its group is left
            os.killpg(program.pid, 0)


def test_a_presenters_keys_step_while_another_window_has_the_keyboard(
    screen: Screen, tmp_path: Path
) -> None:
    with start_window(screen, tmp_path) as program:
        wait_for_start(screen, program)
        start = screen.window(START)
        choose_and_start(screen)
        window = screen.window(RUN)
        asked = 0

        def steps() -> int:
            nonlocal asked
            asked += 1
            screen.focus(window)
            return int(saved(screen, window, tmp_path / f"{asked}.jsonl")[0]["options"]["steps"])

        screen.press("F9")
        assert steps() == 0  # the keys before are obeyed: it listens now
        screen.focus(start)
        screen.press("Next", "Next", "Prior", "Next", "a")
        wait_for(lambda: steps() == 2, "two steps are made")
        screen.press("F9")
        assert steps() == 2
        screen.focus(start)
        screen.press("Next")
        assert steps() == 2
