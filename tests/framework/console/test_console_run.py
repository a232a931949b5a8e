"""What a run prints: its published shape, results and statistics, limits, JSON, Ctrl-C."""

import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulators import watchdog
from emulators.console import console_run
from emulators.console.command_line import main
from tests.framework.commands import FAILURES, PING, ROOT, command, process, write_exercise

ENDLESS = """
from emulators.Device import Device
from emulators.MessageStub import MessageStub

class Ring(Device):
    count = 0

    def run(self):
        while True:
            self.medium.send(MessageStub(self.index, (self.index + 1) % self.number_of_devices))
            self.medium.wait_for_next_round()
            self.count += len(self.medium.receive_all())
            if 0 < self.count < 3:
                print(f"device {self.index} has received something")

    def print_result(self):
        print(f"Device {self.index}: received something: {self.count > 0}")

class Chatter(Ring):
    def run(self):
        while True:
            try:
                super().run()
            except:
                pass
"""


@pytest.fixture
def ring(tmp_path: Path) -> tuple[str, ...]:
    """Options that name an algorithm that never ends."""
    return (*write_exercise(tmp_path, ENDLESS), "--algorithm", "Ring", "--seed", "1")


# -- the shape


def test_a_sync_run_is_printed_in_the_published_shape() -> None:
    status, out, err = command(*PING, "--devices", 2)
    out = re.sub(r"elapsed [0-9.]+ s", "elapsed … s", out)
    assert (status, err) == (0, "")
    assert out == (
        "Running Lecture 0 Algorithm PingPong in a network of type [sync] using 2 devices\n"
        "Seed 1\n"
        "## ROUND 1 ##\n"
        "\tSend PingMessage 0 -> 1: ping\n"
        "## ROUND 2 ##\n"
        "\tReceive PingMessage 0 -> 1: ping\n"
        "\tSend PingMessage 1 -> 0: pong\n"
        "## ROUND 3 ##\n"
        "\tReceive PingMessage 1 -> 0: pong\n"
        "Execution Complete\n"
        "Results\n"
        "Device 0: got 1 of 1 pongs\n"
        "Device 1: got 1 ping and answered it\n"
        "Statistics\n"
        "\tTotal 2 messages\n"
        "\tAverage 1.00 messages/device\n"
        "\tTotal 3 rounds\n"
        "\tAverage 0.67 messages/round\n"
        "\tReceived 2, not received 0\n"
        "\tTotal 34 bytes, average 17.0 bytes/message\n"
        "\tLargest inbox 1 messages\n"
        "\tVirtual time 0.200 s, elapsed … s\n"
        "\t  PingMessage: 2\n"
        "\t  Device 0: sent 1, received 1\n"
        "\t  Device 1: sent 1, received 1\n"
    )


def test_an_async_run_says_its_type_and_has_no_rounds() -> None:
    out = command(*PING, "--type", "async", "--devices", 3).out
    assert out.startswith(
        "Running Lecture 0 Algorithm PingPong in a network of type [async] using 3 devices\n"
    )
    assert "ROUND" not in out
    assert "rounds" not in out
    assert "\tSend PingMessage 0 -> 1: ping\n" in out
    assert "\tReceive PingMessage 0 -> 1: ping\n" in out


def test_type_is_sync_and_devices_are_3_unless_told_otherwise() -> None:
    assert "of type [sync] using 3 devices" in command(*PING).out


def test_what_is_not_implemented_is_said_once_with_its_place() -> None:
    out = command("--lecture", 1, "--algorithm", "Gossip", "--seed", 1).out
    assert (
        len(re.findall(r"Not implemented yet: .* \(exercises/exercise1.py, line \d+\)", out)) == 1
    )


def test_quiet_leaves_out_messages_and_rounds_and_nothing_else() -> None:
    loud, quiet = (
        re.sub(r"elapsed \S+", "", command(*PING, *more).out) for more in ((), ("--quiet",))
    )
    kept = [line for line in loud.splitlines() if not re.match(r"\t(Send|Receive) |## ROUND", line)]
    assert quiet.splitlines() == kept


# -- seeds


@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_same_seed_prints_the_same_run(network: str) -> None:
    given = ("--lecture", 0, "--algorithm", "PingPong", "--type", network, "--devices", 9)
    first, second, other = (
        re.sub(r"elapsed \S+", "", command(*given, "--seed", seed).out) for seed in (5, 5, 6)
    )
    assert first == second != other


def test_a_seed_is_drawn_and_printed_and_repeats_its_run() -> None:
    given = ("--lecture", 0, "--algorithm", "PingPong", "--type", "async", "--devices", 9)
    first = command(*given).out
    seed = re.search(r"^Seed (\d+)$", first, re.MULTILINE)
    assert seed is not None
    second = command(*given, "--seed", seed[1]).out
    assert re.sub(r"elapsed \S+", "", first) == re.sub(r"elapsed \S+", "", second)


