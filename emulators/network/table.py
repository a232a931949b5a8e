"""Reads tables of a scenario into frozen dataclasses, and says in one line what is wrong in one.

A dataclass that extends `Table` declares each key with `entry`: how its value is read, and what it
is where it is missing. Readers raise `Unfit` with what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import TYPE_CHECKING, Any

from emulators.network import units
from emulators.usage import UsageError, closest

if TYPE_CHECKING:
    from typing_extensions import Self

Reader = Callable[[Any], Any]


class Unfit(ValueError):
    """A value cannot be what it was given for; the text says what is allowed."""


def entry(read: Reader, default: Any = MISSING, key: str = "") -> Any:
    """Declare a field that is read from a key (its own name unless told otherwise)."""
    return field(default=default, metadata={"read": read, "key": key})


def key_of(one: Field[Any]) -> str:
    """Return the key that a field is read from."""
    return str(one.metadata["key"] or one.name)


class Table:
    """A table of a scenario. Subclasses are frozen dataclasses of hashable values."""

    @classmethod
    def read(cls, given: Any, where: str) -> Self:
        """Return the table; `where` says in errors which one it is. Raises `UsageError`."""
        if isinstance(given, cls):
            return given
        if not isinstance(given, Mapping):
            raise UsageError(f"{where}: {shown(given)} is no table of keys and values")
        known = {key_of(one): one for one in fields(cls)}  # type: ignore[arg-type]
        for key in given:
            if key not in known:
                raise UsageError(f"{where}: {_unknown(str(key), list(known))}")
        values = {
            one.name: _read(one, given[key], f"{where}, {key}")
            for key, one in known.items()
            if key in given
        }
        for key, one in known.items():
            if key not in given and one.default is MISSING:
                raise UsageError(f"{where}: the key {key} is missing")
        made = cls(**values)
        problem = made.problem()
        if problem:
            raise UsageError(f"{where}: {problem}")
        return made

    def problem(self) -> str:
        """Return what is wrong between the values of this table, or nothing."""
        return ""

    def plain(self) -> dict[str, Any]:
        """Return the table as plain values, without those that are the default."""
        return {
            key_of(one): plain(getattr(self, one.name))
            for one in fields(self)  # type: ignore[arg-type]
            if getattr(self, one.name) != one.default
        }


def _unknown(key: str, known: list[str]) -> str:
    hint = closest(key, known)
    return f"unknown key {key}" + (
        f" (did you mean {hint}?)" if hint else f"; there are {', '.join(known)}"
    )


def _read(one: Field[Any], value: Any, where: str) -> Any:
    if isinstance(value, Table):
        return value
    try:
        return one.metadata["read"](value)
    except Unfit as error:
        raise UsageError(f"{where}: {shown(value)} is not {error}") from None
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def shown(value: Any) -> str:
    """Return a value as it is shown in an error: short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def plain(value: Any) -> Any:
    """Return a value of a table as JSON and TOML know it."""
    if isinstance(value, Table):
        return value.plain()
    return [plain(item) for item in value] if isinstance(value, tuple) else value


# -- readers


def probability(value: Any) -> float:
    """Read a probability."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise Unfit("a probability from 0 to 1")
    return float(value)


def time(value: Any) -> units.Time:
    """Read a moment or a duration."""
    try:
        units.split(value)
    except ValueError:
        raise Unfit(units.ALLOWED) from None
    kept: units.Time = value
    return kept


def flag(value: Any) -> bool:
    """Read a yes or no."""
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def text(value: Any) -> str:
    """Read a text."""
    if not isinstance(value, str) or not value:
        raise Unfit("a text in quotes")
    return value


def one_of(*names: str) -> Reader:
    """Return a reader of one of several words."""

    def read(value: Any) -> str:
        if value in names and isinstance(value, str):
            return value
        hint = closest(value, names) if isinstance(value, str) else ""
        raise Unfit(f"one of {', '.join(names)}" + (f" (did you mean {hint}?)" if hint else ""))

    return read


def number(low: float, high: float = float("inf")) -> Reader:
    """Return a reader of a number within bounds."""

    def read(value: Any) -> float:
        fits = not isinstance(value, bool) and isinstance(value, (int, float))
        if not fits or not low <= value <= high:
            upper = "up" if high == float("inf") else f"to {high:g}"
            raise Unfit(f"a number from {low:g} {upper}")
        return float(value)

    return read


def index(value: Any) -> int:
    """Read the index of a device."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unfit("the index of a device, a whole number from 0 up")
    return value


Chosen = int | str
"""A device: its index, or ``any`` (one is drawn), or ``last``."""


def device(value: Any) -> Chosen:
    """Read which device is meant."""
    if value in ("any", "last"):
        return str(value)
    try:
        return index(value)
    except Unfit:
        raise Unfit('the index of a device, "any" (one is drawn) or "last"') from None


def some(value: Any) -> tuple[int, ...] | None:
    """Read one end of a link: an index, several, or ``all``."""
    if value == "all":
        return None
    try:
        return tuple(map(index, value)) if isinstance(value, (list, tuple)) else (index(value),)
    except Unfit:
        raise Unfit('the index of a device, a list of them, or "all"') from None


def several(read_one: Callable[[Any, str], Any], name: str) -> Reader:
    """Return a reader of ``[[name]]``: a list of tables, each numbered in errors."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise Unfit(f"a list of tables, each under [[{name}]]")
        return tuple(read_one(item, f"[[{name}]] {at}") for at, item in enumerate(value, start=1))

    return read
