"""Typed commands, one a line: what they are called, what they take, what they do; the keys' table.

A wrong word gets one line that says what is meant, and nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulators.catalogue import closest
from emulators.console.terminal.walk import Walk
from emulators.errors import UsageError


@dataclass(frozen=True)
class Command:
    """A word to type. `takes` names its argument, in brackets where it may be left out."""

    word: str
    takes: str
    does: str
    do: Callable[[Walk, str], object]
    as_in: str = ""


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _act(kind: str) -> Callable[[Walk, str], object]:
    return lambda walk, text: walk.act(kind, _number(text))


def _help(walk: Walk, text: str) -> None:
    print("An empty line makes one step. Commands:")
    for command in COMMANDS.values():
        print(f"  {f'{command.word} {command.takes}':20}{command.does}")


COMMANDS = {
    command.word: command
    for command in (
        Command("back", "", "one step back", lambda walk, text: walk.back()),
        Command("goto", "N", "to step N", lambda walk, text: walk.go_to(_number(text)), "goto 12"),
        Command(
            "until",
            "CONDITION",
            "on until it holds: a message type, round 5, device[2].leader == 2",
            lambda walk, text: walk.until(text),
            "until round 5",
        ),
        Command("exit", "", "leave stepping and finish", lambda walk, text: walk.leave()),
        Command(
            "queue",
            "[D]",
            "messages in transit (to device D)",
            lambda walk, text: walk.queue(_number(text) if text else None),
            "queue 2",
        ),
        Command(
            "pick",
            "[N]",
            "message N, or the first, is received next",
            lambda walk, text: walk.pick(_number(text) if text else None),
            "pick 5",
        ),
        Command("drop", "N", "lose message N", _act("drop"), "drop 5"),
        Command("duplicate", "N", "a second copy of message N", _act("duplicate"), "duplicate 5"),
        Command("delay", "N", "message N arrives later", _act("delay"), "delay 5"),
        Command("crash", "D", "device D stops", _act("crash"), "crash 2"),
        Command("restart", "D", "device D begins anew", _act("restart"), "restart 2"),
        Command("swap", "", "from sync to async, or back", lambda walk, text: walk.act("swap")),
        Command(
            "state",
            "D",
            "attributes of device D, and the line at which it stands",
            lambda walk, text: walk.state(_number(text) if text else walk.acting_device()),
            "state 2",
        ),
        Command(
            "save",
            "FILE",
            "write the run so far to a file, for --replay",
            lambda walk, text: walk.save(text),
            "save run.jsonl",
        ),
        Command("help", "", "this list", _help),
    )
}
_ALSO = {"?": "help", "quit": "exit", "step": "", "state": "state"}


def do(walk: Walk, line: str) -> None:
    """Do what a line says; raise `UsageError` for a line that says nothing known."""
    word, _, text = line.strip().partition(" ")
    text = text.strip()
    word = _ALSO.get(word.lower(), word.lower())
    if not word:
        walk.step()
        return
    command = COMMANDS.get(word)
    if command is None:
        hint = closest(word, COMMANDS)
        meant = f"did you mean {hint}?" if hint else "help shows all"
        raise UsageError(f"there is no command {word!r}; {meant}")
    if text and not command.takes:
        raise UsageError(f"{word} stands alone, without {text!r}")
    if not text and command.takes and not command.takes.startswith("[") and word != "state":
        raise UsageError(f"{word} needs more, as in: {command.as_in}")
    try:
        command.do(walk, text)
    except ValueError:
        raise UsageError(f"{word} takes a number, as in: {command.as_in}") from None


KEYS = (
    ("space", "one step (also: right, page down)"),
    ("f", "fast-forward while held; after a short press, until the next key"),
    ("enter", "leave stepping and finish"),
    ("tab", "messages in transit"),
    ("s", "pick the message that is received next"),
    ("e", "swap sync and async"),
    ("b", "one step back (also: left, page up)"),
    ("p", "state of a device, and the line at which it stands"),
    (":", "type a command; :help shows all"),
    ("?", "this list"),
)


def print_keys() -> None:
    """Show what the keys do."""
    for key, does in KEYS:
        print(f"  {key:8}{does}")
