"""The commands of the documents run, and the output that the documents show is what they print.

Conventions, in README.md and docs/**/*.md:

- In a block ```` ```console ````, a line `$ python3 …` is a command. It is run from the project's
  folder and has to end with status 0, or with that of the info string: ```` ```console exit=1 ````.
  Files after `--record`, `--save` and `--replay` are kept in a folder of their own. Other programs
  (`pip`, `git`, `sudo`, …) and `python3 tests` are not run.
- Every line in a block ```` ```text ```` is a line that one command of the same document prints, in
  the same order, where `…` stands for anything. A command without `--seed` prints it with one of
  the seeds that the document names. A block that is no output has another info string, or none:
  ```` ``` ````. Tabs are shown as four spaces; real times are not compared.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.framework.commands import ROOT, Answer, command, process
from tests.framework.test_examples import EXAMPLE

DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<info>.*)\n(?P<body>(?:.*\n)*?)(?P=indent)```$", re.MULTILINE
)
REAL_TIME = re.compile(r"elapsed [0-9.]+ s")


class Command(NamedTuple):
    """A command of a document, and the status it has to end with."""

    document: str
    words: tuple[str, ...]
    status: int

    def __str__(self) -> str:
        return f"{self.document}: {shlex.join(self.words[1:])}"


class Shown(NamedTuple):
    """What a document shows of the output of a command."""

    document: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(path: Path, kind: str) -> list[re.Match[str]]:
    """Return the blocks of a document whose info string begins with a word."""
    found = BLOCK.finditer(path.read_text(encoding="utf-8"))
    return [block for block in found if block["info"].split()[:1] == [kind]]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands_of(path: Path) -> list[Command]:
    """Return the commands of a document in order."""
    found = []
    for block in blocks(path, "console"):
        status = int((re.findall(r"exit=(\d+)", block["info"]) or ["0"])[0])
        for line in block["body"].splitlines():
            words = tuple(shlex.split(line.strip().removeprefix("$ "), comments=True))
            if line.strip().startswith("$ python3 ") and words[1] != "tests":
                found.append(Command(name_of(path), words, status))
    return found


def texts_of(path: Path) -> list[Shown]:
    """Return what a document shows of outputs of commands; not of its examples in Python."""
    source = path.read_text(encoding="utf-8")
    of_examples = {match.start("shown") for match in EXAMPLE.finditer(source)}
    return [
        Shown(name_of(path), source.count("\n", 0, block.start()) + 1, block["body"])
        for block in blocks(path, "text")
        if block.start("body") not in of_examples
    ]


COMMANDS = {name_of(path): commands_of(path) for path in DOCUMENTS}
SEEDS = {
    name_of(path): sorted(set(re.findall(r"--seed (\d+)", path.read_text(encoding="utf-8"))))
    for path in DOCUMENTS
}
TEXTS = {name_of(path): texts_of(path) for path in DOCUMENTS if commands_of(path)}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where recordings go."""
    return tmp_path_factory.mktemp("recordings")


@cache
def answer(words: tuple[str, ...], scratch: Path) -> Answer:
    """Do a command once."""
    given = list(words[1:])
    for number, word in enumerate(given[:-1], start=1):
        if word in ("--record", "--replay", "--save"):
            given[number] = str(scratch / given[number])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("NO_COLOR", "1")
        if given[0] == "exercise_runner.py":
            return command(*given[1:])
        done = process(*given)
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("one", [one for found in COMMANDS.values() for one in found], ids=str)
def test_a_command_of_a_document_runs(one: Command, scratch: Path) -> None:
    done = answer(one.words, scratch)
    assert done.status == one.status, done.out + done.err


def comparable(text: str) -> list[str]:
    """Return the lines of an output without what differs each time."""
    lines = REAL_TIME.sub("elapsed … s", text.expandtabs(4)).splitlines()
    return [line.strip() for line in lines if line.strip()]


def is_part_of(shown: list[str], printed: list[str]) -> bool:
    """Return whether lines are printed in this order, perhaps with others between them."""
    rest = iter(printed)
    patterns = (".*".join(map(re.escape, line.split("…"))) for line in shown)
    return all(any(re.fullmatch(pattern, line) for line in rest) for pattern in patterns)


def outputs(document: str, scratch: Path) -> Iterator[list[str]]:
    """Return what the commands of a document print."""
    for one in COMMANDS[document]:
        seeds = [] if "--seed" in one.words else SEEDS[document]
        for more in [("--seed", seed) for seed in seeds] or [()]:
            done = answer((*one.words, *more), scratch)
            yield comparable(done.out + done.err)


CHANGED_PROGRAMS = ("1 failure", "The exercise file has changed")  # see test_examples.py
OF_COMMANDS = [
    one for found in TEXTS.values() for one in found if not one.text.startswith(CHANGED_PROGRAMS)
]


@pytest.mark.parametrize("shown", OF_COMMANDS, ids=str)
def test_what_a_document_shows_is_printed_by_one_of_its_commands(
    shown: Shown, scratch: Path
) -> None:
    wanted = comparable(shown.text)
    assert any(is_part_of(wanted, printed) for printed in outputs(shown.document, scratch))


def test_every_lecture_text_has_commands() -> None:
    lectures = {name_of(path) for path in (ROOT / "docs" / "lectures").glob("[0-9]*.md")}
    assert lectures == {name for name in lectures if COMMANDS[name]}


def test_a_text_is_found_in_an_output_only_where_its_lines_are_in_order() -> None:
    assert is_part_of(["a", "…", "b …"], ["x", "a", "y", "b c"])
    assert not is_part_of(["b", "a"], ["a", "b"])
    assert not is_part_of(["a", "a"], ["a"])
