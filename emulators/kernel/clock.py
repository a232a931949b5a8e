"""Units of virtual time. Time is a whole number of ticks, so that sums are exact everywhere."""

from __future__ import annotations

TICKS_PER_SECOND = 1_000_000
ROUND = TICKS_PER_SECOND // 10
"""Ticks of one synchronous round: 0.1 virtual seconds."""


def ticks(seconds: float) -> int:
    """Return virtual seconds as ticks of one microsecond."""
    return round(seconds * TICKS_PER_SECOND)


def seconds(time: int) -> float:
    """Return ticks as virtual seconds."""
    return time / TICKS_PER_SECOND
