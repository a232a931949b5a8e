"""The history of the clients' operations in a run, put together from its events.

A client says what it does with `invoke` and `respond` of emulators/operations.py. Who invokes again
before the answer has come has given up: the operation before stays pending for ever.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from emulators.check.specifications import Operation
from emulators.trace.events import Observer, RawEvent


class History(Observer):
    """Collects operations; can be told of events, or of invocations and responses directly."""

    def __init__(self) -> None:
        self._operations: dict[int, Operation] = {}
        self._open: dict[int, int] = {}
        self._places = 0

    def __len__(self) -> int:
        return len(self._operations)

    def copy(self) -> History:
        """Return an independent history with the same past."""
        made = History()
        made._operations = self._operations.copy()
        made._open = self._open.copy()
        made._places = self._places
        return made

    @property
    def operations(self) -> list[Operation]:
        """All operations so far, in the order of their invocations."""
        return list(self._operations.values())

    def on_invoke(self, event: RawEvent) -> None:
        """Note that a client asks for something."""
        _, time, client, (name, argument, key) = event
        self.invoke(client, name, argument, key, time)

    def on_respond(self, event: RawEvent) -> None:
        """Note that a client has its answer."""
        _, time, client, result = event
        self.respond(client, result, time)

    def invoke(
        self, client: int, name: str, argument: Any = None, key: Hashable = None, time: int = 0
    ) -> None:
        """Add an operation that begins now."""
        start = self._place()
        self._open[client] = start
        argument, key = _plain(argument), _plain(key)
        self._operations[start] = Operation(client, name, argument, None, start, None, key, time)

    def respond(self, client: int, result: Any = None, time: int = 0) -> None:
        """End the operation of a client; one that has none open has given up before."""
        start = self._open.pop(client, None)
        if start is not None:
            self._operations[start] = self._operations[start]._replace(
                result=_plain(result), end=self._place(), returned=time
            )

    def _place(self) -> int:
        self._places += 1
        return self._places


def _plain(value: Any) -> Any:
    """Return a value that a set can hold: lists as tuples, what has no hash as its text."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value
