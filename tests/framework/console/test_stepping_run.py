"""`--type stepping` on the command line: where it steps, what comes at the end, and files."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from emulators.console import command_line, screen, stepping_run
from emulators.console.screen import no_display, no_window
from emulators.virtual.loader import PROJECT

BASE = "--lecture 0 --algorithm PingPong --devices 3 --seed 1"


@pytest.fixture(autouse=True)
def without_a_display(monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(stepping_run, "no_display", lambda: "there is no display")


@pytest.fixture
def call(monkeypatch, capsys):
    """Type a command and lines; return status, output, errors."""

    def called(command, lines=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        status = command_line.main(command.split())
        return status, *capsys.readouterr()

    return called


def test_without_a_display_one_line_says_that_it_steps_in_the_terminal(call):
    status, said, problems = call(f"{BASE} --type stepping", "\n")
    assert status == 0
    assert problems == "No window, stepping in the terminal: there is no display\n"
    assert said.splitlines()[:4] == [
        "Running Lecture 0 Algorithm PingPong in a network of type [stepping] using 3 devices",
        "Seed 1",
        "## ROUND 1 ##",
        "\tSend PingMessage 0 -> 1: ping",
    ]
    assert "Execution Complete" in said
    assert "Device 0: got 2 of 2 pongs" in said
    assert "Total 4 messages" in said


def test_whoever_says_so_steps_in_the_terminal_without_a_word(call):
    assert call(f"{BASE} --type stepping --no-gui")[2] == ""


def test_leaving_at_once_is_a_sync_run(call):
    stepped = call(f"{BASE} --type stepping --no-gui", "exit\n")[1]
    alone = call(f"{BASE} --type sync")[1].replace("[sync]", "[stepping]")
    assert without_times(stepped) == without_times(alone)


def without_times(text):
    return [line for line in text.splitlines() if "elapsed" not in line]


def test_what_was_done_shows_in_the_statistics(call):
    said = call(f"{BASE} --type stepping --no-gui --max-rounds 9", "\n\ndrop 1\nexit\n")[1]
    assert "Received 2, not received 0, lost 1" in said
    assert "Stopped at the limit of 9 rounds; --max-rounds sets another" in said


def test_quiet_prints_no_messages_and_json_nothing_else(call):
    said = call(f"{BASE} --type stepping --no-gui --quiet", "\n\nqueue\n")[1]
    assert "Send" not in said
    assert "Messages in transit: 2" in said
    status, said, problems = call(f"{BASE} --type stepping --json", "\n\nduplicate 1\n")
    result = json.loads(said)
    assert (status, result["type"], result["statistics"]["duplicated"]) == (0, "stepping", 1)
    assert "Duplicate PingMessage" in problems
    assert "No window" not in problems


def test_a_failure_is_reported_at_the_end(call, tmp_path):
    (tmp_path / "demo.py").write_text(
        "from emulators.Device import Device\n"
        "class Bad(Device):\n"
        "    def run(self):\n"
        "        self.medium.wait_for_next_round()\n"
        "        1 / self.index\n",
        encoding="utf-8",
    )
    command = f"--lecture 0 --algorithm Bad --exercises {tmp_path} --type stepping --no-gui"
    status, _, problems = call(command, "\nback\n\n")
    assert status == 1
    assert "1 failure\nDevice 0 failed in round 2" in problems
    assert "ZeroDivisionError" in problems


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("--lecture 0 --algorithm PingPong --type steping", "did you mean stepping?"),
        ("--lecture 0 --algorithm PingPon --type stepping", "did you mean PingPong?"),
        ("--lecture 0 --algorithm PingPong --type stepping --devices 1", "at least 2 devices"),
        ("--type stepping --replay nothing.jsonl", "cannot read the recording nothing.jsonl"),
        (f"{BASE} --type stepping --record /nowhere/at/all.jsonl", "cannot write"),
    ],
)
def test_what_is_wrong_is_one_line(call, command, problem):
    status, _, problems = call(f"{command} --no-gui")
    assert status == 2
    assert problem in problems.splitlines()[-1]


def test_record_writes_what_was_walked_and_replay_runs_it_again(call, tmp_path):
    file = tmp_path / "run.jsonl"
    walked = call(
        f"{BASE} --type stepping --no-gui --max-rounds 9 --record {file}", "\n\ndrop 1\nswap\n"
    )
    again = call(f"--replay {file}")
    assert again[0] == 0
    end = walked[1].index("Results")
    assert without_times(again[1][again[1].index("Results") :]) == without_times(walked[1][end:])


@pytest.mark.parametrize("network", ["sync", "async", "stepping"])
def test_a_recording_of_any_type_opens_in_steps(call, tmp_path, network):
    file = tmp_path / "run.jsonl"
    call(f"{BASE} --type {network} --record {file}")
    status, said, problems = call(
        f"--replay {file} --type stepping --no-gui", "back\nback\nstate 1\n"
    )
    assert status == 0
    assert "Standing at the end, step 9; b or back goes back" in said
    assert "Back to step 7, " in said
    assert problems == ""


def test_a_changed_exercise_departs_from_its_recording_and_says_where(call, tmp_path):
    source = (PROJECT / "exercises" / "demo.py").read_text(encoding="utf-8")
    demo = tmp_path / "demo.py"
    demo.write_text(source, encoding="utf-8")
    file = tmp_path / "run.jsonl"
    call(f"{BASE} --type async --exercises {tmp_path} --record {file}")
    demo.write_text(source.replace("is_ping=False", "is_ping=True"), encoding="utf-8")
    status, _, problems = call(
        f"--replay {file} --type stepping --no-gui --exercises {tmp_path} --max-messages 50"
    )
    if status == 2:  # a limit that was not recorded cannot be given
        status, _, problems = call(
            f"--replay {file} --type stepping --no-gui --exercises {tmp_path}"
        )
    assert "the run departs from the recording at event" in problems


def test_a_recording_is_not_read_and_written_at_the_same_time(call, tmp_path):
    file = tmp_path / "run.jsonl"
    call(f"{BASE} --type sync --record {file}")
    before = file.read_bytes()
    status, _, problems = call(f"--replay {file} --type stepping --no-gui --record {file}")
    assert status == 2
    assert "cannot be read and written at the same time" in problems
    assert file.read_bytes() == before


def test_a_remote_needs_keys(call):
    said = call(f"{BASE} --type stepping --no-gui --remote")[1]
    assert "--remote: a remote works where keys do, in a terminal or a window" in said


# -- the window


@pytest.fixture
def window(monkeypatch):
    """Stands for the window; keeps what it is opened with."""
    app = pytest.importorskip("emulators.gui.app", exc_type=ImportError)
    opened = []
    monkeypatch.setattr(stepping_run, "no_display", lambda: "")
    monkeypatch.setattr(stepping_run, "no_window", lambda: "")
    monkeypatch.setattr(
        app, "run_stepping", lambda config, recorded=None: opened.append((config, recorded)) or 0
    )
    return opened


def test_with_a_display_it_opens_the_window(call, window):
    assert call(f"{BASE} --type stepping")[0] == 0
    ((config, recorded),) = window
    assert (config.algorithm, config.seed, recorded) == ("PingPong", 1, None)


def test_what_the_window_does_itself_is_said(call, window):
    problems = call(f"{BASE} --type stepping --record run.jsonl --remote")[2]
    assert "--record: in the window, Save" in problems
    assert "--remote: in the window, F9" in problems


def test_a_window_can_be_asked_for_with_any_type(call, window):
    call(f"{BASE} --type async --gui")
    assert window[0][0].type == "async"


def test_json_and_no_gui_open_none(call, window):
    call(f"{BASE} --type stepping --json")
    call(f"{BASE} --type stepping --no-gui")
    call(f"{BASE} --type sync")
    assert window == []


def test_where_qt_cannot_open_one_the_terminal_does_it(call, window, monkeypatch):
    monkeypatch.setattr(stepping_run, "no_window", lambda: "PyQt6 is not there")
    status, said, problems = call(f"{BASE} --type stepping")
    assert status == 0
    assert problems == "No window, stepping in the terminal: PyQt6 is not there\n"
    assert "Execution Complete" in said
    assert window == []


@pytest.mark.parametrize(
    ("platform", "environment", "there"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_when_there_is_a_display(platform, environment, there):
    assert (no_display(platform, environment) == "") is there


def test_a_display_that_does_not_answer_ends_no_run(monkeypatch):
    if sys.platform != "linux":
        pytest.skip("of X only")
    monkeypatch.setenv("DISPLAY", ":97")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert no_window() != ""


def test_an_import_that_fails_is_the_reason(monkeypatch):
    monkeypatch.setattr(screen, "_TRY", "import nothing_of_that_name")
    assert no_window() == "ModuleNotFoundError: No module named 'nothing_of_that_name'"


def test_a_display_that_hangs_is_given_up(monkeypatch):
    def hang(*arguments, **options):
        raise subprocess.TimeoutExpired("python", 20)

    monkeypatch.setattr(subprocess, "run", hang)
    assert no_window() == "the display does not answer"


# -- as in a script


def test_the_published_import_works_in_a_script(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(
        "from emulators.SteppingEmulator import SteppingEmulator\n"
        "from exercises.demo import PingPong\n"
        "emulator = SteppingEmulator(3, PingPong)\n"
        "emulator.run()\n"
        "emulator.print_result()\n"
        "emulator.print_statistics()\n"
        "print(emulator.all_terminated)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT)},
        check=True,
    )
    assert done.stdout.startswith("## ROUND 1 ##\n\tSend PingMessage")
    assert done.stdout.endswith("True\n")
    assert done.stderr == ""
