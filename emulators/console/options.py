"""The options of a run, and what each may be. What is done with them is in command_line.py."""

from __future__ import annotations

import argparse
import ast
from typing import TYPE_CHECKING, Any, NoReturn

from emulators.usage import PROGRAM, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and what was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Raise a `UsageError` instead of printing the usage."""
        raise UsageError(f"{self._with_hint(message)}; {self.prog} --help shows all options")

    def _with_hint(self, message: str) -> str:
        from emulators.catalogue import closest

        start = "unrecognized arguments: "
        if not message.startswith(start):
            return message
        unknown = message[len(start) :].split(maxsplit=1)[0]
        hint = closest(unknown.partition("=")[0], self._option_string_actions)
        return f"unknown argument {unknown}" + (f" (did you mean {hint}?)" if hint else "")


_LONGEST = 1_000_000_000
"""The longest time that can be asked for, in seconds or rounds."""


def whole_number(text: str) -> int:
    """Return the number that is typed."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def positive_number(text: str) -> int:
    """Return the number that is typed, 1 or more."""
    number = whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not positive")
    return number


def seconds(text: str) -> float:
    """Read a duration from 0 up."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 up")
    if value > _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is too long: at most {_LONGEST:,}")
    return value


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a probability from 0 to 1")
    return value


def _range(text: str) -> tuple[float, float]:
    low, colon, high = text.partition(":")
    values = (seconds(low), seconds(high if colon else low))
    if values[0] > values[1]:
        raise argparse.ArgumentTypeError(f"{text!r}: the lowest comes first, as in 0.1:0.5")
    return values


def path(text: str) -> Path:
    """Return the file or folder that is typed."""
    from pathlib import Path

    return Path(text)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def parser() -> argparse.ArgumentParser:
    """Return the parser of a run's options."""
    made = Parser(
        prog=PROGRAM,
        description="Runs an algorithm of a lecture in a simulated network.",
        epilog="Exit status: 0 done, 1 a failure or violation, 2 wrong input, 130 interrupted.",
        add_help=False,  # adding it here would import what measures the terminal
    )
    what = made.add_argument_group("what to run")
    what.add_argument("--lecture", type=whole_number, metavar="N", help="number of the lecture")
    what.add_argument("--algorithm", metavar="NAME", help="class of the exercise file to run")
    what.add_argument(
        "--type",
        metavar="TYPE",
        help="sync (default), async, stepping; real processes: process, zeromq",
    )
    what.add_argument("--devices", type=whole_number, metavar="N", help="how many (default: 3)")
    what.add_argument(
        "--seed", type=whole_number, metavar="S", help="repeats a run; printed by each"
    )
    what.add_argument("--exercises", type=path, metavar="DIR", help="folder of the exercise files")
    what.add_argument(
        "--set",
        dest="settings",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another value for a constant of the exercise file",
    )
    what.add_argument("--script", type=path, metavar="FILE", help="commands of the bank (13)")
    what.add_argument("--list", action="store_true", help="show lectures and algorithms")
    what.add_argument("-h", "--help", action="help", help="show this help message and exit")
    _add_network(made.add_argument_group("network and limits"))
    _add_hosts(made.add_argument_group("several machines, with --type zeromq"))
    _add_checks(made.add_argument_group("properties"))
    _add_output(made.add_argument_group("output"))
    return made


def _add_network(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--network", metavar="FILE", help="a scenario: a TOML file, or a name of --network list"
    )
    group.add_argument(
        "--topology", metavar="SHAPE", help="complete, ring, line, star, grid, tree, random:P, FILE"
    )
    group.add_argument(
        "--latency",
        type=_range,
        metavar="LOW:HIGH",
        help="in flight: virtual seconds (0:0.05), or rounds in sync (1:1)",
    )
    group.add_argument("--loss", type=_probability, metavar="P", help="share of lost messages")
    group.add_argument(
        "--duplicate", type=_probability, metavar="P", help="share of messages that come twice"
    )
    group.add_argument(
        "--crash",
        dest="crashes",
        action="append",
        default=[],
        metavar="DEVICE@WHEN[:RECOVERY]",
        help="stop a device, as 2@5 or 2@0.5s; back after RECOVERY",
    )
    group.add_argument("--fifo", action="store_true", help="no overtaking on a channel")
    group.add_argument(
        "--max-rounds", type=positive_number, metavar="R", help="stop after R rounds of 0.1 s"
    )
    group.add_argument("--max-time", type=seconds, metavar="T", help="stop at T virtual seconds")
    group.add_argument(
        "--max-messages", type=positive_number, metavar="M", help="stop at M messages"
    )


def _add_hosts(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--hosts", type=path, metavar="FILE", help="where the devices are, in TOML")
    group.add_argument("--index", type=whole_number, metavar="I", help="which device runs here")


def _add_checks(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--check",
        dest="checks",
        action="append",
        default=[],
        metavar="NAME",
        help="judge the run by a property, as in mutual_exclusion,fifo; all: those of the "
        "algorithm; list shows them",
    )


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--quiet", action="store_true", help="a progress bar instead of messages")
    group.add_argument("--json", action="store_true", help="print the result as JSON only")
    group.add_argument("--pace", type=seconds, metavar="SECONDS", help="wait at every message")
    group.add_argument("--record", type=path, metavar="FILE", help="write the run to a file")
    group.add_argument("--log", type=path, metavar="DIR", help="write what devices log to files")
    group.add_argument("--replay", type=path, metavar="FILE", help="run a recording again")
    group.add_argument(
        "--gui",
        action=argparse.BooleanOptionalAction,
        help="in a window, or in the terminal (default: a window where there is a display)",
    )
    group.add_argument("--remote", action="store_true", help="step with a presenter remote, too")
    group.add_argument(
        "--check-determinism", action="store_true", help="run twice and compare every event"
    )
