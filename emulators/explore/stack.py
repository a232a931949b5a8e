"""The values that a suspended frame has on its stack, such as the iterator of a ``for`` loop.

Python shows them to nobody, so they are read where CPython keeps them: right behind the locals. The
layout differs between versions; `readable` tries it out at start with frames of which everything is
known, comparing addresses before anything is taken for an object. Where that fails, frames with
values on their stack are `Opaque`: explored all the same, without being recognised.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import CodeType, FrameType
from typing import Any

from emulators.explore.frames import Opaque, shape
from emulators.kernel.carrier import GreenletCarrier, Killed

_WORD = ctypes.sizeof(ctypes.c_void_p)
_FRAME = 3 * _WORD
"""In a frame object since 3.11, where the interpreter's own frame is named."""
_VALUE_STACK_3_10 = 8 * _WORD
_LOCALS = {(3, 11): 9 * _WORD, (3, 12): 9 * _WORD, (3, 13): 9 * _WORD, (3, 14): 10 * _WORD}
"""In the interpreter's own frame, where the locals begin."""
_TAG = 3
"""Bits of a reference that say something else, since 3.14."""


def version() -> tuple[int, int]:
    """Return the version of this Python."""
    return sys.version_info[:2]


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


def _slots(code: CodeType) -> int:
    """Return how many places the locals of a frame take, those shared with others included."""
    cells = [name for name in code.co_cellvars if name not in code.co_varnames]
    return code.co_nlocals + len(cells) + len(code.co_freevars)


def _base(frame: FrameType) -> int:
    """Return the address of the lowest value on the stack of a frame."""
    if version() not in _LOCALS:
        return _word(id(frame) + _VALUE_STACK_3_10)
    return _word(id(frame) + _FRAME) + _LOCALS[version()] + _slots(frame.f_code) * _WORD


def _addresses(frame: FrameType, count: int) -> list[int]:
    base = _base(frame)
    words = [_word(base + number * _WORD) for number in range(count)]
    return [word & ~_TAG for word in words] if version() >= (3, 14) else words


def values(frame: FrameType, count: int) -> list[Any]:
    """Return the lowest `count` values on the stack of a suspended frame.

    Raises `Opaque` where they cannot be read, or where one of them is no object.
    """
    if not readable():
        raise Opaque("values on the stack")
    addresses = _addresses(frame, count)
    if not all(addresses):
        raise Opaque("an empty place on the stack")
    return [ctypes.cast(address, ctypes.py_object).value for address in addresses]


@cache
def readable() -> bool:
    """Return whether the stack of a frame is where it is expected in this Python."""
    if sys.implementation.name != "cpython" or _WORD != 8:
        return False
    if version() not in {(3, 10), *_LOCALS}:
        return False
    return all(_is_found(try_out) for try_out in (_in_one_loop, _in_two_loops))


def _is_found(try_out: Callable[[Any, Any, Callable[[], Any]], object]) -> bool:
    """Suspend a function inside its loops; compare what is found with the iterators it has."""
    carrier = GreenletCarrier()
    outer, inner = iter([1, 2]), iter((3, 4))

    def body() -> None:
        with suppress(Killed):
            try_out(outer, inner, carrier.suspend)

    task = carrier.spawn(body)
    task.resume()
    try:
        frame = task.frame()
        while frame is not None and frame.f_code is not getattr(try_out, "__code__", None):
            frame = frame.f_back
        if frame is None:
            return False
        expected = [id(outer), id(inner)][: 1 if try_out is _in_one_loop else 2]
        return shape(frame.f_code).depth(frame.f_lasti) >= len(expected) and (
            _addresses(frame, len(expected)) == expected
        )
    finally:
        task.kill()


def _in_one_loop(outer: Any, inner: Any, pause: Callable[[], Any]) -> None:
    for _ in outer:
        pause()


def _in_two_loops(outer: Any, inner: Any, pause: Callable[[], Any]) -> None:
    shared = 1
    for _ in outer:
        for _ in inner:
            pause()
    [shared for _ in ()]  # makes the variable one that is shared with another function
