"""What one machine has of a recorded run: the history of its device, to be joined with others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from emulators.trace.log import Header
from emulators.usage import UsageError

_FORMAT = "distributed-run-part"
_VERSION = 1


class Part(msgspec.Struct):
    """The history of one device, as history.py writes it, and what was run."""

    index: int
    header: Header
    ended: str
    pieces: list[bytes]
    format: str = ""
    version: int = 0


def write_part(file: BinaryIO, part: Part) -> None:
    """Write the part of one machine."""
    part.format, part.version = _FORMAT, _VERSION
    file.write(msgspec.msgpack.encode(part))
    file.flush()


def read_part(path: Path) -> Part:
    """Read the part of one machine; raises `UsageError` for what is none."""
    try:
        part = msgspec.msgpack.decode(path.read_bytes(), type=Part)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        part = None
    if part is None or part.format != _FORMAT:
        raise UsageError(f"{path} is no part of a run; --hosts with --record FILE makes one")
    if part.version != _VERSION:
        raise UsageError(f"{path} was recorded by another version of the framework")
    return part


def joined(paths: list[Path]) -> tuple[Header, str, dict[tuple[int, int], list[bytes]]]:
    """Return what was run, how it ended, and the histories of all its devices.

    Raises `UsageError` where parts are missing, double, or of different runs.
    """
    parts = [read_part(path) for path in paths]
    first = parts[0]
    found: dict[int, Path] = {}
    for path, part in zip(paths, parts, strict=True):
        if part.index in found:
            raise UsageError(f"{path} and {found[part.index]} are both of device {part.index}")
        if _what(part.header) != _what(first.header):
            raise UsageError(f"{path} and {paths[0]} are not of the same run")
        found[part.index] = path
    missing = sorted(set(range(first.header.devices)) - set(found))
    if missing:
        raise UsageError(f"the part of device {missing[0]} is missing")
    ended = next((part.ended for part in parts if part.ended != "done"), "done")
    return first.header, ended, {(part.index, 0): part.pieces for part in parts}


def _what(header: Header) -> tuple[Any, ...]:
    return (
        *(header.lecture, header.algorithm, header.devices, header.seed, header.program),
        header.settings,
    )
