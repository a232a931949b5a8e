"""How a client says what it asks of a replicated object, and what it was told.

Both calls are events of the run (``invoke`` and ``respond``), so whoever reads the trace can judge
the history of the operations: `emulators/check/linearizable.py` does. A client has one operation at
a time. If no answer comes, it says nothing: its next `invoke` tells that it has given up.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from emulators.Device import Device


class Asked(NamedTuple):
    """What a client asks: the name of an operation, its argument, and the object it is for."""

    name: str
    argument: Any = None
    key: Hashable = None

    def __str__(self) -> str:
        return " ".join(
            str(part) for part in (self.name, self.key, self.argument) if part is not None
        )


def invoke(client: Device, name: str, argument: Any = None, key: Hashable = None) -> None:
    """Say that `client` begins an operation: just before its request leaves."""
    client._medium._emulator.note(client._id, "invoke", Asked(name, argument, key))


def respond(client: Device, result: Any = None) -> None:
    """Say that the answer to the last operation of `client` has come: as soon as it has it."""
    client._medium._emulator.note(client._id, "respond", result)
