"""Real runs as the tests start them: in processes of their own, to be killed and held."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.framework.commands import ROOT

TALKERS = Path(__file__).resolve().parent / "data"
"""A folder with the exercise file of lecture 0 that these tests run."""


class Started:
    """A run that goes on while the test does something to it."""

    def __init__(self, *options: str, within: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*within, sys.executable, "exercise_runner.py", "--exercises", str(TALKERS), *options],
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.printed: list[str] = []

    def pids(self, devices: int) -> dict[int, int]:
        """Return the processes of the devices, by index, once all have said who they are."""
        found: dict[int, int] = {}
        while len(found) < devices:
            said = re.search(r"device (\d+) is process (\d+)", self.line())
            if said:
                found[int(said[1])] = int(said[2])
        return found

    def line(self) -> str:
        """Return the next line of the output; fails where there is none."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.printed.append(line)
        assert line, "".join(self.printed) + self._errors()
        return line

    def until(self, pattern: str) -> str:
        """Return the first line that matches."""
        while not re.search(pattern, line := self.line()):
            pass
        return line

    def _errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def rest(self) -> tuple[int, str, str]:
        """Return the exit status, all that was printed, and the errors, once the run is over.

        Nobody writes to the streams then: no process of a device is left either.
        """
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, "".join(self.printed) + out, err


@contextmanager
def started(*options: str) -> Iterator[Started]:
    """Start a run of the talkers; it is gone when the block ends."""
    run = Started(*options)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.communicate()
