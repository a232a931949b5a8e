"""The lecture texts: every command in them runs, and prints what the text shows."""

import contextlib
import io
import re
from functools import cache

import pytest

from emulators import watchdog
from emulators.console import command_line
from emulators.lectures import LECTURES
from emulators.virtual.loader import PROJECT

FOLDER = PROJECT / "docs" / "lectures"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("[0-9][0-9].md")}
COMMAND = re.compile(r"^ *\$ python3 exercise_runner\.py (.*)$", re.MULTILINE)
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
ELAPSED = re.compile(r"elapsed [\d.]+ s")


def lines(text: str) -> list[str]:
    """The lines that say something, without what differs from computer to computer."""
    stripped = [ELAPSED.sub("elapsed", line.strip()) for line in text.splitlines()]
    return [line for line in stripped if line not in ("", "…")]


@cache
def ran(command: str) -> tuple[int, str]:
    """Run a command; the status and what it printed. Where it names no seed, it is 1."""
    arguments = command.split()
    if "--seed" not in arguments and "--list" not in arguments:
        arguments += ["--seed", "1"]
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        status = command_line.main(arguments)
    return status, output.getvalue()


@pytest.fixture(autouse=True)
def started_in_the_project(monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(watchdog, "last_words", None)


@pytest.mark.parametrize(
    "command",
    dict.fromkeys(command for text in TEXTS.values() for command in COMMAND.findall(text)),
)
def test_a_command_of_a_text_runs(command):
    status, output = ran(command)
    assert status == 0, output


@pytest.mark.parametrize("number", sorted(TEXTS))
def test_what_a_text_shows_is_what_its_commands_print(number):
    printed = {
        line for command in COMMAND.findall(TEXTS[number]) for line in lines(ran(command)[1])
    }
    shown = [block for _, kind, block in BLOCK.findall(TEXTS[number]) if kind == "text"]
    assert [line for block in shown for line in lines(block) if line not in printed] == []


@pytest.mark.parametrize("number", sorted(TEXTS))
def test_all_that_a_text_lets_one_type_is_checked(number):
    consoles = [block for _, kind, block in BLOCK.findall(TEXTS[number]) if kind == "console"]
    typed = [line for block in consoles for line in lines(block)]
    assert typed
    assert all(COMMAND.fullmatch(line) for line in typed)


def test_every_lecture_has_a_text_and_the_index_names_it():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    for lecture in LECTURES.values():
        assert f"{lecture.number:02}" in TEXTS
        (row,) = re.findall(
            rf"^\| \[{lecture.number}\]\({lecture.number:02}\.md\) .*$", index, re.MULTILINE
        )
        assert (f"`exercises/{lecture.file}.py`" in row) == bool(lecture.file)
