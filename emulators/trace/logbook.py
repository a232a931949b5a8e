"""An observer that writes what devices log to files: one for each device, one for each name."""

from __future__ import annotations

from pathlib import Path

from emulators.kernel.clock import seconds
from emulators.trace.events import Observer, RawEvent
from emulators.usage import UsageError


class Named(str):
    """A line that a device writes, and the `name` of the log file it is for."""

    __slots__ = ("name",)
    name: str


def named(text: str, name: str) -> str:
    """Return a line for the log file of that name; without a name, the line as it is."""
    if not name:
        return text
    line = Named(text)
    line.name = name
    return line


class Logbook(Observer):
    """Writes to ``device-2.log`` what device 2 logs, and to ``votes.log`` what is named votes.

    Each line begins with its round or its virtual time in seconds, and its device. Files of an
    earlier run are replaced. Raises `UsageError` where the folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write to {folder}: {error.strerror}") from None
        self._folder = folder
        self._round = 0
        self._begun: set[str] = set()

    def on_round(self, event: RawEvent) -> None:
        """Remember the number of the round."""
        self._round = event[3]

    def on_log(self, event: RawEvent) -> None:
        """Write a line to its file."""
        _, time, device, text = event
        name = getattr(text, "name", "") or f"device-{device}"
        when = f"round {self._round}" if self._round else f"{seconds(time):.6f} s"
        mode = "a" if name in self._begun else "w"
        self._begun.add(name)
        path = self._folder / f"{name}.log"
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{when}, device {device}: {text}\n")
