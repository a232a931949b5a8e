"""Whether two runs with the same seed are the same: both are recorded and compared line by line."""

from __future__ import annotations

import contextlib
import io
import tempfile
from itertools import zip_longest
from pathlib import Path

from emulators.replay import words
from emulators.runner import RunConfig, prepared
from emulators.trace.log import Line, Recorded


def first_difference(config: RunConfig) -> str:
    """Run twice with the seed of `config`; return where the runs differ, in words, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first", Path(folder) / "second"
        _record(config, first)
        _record(config, second)
        return difference(first, second)


def _record(config: RunConfig, path: Path) -> None:
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        prepared(config, quiet=True, record=path) as made,
    ):
        result = made.go()
    if result.ended == "interrupted":
        raise KeyboardInterrupt


def difference(first: Path, second: Path) -> str:
    """Return the first event at which two recordings differ, in words, or nothing."""
    with contextlib.closing(Recorded(first)) as run, contextlib.closing(Recorded(second)) as again:
        for number, (one, other) in enumerate(zip_longest(run.lines(), again.lines()), start=1):
            if one != other:
                return (
                    f"Event {number} differs:\n"
                    f"  first run:  {_said(one, other)}\n"
                    f"  second run: {_said(other, one)}"
                )
    return ""


def _said(line: Line | None, other: Line | None) -> str:
    if line is None:
        return "nothing"
    text = words(line)
    if other is not None and text == words(other):
        text += f", after the decisions {line.c}"
    return text
