"""Messages as numbers: two that nobody can tell apart have the same one."""

from __future__ import annotations

from typing import Any

from emulators.explore.fingerprint import Encoder
from emulators.explore.frames import Opaque
from emulators.explore.solo import SEVERAL, Sent
from emulators.trace.envelope import RawEnvelope, all_plain, has_slots


class Mail:
    """All messages that were ever sent in a search; each is kept once, ready to be opened."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self.envelopes: list[RawEnvelope] = []
        self.senders: list[int] = []
        self.destinations: list[int] = []
        self.keys: list[Any] = []
        self._batches: dict[tuple[int, ...], int] = {}
        self.batches: list[tuple[int, ...]] = []

    def batch(self, messages: tuple[int, ...]) -> int:
        """Return the number of several messages that are received at once, in this order."""
        number = self._batches.get(messages)
        if number is None:
            number = self._batches[messages] = len(self.batches)
            self.batches.append(messages)
        return number

    def received(self, code: int) -> tuple[int, ...]:
        """Return the messages that an answer brings."""
        if code >= 0:
            return (code,)
        return self.batches[SEVERAL - code] if code <= SEVERAL else ()

    def number(self, sender: int, sent: Sent, history: tuple[Any, ...], serial: int = 0) -> int:
        """Return the number of a message.

        One that cannot be looked into is told apart by the `history` that led to it; with a
        `serial`, each is told apart from all others of its sender.
        """
        key = (sender, serial, *message_key(sent, history))
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.envelopes)
            self.keys.append(key)
            self.senders.append(sender)
            self.destinations.append(sent.destination)
            fields, serial = sent.fields, serial or number + 1
            plain = all_plain(map(type, fields.values())) and not has_slots(sent.cls)
            self.envelopes.append((0, serial, sender, sent.destination, sent.cls, fields, plain, 0))
        return number


def message_key(sent: Sent, history: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """Return what makes a message equal to another one."""
    encoder = Encoder()
    try:
        encoder.put(sent.fields)
    except Opaque:
        return ("opaque", *history)
    return (sent.destination, sent.cls, *encoder.tokens)
