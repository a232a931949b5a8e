"""When grading costs too much: the run is stopped, and the submission is told why.

A run of a right solution needs less than a second and a megabyte. What grows without end would keep
the grader busy for hours, and its cause is the same after the first seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from emulators.check.property import Violation
from emulators.errors import Unresponsive
from emulators.trace.events import Observer, RawEvent
from emulators.trace.statistics import Statistics

MOST_BYTES = 20_000_000
"""Bytes of all messages of a run, as its statistics count them."""
MOST_CPU = 10.0
"""Seconds of processor time of one run."""
MOST_CPU_OF_ALL = 60.0
"""Seconds of processor time of all runs of a case, at least …"""
CPU_OF_EACH = 1.0
"""… and so many for each of its runs."""
_SENTENCE = "A run gets to its end, or to its limit, with a reasonable effort."


class Effort(Observer):
    """Stops a run at its first endless loop, when its messages are too large, or when it is slow.

    `reached` says that it did. `violation` is why; an endless loop has a failure of its own.
    """

    def __init__(self) -> None:
        self.reached = False
        self.violation: Violation | None = None
        self._began = time.process_time()
        self._soonest = time.monotonic() + MOST_CPU
        self._statistics = Statistics(0)
        self._stop: Callable[[str], object] = lambda reason: None

    def watch(self, statistics: Statistics, stop: Callable[[str], object]) -> None:
        """Say what counts the bytes of the run, and how it is stopped."""
        self._statistics, self._stop = statistics, stop

    def on_fail(self, event: RawEvent) -> None:
        """Stop at an endless loop: each more would take as long to be found."""
        if event[3].problem == str(Unresponsive()):
            self.reached = True
            self._stop("hang")

    def on_send(self, event: RawEvent) -> None:
        """Look how much was sent, and how long it took."""
        if self._statistics.bytes > MOST_BYTES:
            self._give_up(
                f"{self._statistics.sent} messages have {self._statistics.bytes:,} bytes together "
                f"when device {event[2]} sends a {event[3][4].__name__} to device {event[3][3]}; "
                f"{MOST_BYTES:,} are enough for a whole run",
                "does what a message carries double again and again?",
                event,
            )
        self.on_receive(event)

    def on_receive(self, event: RawEvent) -> None:
        """Look how long it took."""
        if time.monotonic() < self._soonest:  # quicker to ask for than processor time
            return
        if time.process_time() - self._began > MOST_CPU:
            self._give_up(
                f"a run takes more than {MOST_CPU:.0f} s of processor time; "
                f"device {event[2]} is at work when it is stopped",
                "what is gone through again and again, and does it grow without end?",
                event,
            )

    def _give_up(self, reason: str, hint: str, event: RawEvent) -> None:
        if not self.reached:
            self.reached = True
            self.violation = Violation("effort", _SENTENCE, reason, (event,), hint)
            self._stop("interrupted")  # what is not over is not judged


def too_slow(runs: int, began: float) -> Violation | None:
    """Return what is wrong when so many runs, begun at a processor time, took too long together."""
    most = max(MOST_CPU_OF_ALL, CPU_OF_EACH * runs)
    if time.process_time() - began <= most:
        return None
    reason = f"the runs of this case take more than {most:.0f} s of processor time"
    return Violation("effort", _SENTENCE, reason, hint="what takes so long in each of them?")
