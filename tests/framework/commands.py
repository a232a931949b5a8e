"""The command line as the tests call it: in this process, or as a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators.console.command_line import main

ROOT = Path(__file__).resolve().parents[2]
FAILURES = Path(__file__).resolve().parent / "data" / "failures"
PING = ("--lecture", "0", "--algorithm", "PingPong", "--seed", "1")


@dataclass
class Answer:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    def __iter__(self) -> Any:
        return iter((self.status, self.out, self.err))


def command(*arguments: object) -> Answer:
    """Do a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:  # after --help
            status = int(left.code or 0)
    return Answer(status, out.getvalue(), err.getvalue())


def refusal(*arguments: object) -> str:
    """Do a command that must be refused: status 2, one line, nothing else. Return the line."""
    status, out, err = command(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1), (status, out, err)
    assert err.startswith("exercise_runner.py: ")
    return err.removeprefix("exercise_runner.py: ").rstrip("\n")


def process(
    *command: str,
    environment: dict[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run Python with a command in a process of its own, in the project's folder."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        **options,
    )


def write_exercise(folder: Path, source: str, name: str = "demo.py") -> Sequence[str]:
    """Write an exercise file of lecture 0; return the options that name it."""
    (folder / name).write_text(source, encoding="utf-8")
    return ("--exercises", str(folder), "--lecture", "0")
