"""An observer that prints messages and rounds as they happen, in the published shape."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from emulators.errors import safe_str
from emulators.trace.envelope import opened
from emulators.trace.events import Observer, RawEvent

_COLORS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


def wants_color(stream: TextIO) -> bool:
    """Return whether to colour what is written there: a terminal, and no ``NO_COLOR``."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def painted(text: str, color: str, stream: TextIO) -> str:
    """Return `text` in a colour of the terminal where `stream` is one, else as it is."""
    return f"\x1b[{_COLORS[color]}m{text}\x1b[0m" if wants_color(stream) else text


_WORDS = {
    "pick": "Pick",
    "delay": "Delay",
    "lose": "Lose",
    "duplicate": "Duplicate",
    "crash": "Crash",
    "restart": "Restart",
    "corrupt": "Corrupt",
    "pause": "Pause",
    "resume": "Resume",
}


def groups_as_text(groups: list[list[int]]) -> str:
    """Return the sides of a partition as it is shown: ``0 1 | 2``."""
    return " | ".join(" ".join(map(str, group)) for group in groups)


class Console(Observer):
    """Prints what happens. `messages` False leaves out single messages and rounds; `reports`
    False prints only the first line of a failure's report, for whoever prints the reports later.
    """

    def __init__(self, messages: bool = True, reports: bool = True) -> None:
        self._reports = reports
        if messages:
            self.on_send = self._on_send
            self.on_receive = self._on_receive
            self.on_round = self._on_round
            self.on_pick = self.on_delay = self.on_lose = self.on_duplicate = self._on_fate
            self.on_corrupt = self._on_fate
            self.on_crash = self.on_restart = self._on_fate_of_device
            self.on_pause = self.on_resume = self._on_fate_of_device
            self.on_partition = self.on_heal = self._on_groups
            self.on_swap = self._on_swap
            self.on_cut = self._on_cut

    def _on_send(self, event: RawEvent) -> None:
        print(f"\t{painted('Send', 'green', sys.stdout)} {safe_str(opened(event[3]))}")

    def _on_receive(self, event: RawEvent) -> None:
        print(f"\t{painted('Receive', 'yellow', sys.stdout)} {safe_str(opened(event[3]))}")

    def _on_round(self, event: RawEvent) -> None:
        print(painted(f"## ROUND {event[3]} ##", "bold", sys.stdout))

    def _on_fate(self, event: RawEvent) -> None:
        what = _WORDS[event[0]]
        reason = getattr(event[3], "reason", "")
        why = f" ({reason})" if reason else ""
        print(f"\t{painted(what, 'dim', sys.stdout)} {safe_str(opened(event[3]))}{why}")

    def _on_groups(self, event: RawEvent) -> None:
        what = "PARTITION" if event[0] == "partition" else "HEALED"
        print(painted(f"## {what} {groups_as_text(event[3])} ##", "bold", sys.stdout))

    def _on_fate_of_device(self, event: RawEvent) -> None:
        how = f": {event[3]}" if event[3] else ""
        print(f"\t{painted(_WORDS[event[0]], 'dim', sys.stdout)} device {event[2]}{how}")

    def _on_swap(self, event: RawEvent) -> None:
        print(painted(f"## NOW {event[3].upper()} ##", "bold", sys.stdout))

    def _on_cut(self, event: RawEvent) -> None:
        what = painted("Cut", "dim", sys.stdout)
        print(f"\t{what} Device {event[2]} records its state for snapshot {event[3]}")

    def on_log(self, event: RawEvent) -> None:
        """Print a line that a device wrote with ``medium.log``."""
        name = getattr(event[3], "name", "")
        print(f"\tDevice {event[2]}{f' [{name}]' if name else ''}: {event[3]}")

    def on_todo(self, event: RawEvent) -> None:
        """Say what is not implemented yet."""
        text, file, line = event[3]
        print(painted(f"Not implemented yet: {text} ({file}, line {line})", "yellow", sys.stdout))

    def on_fail(self, event: RawEvent) -> None:
        """Say at once what went wrong."""
        sys.stdout.flush()
        text = event[3].text if self._reports else event[3].headline
        print(painted(text, "red", sys.stderr), file=sys.stderr)
