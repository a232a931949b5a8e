"""What the supervisor and a device's process say to each other, over the pipes between them.

Orders go to the process's standard input, reports come from its standard output. A process whose
input ends knows that its supervisor is gone.
"""

from __future__ import annotations

import threading
from typing import IO, Any

import msgspec

from emulators.errors import Failure

_HEAD = 4


class Meeting(msgspec.Struct):
    """How a device finds those of other machines: addresses, keys (a secret one, all public ones),
    and a digest of the exercise file, which is to be the same everywhere.
    """

    addresses: dict[int, str]
    keys: tuple[str, list[str]] | None
    program: str


class Job(msgspec.Struct, tag="job"):
    """What a process shall run, as plain values. `folder` is for sockets that are files. Whether it
    `keeps` its stable storage, and what the life before it has `kept`.
    """

    index: int
    config: dict[str, Any]
    seed: int
    devices: int
    secret: bytes
    folder: str | None
    transport: str
    network: dict[str, Any]
    quiet: bool
    recorded: bool
    color: bool = False
    keeps: bool = False
    kept: bytes = b""
    life: int = 0
    began: float | None = None
    most_messages: int | None = None
    meeting: Meeting | None = None


class Go(msgspec.Struct, tag="go"):
    """Connect to the others and build the device."""

    addresses: dict[int, str]


class Begin(msgspec.Struct, tag="begin"):
    """Run the device. `began` is when the run began, by this machine's performance counter."""

    began: float


class Stop(msgspec.Struct, tag="stop"):
    """Stop the device where it stands, and report."""

    reason: str


class PrintResult(msgspec.Struct, tag="result"):
    """Print the device's result."""


class Ping(msgspec.Struct, tag="ping"):
    """Say that you are there."""

    number: int


Order = Job | Go | Begin | Stop | PrintResult | Ping


class Ready(msgspec.Struct, tag="ready"):
    """The exercise is loaded, and messages can be sent to this address."""

    address: str


class Refused(msgspec.Struct, tag="refused"):
    """The input is wrong; nothing runs."""

    problem: str


class Built(msgspec.Struct, tag="built"):
    """The device is built."""


class Met(msgspec.Struct, tag="met"):
    """The devices of other machines have been found, or waited for long enough."""


class Output(msgspec.Struct, tag="output"):
    """What the device printed."""

    text: str
    is_error: bool


class Failed(msgspec.Struct, tag="failed"):
    """The device failed."""

    failure: Failure


class Todo(msgspec.Struct, tag="todo"):
    """A part of the exercise is not implemented yet."""

    text: str
    file: str
    line: int


class Ended(msgspec.Struct, tag="ended"):
    """`run` of the device has returned or failed."""


class History(msgspec.Struct, tag="history"):
    """Some more of what the device lived through."""

    records: bytes


class Kept(msgspec.Struct, tag="kept"):
    """The stable storage of the device, as bytes; it replaces what was there."""

    values: bytes


class Logged(msgspec.Struct, tag="logged"):
    """A line that the device has logged, at a `time` in ticks, and the log file it is for."""

    time: int
    text: str
    name: str


class Stopped(msgspec.Struct, tag="stopped"):
    """The device stands still. `counted` are its statistics, `dropped` frames by reason."""

    time: int
    ended: bool
    reason: str
    counted: dict[str, Any]
    dropped: dict[str, int]


class Note(msgspec.Struct, tag="note"):
    """Something about the run that shall stand in its report."""

    text: str


class Printed(msgspec.Struct, tag="printed"):
    """The result is printed."""


class Pong(msgspec.Struct, tag="pong"):
    """The process is there, and has counted so much until now. `idle` tells whether only a message
    can wake it; then `standing` says what its device waits for, and where, unless it has ended.
    """

    number: int
    counted: dict[str, Any]
    idle: bool
    standing: str


Report = (
    Ready
    | Refused
    | Built
    | Met
    | Output
    | Failed
    | Kept
    | Logged
    | Todo
    | Ended
    | History
    | Stopped
    | Note
    | Printed
    | Pong
)


class Sender:
    """Writes orders or reports to a pipe, from any thread, each in one piece."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, one: Order | Report) -> bool:
        """Write one; return False where nobody reads any more."""
        data = msgspec.msgpack.encode(one)
        try:
            with self._lock:
                self._pipe.write(len(data).to_bytes(_HEAD, "big") + data)
                self._pipe.flush()
        except (OSError, ValueError):
            return False
        return True


def received(pipe: IO[bytes], kinds: Any) -> Any:
    """Return the next order or report, or None when nobody writes any more. Blocks."""
    try:
        head = pipe.read(_HEAD)
        data = pipe.read(int.from_bytes(head, "big"))
    except (OSError, ValueError):
        return None
    if len(head) < _HEAD or len(data) < int.from_bytes(head, "big"):
        return None
    return msgspec.msgpack.decode(data, type=kinds)