def test_two_runs_without_a_seed_draw_two() -> None:
    given = ("--lecture", "0", "--algorithm", "PingPong", "--json")
    assert json.loads(command(*given).out)["seed"] != json.loads(command(*given).out)["seed"]


@pytest.mark.parametrize("seed", [0, -1, 2**70])
def test_every_whole_number_is_a_seed(seed: int) -> None:
    assert f"Seed {seed}\n" in command(*PING[:4], "--seed", seed).out


# -- limits


@pytest.mark.parametrize(
    ("option", "limit"),
    [
        ("--max-rounds", "7 rounds"),
        ("--max-time", "3 virtual seconds"),
        ("--max-messages", "40 messages"),
    ],
)
def test_a_run_stopped_by_a_limit_is_done_and_says_how_to_raise_it(
    ring: tuple[str, ...], option: str, limit: str
) -> None:
    status, out, err = command(*ring, option, limit.split(maxsplit=1)[0])
    assert (status, err) == (0, "")
    assert f"Execution Complete\nStopped at the limit of {limit}; {option} sets another\n" in out
    assert out.count("received something: True") == 3


@pytest.mark.parametrize(
    ("network", "line"),
    [("sync", "1000 rounds; --max-rounds"), ("async", "100 virtual seconds; --max-time")],
)
def test_an_algorithm_that_never_ends_stops_at_the_limit_of_its_lecture(
    ring: tuple[str, ...], network: str, line: str
) -> None:
    out = command(*ring, "--quiet", "--type", network).out
    assert f"Stopped at the limit of {line} sets another" in out


def test_exactly_as_many_messages_are_sent_as_the_limit_says(ring: tuple[str, ...]) -> None:
    made = json.loads(command(*ring, "--json", "--max-messages", 40).out)
    assert made["statistics"]["messages"] == 40


def test_exactly_as_many_rounds_are_run_as_the_limit_says(ring: tuple[str, ...]) -> None:
    made = json.loads(command(*ring, "--json", "--max-rounds", 7).out)
    assert made["statistics"]["rounds"] == 7


def test_no_message_is_sent_after_the_limit_of_time(ring: tuple[str, ...]) -> None:
    made = json.loads(command(*ring, "--json", "--type", "async", "--max-time", 3).out)
    assert 2.9 <= made["statistics"]["virtual_seconds"] <= 3


def test_limits_stop_code_that_catches_everything(tmp_path: Path) -> None:
    options = write_exercise(tmp_path, ENDLESS)
    status, out, _ = command(*options, "--algorithm", "Chatter", "--max-rounds", 3)
    assert status == 0
    assert out.count("received something: True") == 3


# -- JSON


def test_json_is_all_there_is_on_stdout_even_when_students_print(ring: tuple[str, ...]) -> None:
    status, out, err = command(*ring, "--json", "--max-rounds", 5)
    made = json.loads(out)
    assert status == 0
    assert made["ended"] == "limit: 5 rounds"
    assert made["results"] == [f"Device {n}: received something: True" for n in range(3)]
    assert "device 1 has received something" in err


def test_json_has_what_the_run_was_and_what_came_of_it() -> None:
    made = json.loads(command(*PING, "--json", "--type", "async").out)
    assert {name: made[name] for name in ("lecture", "algorithm", "type", "devices", "seed")} == {
        "lecture": 0,
        "algorithm": "PingPong",
        "type": "async",
        "devices": 3,
        "seed": 1,
    }
    assert made["ended"] == "done"
    assert made["statistics"]["messages"] == 4
    assert made["failures"] == made["todos"] == []


def test_json_names_failures_with_file_and_line() -> None:
    given = ("--exercises", FAILURES, *PING, "--json")
    status, out, _ = command(*(word.replace("PingPong", "Divides") for word in map(str, given)))
    (failure,) = json.loads(out)["failures"]
    assert status == 1
    assert failure["device"] == 1
    assert failure["problem"] == "ZeroDivisionError: division by zero"
    assert failure["file"].endswith("failures/demo.py")
    assert failure["line"] > 0


def test_json_of_a_bad_input_is_nothing_on_stdout() -> None:
    status, out, err = command(*PING, "--json", "--devices", 1)
    assert (status, out, err.count("\n")) == (2, "", 1)


# -- colours, the bar, the pace


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[str, str]:
    """Do a command whose output goes to a terminal; return both streams."""
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    main([str(argument) for argument in arguments])
    return out.getvalue(), err.getvalue()


