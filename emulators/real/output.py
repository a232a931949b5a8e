"""What a device prints, logs and fails with, on its way to the supervisor of the run."""

from __future__ import annotations

import io

from emulators.trace.console import Console
from emulators.trace.events import Observer, RawEvent
from emulators.transports import pipes

_MOST_TEXT = 1 << 13


class Text(io.TextIOBase):
    """Standard output or error of a device: handed on in pieces, in order.

    `waiting` tells whether any of them has something to hand on.
    """

    waiting = False

    def __init__(self, reports: pipes.Sender, is_error: bool, color: bool) -> None:
        self._reports = reports
        self._is_error = is_error
        self._color = color
        self._parts: list[str] = []
        self._length = 0
        self.other: Text | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding; the supervisor writes what its own output can show."""
        return "utf-8"

    def isatty(self) -> bool:
        """Whether the supervisor writes to a terminal."""
        return self._color

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Keep a text until the next wait; what was written to the other stream goes first."""
        if self.other is not None and self.other._parts:
            self.other.flush()
        self._parts.append(text)
        Text.waiting = True
        self._length += len(text)
        if self._length >= _MOST_TEXT:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        Text.waiting = False
        if self._parts:
            text, self._parts, self._length = "".join(self._parts), [], 0
            text = text.encode("utf-8", "backslashreplace").decode()
            self._reports.send(pipes.Output(text, self._is_error))


class Reporter(Observer):
    """Tells the supervisor of what concerns the whole run."""

    def __init__(self, reports: pipes.Sender) -> None:
        self._reports = reports

    def on_fail(self, event: RawEvent) -> None:
        """Report a failure."""
        self._reports.send(pipes.Failed(event[3]))

    def on_log(self, event: RawEvent) -> None:
        """Hand on a line for a log file."""
        _, time, _, text = event
        self._reports.send(pipes.Logged(time, str(text), getattr(text, "name", "")))

    def on_todo(self, event: RawEvent) -> None:
        """Report a part that is missing."""
        self._reports.send(pipes.Todo(*event[3]))


class QuietConsole(Console):
    """Leaves out what every device would say: the supervisor says it once."""

    on_todo = None  # type: ignore[assignment]
