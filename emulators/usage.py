"""Wrong input. Apart from errors.py, so that what only reads a command line starts fast."""

from __future__ import annotations

from collections.abc import Iterable

PROGRAM = "exercise_runner.py"


class UsageError(Exception):
    """The command line or an input file is wrong; the text is one line, the exit status 2."""


def closest(name: str, names: Iterable[str]) -> str:
    """Return the name that a misspelt one probably means, or nothing."""
    import difflib

    by_lower = {known.lower(): known for known in names}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else ""
