"""A run on the command line: what is printed before, during and after it, and the exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from emulators import watchdog
from emulators.check.verdict import as_dict as verdict_as_dict
from emulators.check.verdict import lines_of
from emulators.console.giving_up import Made, last_words, say, speaking
from emulators.errors import UsageError, grouped
from emulators.lectures import LECTURES
from emulators.network.given import network_given, print_scenarios
from emulators.network.scenario import Network
from emulators.program import REAL
from emulators.replay import Departure
from emulators.runner import (
    EXERCISES,
    Result,
    RunConfig,
    check,
    config_of,
    digest,
    prepared,
)
from emulators.trace.console import painted
from emulators.trace.events import Observer, RawEvent
from emulators.trace.log import Recorded
from emulators.trace.logbook import Logbook

_CONFIGURED = (
    *("lecture", "algorithm", "type", "devices", "seed", "exercises", "latency"),
    *("max_rounds", "max_time", "max_messages"),
)


def run(options: argparse.Namespace) -> int:
    """Do a run as the command line says; return the exit status."""
    if options.network == "list":
        print_scenarios()
        return 0
    _check_together(options)
    with contextlib.ExitStack() as stack:
        stack.enter_context(last_words(say))
        if options.type in REAL and not options.replay:
            from emulators.console.real_run import refuse_virtual

            refuse_virtual(options)
        if options.gui or options.type == "stepping":
            from emulators.console.stepping_run import is_stepped, run_stepped

            if is_stepped(options):
                return run_stepped(options)
        recorded = None
        if options.replay:
            recorded = stack.enter_context(contextlib.closing(Recorded(options.replay)))
        config = config_from(options, recorded)
        if options.check_determinism:
            return _check_determinism(config)
        prepare_data(config)
        try:
            if config.type in REAL and recorded is None:
                from emulators.console.real_run import run_real

                return run_real(options, config)
            if options.json:
                return _run_as_json(options, config, recorded)
            return _run(options, config, recorded)
        except Departure as departed:  # while the devices were built
            print(painted(f"Replay: {departed}", "red", sys.stderr), file=sys.stderr)
            return 1


_WITHOUT = {
    "check_determinism": ("record", "replay", "json", "gui", "pace", "log", "checks"),
    "json": ("gui", "pace"),
}
"""Options that mean nothing beside another one."""


def _check_together(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options of which one would be ignored."""
    for name, others in _WITHOUT.items():
        for other in others:
            if getattr(options, name) and getattr(options, other):
                raise UsageError(f"--{_typed(other)} means nothing with --{_typed(name)}")
    zeromq = options.type == "zeromq" or options.replay
    if not zeromq and (options.hosts is not None or options.index is not None):
        raise UsageError("--hosts FILE and --index I belong together, with --type zeromq")
    if options.remote and not options.gui and options.type != "stepping":
        raise UsageError("--remote is for stepping: add --type stepping")


def _typed(name: str) -> str:
    return "check" if name == "checks" else name.replace("_", "-")


def config_from(options: argparse.Namespace, recorded: Recorded | None) -> RunConfig:
    """Return the configuration that the options and the recording ask for."""
    given: dict[str, Any] = {
        name: getattr(options, name) for name in _CONFIGURED if getattr(options, name) is not None
    }
    if options.fifo:
        given["fifo"] = True
    if options.settings:
        given["settings"] = dict(options.settings)
    if options.script is not None:
        given = _with_script(options.script, given)
    checks = tuple(options.checks)
    network = _network(options, given, recorded)
    if network is not None:
        given["network"] = network
    if recorded is not None:
        return replace(_replayed_config(recorded, given), checks=checks)
    for name in ("lecture", "algorithm"):
        if name not in given:
            raise UsageError(
                f"--{name} is missing, as in: "
                "exercise_runner.py --lecture 0 --algorithm PingPong --type async --devices 3"
            )
    given.setdefault("type", "sync")
    if given["lecture"] not in LECTURES:
        raise UsageError(
            f"there is no lecture {given['lecture']}; there are {', '.join(map(str, LECTURES))}"
        )
    return RunConfig(**given, checks=checks)


