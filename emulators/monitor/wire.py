"""Frames as bytes and back: the documented format, and the frames that only we understand.

All numbers are signed and big-endian. A process is called by its number on the wire, which is its
index + 1. The documented format (32 bits each number):

    request     0 | sender | RN of the sender
    token       recipient | q | q numbers of processes | n numbers LN | state

Both are published to everybody; who is not concerned ignores them. What is ours begins with a
negative number, so for every other process it is a frame for somebody else:

    to all      -1 | kind | sender | …
    to one      -(number + 1) | kind | sender | …

Here no clock and no socket. `decoded` raises `Malformed` for whatever is no frame.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TO_ALL = -1
LARGEST = 2**31 - 1
"""The largest number that a field of the documented format can hold."""

_INT = struct.Struct(">i")
_REQUEST = struct.Struct(">iii")
_LONG = struct.Struct(">q")


class Malformed(ValueError):
    """Bytes that are no frame; the text says why."""


@dataclass(frozen=True)
class Body:
    """What a token carries: who waits, which requests were served, the state.

    `queue` holds indices. Every execution makes an entry of `ln` larger, so `age`, their sum, says
    which of two bodies is the newer one.
    """

    queue: tuple[int, ...]
    ln: tuple[int, ...]
    state: bytes

    @property
    def age(self) -> int:
        """How many requests were served: of two tokens the one with less is out of date."""
        return sum(self.ln)


@dataclass(frozen=True)
class Request:
    """The sender wants the token; it is its request with this number."""

    sender: int
    number: int


@dataclass(frozen=True)
class Token:
    """The token on its way to a recipient."""

    recipient: int
    body: Body


@dataclass(frozen=True)
class Hello:
    """The sender is new and asks for an answer; each life of a process has an incarnation."""

    sender: int
    incarnation: int


@dataclass(frozen=True)
class Beat:
    """The sender is alive. It has the token or not, and the newest body it knows has this age.

    `seen`: it knows that there is a token in use.
    """

    sender: int
    incarnation: int
    age: int
    holds: bool
    seen: bool


@dataclass(frozen=True)
class Copy:
    """A copy of the newest body the sender knows; `holds`: it has the token itself."""

    sender: int
    holds: bool
    body: Body


@dataclass(frozen=True)
class Ack:
    """The sender's copy has this entry in LN for the one who is told: it is safe there.

    `taken` is the age of the last token that the sender has received itself, or -1.
    """

    sender: int
    number: int
    taken: int


@dataclass(frozen=True)
class Ask:
    """The sender wants a copy of the newest body."""

    sender: int


@dataclass(frozen=True)
class Census:
    """Where is the token? Whoever answers believes no token of an epoch before this ballot."""

    sender: int
    ballot: int


@dataclass(frozen=True)
class Answer:
    """The answer to a census: what the sender has promised, whether it has the token, all it knows.

    `holder` had the token last, as far as it knows; `members` it has met, and they are not gone.
    """

    sender: int
    ballot: int
    promised: int
    holds: bool
    holder: int | None
    members: tuple[int, ...]
    rn: tuple[int, ...]
    body: Body


@dataclass(frozen=True)
class Grant:
    """The census has found the token here: go on with it, in the epoch of the ballot."""

    sender: int
    ballot: int


@dataclass(frozen=True)
class Goodbye:
    """The sender leaves for good. `holds`: with the token, because nobody was there to take it."""

    sender: int
    holds: bool


Control = Hello | Beat | Copy | Ack | Ask | Census | Answer | Grant | Goodbye
Frame = Request | Token | Control


def frame_of_request(request: Request) -> bytes:
    """Return the 12 bytes of a request."""
    return _REQUEST.pack(0, request.sender + 1, request.number)


def frame_of_token(token: Token) -> bytes:
    """Return the bytes of a token."""
    return _INT.pack(token.recipient + 1) + _packed_body(token.body)


def _packed_body(body: Body) -> bytes:
    numbers = [len(body.queue), *(index + 1 for index in body.queue), *body.ln]
    return struct.pack(f">{len(numbers)}i", *numbers) + body.state


class _Reader:
    """Takes fields off the front of a frame of a group of `processes`."""

    def __init__(self, data: bytes, processes: int) -> None:
        self._data = data
        self._at = 0
        self.processes = processes

    def numbers(self, count: int) -> tuple[int, ...]:
        end = self._at + 4 * count
        if count < 0 or end > len(self._data):
            raise Malformed(f"{len(self._data)} bytes are too few")
        found = struct.unpack_from(f">{count}i", self._data, self._at)
        self._at = end
        return found

    def long(self) -> int:
        if self._at + 8 > len(self._data):
            raise Malformed(f"{len(self._data)} bytes are too few")
        (found,) = _LONG.unpack_from(self._data, self._at)
        self._at += 8
        return int(found)

    def count(self, what: str) -> int:
        """Return a number that must not be negative."""
        (number,) = self.numbers(1)
        if number < 0:
            raise Malformed(f"{what} is {number}")
        return number

    def index(self, what: str) -> int:
        """Return the index of a process."""
        (number,) = self.numbers(1)
        if not 1 <= number <= self.processes:
            raise Malformed(f"{what} is {number}, and there are processes 1 to {self.processes}")
        return number - 1

    def indices(self) -> tuple[int, ...]:
        size = self.count("a number of processes")
        if size > self.processes:
            raise Malformed(f"{size} processes are listed, and there are {self.processes}")
        return tuple(self.index("a listed process") for _ in range(size))

    def vector(self, what: str) -> tuple[int, ...]:
        found = self.numbers(self.processes)
        if min(found) < 0:
            raise Malformed(f"{what} has the entry {min(found)}")
        return found

    def body(self) -> Body:
        queue = self.indices()
        if len(set(queue)) < len(queue):
            raise Malformed("a process is queued twice")
        ln = self.vector("LN")
        state, self._at = self._data[self._at :], len(self._data)
        return Body(queue, ln, state)

    def end(self) -> None:
        if self._at < len(self._data):
            raise Malformed(f"{len(self._data) - self._at} bytes too many")


def decoded(data: bytes, processes: int, me: int) -> Frame | None:
    """Return the frame for process `me` in a group of so many processes; raise `Malformed`.

    None: the frame is for somebody else. A token is returned whoever it is for.
    """
    reader = _Reader(data, processes)
    (kind,) = reader.numbers(1)
    if kind > 0:
        if kind > processes:
            raise Malformed(f"a token for process {kind}, and there are {processes}")
        return Token(kind - 1, reader.body())
    if kind == 0:
        request = Request(reader.index("the sender"), reader.count("RN"))
        reader.end()
        return request
    if kind not in (TO_ALL, _addressed(me)):
        return None
    control = _control(reader)
    reader.end()
    return control


# -- what only we say to each other


def _addressed(index: int) -> int:
    return -(index + 2)


def _longs(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}q", *numbers)


def _list(indices: Sequence[int]) -> bytes:
    return struct.pack(f">{len(indices) + 1}i", len(indices), *(index + 1 for index in indices))


def _packed_answer(answer: Answer) -> bytes:
    return (
        _longs(answer.ballot, answer.promised, answer.holds)
        + _list([] if answer.holder is None else [answer.holder])
        + _list(answer.members)
        + struct.pack(f">{len(answer.rn)}i", *answer.rn)
        + _packed_body(answer.body)
    )


_KINDS: dict[type[Control], tuple[int, Callable[..., bytes], Callable[[int, _Reader], Control]]] = {
    Hello: (1, lambda one: _longs(one.incarnation), lambda s, r: Hello(s, r.long())),
    Beat: (
        2,
        lambda one: _longs(one.incarnation, one.age, one.holds, one.seen),
        lambda s, r: Beat(s, r.long(), r.long(), bool(r.long()), bool(r.long())),
    ),
    Copy: (
        3,
        lambda one: _longs(one.holds) + _packed_body(one.body),
        lambda s, r: Copy(s, bool(r.long()), r.body()),
    ),
    Ack: (4, lambda one: _longs(one.number, one.taken), lambda s, r: Ack(s, r.long(), r.long())),
    Ask: (5, lambda one: b"", lambda s, r: Ask(s)),
    Census: (6, lambda one: _longs(one.ballot), lambda s, r: Census(s, r.long())),
    Answer: (
        7,
        _packed_answer,
        lambda s, r: Answer(
            s,
            r.long(),
            r.long(),
            bool(r.long()),
            (*r.indices(), None)[0],
            r.indices(),
            r.vector("RN"),
            r.body(),
        ),
    ),
    Grant: (8, lambda one: _longs(one.ballot), lambda s, r: Grant(s, r.long())),
    Goodbye: (9, lambda one: _longs(one.holds), lambda s, r: Goodbye(s, bool(r.long()))),
}
_READERS = {kind: read for kind, _, read in _KINDS.values()}


def frame_of_control(control: Control, to: int | None = None) -> bytes:
    """Return the bytes of a frame of ours, for one process or for all."""
    kind, packed, _ = _KINDS[type(control)]
    address = TO_ALL if to is None else _addressed(to)
    return _REQUEST.pack(address, kind, control.sender + 1) + packed(control)


def _control(reader: _Reader) -> Control:
    (kind,) = reader.numbers(1)
    read = _READERS.get(kind)
    if read is None:
        raise Malformed(f"no frame is of kind {kind}")
    return read(reader.index("the sender"), reader)


def topics(me: int, processes: int) -> list[bytes]:
    """Return how the frames begin that process `me` listens to: a subscription for each.

    Three bytes cover what is documented, requests and tokens for anybody. No process of another
    make needs to begin a topic so (`hears`).
    """
    numbers = [b"\0\0" + bytes([high]) for high in range((processes >> 8) + 1)]
    return [*numbers, _INT.pack(TO_ALL), _INT.pack(_addressed(me))]


def hears(topic: bytes, index: int) -> bool:
    """Return whether a topic shows that a process of another make will hear its tokens."""
    return len(topic) != 3 and _INT.pack(index + 1).startswith(topic)
