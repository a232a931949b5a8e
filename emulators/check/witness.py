"""Where and when things happened: the line of the student's code and the round of each event.

Events carry neither. A witness is one more observer of a run whose properties are asked for.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

from emulators.check.words import what_happens
from emulators.errors import Place, is_library, is_own, shown_path
from emulators.kernel.clock import seconds
from emulators.trace.events import OF_MESSAGES, Observer, RawEvent

Seen = tuple[int, "tuple[CodeType, int] | None"]


class Witness(Observer):
    """Remembers for each event of a device its round (0 in async) and the line that made it."""

    def __init__(self) -> None:
        self._round = 0
        self._seen: dict[Any, Seen] = {}
        self._theirs: dict[CodeType, bool] = {}
        self.on_send = self.on_receive = self.on_call = self._remember
        self.on_ask = self.on_enter = self.on_leave = self.on_log = self._remember

    def on_round(self, event: RawEvent) -> None:
        """Remember the round."""
        self._round = event[3]

    def _remember(self, event: RawEvent) -> None:
        self._seen[_key(event)] = (self._round, self._line(sys._getframe(1)))

    def _line(self, frame: FrameType | None) -> tuple[CodeType, int] | None:
        """Return the innermost line that is the student's."""
        while frame is not None:
            code = frame.f_code
            theirs = self._theirs.get(code)
            if theirs is None:
                file = code.co_filename
                theirs = self._theirs[code] = not is_own(file) and not is_library(file)
            if theirs:
                return code, frame.f_lineno
            frame = frame.f_back
        return None

    def when(self, event: RawEvent) -> str:
        """Return the moment of an event: ``round 5`` or ``0.31 s``."""
        number, _ = self._seen.get(_key(event), (0, None))
        return f"round {number}" if number else f"{seconds(event[1]):.6g} s"

    def place(self, event: RawEvent) -> Place | None:
        """Return the line of the student's code that made an event, where it is known."""
        _, line = self._seen.get(_key(event), (0, None))
        if line is None:
            return None
        code, number = line
        return Place(shown_path(code.co_filename), number, code.co_name)

    def line(self, event: RawEvent) -> str:
        """Return an event in one line: moment, device, what happens, and the line of code."""
        place = self.place(event)
        where = f"  ({place.file}, line {place.line})" if place else ""
        return f"{self.when(event)}: {what_happens(event)}{where}"


def _key(event: RawEvent) -> Any:
    kind, time, device, subject = event
    if kind in OF_MESSAGES:
        return kind, device, subject[1]
    return kind, time, device, repr(subject) if kind in ("call", "log") else None
