"""A run from its recording, and the first event at which a changed program departs from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from emulators.kernel.choices import Decision, Departed
from emulators.kernel.clock import seconds
from emulators.trace.events import Observer, RawEvent
from emulators.trace.log import Line, Recorded, encoded, line_of


class Departure(Departed):
    """The program does something else than what was recorded; the text says where and what."""


class Replay(Observer):
    """Feeds a run the decisions of a recording and compares every event with the recorded one.

    It is the source of decisions (`next_decision`) and an observer of the same run.
    """

    def __init__(self, recorded: Recorded) -> None:
        self._lines: Iterator[Line] = recorded.lines()
        self._decisions: deque[Decision] = deque()
        self._expected: deque[Line] = deque()
        self._finish: Line | None = None
        self.events = 0

    def _read(self) -> bool:
        """Read one more line; return whether there was one."""
        line = next(self._lines, None)
        if line is None:
            return False
        self._decisions.extend(line.c or ())
        if line.e == "finish":
            self._finish = line
        else:
            line.c = None
            self._expected.append(line)
        return True

    def next_decision(self) -> Decision:
        """Return the next recorded decision; raise `Departure` when there is none left."""
        while not self._decisions:
            if not self._read():
                raise Departure(self._text("it asks for a decision that was never taken"))
        return self._decisions.popleft()

    def on_event(self, event: RawEvent) -> None:
        """Compare an event with the recorded one; raise `Departure` at the first difference."""
        while not self._expected and self._read():
            pass
        now = line_of(event)
        if not self._expected:
            raise Departure(self._text("the recording ends here", now=now))
        recorded = self._expected.popleft()
        if encoded([recorded]) != encoded([now]) and not _same(recorded, now):
            raise Departure(self._text(words(recorded), now=now))
        self.events += 1

    def finish(self) -> None:
        """Raise `Departure` when the recording goes on where the program has ended."""
        while not self._expected and self._read():
            pass
        if self._expected and not self.interrupted:
            raise Departure(self._text(f"{words(self._expected[0])}; now the program has ended"))

    @property
    def interrupted(self) -> bool:
        """Whether the recorded run was interrupted, so that its end means nothing."""
        while not self._finish and self._read():
            pass
        return self._finish is not None and self._finish.s[0] == "interrupted"

    @property
    def at_end(self) -> bool:
        """Whether every recorded event was seen."""
        while not self._expected and self._read():
            pass
        return not self._expected

    def _text(self, recorded: str, now: Line | None = None) -> str:
        text = (
            f"the run departs from the recording at event {self.events + 1}\n  recorded: {recorded}"
        )
        return text if now is None else f"{text}\n  now:      {words(now)}"


def _same(one: Line, other: Line) -> bool:
    """Compare as read back from JSON, where a tuple is a list and a key is text."""
    decode = msgspec.json.decode
    return bool(decode(encoded([one])) == decode(encoded([other])))


def words(line: Line) -> str:
    """Return an event as a sentence without its verb's tense."""
    when = f"at {seconds(line.t):.6g} s"
    who = "" if line.d is None else f"device {line.d} "
    if line.e == "round":
        return f"round {line.s} {when}"
    if line.e in ("send", "undeliverable"):
        return f"{who}{line.e} message {line.m}, {line.type} {line.f}, {when}"
    if line.e == "receive":
        return f"{who}receive message {line.m} {when}"
    rest = "" if line.s is None else f" {line.s!r}"
    return f"{who}{line.e}{rest} {when}"
