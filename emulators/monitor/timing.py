"""How long a monitor waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Durations in seconds.

    start       begin after this time though not everybody has answered
    beat        between two signs of life
    detection   a process is silent after so long without one, and a token lost
    repeat      until a frame without an answer is sent again
    patience    until a predicate is asked again though the state has not changed
    presume     a process is gone after so long without a sign; None: only if that is certain
    """

    start: float = 5.0
    beat: float = 0.5
    detection: float = 2.0
    repeat: float = 0.25
    patience: float = 1.0
    presume: float | None = None
