"""The trace of a run as rows for the window, made as it grows. No Qt, no thread.

The texts are made here, beside the run: a student's ``__str__`` is student code, which may be slow,
fail or never end, and then must not hold the window.
"""

from __future__ import annotations

from typing import Any

from emulators.errors import Failure, Unresponsive, safe_str
from emulators.gui.patience import Patience
from emulators.gui.snapshot import EventRow
from emulators.trace.console import groups_as_text
from emulators.trace.envelope import RawEnvelope, opened
from emulators.trace.events import OF_MESSAGES, Event, Trace

_MARKS = {
    "enter": ("inside", True),
    "leave": ("inside", False),
    "crash": ("crashed", True),
    "restart": ("crashed", False),
    "fail": ("failed", True),
}


class Rows:
    """Rows of one trace after another.

    `sent` has the row in which each message was sent. Invariant: the rows told so far are those of
    the first `count` events of `_trace`.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        self.count = 0
        self._patience = patience or Patience()
        self.sent: dict[int, EventRow] = {}
        self._trace = Trace()
        self._marks: dict[str, list[tuple[int, int | None, bool]]] = {
            "inside": [],
            "crashed": [],
            "failed": [],
        }

    def update(self, trace: Trace) -> tuple[int, tuple[EventRow, ...]]:
        """Return how many of the rows told before still hold, and the rows after them."""
        kept = self.count
        if trace is not self._trace:
            kept = _common(self._trace, trace, self.count)
            self._trace = trace
            self._forget(kept)
        rows = tuple(self._row(number, trace[number]) for number in range(kept, len(trace)))
        self.count = len(trace)
        return kept, rows

    def marked(self, mark: str) -> set[int | None]:
        """Return the devices that are inside the critical section, crashed or failed."""
        found: set[int | None] = set()
        for _, device, on in self._marks[mark]:
            (found.add if on else found.discard)(device)
        return found

    def _forget(self, kept: int) -> None:
        for marks in self._marks.values():
            while marks and marks[-1][0] >= kept:
                marks.pop()
        while self.sent:
            serial, row = self.sent.popitem()
            if row.row < kept:
                self.sent[serial] = row
                break

    def _row(self, number: int, event: Event) -> EventRow:
        kind, time, device, subject = event
        if kind in OF_MESSAGES:
            return self._message_row(number, kind, time, device, subject)
        if kind in _MARKS:
            mark, on = _MARKS[kind]
            self._marks[mark].append((number, device, on))
            if kind == "restart":
                self._marks["failed"].append((number, device, False))
        return EventRow(number, kind, time, device, text=text_of(kind, subject))

    def _message_row(
        self, number: int, kind: str, time: int, device: int | None, envelope: RawEnvelope
    ) -> EventRow:
        serial = envelope[1]
        before = self.sent.get(serial)
        text = self._text(envelope) if before is None else before.text
        to = envelope[3]
        row = EventRow(
            number,
            kind,
            time,
            device if type(device) is int else None,
            serial,
            envelope[2],
            int(to) if isinstance(to, (int, float)) else None,
            envelope[4].__name__,
            text,
        )
        if kind in ("send", "duplicate"):
            self.sent[serial] = row
        return row

    def _text(self, envelope: RawEnvelope) -> str:
        """Return the text of a message as its class gives it, on one line."""
        kind = envelope[4]
        try:
            return self._patience.ask(kind, "text", lambda: safe_str(opened(envelope)))
        except (Exception, Unresponsive) as error:
            return f"<{kind.__name__}: {error}>"


def text_of(kind: str, subject: Any) -> str:
    """Return what is to be read about an event that is not of a message."""
    if kind == "round":
        return f"Round {subject}"
    if isinstance(subject, Failure):
        return subject.headline
    if kind == "todo":
        return f"Not implemented yet: {subject[0]} ({subject[1]}, line {subject[2]})"
    if kind == "cut":
        return f"records its state for snapshot {subject}"
    if kind == "swap":
        return f"The network is {subject} from here on"
    if kind in ("partition", "heal"):
        return groups_as_text(subject)
    return _TEXTS.get(kind, "") if subject is None else safe_str(subject)


_TEXTS = {
    "ask": "asks for the critical section",
    "enter": "enters the critical section",
    "leave": "leaves the critical section",
    "end": "run() has returned",
    "crash": "stops working",
    "restart": "begins anew",
    "pause": "stands still",
    "resume": "goes on",
}


def _common(one: Trace, other: Trace, most: int) -> int:
    """Return how many events two traces have in common at their beginning, at most `most`.

    The classes of messages are left out: each run loads its own.
    """
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if number >= most or a[:3] != b[:3]:
            return number
        if a[0] in OF_MESSAGES:
            x, y = a[3], b[3]
            if x[:3] != y[:3] or (x[6] and x[5] != y[5]):
                return number
    return min(most, len(one), len(other))
