"""The command line: what is asked, and what the answer ends with. Starts fast, imports late."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from emulators.start.hashing import fix_hashes
from emulators.usage import PROGRAM, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_COMMANDS: dict[str, str] = {
    "run": "",
    "grade": "grade",
    "sweep": "sweep",
    "game": "game",
    "explore": "explore",
    "keys": "keys",
    "join": "join",
}
"""What may come first, and the module of `commands` whose `main(arguments)` does it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _main(given, arguments is None)
    except UsageError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _silence_stdout()
        return 1


def _end_quietly_with_the_reader() -> None:
    """End as other programs do when `| head` has read enough."""
    import signal

    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _print_whatever_the_encoding() -> None:
    """Print characters that a terminal does not have as their numbers, and fail no device."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _silence_stdout() -> None:
    """Let the interpreter's last flush go nowhere: whoever read the output is gone."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _main(given: list[str], arguments_of_process: bool) -> int:
    if given and not given[0].startswith("-"):
        if given[0] not in _COMMANDS:
            from emulators.catalogue import closest

            hint = closest(given[0], _COMMANDS)
            raise UsageError(
                f"there is no command {given[0]!r}; without one, options of a run follow, "
                f"as in: {PROGRAM} --lecture 0 --algorithm PingPong"
                + (f"; did you mean {hint}?" if hint else "")
            )
        command, *given = given
        if _COMMANDS[command]:
            return _do(command, given, arguments_of_process)
    if given == ["--list"]:  # what is mostly asked for without options needs no parser of them
        return _list()
    from emulators.console.options import parser

    options = parser().parse_args(given)
    if options.list:
        return _list(options.exercises, options.lecture)
    if options.checks == ["list"]:
        return _list_properties(options.lecture, options.algorithm)
    if arguments_of_process:
        _prepare_process()
    from emulators.console.console_run import run

    return run(options)


def _do(command: str, given: list[str], arguments_of_process: bool) -> int:
    from importlib import import_module

    if arguments_of_process:
        _prepare_process()
    status: int = import_module(f"emulators.console.commands.{_COMMANDS[command]}").main(given)
    return status


def _prepare_process() -> None:
    fix_hashes()
    _end_quietly_with_the_reader()
    _print_whatever_the_encoding()


def _list(exercises: Path | None = None, lecture: int | None = None) -> int:
    from emulators.console.listing import print_list

    print_list(exercises, lecture)
    return 0


def _list_properties(lecture: int | None, algorithm: str | None) -> int:
    from emulators.check.listing import print_properties

    print_properties(lecture, algorithm)
    return 0
