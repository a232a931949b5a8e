"""What a suspended frame still needs: which locals it may read again, what lies on its stack.

Two devices that stand at the same instruction, with equal values in all that they may still read,
have the same future. Locals that are never read again (a message that was handled) would keep equal
states apart: liveness analysis, Aho, Sethi and Ullman, *Compilers*, section 10.6. Everything is
computed once per code object, from the bytecode as `dis` shows it; where an instruction is not
known, more is taken to be needed, or nothing is said (`Opaque`).
"""

from __future__ import annotations

import builtins
import dis
import sys
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from types import CodeType
from typing import Any, NamedTuple


class Opaque(Exception):
    """A value or a frame cannot be looked into; whatever stands there differs from all others."""


_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)
_ENDS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})
_NO_FALL = _ENDS | {
    *("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"),
}
_HANDLING = frozenset({"SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"})
"""Until 3.10: where an exception goes, as an instruction."""
_LOOKS_AROUND = frozenset({"locals", "eval", "exec", "vars", "dir"})
_CALLS = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION", "CALL_METHOD", "CALL_FUNCTION_KW"})
_NARROW = frozenset({"CALL_FUNCTION", "CALL_FUNCTION_KW"})
"""Calls that have only what is called, and no place for ``self``, below their arguments."""
_CALL_BACK = frozenset(
    name for home in (builtins, list, dict, set, str, bytes, tuple, int) for name in vars(home)
) | {"reduce", "partial", "sub", "subn", "heapify", "heappush", "heappop"}
"""Names of functions in C that call functions in Python, with a state that nobody can see."""


class _Handler(NamedTuple):
    start: int
    end: int
    target: int
    depth: int


