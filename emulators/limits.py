"""When a run is stopped that does not end by itself."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Rounds (sync), virtual seconds, messages; None means never."""

    rounds: int | None = None
    time: float | None = None
    messages: int | None = None
