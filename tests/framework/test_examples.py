"""The examples of the documents run, and print what the documents say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from emulators.console import command_line
from emulators.virtual.loader import PROJECT

DOCUMENTS = (
    "docs/scripting.md",
    "docs/design.md",
    "docs/networks.md",
    "docs/properties.md",
    "docs/exploring.md",
)
EXAMPLE = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n*```text\n(?P<shown>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
A_TEST = re.compile(r"^def test_", re.MULTILINE)


class Example(NamedTuple):
    """A block of Python in a document, and what it prints if the document says so."""

    document: str
    line: int
    code: str
    shown: str | None


def examples() -> list[Example]:
    found = []
    for document in DOCUMENTS:
        text = (PROJECT / document).read_text(encoding="utf-8")
        for match in EXAMPLE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Example(document, line, match["code"], match["shown"]))
    return found


def ran(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example as a file of its own, with the project's folder as the working directory."""
    file = folder / "test_example.py"
    file.write_text(code, encoding="utf-8")
    with_pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, *(with_pytest if A_TEST.search(code) else []), str(file)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one.document}:{one.line}")
def test_an_example_runs_and_prints_what_is_shown(example, tmp_path):
    done = ran(example.code, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    if example.shown is not None:
        assert done.stdout.expandtabs(4).rstrip() == example.shown.rstrip()


def test_every_document_has_examples():
    assert {example.document for example in examples()} == set(DOCUMENTS)


@pytest.mark.parametrize("document", [*DOCUMENTS, "README.md", "docs/README.md"])
def test_the_files_that_a_document_names_exist(document):
    text = (PROJECT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:emulators|tests|exercises|benchmarks|docs)/[\w/.]*)`", text)
    linked = [
        str(Path(document).parent / link)
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    ]
    assert [name for name in named + linked if not (PROJECT / name).exists()] == []


# -- what the README shows of changed programs


def changed_demo(folder: Path, old: str, new: str) -> Path:
    """Copy the demo into a folder of exercises, with one thing changed."""
    source = (PROJECT / "exercises" / "demo.py").read_text(encoding="utf-8")
    assert source.count(old) == 1
    exercises = folder / "exercises"
    exercises.mkdir()
    (exercises / "demo.py").write_text(source.replace(old, new), encoding="utf-8")
    return exercises


def said(monkeypatch, capsys, folder: Path, command: str) -> str:
    """Run a command in a folder; what it prints of failures and departures, ready to compare."""
    monkeypatch.chdir(folder)
    command_line.main(command.split())
    return capsys.readouterr().err.strip()


def in_the_readme(text: str) -> bool:
    return f"```text\n{text}\n```" in (PROJECT / "README.md").read_text(encoding="utf-8")


PING_PONG = "--lecture 0 --algorithm PingPong --type async"


def test_a_failing_run_reports_as_the_readme_says(monkeypatch, capsys, tmp_path):
    changed_demo(tmp_path, "message.source, is_ping", "message.sender, is_ping")
    printed = said(
        monkeypatch, capsys, tmp_path, f"--exercises exercises {PING_PONG} --devices 3 --seed 1"
    )
    assert in_the_readme(printed[printed.index("1 failure") :]), printed


def test_a_changed_program_departs_as_the_readme_says(monkeypatch, capsys, tmp_path):
    said(monkeypatch, capsys, tmp_path, f"{PING_PONG} --devices 2 --seed 5 --record run.jsonl")
    changed_demo(tmp_path, "is_ping=False))", "is_ping=True))")
    printed = said(monkeypatch, capsys, tmp_path, "--exercises exercises --replay run.jsonl")
    assert in_the_readme(printed), printed
