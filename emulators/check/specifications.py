"""Sequential specifications: what an object does when its operations come one after another.

A specification says in one method what linearizability (Herlihy and Wing 1990) compares a history
with. Its objects have no state of their own: a state goes in and a state comes out.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple


class Operation(NamedTuple):
    """One operation of a client: what it asked, what it was told, and when.

    `start` and `end` are places in the order of all invocations and responses of a history, no two
    the same; `end` is None for an operation that was never answered (it is *pending*: it may have
    taken effect or not). `invoked` and `returned` are times in ticks, for people.
    """

    client: int
    name: str
    argument: Any
    result: Any
    start: int
    end: int | None
    key: Hashable = None
    invoked: int = 0
    returned: int | None = None

    def __str__(self) -> str:
        asked = [str(part) for part in (self.name, self.key, self.argument) if part is not None]
        told = "" if self.result is None and self.argument is not None else f" -> {self.result}"
        return " ".join(asked) + (" -> ?" if self.end is None else told)


class Specification:
    """What an object does, operation by operation. A subclass fills `apply`.

    `reads` names the operations that change no state.
    """

    initial: Hashable = None
    reads: frozenset[str] = frozenset()

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Return the next state and the result of one operation. States are hashable."""
        raise NotImplementedError

    def about(self, operation: Operation) -> Hashable | None:
        """Return what an operation is about, or None.

        It may be given only where a legal sequence stays legal without all operations about the
        same thing; a counterexample is made smaller by leaving them out together.
        """
        return None


class Register(Specification):
    """A variable: ``write`` an argument, ``read``, and ``cas`` (old, new) -> whether it was old."""

    reads = frozenset({"read"})

    def __init__(self, initial: Hashable = None) -> None:
        self.initial = initial

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Read, write, or compare and set."""
        if name == "read":
            return state, state
        if name == "write":
            return argument, None
        if name == "cas":
            old, new = argument
            return (new, True) if state == old else (state, False)
        raise _unknown(self, name)

    def about(self, operation: Operation) -> Hashable | None:
        """Return the value: a value's writes and reads may be left out together."""
        if operation.name == "write":
            return _hashable(operation.argument)
        return _hashable(operation.result) if operation.name == "read" else None


class Counter(Specification):
    """A number: ``add`` an argument, ``get``, and ``next`` -> the number before adding one."""

    initial = 0
    reads = frozenset({"get"})

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Add, get, or count one."""
        if name == "get":
            return state, state
        if name == "add":
            return state + argument, None
        if name == "next":
            return state + 1, state
        raise _unknown(self, name)


class Queue(Specification):
    """First in, first out: ``enqueue`` an argument, ``dequeue`` -> the first, None where empty."""

    initial = ()

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Put an item at the end, or take the first one."""
        if name == "enqueue":
            return (*state, argument), None
        if name == "dequeue":
            return (state[1:], state[0]) if state else (state, None)
        raise _unknown(self, name)

    def about(self, operation: Operation) -> Hashable | None:
        """Return the item."""
        return _item(operation, "enqueue")


class Stack(Specification):
    """Last in, first out: ``push`` an argument, ``pop`` -> the last, None where empty."""

    initial = ()

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Put an item on top, or take the top one."""
        if name == "push":
            return (*state, argument), None
        if name == "pop":
            return (state[:-1], state[-1]) if state else (state, None)
        raise _unknown(self, name)

    def about(self, operation: Operation) -> Hashable | None:
        """Return the item."""
        return _item(operation, "push")


class Lock(Specification):
    """Held by one client: ``acquire`` a name -> whether it was free, ``release`` a name."""

    def apply(self, state: Any, name: str, argument: Any) -> tuple[Any, Any]:
        """Take the lock if it is free, or give it back if it is one's own."""
        if name == "acquire":
            return (argument, True) if state is None else (state, False)
        if name == "release":
            return (None, True) if state == argument else (state, False)
        raise _unknown(self, name)


def _item(operation: Operation, adds: str) -> Hashable | None:
    """Return the item that is put in or taken out; what was not answered may have taken any."""
    if operation.name == adds:
        return _hashable(operation.argument)
    return None if operation.end is None else _hashable(operation.result)


def _unknown(specification: Specification, name: str) -> ValueError:
    return ValueError(f"a {type(specification).__name__} has no operation {name!r}")


def _hashable(value: Any) -> Hashable:
    """Return a value in a tuple, so that None is one too; what has no hash as its text."""
    try:
        hash(value)
    except TypeError:
        return ("text", repr(value))
    return (value,)
