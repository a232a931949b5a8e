"""The script of a bank: one command a line, read into commands or a sentence on what is wrong.

``#`` begins a comment; blank lines say nothing. What a command does is in master.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from emulators.usage import closest


class Syntax(NamedTuple):
    """What follows the name of a command: the least numbers, and what they mean."""

    least: int
    arguments: tuple[str, ...]


COMMANDS = {
    "StartMaster": Syntax(0, ()),
    "CreateNode": Syntax(2, ("node", "balance")),
    "Send": Syntax(3, ("from", "to", "amount")),
    "Receive": Syntax(1, ("to", "from")),
    "ReceiveAll": Syntax(0, ()),
    "BeginSnapshot": Syntax(1, ("node",)),
    "CollectState": Syntax(0, ("snapshot",)),
    "PrintSnapshot": Syntax(0, ("snapshot",)),
    "KillAll": Syntax(0, ()),
}


@dataclass(frozen=True)
class Line:
    """One command: its line in the file, from 1, its text, and its parts.

    `problem` says what is wrong with it as it is written, or nothing.
    """

    number: int
    text: str
    name: str
    arguments: tuple[int, ...] = ()
    problem: str = ""


def parsed(script: str) -> list[Line]:
    """Return the commands of a script, in order; lines without one are left out."""
    lines = []
    for number, text in enumerate(script.splitlines(), start=1):
        command = text.lstrip("\ufeff").partition("#")[0].strip()
        if command:
            lines.append(_line(number, command))
    return lines


def nodes(script: str) -> int:
    """Return how many nodes a script creates."""
    found = {line.arguments[0] for line in parsed(script) if _creates(line)}
    return len(found)


def _creates(line: Line) -> bool:
    return line.name == "CreateNode" and not line.problem


def _line(number: int, text: str) -> Line:
    name, *words = text.split()
    syntax = COMMANDS.get(name)
    if syntax is None:
        hint = closest(name, COMMANDS)
        problem = f"there is no command {name}"
        problem += f"; did you mean {hint}?" if hint else f"; there are {', '.join(COMMANDS)}"
        return Line(number, text, name, problem=problem)
    if not syntax.least <= len(words) <= len(syntax.arguments):
        return Line(number, text, name, problem=f"it is written {usage(name)}")
    arguments = []
    for word, meaning in zip(words, syntax.arguments, strict=False):
        if not _is_number(word):
            problem = f"{word} is no {meaning}: a whole number from 0 up is wanted"
            return Line(number, text, name, problem=problem)
        arguments.append(int(word))
    return Line(number, text, name, tuple(arguments))


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= 15


def usage(name: str) -> str:
    """Return how a command is written, with what may be left out in brackets."""
    least, arguments = COMMANDS[name]
    needed = arguments[:least]
    optional = [f"[{meaning}]" for meaning in arguments[least:]]
    return " ".join([name, *needed, *optional])
