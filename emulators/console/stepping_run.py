"""Stepping from the command line: in a window where there is a display, else in the terminal."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue
from types import ModuleType

from emulators.console import console_run, giving_up
from emulators.console.screen import no_display, no_window
from emulators.console.terminal.control import PAUSE, ByKeys, by_lines, say
from emulators.console.terminal.keys import Keys, terminal_stream
from emulators.console.terminal.walk import Walk
from emulators.errors import UsageError
from emulators.remote import Remote
from emulators.replay import Departure, Replay
from emulators.runner import EXERCISES, Result, Run, RunConfig, check, in_steps, opened, save
from emulators.simulation import Simulation
from emulators.stepping.stepper import Stepper
from emulators.trace.log import Recorded


def is_stepped(options: argparse.Namespace) -> bool:
    """Whether a person walks through the run."""
    return not options.check_determinism and bool(options.type == "stepping" or options.gui)


def run_stepped(options: argparse.Namespace) -> int:
    """Let a person walk through a run; return the exit status."""
    if _in_window(options):
        status = _run_in_window(options)
        if status is not None:
            return status
    return _run_in_terminal(options)


def _config(options: argparse.Namespace) -> RunConfig:
    """Return what is to be run: the command line's, or that of a recording of any type."""
    if not options.replay:
        config = console_run.config_from(options, None)
    else:
        with contextlib.closing(Recorded(options.replay)) as recorded:
            given = argparse.Namespace(**{**vars(options), "type": None})
            config = console_run.config_from(given, recorded)
    console_run.prepare_data(config)
    check(config)
    return replace(config, seed=secrets.randbits(32) if config.seed is None else config.seed)


# -- the window


def _in_window(options: argparse.Namespace) -> bool:
    """Whether to step in a window; says in one line why not, unless the person said so."""
    if options.gui is False or options.json:
        return False
    reason = "" if options.gui else no_display()
    reason = reason or no_window()
    if reason:
        print(f"No window, stepping in the terminal: {reason}", file=sys.stderr)
    return not reason


def _run_in_window(options: argparse.Namespace) -> int | None:
    """Open the window; return None where it cannot be started."""
    try:
        from emulators.gui.app import run_stepping
    except ImportError as error:
        print(f"No window, stepping in the terminal: {error}", file=sys.stderr)
        return None
    config = _config(options)
    console_run.announce(config, None)
    if options.record:
        print("--record: in the window, Save writes the run to a file", file=sys.stderr)
    if options.remote:
        print("--remote: in the window, F9 switches the remote on", file=sys.stderr)
    return run_stepping(config, options.replay)


# -- the terminal


class _Stepped:
    """A run that is walked through, as the rest of the command line sees one."""

    def __init__(self, config: RunConfig, stepper: Stepper) -> None:
        self._config = config
        self.stepper = stepper

    @property
    def emulator(self) -> Simulation:
        """What runs it just now: going back makes another."""
        return self.stepper.emulator

    def result(self, interrupted: bool = False, departure: str = "") -> Result:
        """Return what came of it so far."""
        branch = self.stepper.branch
        config = replace(self._config, seed=branch.seed, actions=tuple(branch.actions))
        made = Run(config, self.emulator, ModuleType(config.algorithm))
        return made.result(interrupted, departure)


def _run_in_terminal(options: argparse.Namespace) -> int:
    stdout = sys.stdout
    with contextlib.ExitStack() as stack:
        if options.json:
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        config, stepper = _begun(options)
        stack.callback(stepper.close)
        if options.record:
            _begin_record(options, config, stepper)
        stepped = _Stepped(config, stepper)
        keyboard = stack.enter_context(_keyboard())

        def finish(result: Result) -> None:
            if keyboard is not None:
                keyboard.release()
            if options.json:
                console_run.print_json(result, stdout)
            else:
                console_run.print_all(result, options)

        with console_run.interruptible(stepped), giving_up.speaking(stepped, finish):
            interrupted = _interrupted(options, Walk(config, stepper), keyboard)
        if options.record:
            save(config, stepper, options.record)
        stepper.close()
        result = stepped.result(interrupted)
        finish(result)
    return console_run.status(result)


def _begin_record(options: argparse.Namespace, config: RunConfig, stepper: Stepper) -> None:
    """Write what there is already, so that a file that cannot be written is known at once."""
    record, replay = options.record, options.replay
    if replay and record.exists() and record.samefile(replay):
        raise UsageError(f"{record} cannot be read and written at the same time")
    save(config, stepper, record)


def _begun(options: argparse.Namespace) -> tuple[RunConfig, Stepper]:
    """Return the run at its beginning, or at the end of what was recorded of it."""
    config = _config(options)
    if not options.replay:
        console_run.announce(config, None)
        return in_steps(config, quiet=options.quiet)
    config, stepper = opened(
        options.replay,
        options.exercises or EXERCISES,
        quiet=options.quiet,
        checks=config.checks,
    )
    with contextlib.closing(Recorded(options.replay)) as recorded:
        console_run.announce(config, recorded)
        departure = _departure(stepper, recorded)
    if departure:
        print(departure, file=sys.stderr)
    print(
        f"Standing at {'the end, ' if stepper.ended else ''}step {stepper.position}; "
        "b or back goes back"
    )
    return config, stepper


def _departure(stepper: Stepper, recorded: Recorded) -> str:
    """Return where the run departs from its recording, or nothing."""
    replay = Replay(recorded)
    try:
        for event in stepper.trace:
            replay.on_event(event)
    except Departure as departure:
        return str(departure)
    return ""


@contextlib.contextmanager
def _keyboard() -> Iterator[Keys | None]:
    """Give the keyboard of the terminal, or None where lines are typed."""
    stream = terminal_stream()
    if stream is None:
        yield None
        return
    try:
        keys = Keys(stream)
    except UsageError as error:
        say(error)
        yield None
        return
    with keys:
        yield keys


def _interrupted(options: argparse.Namespace, walk: Walk, keyboard: Keys | None) -> bool:
    """Let the person walk, then the run finish; return whether it was interrupted."""
    try:
        if keyboard is None:
            if options.remote:
                say("--remote: a remote works where keys do, in a terminal or a window")
            by_lines(walk, sys.stdin)
        else:
            _by_keys(options, walk, keyboard)
        walk.stepper.finish()
    except KeyboardInterrupt:
        return True
    return walk.stepper.emulator.stopped_by == "interrupted"


def _by_keys(options: argparse.Namespace, walk: Walk, keyboard: Keys) -> None:
    control = ByKeys(walk, keyboard, PAUSE if options.pace is None else options.pace)
    if not options.remote:
        control.run()
        return
    asked: SimpleQueue[str] = SimpleQueue()
    remote = Remote(step=lambda: asked.put("step"), back=lambda: asked.put("back"))
    try:
        remote.start()
    except UsageError as error:
        say(error)
    else:
        control.remote = asked
        say("Remote on: page down, right and space step, page up and left go back, in any window")
    try:
        control.run()
    finally:
        remote.stop()