def test_there_is_no_colour_where_there_is_no_terminal() -> None:
    assert "\x1b" not in command(*PING).out


def test_there_is_colour_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[32mSend\x1b[0m" in on_a_terminal(monkeypatch, *PING)[0]


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in on_a_terminal(monkeypatch, *PING)[0]


def test_quiet_shows_a_progress_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, ring: tuple[str, ...]
) -> None:
    _, err = on_a_terminal(monkeypatch, *ring, "--quiet", "--max-rounds", 300)
    assert "/300" in err


def test_quiet_shows_no_progress_bar_where_there_is_no_terminal(ring: tuple[str, ...]) -> None:
    assert command(*ring, "--quiet", "--max-rounds", 300).err == ""


def test_a_pace_waits_at_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(console_run.time, "sleep", waits.append)
    command(*PING, "--pace", 0.5)
    assert waits == [0.5] * 8


# -- Ctrl-C


def interrupted(*options: str) -> tuple[int, str, str]:
    """Start a run, press Ctrl-C when the last device has a message, return what came of it."""
    runner = subprocess.Popen(
        [sys.executable, "exercise_runner.py", *options, "--max-rounds", str(10**9)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    stream: Any = runner.stderr if "--json" in options else runner.stdout
    for line in stream:
        if line == "device 2 has received something\n":
            break
    runner.send_signal(signal.SIGINT)
    out, err = runner.communicate(timeout=240)
    return runner.returncode, out, err


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")


@needs_signals
@pytest.mark.parametrize("algorithm", ["Ring", "Chatter"])
def test_ctrl_c_prints_results_and_statistics_so_far(tmp_path: Path, algorithm: str) -> None:
    options = write_exercise(tmp_path, ENDLESS)
    status, out, err = interrupted(*options, "--algorithm", algorithm, "--quiet")
    assert (status, err) == (130, "")
    assert "Execution Interrupted\nResults\nDevice 0: received something: " in out
    assert re.search(r"Statistics\n\tTotal [1-9]\d* messages\n", out)


@needs_signals
def test_ctrl_c_prints_json_so_far(ring: tuple[str, ...]) -> None:
    status, out, _ = interrupted(*ring, "--json")
    assert status == 130
    assert json.loads(out)["ended"] == "interrupted"


@needs_signals
def test_ctrl_z_stops_the_run_and_its_watchdog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(watchdog, "hold", lambda: calls.append("the watchdog is held"))
    monkeypatch.setattr(console_run.os, "kill", lambda process, number: calls.append(number))
    exercise = "import signal\nfrom emulators.Device import Device\nclass Stopper(Device):\n"
    exercise += "    def run(self):\n        signal.raise_signal(signal.SIGTSTP)\n"
    options = write_exercise(tmp_path, exercise)
    assert command(*options, "--algorithm", "Stopper", "--devices", 2).status == 0
    assert calls == ["the watchdog is held", signal.SIGSTOP] * 2


@needs_signals
def test_an_interrupted_run_replays_to_where_it_was(ring: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "run"
    interrupted(*ring, "--quiet", "--record", str(file))
    status, out, err = command("--exercises", tmp_path, "--replay", file, "--quiet")
    assert (status, err) == (0, "")
    assert out.count("received something: True") == 3


# -- the program as a whole


def test_the_runner_is_a_program_whose_exit_status_counts() -> None:
    done = process("exercise_runner.py", *PING)
    wrong = process("exercise_runner.py", *PING, "--devices", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_a_run_without_a_window_imports_none() -> None:
    code = (
        "import sys; from emulators.console.command_line import main; main(sys.argv[1:]);"
        "print('imported', [name for name in sys.modules if 'PyQt6' in name])"
    )
    assert process("-c", code, *PING).stdout.endswith("\nimported []\n")


def test_characters_that_a_terminal_does_not_have_fail_no_device(tmp_path: Path) -> None:
    exercise = "from emulators.Device import Device\nclass Speaker(Device):\n    def run(self):\n"
    exercise += "        print('→ \\ud800')\n"
    options = write_exercise(tmp_path, exercise)
    environment = {"PYTHONIOENCODING": "ascii"}
    given = ("exercise_runner.py", *options, "--algorithm", "Speaker")
    done = process(*given, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\\u2192 \\ud800\n") == 3


def test_a_reader_that_is_gone_makes_no_noise() -> None:
    runner = subprocess.Popen(
        [sys.executable, "exercise_runner.py", *PING, "--devices", "200"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout is not None
    runner.stdout.close()
    assert runner.stderr is not None
    assert runner.stderr.read() == ""
    assert runner.wait(timeout=240) in (1, -getattr(signal, "SIGPIPE", 0))
    runner.stderr.close()
