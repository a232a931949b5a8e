"""The events of a run, the interface of whoever observes them, and the trace in memory.

In the hot path an event is a plain tuple; reading the trace makes it an `Event`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from emulators.MessageStub import MessageStub
from emulators.trace.envelope import Envelope, opened

RawEvent = tuple[str, int, Any, Any]
"""Kind, time, device, subject; the subject of a message's event is a `RawEnvelope`."""

KINDS = (
    "send",  # a message leaves a device; subject: its envelope
    "receive",  # a device takes a message out of its inbox; subject: its envelope
    "undeliverable",  # a message is addressed to nobody; subject: its envelope
    "round",  # a synchronous round begins; subject: its number
    "ask",  # a device has work to do in the critical section
    "enter",  # a device enters the critical section
    "leave",  # a device leaves the critical section
    "cut",  # a device records its state for a snapshot; subject: the number of the snapshot
    "log",  # a device writes a line; subject: the text
    "invoke",  # a client begins an operation; subject: its name, argument and key
    "respond",  # a client has its answer; subject: the result
    "todo",  # a part of the exercise is missing; subject: text, file, line
    "end",  # `run` of a device has returned
    "fail",  # a device failed; subject: the Failure
    "pick",  # a person chooses the next message; subject: its envelope
    "lose",  # a message is lost; subject: its envelope, perhaps with a `reason`
    "duplicate",  # a second copy of a message is on its way; subject: the envelope of the copy
    "delay",  # a message arrives later; subject: its envelope
    "crash",  # a device stops working
    "restart",  # a device begins anew
    "corrupt",  # a field of a message is replaced on its way; subject: its envelope from then on
    "pause",  # a device stands still, or is slow; subject: how slow, or None
    "resume",  # it goes on as usual
    "partition",  # no message goes between groups any more; subject: the groups
    "heal",  # messages go between these groups again; subject: the groups
    "swap",  # the timing model changes; subject: sync or async
)
CALL = "call"
"""Told to ``on_call`` only: a device calls a method that a property wants to know of; subject: the
method's name and its argument or result. It is no event of the run: no trace keeps it."""
OF_MESSAGES = frozenset(
    {"send", "receive", "undeliverable", "pick", "lose", "duplicate", "delay", "corrupt"}
)


class Event(NamedTuple):
    """One event: `kind` is one of `KINDS`, `time` in ticks, `device` an index or None."""

    kind: str
    time: int
    device: int | None
    subject: Any

    @property
    def envelope(self) -> Envelope | None:
        """The envelope of the message that was sent or received, or None."""
        return Envelope(*self.subject) if self.kind in OF_MESSAGES else None

    @property
    def message(self) -> MessageStub | None:
        """A fresh copy of the message that was sent or received, or None."""
        return opened(self.subject) if self.kind in OF_MESSAGES else None


class Observer:
    """Is told of every event of a run. All methods are optional: ``on_<kind>(event)``.

    `on_event` gets every event, before the method of its kind. Observers see; they never change
    a run. `on_call` gets what is no event: a call that a property asks for.
    """

    on_event: Callable[[RawEvent], Any]


Listeners = dict[str, list[Callable[[RawEvent], Any]]]
"""For each kind of event, the methods to call."""


def listen(listeners: Listeners, observer: object) -> None:
    """Add the methods of one more observer."""
    for kind in KINDS:
        for name in ("on_event", f"on_{kind}"):
            method = getattr(observer, name, None)
            if method is not None:
                listeners[kind].append(method)
    if hasattr(observer, "on_call"):
        listeners[CALL].append(observer.on_call)


class Trace(Observer):
    """All events of a run in order, append-only.

    The four parts of the events stand one after another in a single list: events that were objects
    of their own would cost the garbage collector a fifth of a run.
    """

    def __init__(self) -> None:
        self._parts: list[Any] = []
        self.on_event = self._parts.extend

    def __len__(self) -> int:
        return len(self._parts) // 4

    def __getitem__(self, number: int) -> Event:
        if number < 0:
            number += len(self)
        if not 0 <= number < len(self):
            raise IndexError(f"the trace has {len(self)} events")
        return Event(*self._parts[4 * number : 4 * number + 4])

    def __iter__(self) -> Iterator[Event]:
        parts = iter(self._parts)
        return map(Event, parts, parts, parts, parts)

    def of(self, *kinds: str) -> Iterator[Event]:
        """Return the events of the given kinds, in order."""
        return (event for event in self if event.kind in kinds)
