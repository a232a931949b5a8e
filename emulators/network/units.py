"""Moments and durations of a scenario: a number is rounds (sync) or virtual seconds (async).

A text with a unit means the same in both: ``"0.5s"`` virtual seconds, ``"3r"`` rounds of 0.1 s.
"""

from __future__ import annotations

from emulators.kernel.clock import ROUND, ticks

Time = int | float | str
"""As it is written: ``3``, ``0.5``, ``"0.5s"``, ``"3r"``."""
ALLOWED = 'a number from 0 up (rounds in sync, virtual seconds in async), or text as "0.5s", "3r"'
_MOST = 1e9


def split(value: object) -> tuple[float, str]:
    """Return a number and its unit: ``s``, ``r`` or nothing. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    unit = ""
    if isinstance(value, str):
        value, unit = value.strip(), ""
        if value[-1:] in ("s", "r"):
            value, unit = value[:-1], value[-1]
    number = float(value)
    if not 0 <= number <= _MOST:
        raise ValueError
    return number, unit


def in_ticks(value: Time, in_rounds: bool) -> int:
    """Return a time in ticks; a number without a unit counts rounds if `in_rounds`."""
    number, unit = split(value)
    if unit == "r" or (not unit and in_rounds):
        return round(number * ROUND)
    return ticks(number)


def is_in_rounds(value: Time, in_rounds: bool) -> bool:
    """Return whether a time counts rounds."""
    return split(value)[1] == "r" or (in_rounds and not split(value)[1])