class Shape:
    """What is known of a code object. Instructions are counted from 0."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.instructions = list(dis.get_instructions(code))
        self._offsets = [one.offset for one in self.instructions]
        self._known_calls: dict[int, tuple[str, int]] = {}

    def at(self, offset: int) -> int:
        """Return the instruction at an offset, which may point into its inline caches."""
        return bisect_right(self._offsets, offset) - 1

    # -- where control goes

    @cached_property
    def _handlers(self) -> list[_Handler]:
        """Where exceptions go, in numbers of instructions; the end is not included."""
        if sys.version_info >= (3, 11):
            entries = dis.Bytecode(self.code).exception_entries
            return [
                _Handler(
                    self.at(entry.start),
                    self.at(entry.end - 1) + 1,
                    self.at(entry.target),
                    entry.depth + entry.lasti + 1,
                )
                for entry in entries
            ]
        return [
            _Handler(0, len(self.instructions), self.at(one.argval), -1)
            for one in self.instructions
            if one.opname in _HANDLING
        ]

    def _handlers_of(self, number: int) -> Iterator[_Handler]:
        return (one for one in self._handlers if one.start <= number < one.end)

    @cached_property
    def _next(self) -> list[list[int]]:
        found = []
        for number, one in enumerate(self.instructions):
            after = [number + 1] if one.opname not in _NO_FALL else []
            if one.opcode in _JUMPS:
                after.append(self.at(one.argval))
            found.append([place for place in after if place < len(self.instructions)])
        return found

    # -- live locals

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that the frame has values for: locals, and the variables shared with others."""
        return tuple(
            dict.fromkeys((*self.code.co_varnames, *self.code.co_cellvars, *self.code.co_freevars))
        )

    @cached_property
    def _live(self) -> list[frozenset[str]]:
        """Return, for each instruction, the locals that may be read after it."""
        everything = frozenset(self.names)
        if _LOOKS_AROUND & set(self.code.co_names) or not self._is_known():
            return [everything] * len(self.instructions)
        shared = everything & {*self.code.co_cellvars, *self.code.co_freevars}
        accesses = [_accesses(one) or _NOTHING for one in self.instructions]
        before: list[frozenset[str]] = [shared] * len(accesses)
        after: list[frozenset[str]] = [shared] * len(accesses)
        handlers = [[one.target for one in self._handlers_of(i)] for i in range(len(accesses))]
        changed = True
        while changed:
            changed = False
            for number in range(len(accesses) - 1, -1, -1):
                reads, writes = accesses[number]
                caught = frozenset().union(*(before[place] for place in handlers[number]))
                ahead = caught.union(*(before[place] for place in self._next[number]), shared)
                here = (ahead - writes) | reads | caught | shared
                after[number] = ahead
                if here != before[number]:
                    before[number], changed = here, True
        return after

    def _is_known(self) -> bool:
        """Whether every instruction that touches a local is one that is understood."""
        return all(_accesses(one) is not None for one in self.instructions)

    def live(self, offset: int) -> frozenset[str]:
        """Return the locals that may be read after the instruction at an offset."""
        return self._live[self.at(offset)]

    # -- the stack

    @cached_property
    def _depths(self) -> list[int | None]:
        """Return how many values lie on the stack before each instruction, None where unknown."""
        depths: list[int | None] = [None] * len(self.instructions)
        todo = [(0, 0)]
        while todo:
            number, depth = todo.pop()
            if depths[number] is not None:
                continue
            depths[number] = depth
            todo += self._after(number, depth)
        return depths

    def _after(self, number: int, depth: int) -> Iterator[tuple[int, int]]:
        one = self.instructions[number]
        if one.opname not in _NO_FALL and number + 1 < len(self.instructions):
            yield number + 1, depth + dis.stack_effect(one.opcode, one.arg, jump=False)
        if one.opcode in _JUMPS:
            yield self.at(one.argval), depth + dis.stack_effect(one.opcode, one.arg, jump=True)
        for handler in self._handlers_of(number):
            if handler.depth >= 0:
                yield handler.target, handler.depth

    def is_iterated(self, offset: int) -> bool:
        """Return whether what a call at an offset returns goes into a ``for`` loop at once."""
        after = [one.opname for one in self.instructions[self.at(offset) + 1 :][:2]]
        return after == ["GET_ITER", "FOR_ITER"]

    def depth(self, offset: int) -> int:
        """Return how many values lie on the stack before an instruction, -1 where unknown."""
        depth = self._depths[self.at(offset)]
        return -1 if depth is None else depth

    def under_call(self, offset: int) -> int:
        """Return how many values lie on the stack below what a suspended call works with."""
        return self._call(self.at(offset))[1]

    def check_call(self, offset: int, called: str) -> None:
        """Raise `Opaque` unless the function `called` is called by the instruction itself.

        Otherwise code in C may stand between the two, with a state that nobody can see.
        """
        name = self._call(self.at(offset))[0]
        if name != called or name in _CALL_BACK:
            raise Opaque(f"{called} called by {name}")

    def _call(self, number: int) -> tuple[str, int]:
        """Return the name of what an instruction calls, and how much of the stack lies below."""
        known = self._known_calls.get(number)
        if known is None:
            known = self._known_calls[number] = self._looked_up(number)
        return known

    def _looked_up(self, number: int) -> tuple[str, int]:
        one, depth = self.instructions[number], self._depths[number]
        if depth is None:
            raise Opaque(f"the stack at {one.opname}")
        if one.opname == "LOAD_ATTR":
            return one.argval, depth - 1
        if one.opname == "FOR_ITER":
            return "__next__", depth
        if one.opname not in _CALLS:
            raise Opaque(f"a function called by {one.opname}")
        base = depth + dis.stack_effect(one.opcode, one.arg, jump=False) - 1
        return self._name_of_call(number, base, 1 if one.opname in _NARROW else 2), base

    def _name_of_call(self, number: int, base: int, width: int) -> str:
        """Return the name under which a call loads what it calls."""
        start = number
        while start and (self._depths[start] or 0) > base:
            start -= 1
        name = last = ""
        for place in range(start, number):
            argument = self.instructions[place].argval
            last = argument if isinstance(argument, str) else last
            if (self._depths[place] or 0) < base + width <= (self._depths[place + 1] or 0):
                name = last
        return name


_Accesses = tuple[frozenset[str], frozenset[str]]
_NONE: frozenset[str] = frozenset()
_NOTHING: _Accesses = (_NONE, _NONE)


def _accesses(one: Any) -> _Accesses | None:
    """Return the locals that an instruction reads and writes, None where it is not known."""
    name = one.opname
    if "FAST" not in name:
        return _NOTHING
    names = one.argval if isinstance(one.argval, tuple) else (one.argval,)
    if not all(isinstance(each, str) for each in names):
        return None
    first, last = frozenset(names[:1]), frozenset(names[1:])
    if name.startswith("STORE_FAST_STORE_FAST"):
        return _NONE, first | last
    if name.startswith("STORE_FAST_LOAD_FAST"):
        return last - first, first
    if name.startswith(("STORE_FAST", "DELETE_FAST")):
        return _NONE, first
    if name.startswith("LOAD_FAST_AND_CLEAR"):
        return first, first
    return (first | last, _NONE) if name.startswith("LOAD_FAST") else None


_shapes: dict[CodeType, Shape] = {}


def shape(code: CodeType) -> Shape:
    """Return what is known of a code object; worked out once."""
    known = _shapes.get(code)
    if known is None:
        known = _shapes[code] = Shape(code)
    return known
