"""Code that runs on without touching the medium is found, named by its line, and interrupted."""

import json
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulators import watchdog
from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.errors import Unresponsive
from tests.framework.commands import FAILURES, ROOT, command, process, refusal, write_exercise
from tests.framework.test_student_failures import line_of, report_of, run

IMPATIENT = {"PATIENCE": 0.05, "_LEAST_CPU": 0.02, "_LOOK": 0.01}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the watchdog lose its patience soon."""
    for name, value in IMPATIENT.items():
        monkeypatch.setattr(watchdog, name, value)


LOOPS = {
    "Loops": ("go_wrong", "while True", ""),
    "LoopsInConstructor": ("__init__", "while index == 1", "in its constructor"),
    "LoopsInPrintResult": ("print_result", "while self.index", "in print_result"),
    "LoopsInThread": ("loop", "while True", "in its thread"),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("algorithm", LOOPS)
def test_an_endless_loop_is_found_and_named(algorithm: str, network: str) -> None:
    method, statement, where = LOOPS[algorithm]
    answer = run(algorithm, "--type", network)
    report = report_of(answer)
    begin = line_of(f"{algorithm}.{method}", statement)
    assert answer.status == 1
    assert report.startswith(f"Device 1 failed {where}")
    assert "it runs on and on without touching the medium (an endless loop?)" in report
    assert re.search(rf"demo\.py, line ({begin}|{begin + 1}), in {method}\n", report)
    assert "try: let the loop end, or call self.medium.wait_for_next_round() in it" in report


@pytest.mark.usefixtures("impatient")
def test_a_loop_that_sends_and_swallows_its_limit_is_found() -> None:
    answer = run("LoopsAndSendsAndCatchesInConstructor", "--max-messages", 50, "--quiet")
    assert answer.status == 1
    assert "Device 1 failed in its constructor: it runs on and on" in report_of(answer)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("algorithm", LOOPS)
def test_the_others_go_on_and_print_their_results(algorithm: str) -> None:
    out = run(algorithm).out
    assert {"0", "2"} <= set(re.findall(r"Device (\d) was here", out))
    assert "Statistics\n\tTotal " in out


PROCESSOR_TIME = [time.process_time]  # in a list, where no stand-in takes its place


class Busy(Device):
    """Computes for longer than the watchdog's patience in all, but touches the medium."""

    def run(self) -> None:
        for _ in range(20):
            begin = PROCESSOR_TIME[0]()
            while PROCESSOR_TIME[0]() < begin + 0.01:
                pass
            self._medium.receive()
            self._medium.wait_for_next_round()


@pytest.mark.usefixtures("impatient")
def test_who_touches_the_medium_now_and_then_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_LEAST_CPU", 0.1)
    emulator = AsyncEmulator(2, Busy, seed=1, quiet=True)
    emulator.run()
    assert emulator.failures == []


def as_library(source: str, name: str = "") -> dict[str, Any]:
    """Run a source text as a module that no student has written."""
    module: dict[str, Any] = {"__name__": name}
    exec(compile(source, "<library>", "exec"), module)
    return module


SLOW_ANSWER = """
from time import process_time
def answer(question):
    begin = process_time()
    while process_time() < begin + 0.15:
        pass
    return "seven"
"""
ASKS = """
from emulators.Device import Device
class Asks(Device):
    def run(self):
        self.answer = input("How many? ")
    def print_result(self):
        print(self.answer)
"""


@pytest.mark.usefixtures("impatient")
def test_a_person_who_is_asked_may_take_his_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", as_library(SLOW_ANSWER)["answer"])
    given = write_exercise(tmp_path, ASKS)
    status, out, err = command(*given, "--algorithm", "Asks", "--devices", 2)
    assert (status, err) == (0, "")
    assert out.count("seven\n") == 2


@pytest.mark.usefixtures("impatient")
def test_a_file_that_is_never_loaded_to_its_end_is_refused(tmp_path: Path) -> None:
    given = write_exercise(tmp_path, "while True:\n    pass\n\nclass Never: ...\n")
    told = refusal(*given, "--algorithm", "Never")
    assert re.search(r"demo\.py, line [12], in <module>: the file cannot be loaded: it runs", told)


def test_the_alarm_is_cancelled_where_a_debugger_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    alarm = SimpleNamespace(cancel_dump_traceback_later=lambda: calls.append("cancelled"))
    monkeypatch.setattr(watchdog, "faulthandler", alarm)
    monkeypatch.setattr(watchdog, "last_words", print)
    monkeypatch.setitem(sys.modules, "debugpy", sys)
    watchdog._set_alarm()
    assert calls == ["cancelled"]