def _with_script(path: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Return what is given with the text of a script, and with as many devices as it needs."""
    lecture = LECTURES.get(given.get("lecture", -1))
    if lecture is None or lecture.needs_of_script is None:
        scripted = [one.number for one in LECTURES.values() if one.needs_of_script]
        raise UsageError(f"--script: only lecture {', '.join(map(str, scripted))} has scripts")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read the script {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8") from None
    settings = {**given.get("settings", {}), "SCRIPT": text or "\n"}
    return {"devices": lecture.needs_of_script(text), **given, "settings": settings}


def _network(
    options: argparse.Namespace, given: dict[str, Any], recorded: Recorded | None
) -> Network | None:
    """Return the network that is asked for; a latency in rounds is a part of it."""
    kind = given.get("type") or ("sync" if recorded is None else recorded.header.type)
    rounds = given.pop("latency", None) if kind == "sync" else None
    return network_given(
        options.network,
        options.topology,
        options.loss,
        options.duplicate,
        rounds,
        options.crashes,
    )


def _replayed_config(recorded: Recorded, given: dict[str, Any]) -> RunConfig:
    config = config_of(recorded.header, given.pop("exercises", EXERCISES))
    if "network" in given and given.pop("network") != config.network:
        raise UsageError(
            f"{recorded.path} was recorded with another network: leave --network, --topology, "
            "--loss, --duplicate, --crash and --latency out"
        )
    for name, value in given.items():
        if getattr(config, name) != value:
            raise UsageError(
                f"{recorded.path} was recorded with {name} {getattr(config, name)}, "
                f"not {value}: leave --{name.replace('_', '-')} out"
            )
    if config.lecture not in LECTURES:
        raise UsageError(f"{recorded.path} is of lecture {config.lecture}, which does not exist")
    if digest(config) != recorded.header.program:
        print("The exercise file has changed since the recording.", file=sys.stderr)
    return config


def prepare_data(config: RunConfig) -> None:
    """Unpack the books before the lecture that counts their words."""
    if config.lecture == 9 and "BOOKS_FOLDER" not in config.settings:
        from ex9data.unpack import BooksError, ensure_books

        try:
            ensure_books()
        except BooksError as error:
            raise UsageError(str(error)) from None


# -- the run


class _Pace(Observer):
    """Waits at every message, so that one can watch."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def on_send(self, event: RawEvent) -> None:
        """Wait after a message was sent."""
        time.sleep(self._seconds)

    on_receive = on_send


class _Progress(Observer):
    """A progress bar on a terminal: rounds where there is a limit, else messages."""

    def __init__(self, config: RunConfig) -> None:
        from tqdm import tqdm

        in_rounds = config.type == "sync"
        self.bar = tqdm(
            total=config.limits.rounds if in_rounds else None,
            unit=" rounds" if in_rounds else " messages",
            leave=False,
            disable=None,
            file=sys.stderr,
        )
        if in_rounds:
            self.on_round = self._advance
        else:
            self.on_send = self._advance

    def _advance(self, event: RawEvent) -> None:
        self.bar.update()


def _observers(options: argparse.Namespace, config: RunConfig) -> list[Any]:
    observers: list[Any] = []
    if options.pace:
        observers.append(_Pace(options.pace))
    if options.log:
        observers.append(Logbook(options.log))
    if options.quiet and not options.json and sys.stderr.isatty():
        observers.append(_Progress(config))
    return observers


@contextlib.contextmanager
def interruptible(made: Made) -> Iterator[None]:
    """Let Ctrl-C end the run even where a student's code catches everything."""

    def interrupt(number: int, frame: Any) -> None:
        made.emulator.scheduler.stop("interrupted")
        raise KeyboardInterrupt

    handlers = {"SIGINT": interrupt, "SIGTSTP": _stop}
    before: dict[int, Any] = {}
    with contextlib.suppress(ValueError):  # not in the main thread
        for name, handler in handlers.items():
            if hasattr(signal, name):
                number = getattr(signal, name)
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: Any) -> None:
    """Stop as Ctrl-Z does, without the watchdog taking the time for an endless loop."""
    watchdog.hold()
    os.kill(os.getpid(), signal.SIGSTOP)


def _run(options: argparse.Namespace, config: RunConfig, recorded: Recorded | None) -> int:
    observers = _observers(options, config)
    with prepared(
        config,
        observers=observers,
        quiet=options.quiet,
        record=options.record,
        replay=recorded,
        announce=lambda config: announce(config, recorded),
    ) as made:
        with interruptible(made), speaking(made, lambda result: print_all(result, options)):
            result = made.go()
        for observer in observers:
            if isinstance(observer, _Progress):
                observer.bar.close()
        print_all(result, options)
    return status(result)


def print_all(result: Result, options: argparse.Namespace) -> None:
    """Print how the run ended, its results and statistics, and what went wrong."""
    _print_end(result)
    print(painted("Results", "bold", sys.stdout))
    result.emulator.print_result()
    print(painted("Statistics", "bold", sys.stdout))
    result.emulator.print_statistics()
    print_properties(result)
    sys.stdout.flush()
    _print_summary(result, options)


