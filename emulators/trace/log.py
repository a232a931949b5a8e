"""The trace on disk: one line of JSON for the header, for each event, and for the end.

Each line also carries the decisions taken since the line before (``c``), so a recording is the
program's events and the schedule in one. The same seed gives the same bytes everywhere: times are
whole ticks, sets are sorted, and nothing names a machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from emulators.errors import Failure, UsageError
from emulators.kernel.choices import Decision, Recording
from emulators.trace.envelope import PLAIN
from emulators.trace.events import KINDS, OF_MESSAGES, Observer, RawEvent
from emulators.trace.logbook import Named

FORMAT = "distributed-run"
VERSION = 1
_CHUNK = 8192
"""Events and decisions that are kept before they are written."""


class Header(msgspec.Struct, omit_defaults=True):
    """What was run. `program` is a digest of the exercise file; `options` those of the network."""

    lecture: int
    algorithm: str
    type: str
    devices: int
    seed: int
    program: str
    options: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    actions: list[tuple[int, str, int]] = []
    format: str = ""
    version: int = 0


class Line(msgspec.Struct, omit_defaults=True, gc=False):
    """One event: kind, ticks, device; number, type and fields of a message; subject; decisions."""

    e: str
    t: int
    d: int | None = None
    m: int | None = None
    type: str | None = None
    f: Any = None
    s: Any = None
    c: list[Decision] | None = None


_encoder = msgspec.json.Encoder()


class Recorder(Observer):
    """Writes a run to disk, a few thousand events at a time: memory does not grow with the run.

    Events are put among the decisions, in one list in the order of the run; events are tuples,
    decisions numbers. `close` writes the last of them. What cannot be written any more, because
    the disk is full, is dropped; `fault` then says why.
    """

    def __init__(self, file: BinaryIO, header: Header, decisions: Recording) -> None:
        self._file = file
        self._taken = decisions.taken
        self._written = 0
        self.fault = ""
        header.format, header.version = FORMAT, VERSION
        self._write(_encoder.encode(header) + b"\n")
        self.on_event = self._taken.append
        for kind in KINDS:
            if kind != "receive":  # there are no more of these than of messages sent
                setattr(self, f"on_{kind}", self._flush_when_long)

    def _flush_when_long(self, event: RawEvent) -> None:
        if len(self._taken) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        """Write all events, and leave the decisions after the last one where they are."""
        lines: list[Line] = []
        decisions: list[Decision] = []
        for item in self._taken:
            if type(item) is not tuple:
                decisions.append(item)
                continue
            line = line_of(item)
            if decisions:
                line.c = decisions
                decisions = []
            lines.append(line)
        self._write(encoded(lines))
        self._written += len(lines)
        self._taken[:] = decisions

    def close(self, ended: str, time: int) -> None:
        """Write the last line: how the run ended, and how many events there were."""
        self._flush()
        last = Line("finish", time, s=[ended, self._written], c=list(self._taken) or None)
        self._write(encoded([last]))

    def _write(self, data: bytes) -> None:
        if self.fault:
            return
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            self.fault = error.strerror or str(error)


def write(file: BinaryIO, header: Header, lines: Iterable[Line]) -> None:
    """Write a recording whose lines are known, the ``finish`` line last."""
    header.format, header.version = FORMAT, VERSION
    file.write(_encoder.encode(header) + b"\n")
    file.writelines(encoded([line]) for line in lines)
    file.flush()


def encoded(lines: list[Line]) -> bytes:
    """Return lines as JSON Lines; fields that JSON does not know are put into a canonical form."""
    try:
        return _encoder.encode_lines(lines)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        for line in lines:
            line.f = canonical(line.f)
            line.s = canonical(line.s)
        return _encoder.encode_lines(lines)


def line_of(event: RawEvent) -> Line:
    """Return an event as a line, without its decisions."""
    kind, time, device, subject = event
    if kind == "receive":
        return Line(kind, time, device, subject[1])
    if kind in OF_MESSAGES:
        fields = subject[5] if subject[6] else canonical(subject[5])
        reason = getattr(subject, "reason", None)
        return Line(kind, time, device, subject[1], subject[4].__name__, fields, reason)
    if isinstance(subject, Named):
        return Line(kind, time, device, type=subject.name, s=str(subject))
    if isinstance(subject, Failure):
        return Line(kind, time, device, s=subject.problem)
    if kind == "todo":  # the file without its folder: a recording names no machine
        text, file, number = subject
        return Line(kind, time, device, s=(text, PurePosixPath(file).name, number))
    return Line(kind, time, device, s=subject)


_MOST_DEPTH = 50
_MOST_BITS = 4096
"""Of whole numbers in decimals; Python refuses to convert very long ones."""
_MOST_PARTS = 10_000
"""Parts of a value above which one that comes again is left out: ways through a graph of objects
that know each other are more than anybody can write."""


class _Seen:
    """What a value is made of, as far as it was looked at: the parts around this one, and all."""

    def __init__(self) -> None:
        self.around: set[int] = set()
        self._all: dict[int, Any] = {}  # with the parts, so that an id stays that of its part
        self._count = 0

    def again(self, part: Any) -> bool:
        """Return whether a part is to be left out."""
        number = id(part)
        if number in self.around or len(self.around) > _MOST_DEPTH:
            return True
        known = number in self._all
        self._all[number] = part
        self._count += 1
        return known and self._count > _MOST_PARTS


def canonical(value: Any, seen: _Seen | None = None) -> Any:
    """Return a value as JSON knows it: the same text for equal values, in every process."""
    if type(value) in PLAIN:
        return _canonical_plain(value)
    seen = seen or _Seen()
    if seen.again(value):
        return "…"
    seen.around.add(id(value))
    try:
        return _canonical_parts(value, seen)
    finally:
        seen.around.discard(id(value))


def _canonical_parts(value: Any, seen: _Seen) -> Any:
    if isinstance(value, dict):
        return _canonical_dict(value, seen)
    if isinstance(value, (list, tuple)):
        return [canonical(item, seen) for item in value]
    if isinstance(value, (set, frozenset)):
        items = [canonical(item, seen) for item in value]
        return sorted(items, key=_encoder.encode)
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, (int, float, str)):
        return canonical(next(base for base in type(value).__mro__ if base in PLAIN)(value))
    return _canonical_object(value, seen)


def _canonical_plain(value: Any) -> Any:
    """Return a number or a text as JSON can hold it."""
    if type(value) is str and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode()
    if type(value) is int and value.bit_length() > _MOST_BITS:
        return hex(value)
    return value


def _canonical_dict(value: dict[Any, Any], seen: _Seen) -> Any:
    if all(type(key) is str for key in value):
        return {_canonical_plain(key): canonical(item, seen) for key, item in value.items()}
    return [[canonical(key, seen), canonical(item, seen)] for key, item in value.items()]


def _canonical_object(value: Any, seen: _Seen) -> Any:
    """Return an object as the name of its class and what a copy of it would be made of."""
    name = type(value).__name__
    if isinstance(value, type) or callable(value):
        return f"<{getattr(value, '__name__', name)}>"
    try:
        reduced = value.__reduce_ex__(4)
    except Exception:
        return f"<{name}>"
    if isinstance(reduced, str):
        return f"<{reduced}>"
    _, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
    parts = [part for part in arguments if part is not type(value)]
    parts += [*(items or ()), *(pairs or ())]
    fields: dict[str, Any] = {}
    for part in state if type(state) is tuple else (state,):
        if isinstance(part, dict) and all(type(key) is str for key in part):
            fields |= part
        elif part is not None:
            parts.append(part)
    made_of = {"parts": canonical(parts, seen)} if parts else {}
    return {"class": name, **made_of, **_canonical_dict(fields, seen)}


# -- reading


def is_recording(path: Path) -> bool:
    """Return whether a file begins as a recording does, of whatever version."""
    with path.open("rb") as file:
        return f'"format":"{FORMAT}"'.encode() in file.readline(1 << 16)


class Recorded:
    """A recording on disk, read line by line.

    Raises `UsageError` with one line for a file that is no recording, of another version, or cut.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                raise OSError(0, "it is no file")
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise UsageError(f"cannot read the recording {path}: {error.strerror}") from None
        try:
            self.header = self._read_header()
        except BaseException:
            self.close()
            raise

    def _read_header(self) -> Header:
        try:
            header = msgspec.json.decode(self._file.readline(), type=Header)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            header = None
        if header is None or header.format != FORMAT:
            raise UsageError(f"{self.path} is no recording of a run; --record FILE makes one")
        if header.version != VERSION:
            raise UsageError(
                f"{self.path} was recorded by version {header.version} of the format, this is "
                f"version {VERSION}: record the run again with --seed {header.seed}"
            )
        self._check_end()
        return header

    def _check_end(self) -> None:
        """A complete recording ends with a ``finish`` line."""
        position = self._file.tell()
        self._file.seek(0, io.SEEK_END)
        size = self._file.tell()
        self._file.seek(max(position, size - (1 << 16)))
        last = self._file.read().rstrip().rpartition(b"\n")[2]
        complete = last.startswith(b'{"e":"finish"') and last.endswith(b"}")
        if not complete and size - position <= 1 << 16:
            raise UsageError(f"{self.path} is cut off before its end: record the run again")
        if not complete and not self._ends_with_finish(size):
            raise UsageError(f"{self.path} is cut off before its end: record the run again")
        self._file.seek(position)

    def _ends_with_finish(self, size: int) -> bool:
        """The slow look at a last line that is longer than what was read."""
        self._file.seek(0)
        last = b""
        for line in self._file:
            last = line
        return last.startswith(b'{"e":"finish"') and last.rstrip().endswith(b"}")

    def lines(self) -> Iterator[Line]:
        """Return the lines after the header, the ``finish`` line last."""
        decoder = msgspec.json.Decoder(Line)
        for number, text in enumerate(self._file, start=2):
            try:
                yield decoder.decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise UsageError(
                    f"{self.path}, line {number} is damaged: record the run again"
                ) from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
