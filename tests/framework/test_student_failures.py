"""Whatever a student's code does wrong ends in a report that names device, time, file and line."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from emulators import SyncEmulator
from emulators.kernel.clock import ticks
from tests.framework.commands import FAILURES, Answer, command, write_exercise

SOURCE = (FAILURES / "demo.py").read_text(encoding="utf-8").splitlines()
NETWORKS = ("sync", "async")


def run(algorithm: str, *options: Any) -> Answer:
    """Run one of the classes of data/failures/demo.py."""
    given = ("--lecture", 0, "--algorithm", algorithm, "--seed", 1, *options)
    return command("--exercises", FAILURES, *given)


def report_of(answer: Answer) -> str:
    """Return the reports at the end of a run."""
    heading, reports = re.split(r"^\d+ failures?\n", answer.err, maxsplit=1, flags=re.MULTILINE)
    assert heading.strip()
    return reports


def line_of(function: str, statement: str) -> int:
    """Return the number of the line of a statement in a class, `Class` or `Class.method`."""
    name, _, method = function.partition(".")
    begin = SOURCE.index(next(line for line in SOURCE if line.startswith(f"class {name}(")))
    if method:
        begin = next(n for n in range(begin, len(SOURCE)) if f"def {method}(" in SOURCE[n])
    return next(n for n in range(begin, len(SOURCE)) if statement in SOURCE[n]) + 1


WRONG = {  # class: (method, source line, problem, what to try)
    "Divides": ("go_wrong", "1 / 0", "ZeroDivisionError: division by zero", ""),
    "DividesInThread": ("divide", "1 / 0", "ZeroDivisionError: division by zero", ""),
    "SendsText": (
        "go_wrong",
        'self.medium.send("hello")',
        "a str was sent, which is no message",
        "extends MessageStub",
    ),
    "SendsClass": (
        "go_wrong",
        "self.medium.send(Hello)",
        "the class Hello was sent, which is no message",
        "send an object: Hello(…)",
    ),
    "SendsNothing": ("go_wrong", "self.medium.send()", "TypeError: Medium.send() missing 1", ""),
    "SendsToText": (
        "go_wrong",
        'self.medium.send(Hello(1, "0"))',
        "it sent a message to device '0', which does not exist: Hello 1 -> 0",
        "there are devices 0 to 2, and their indices are numbers, not texts",
    ),
    "SendsLongChain": (
        "go_wrong",
        "self.medium.send(Hello(1, 0, chain))",
        "the message cannot be copied: its field 'content' is nested too deeply",
        "as a list",
    ),
    "ReadsNoMessage": (
        "go_wrong",
        "print(self.medium.receive().source)",
        "AttributeError: 'NoneType' object has no attribute 'source'",
        "receive() returns None when no message has arrived",
    ),
    "CallsModule": (
        "go_wrong",
        "emulators.MessageStub(1, 0)",
        "TypeError: 'module' object is not callable",
        "from emulators.MessageStub import MessageStub",
    ),
    "UsesEventLoop": (
        "go_wrong",
        "asyncio.run(",
        "an event loop of asyncio waits for the real clock, which is no part of a run",
        "write run() without async and await",
    ),
    "UsesProcess": (
        "go_wrong",
        "Process(target=print).start()",
        "multiprocessing makes real processes, which are no part of a run",
        "use threading.Thread and queue.Queue instead",
    ),
    "SendsToNobody": (
        "go_wrong",
        "self.medium.send(Hello(1, 99))",
        "it sent a message to device 99, which does not exist: Hello 1 -> 99",
        "there are devices 0 to 2",
    ),
    "SendsToNone": (
        "go_wrong",
        "self.medium.send(Hello(1, None))",
        "it sent a message to device None, which does not exist: Hello 1 -> None",
        "there are devices 0 to 2",
    ),
    "SendsGenerator": (
        "go_wrong",
        "self.medium.send(Hello(1, 0, (",
        "the message cannot be copied: its field 'content' holds a generator",
        "send only data",
    ),
    "SendsMedium": (
        "go_wrong",
        "self.medium.send(Hello(1, 0, self.medium))",
        "the message cannot be copied: its field 'content' holds a Medium",
        "send only data",
    ),
    "SendsForgetfulMessage": (
        "go_wrong",
        "self.medium.send(ForgetfulMessage(1, 0))",
        "",
        "call super().__init__(sender, destination) in ForgetfulMessage",
    ),
    "WaitsWithAnothersMedium": (
        "go_wrong",
        "self.mediums[0].wait_for_next_round()",
        "the medium of device 0 is waited on by device 1",
        "a device waits only with its own medium",
    ),
    "UsesRealThread": (
        "wait",
        "self.medium.wait_for_next_round()",
        "a medium was used from a real thread outside the run",
        "start threads with the module threading",
    ),
    "Recurses": ("go_wrong", "self.go_wrong()", "RecursionError: maximum recursion depth", ""),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", WRONG)
def test_the_report_names_device_time_file_line_source_and_last_message(
    algorithm: str, network: str
) -> None:
    method, source, problem, hint = WRONG[algorithm]
    answer = run(algorithm, "--type", network)
    report = report_of(answer).splitlines()
    when = r"in round \d+ \(\S+ virtual seconds\)" if network == "sync" else r"at \S+ virtual secon"
    assert answer.status == 1
    assert re.match(rf"Device 1 failed (in its thread \S+ )?{when}", report[0])
    assert problem in report[0]
    place = (
        rf"  at .*failures/demo\.py, line {line_of(f'{algorithm}.{method}', source)}, in {method}"
    )
    assert re.fullmatch(place, report[1])
    assert report[2].strip().startswith(source)
    assert "  last message received: Hello 0 -> 1" in report
    assert hint in "\n".join(report)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", [*WRONG, "DividesInPrintResult"])
def test_the_others_go_on_and_results_and_statistics_are_printed(
    algorithm: str, network: str
) -> None:
    out = run(algorithm, "--type", network).out
    assert re.findall(r"Device (\d) was here", out) == ["0", "1", "2"]
    assert re.search(r"Statistics\n\tTotal \d+ messages", out)


@pytest.mark.parametrize("algorithm", WRONG)
def test_the_failure_is_said_at_once_and_explained_at_the_end(algorithm: str) -> None:
    err = run(algorithm).err
    headline = err.splitlines()[0]
    assert err.count(headline) == 2
    assert err.endswith("The same run again: add --seed 1\n")


def test_an_exception_in_a_constructor_names_its_device_and_line() -> None:
    answer = run("DividesInConstructor")
    line = line_of("DividesInConstructor", "1 / 0")
    assert answer.status == 1
    assert "Device 1 failed in its constructor: ZeroDivisionError" in report_of(answer)
    assert f"failures/demo.py, line {line}, in __init__\n      1 / 0" in report_of(answer)


def test_an_exit_in_a_constructor_ends_nothing_else() -> None:
    answer = run("ExitsInConstructor")
    assert answer.status == 1
    assert "Device 1 failed in its constructor: SystemExit: 0" in report_of(answer)


def test_a_constructor_with_other_parameters_is_told_which_there_are() -> None:
    report = report_of(run("TakesOnlyIndex"))
    assert "takes 2 positional arguments but 4 were given" in report
    assert f"line {line_of('TakesOnlyIndex', 'def __init__')}, in __init__" in report
    assert "try: __init__ takes (self, index, number_of_devices, medium)" in report


def test_a_method_without_self_is_told_so() -> None:
    report = report_of(run("ForgetsSelf"))
    assert f"line {line_of('ForgetsSelf', 'def run()')}, in run" in report
    assert "try: write self as the first parameter of the method" in report


def test_the_devices_that_could_be_built_still_print_their_results() -> None:
    out = run("DividesInConstructor").out
    assert re.findall(r"Device (\d) was here", out) == ["0", "2"]
    assert "Statistics\n\tTotal " in out


def test_an_exception_in_print_result_names_its_device_and_line() -> None:
    answer = run("DividesInPrintResult")
    line = line_of("DividesInPrintResult", "1 / 0")
    assert answer.status == 1
    assert "Device 1 failed in print_result" in report_of(answer)
    assert f"failures/demo.py, line {line}, in print_result" in report_of(answer)


def test_an_exception_in_a_hook_names_its_device_round_and_line() -> None:
    answer = run("DividesInHook")
    assert answer.status == 1
    assert "Device 1 failed in after_round in round 2" in report_of(answer)
    assert f"line {line_of('DividesInHook', '1 / 0')}, in after_round" in report_of(answer)


def test_a_constructor_without_super_is_told_what_to_write() -> None:
    answer = run("ForgetsSuper")
    report = report_of(answer)
    assert answer.status == 1
    assert "ForgetsSuper.__init__ does not call the one of Device" in report
    assert f"line {line_of('ForgetsSuper', 'def __init__')}, in __init__" in report
    assert "try: begin it with: super().__init__(index, number_of_devices, medium)" in report


def test_a_class_without_run_is_told_so() -> None:
    answer = run("ForgetsRun")
    assert answer.status == 1
    assert "ForgetsRun has no method run(self)" in report_of(answer)


@pytest.mark.parametrize("algorithm", ["RunsAsCoroutine", "RunsAsGenerator"])
def test_a_run_that_would_never_begin_is_told_so(algorithm: str) -> None:
    answer = run(algorithm)
    assert answer.status == 1
    assert "run() has not begun, because it is a generator or a coroutine" in report_of(answer)
    assert f"line {line_of(algorithm, 'def run')}, in run" in report_of(answer)


def test_a_new_that_makes_no_device_is_told_so() -> None:
    answer = run("IsNoDevice")
    assert answer.status == 1
    assert "IsNoDevice made 'a device', which is no Device" in report_of(answer)


def test_devices_that_fail_in_the_same_way_share_one_report() -> None:
    report = report_of(run("ForgetsSuper"))
    assert report.count("does not call the one of Device") == 1
    assert "the same in device 1 in its constructor, 2 in its constructor" in report


def test_a_message_to_nobody_is_reported_once_and_its_device_goes_on() -> None:
    answer = run("SendsToNobody")
    assert answer.err.count("which does not exist") == 2  # at once, and in the report
    assert "undeliverable 2" in answer.out


def test_a_message_that_cannot_be_shown_stops_nobody() -> None:
    answer = run("SendsWhatCannotBeShown")
    assert answer.status == 0
    assert "\tSend <Unshowable: its __str__ raises AttributeError: " in answer.out


def test_two_devices_in_the_critical_section_are_found() -> None:
    answer = run("EntersTogether")
    assert answer.status == 1
    assert re.search(
        r"devices \d and \d are in the critical section at the same time\n"
        rf"  at \S*demo.py, line {line_of('EntersTogether', 'self.do_work()')}, in run",
        report_of(answer),
    )


def test_exit_ends_its_device_and_nothing_else() -> None:
    answer = run("Exits")
    assert answer.status == 0
    assert re.findall(r"Device (\d) was here", answer.out) == ["0", "1", "2"]
    assert "\tDevice 1: enough\n" in answer.out


def test_a_function_may_make_the_devices() -> None:
    assert "Device 1 failed" in report_of(run("greeter"))


# -- waiting


@pytest.mark.parametrize("algorithm", ["Polls", "PollsAndCatches"])
def test_endless_polling_in_a_sync_round_is_found(algorithm: str) -> None:
    answer = run(algorithm)
    assert answer.status == 1
    assert "Device 1 failed in round 2" in report_of(answer)
    assert "times in round 2 without calling wait_for_next_round()" in report_of(answer)
    assert f"line {line_of(algorithm, 'self.medium.receive')}, in go_wrong" in report_of(answer)
    assert re.findall(r"Device (\d) was here", answer.out) == ["0", "1", "2"]


def test_polling_makes_progress_in_async() -> None:
    answer = run("Polls", "--type", "async")
    assert (answer.status, answer.err) == (0, "")
    assert "Stopped at the limit of 100 virtual seconds" in answer.out


@pytest.mark.parametrize("network", NETWORKS)
def test_devices_that_all_wait_for_ever_are_found_with_their_lines(network: str) -> None:
    answer = run("AllWait", "--type", network)
    report = report_of(answer)
    assert answer.status == 1
    assert "all devices wait for ever (deadlock)" in report
    line = line_of("AllWait", "wait_for_message")
    for device in range(3):
        assert re.search(
            rf"device {device} waits for a message at .*demo\.py, line {line}, in run", report
        )


@pytest.mark.parametrize("network", NETWORKS)
def test_one_device_that_waits_when_all_others_have_ended_is_found(network: str) -> None:
    answer = run("OneWaits", "--type", network)
    assert answer.status == 1
    assert "device 1 waits for a message at " in report_of(answer)
    assert "device 0 waits" not in report_of(answer)


# -- loops over what is no medium


def test_a_sync_round_that_the_clock_never_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SyncEmulator, "_LONGEST_ROUND", ticks(9))
    answer = run("LoopsOverTheClock")
    assert answer.status == 1
    assert "Device 1 failed in round 2" in report_of(answer)
    assert "the round does not end" in report_of(answer)
    assert f"line {line_of('LoopsOverTheClock', 'while time')}, in go_wrong" in report_of(answer)
    assert "last message received: Hello 0 -> 1" in report_of(answer)


def test_a_loop_over_the_clock_ends_at_the_limit_in_async() -> None:
    answer = run("LoopsOverTheClock", "--type", "async")
    assert answer.status == 0
    assert "Stopped at the limit of 100 virtual seconds; --max-time sets another" in answer.out


@pytest.mark.parametrize("network", NETWORKS)
def test_a_loop_that_sends_ends_at_the_limit(network: str) -> None:
    answer = run("LoopsAndSends", "--type", network, "--quiet", "--max-messages", 500)
    assert answer.status == 0
    assert "Stopped at the limit of 500 messages" in answer.out
    assert "Total 500 messages" in answer.out


@pytest.mark.parametrize("algorithm", ["LoopsAndSendsInConstructor", "LoopsAndSendsInPrintResult"])
def test_a_loop_that_sends_outside_run_is_a_failure_at_the_limit(algorithm: str) -> None:
    answer = run(algorithm, "--quiet", "--max-messages", 500)
    assert answer.status == 1
    assert "more than 500 messages were sent outside run()" in report_of(answer)
    assert f"line {line_of(algorithm, 'self.medium.send')}, in " in report_of(answer)


# -- every class of the file is used here


def test_every_way_to_fail_has_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    here += (Path(__file__).parent / "test_watchdog.py").read_text(encoding="utf-8")
    classes = re.findall(r"^class (\w+)\(.*(?:Greeter|Device)\):", "\n".join(SOURCE), re.MULTILINE)
    assert len(classes) > 30
    assert [name for name in classes if f'"{name}"' not in here] == []


def test_the_greeter_itself_does_nothing_wrong() -> None:
    assert (run("Greeter").status, run("Greeter").err) == (0, "")


def test_a_helper_module_is_named_where_the_error_is_in_it(tmp_path: Path) -> None:
    helper = inspect.cleandoc("""
        def half(number):
            return number / 0
    """)
    exercise = inspect.cleandoc("""
        from emulators.Device import Device
        from helper import half
        class Halving(Device):
            def run(self):
                half(self.index)
    """)
    write_exercise(tmp_path, helper, "helper.py")
    answer = command(*write_exercise(tmp_path, exercise), "--algorithm", "Halving")
    assert f"at {tmp_path / 'helper.py'}, line 2, in half\n      return number / 0" in answer.err