def print_properties(result: Result) -> None:
    """Print which of the properties that were asked for hold, and how the others are violated."""
    if not result.properties:
        return
    print(painted("Properties", "bold", sys.stdout))
    if result.ended == "interrupted":
        print("\tThe run was interrupted: what is to hold in the end was not judged")
    for line in lines_of(result.properties, result.witness, result.faults):
        print(f"\t{line}")


def announce(config: RunConfig, recorded: Recorded | None) -> None:
    """Print what is going to run."""
    print(
        f"Running Lecture {config.lecture} Algorithm {config.algorithm} in a network of type "
        f"[{config.type}] using {config.devices} devices"
    )
    replayed = f", replayed from {recorded.path}" if recorded is not None else ""
    print(f"Seed {config.seed}{replayed}", flush=True)


_MORE = {
    "rounds": "--max-rounds",
    "virtual": "--max-time",
    "seconds": "--max-time",
    "messages": "--max-messages",
}


def _print_end(result: Result) -> None:
    if result.ended == "interrupted":
        print("Execution Interrupted")
    elif result.ended.startswith("limit"):
        number, _, unit = result.ended.removeprefix("limit: ").partition(" ")
        print("Execution Complete")
        option = _MORE[unit.split()[0]]
        print(f"Stopped at the limit of {number} {unit}; {option} sets another")
    elif result.failures and result.emulator.stopped_by in ("time", "failure"):
        print("Execution Complete")
        print("Stopped a while after the first failure: the others did not end by themselves")
    elif result.departure:
        print("Execution Stopped")
    else:
        print("Execution Complete")


def _print_summary(result: Result, options: argparse.Namespace) -> None:
    if result.departure:
        print(painted(f"Replay: {result.departure}", "red", sys.stderr), file=sys.stderr)
    if result.failures:
        print(file=sys.stderr)
        reports = grouped(result.failures)
        heading = "1 failure" if len(reports) == 1 else f"{len(reports)} failures"
        print(painted(heading, "red", sys.stderr), file=sys.stderr)
        for report in reports:
            print(report, file=sys.stderr)
    repeatable = not options.replay and not result.config.actions and result.config.type not in REAL
    if repeatable and (result.failures or result.violations):
        print(f"The same run again: add --seed {result.seed}", file=sys.stderr)


def status(result: Result) -> int:
    """Return the exit status that a result stands for."""
    if result.ended == "interrupted":
        return 130
    return 1 if result.failures or result.departure or result.violations or result.faults else 0


# -- as JSON


def _run_as_json(options: argparse.Namespace, config: RunConfig, recorded: Recorded | None) -> int:
    stdout = sys.stdout
    with (
        contextlib.redirect_stdout(sys.stderr),
        prepared(
            config,
            observers=_observers(options, config),
            quiet=True,
            record=options.record,
            replay=recorded,
        ) as made,
    ):
        with interruptible(made), speaking(made, lambda result: print_json(result, stdout)):
            result = made.go()
        print_json(result, stdout)
    return status(result)


def print_json(result: Result, stdout: TextIO) -> None:
    """Print a result, and nothing else, as JSON."""
    results = _results(result)
    print(json.dumps(as_dict(result, results), indent=2), file=stdout)


def _results(result: Result) -> list[str]:
    """Return what `print_result` of all devices prints, as lines."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result.emulator.print_result()
    return printed.getvalue().splitlines()


def as_dict(result: Result, results: list[str]) -> dict[str, Any]:
    """Return a result as plain values."""
    config = result.config
    return {
        "lecture": config.lecture,
        "algorithm": config.algorithm,
        "type": config.type,
        "devices": config.devices,
        "seed": result.seed,
        "ended": result.ended,
        "results": results,
        "statistics": result.statistics.as_dict(),
        "todos": result.todos,
        "failures": [
            {
                "device": failure.device,
                "when": failure.when,
                "problem": failure.problem,
                "file": failure.place.file if failure.place else None,
                "line": failure.place.line if failure.place else None,
                "hint": failure.hint,
            }
            for failure in result.failures
        ],
        "properties": [
            verdict_as_dict(one, result.witness, result.faults) for one in result.properties
        ],
        "departure": result.departure,
    }


# -- determinism


def _check_determinism(config: RunConfig) -> int:
    """Run twice with the same seed and compare what happened."""
    from emulators.console.determinism import first_difference

    prepare_data(config)
    if config.seed is None:
        config = replace(config, seed=secrets.randbits(32))
    check(config)
    announce(config, None)
    difference = first_difference(config)
    if difference:
        print(difference)
        print(
            "The program brings in decisions of its own: look for the order of a set of objects, "
            "id(), os.urandom or a real clock"
        )
        return 1
    print("Deterministic: two runs with this seed are the same, event for event")
    return 0