def test_code_in_a_debugger_is_code_that_asks_a_person() -> None:
    debugger = as_library("import sys\ndef stop(): return sys._getframe()", "bdb")
    assert watchdog._asks_a_person(debugger["stop"]())
    assert not watchdog._asks_a_person(sys._getframe())


def test_real_runs_have_patience_of_at_most_5_seconds() -> None:
    until_named = watchdog.PATIENCE + watchdog._LOOK
    assert until_named + watchdog._MOST_INTERRUPTS * watchdog._LOOK < 5


def test_no_signal_is_used_that_some_systems_do_not_have() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "emulators").rglob("*.py"))
    assert not any("SIGALRM" in source or "setitimer" in source for source in sources)


def test_unresponsive_is_no_exception_that_student_code_catches() -> None:
    assert not issubclass(Unresponsive, Exception)


# -- code that cannot be interrupted ends the process, and nothing else is lost

IMPATIENT_MAIN = """
import sys
from emulators import watchdog
for name, value in {}.items():
    setattr(watchdog, name, value)
from emulators.console.command_line import main
sys.exit(main(sys.argv[1:]))
"""


def hopeless(algorithm: str, *options: str, **patience: float) -> Any:
    """Run a loop that cannot be interrupted, in a process of its own."""
    main = IMPATIENT_MAIN.format({**IMPATIENT, **patience})
    given = ["--exercises", str(FAILURES), "--lecture", "0", "--algorithm", algorithm]
    return process("-c", main, *given, "--seed", "1", *options)


def test_a_loop_that_swallows_every_exception_is_named_and_the_rest_is_printed() -> None:
    done = hopeless("LoopsAndCatches")
    assert done.returncode == 1
    assert "it cannot be interrupted" in done.stderr
    begin = line_of("LoopsAndCatches", "while True")
    assert re.search(rf"demo\.py, line ({begin + 2}|{begin + 3}), in go_wrong", done.stderr)
    assert "try: let the loop end, and do not catch every exception in it" in done.stderr
    assert re.findall(r"Device (\d) was here", done.stdout) == ["0", "1", "2"]
    assert "Statistics\n\tTotal 1 messages" in done.stdout


def test_what_a_loop_prints_that_cannot_be_interrupted_does_not_drown_the_results() -> None:
    results = hopeless("LoopsAndPrintsAndCatches").stdout.partition("Execution Complete")[2]
    assert re.findall(r"Device (\d) was here", results) == ["0", "1", "2"]
    assert results.count("noise") <= 1  # what was being printed just then


def test_a_loop_that_swallows_every_exception_leaves_a_whole_recording(tmp_path) -> None:
    file = tmp_path / "run"
    hopeless("LoopsAndCatches", "--record", str(file))
    assert file.read_bytes().splitlines()[-1].startswith(b'{"e":"finish"')


def test_a_loop_that_swallows_every_exception_leaves_whole_json() -> None:
    done = hopeless("LoopsAndCatches", "--json")
    assert json.loads(done.stdout)["ended"] == "failed"


def test_a_call_that_never_lets_python_go_on_ends_with_a_trace_of_its_line() -> None:
    done = hopeless("LoopsInC", _NO_LOOK=0.5)
    assert done.returncode == 1
    line = line_of("LoopsInC", "sum(range")
    assert re.search(rf'File ".*demo\.py", line {line} in go_wrong', done.stderr)


class Short(Device):
    """Ends at once."""

    def run(self) -> None:
        self.medium.wait_for_next_round()


def test_no_alarm_is_left_when_a_run_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    alarm = SimpleNamespace(
        dump_traceback_later=lambda *args, **options: calls.append("set"),
        cancel_dump_traceback_later=lambda: calls.append("cancelled"),
    )
    monkeypatch.setattr(watchdog, "faulthandler", alarm)
    monkeypatch.setattr(watchdog, "last_words", print)
    monkeypatch.setattr(watchdog, "_LOOK", 0.0001)
    for _ in range(50):
        AsyncEmulator(2, Short, seed=1, quiet=True).run()
        assert calls.pop() == "cancelled"


class Stubborn(Device):
    """Swallows more interrupts than the watchdog would send before it gives up."""

    def run(self) -> None:
        swallowed = 0
        while swallowed < 2 * watchdog._MOST_INTERRUPTS:
            try:
                while True:
                    str(swallowed)
            except Unresponsive:
                swallowed += 1


@pytest.mark.usefixtures("impatient")
def test_outside_a_command_line_the_process_goes_on() -> None:
    assert watchdog.last_words is None
    emulator = AsyncEmulator(2, Stubborn, seed=1, quiet=True)
    emulator.run()
    assert emulator.all_terminated
