"""The points of a sweep: every combination of numbers of devices and values of constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from emulators.usage import UsageError


@dataclass(frozen=True)
class Point:
    """One combination: how many devices, and the constants that vary or are set."""

    devices: int
    settings: Mapping[str, Any] = field(default_factory=dict)


def points(devices: Sequence[int], settings: Mapping[str, Sequence[Any]]) -> Iterator[Point]:
    """Return all combinations; the number of devices varies slowest, the last constant fastest."""
    for count in devices:
        for values in product(*settings.values()):
            yield Point(count, dict(zip(settings, values, strict=True)))


def numbers(text: str) -> tuple[int, ...]:
    """Read ``25,64``; raise `UsageError` for what is no list of whole numbers from 2 up."""
    try:
        read = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--devices {text}: whole numbers are wanted, as in 25,64") from None
    if min(read) < 2:
        raise UsageError(f"a network needs at least 2 devices, not {min(read)}")
    return read


def setting(text: str) -> tuple[str, tuple[Any, ...]]:
    """Read ``P=0.2,0.5``; a comma inside brackets or quotes is a part of a value."""
    name, equals, values = text.partition("=")
    if not equals or not name.isidentifier() or not values:
        raise UsageError(f"--set {text}: NAME=VALUE is wanted, or NAME=VALUE,VALUE")
    try:
        return name, tuple(ast.literal_eval(f"({values},)"))
    except (ValueError, SyntaxError):
        return name, tuple(values.split(","))
