"""The page on stepping: what it shows is what happens, and it names every key and command."""

from __future__ import annotations

import contextlib
import io
import re
import sys

import pytest

from emulators.console import command_line
from emulators.console.terminal.commands import COMMANDS, KEYS
from emulators.stepping.predicates import NAMES, parse
from emulators.virtual.loader import PROJECT
from tests.framework.walking import stepper

TEXT = (PROJECT / "docs" / "stepping.md").read_text(encoding="utf-8")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"^printf '(.*)' \| python3 exercise_runner\.py (.*)$", re.MULTILINE)


def test_the_typed_example_prints_what_the_page_shows(monkeypatch):
    ((typed, command),) = TYPED.findall(TEXT)
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed.replace("\\n", "\n")))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert command_line.main(command.split()) == 0
    assert printed.getvalue().expandtabs(4).startswith(SHOWN[0].removesuffix("…\n"))


def test_the_script_prints_what_the_page_shows():
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "docs/stepping.md", "exec"), {"__name__": "example"})
    assert printed.getvalue() == SHOWN[1]


@pytest.mark.parametrize("key", [key for key, _ in KEYS])
def test_every_key_is_in_the_page(key):
    assert f"\n| {key} |" in TEXT
    assert f"\n| {key} |" in README or key == ":"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_every_command_is_in_the_page(command):
    shown = (command.as_in or command.word, f"{command.word} {command.takes}")
    assert any(f"`{one}`" in TEXT for one in shown)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_of_conditions_is_in_the_page(name):
    assert f"`{name}`" in TEXT or f"`{name}[index]`" in TEXT


def test_every_condition_of_the_page_is_one():
    table = TEXT.partition("## Conditions")[2].partition("Names:")[0].partition("| --- | --- |")[2]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("|")]
    conditions = [condition for row in rows for condition in re.findall("`([^`]+)`", row)]
    walked = stepper()
    walked.step()
    assert len(conditions) > 8
    assert {parse(text)(walked.emulator, walked.last) for text in conditions} <= {True, False}
