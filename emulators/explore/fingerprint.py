"""A suspended device as one value that can be compared: equal fingerprints, equal futures.

What counts: at which instruction each function stands, the locals it may still read, the values on
its stack, and everything reachable from there, with the order of dictionaries and sets and with who
shares an object with whom. What cannot be looked into (a generator, an open file, a function in C
in the middle of its work) raises `Opaque`; whoever asks then tells states apart by their history.
"""

from __future__ import annotations

import collections
import enum
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import BuiltinMethodType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from emulators.explore import stack
from emulators.explore.frames import Opaque, shape
from emulators.kernel.tasks import Scheduler, Task
from emulators.Medium import Medium
from emulators.trace.envelope import PLAIN

Fingerprint = tuple[Any, ...]
Writer = Callable[["Encoder", Any], None]
Tokens = list[Any]

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_KERNEL = os.path.join(os.path.dirname(os.path.dirname(_HERE)), "kernel") + os.sep
_MOST_DEPTH = 200
_SAMPLES: tuple[Any, ...] = (
    *(iter([]), iter(()), iter(range(0)), iter(range(1 << 70)), iter({}), iter(set[int]())),
    *(iter({}.values()), iter({}.items()), iter(""), iter(b""), reversed([]), reversed({})),
    *(enumerate([]), zip(), iter(collections.deque[int]())),
)
_ITERATORS = frozenset(map(type, _SAMPLES))
"""Iterators that say by ``__reduce__`` where they stand, and change nothing by it."""
_BASES = frozenset(
    {object, list, dict, set, tuple, int, str, float, collections.deque, collections.OrderedDict}
    | {frozenset, collections.Counter, collections.defaultdict, bytearray}
)
"""Classes in C whose objects hold nothing but what is looked at here."""


def fingerprint(device: object, frames: Iterable[FrameType], *more: Any) -> Fingerprint:
    """Return what a device's future depends on: its attributes, its frames, and `more` values.

    Raises `Opaque` where something cannot be looked into.
    """
    encoder = Encoder()
    encoder.put(device)
    for frame in frames:
        encoder.frame(frame)
    for value in more:
        encoder.put(value)
    return tuple(encoder.tokens)


def chain(innermost: FrameType | None, base: CodeType) -> list[FrameType]:
    """Return the frames of a suspended function without ours above and below, outermost first.

    Raises `Opaque` where code in C may stand between two of them.
    """
    frames: list[FrameType] = []
    above = ""
    frame = innermost
    while frame is not None and frame.f_code is not base:
        code = frame.f_code
        if frames or not code.co_filename.startswith((_HERE, _KERNEL)):
            frames.append(frame)
        above = above if frames else code.co_name
        frame = frame.f_back
    frames.reverse()
    called = [one.f_code.co_name for one in frames[1:]] + [above]
    for one, name in zip(frames, called, strict=True):
        if one.f_code.co_flags & 0x2A0:  # of a generator or a coroutine
            raise Opaque(f"a generator, {one.f_code.co_name}")
        shape(one.f_code).check_call(one.f_lasti, name)
    return frames


class Encoder:
    """Writes values down as a list of tokens; an object that was met before as its number."""

    def __init__(self) -> None:
        self.tokens: Tokens = []
        self._met: dict[int, int] = {}
        self._alive: list[Any] = []
        self._depth = 0

    def frame(self, frame: FrameType) -> None:
        """Write a suspended frame down. `chain` has looked at its calls."""
        offset, code = frame.f_lasti, frame.f_code
        known = shape(code)
        self.tokens += (id(code), offset)
        live, values = known.live(offset), frame.f_locals
        for name in known.names:
            if name in live and name in values:
                self.tokens.append(name)
                self.put(values[name])
        count = known.under_call(offset)
        if count:
            self.tokens.append(count)
            for value in stack.values(frame, count):
                self.put(value)

    def put(self, value: Any) -> None:
        """Write a value down."""
        kind = type(value)
        tokens = self.tokens
        if kind in PLAIN:
            tokens.append(kind)
            tokens.append(repr(value) if kind is float else value)
            return
        if kind is tuple and _is_constant(value):  # nobody can tell one from an equal one
            self.all(tuple, value)
            return
        place = self._met.get(id(value))
        if place is not None:
            tokens += ("again", place)
            return
        self._met[id(value)] = len(self._met)
        write = _WRITERS.get(kind) or _writer_of(kind, value)
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise Opaque("something nested very deeply")
        write(self, value)
        self._depth -= 1

    def all(self, kind: Any, values: Iterable[Any]) -> None:
        """Write down what a collection holds."""
        self.tokens.append(kind)
        before = len(self.tokens)
        self.tokens.append(0)
        count = 0
        for value in values:
            self.put(value)
            count += 1
        self.tokens[before] = count

    def keep(self, value: Any) -> Any:
        """Keep alive what was made for a look, so that its address stays its own."""
        self._alive.append(value)
        return value


def _is_constant(value: tuple[Any, ...]) -> bool:
    return all(
        type(item) in PLAIN or (type(item) is tuple and _is_constant(item)) for item in value
    )


# -- how values are written


def _put_items(encoder: Encoder, value: Any) -> None:
    encoder.all(type(value), value)


def _put_pairs(encoder: Encoder, value: Any) -> None:
    encoder.all(type(value), (part for pair in list(value.items()) for part in pair))


def _put_default(encoder: Encoder, value: Any) -> None:
    encoder.put(value.default_factory)
    _put_pairs(encoder, value)


def _put_deque(encoder: Encoder, value: Any) -> None:
    encoder.put(value.maxlen)
    _put_items(encoder, value)


def _put_address(encoder: Encoder, value: Any) -> None:
    """Write down what stays where it is for the whole search: classes, modules."""
    encoder.tokens += ("at", id(value))


def _put_function(encoder: Encoder, value: Any) -> None:
    encoder.tokens += ("function", id(value.__code__))
    encoder.put(value.__defaults__)
    encoder.put(encoder.keep(list((value.__kwdefaults__ or {}).items())))
    cells = value.__closure__ or ()
    encoder.tokens.append(len(cells))
    for cell in cells:
        _put_cell(encoder, cell)


def _put_cell(encoder: Encoder, cell: Any) -> None:
    place = encoder._met.get(id(cell))
    if place is not None:
        encoder.tokens += ("again", place)
        return
    encoder._met[id(cell)] = len(encoder._met)
    try:
        content = cell.cell_contents
    except ValueError:
        encoder.tokens.append("empty")
    else:
        encoder.put(content)


def _put_method(encoder: Encoder, value: Any) -> None:
    encoder.tokens.append("method")
    encoder.put(value.__func__)
    encoder.put(value.__self__)


def _put_builtin(encoder: Encoder, value: Any) -> None:
    owner = value.__self__
    encoder.tokens += ("builtin", value.__name__)
    encoder.put(None if isinstance(owner, ModuleType) else owner)


def _put_member(encoder: Encoder, value: Any) -> None:
    encoder.tokens += ("member", id(type(value)), value._name_)


def _put_iterator(encoder: Encoder, value: Any) -> None:
    reduced = encoder.keep(value.__reduce__())
    encoder.tokens.append(type(value))
    encoder.put(encoder.keep(list(reduced[1:])))


def _put_medium(encoder: Encoder, value: Any) -> None:
    encoder.tokens += ("medium", value._id)


def _put_task(encoder: Encoder, value: Any) -> None:
    encoder.tokens += ("task", value.number, value.alive)


def _put_ours(encoder: Encoder, value: Any) -> None:
    encoder.tokens.append(type(value))


def _put_object(encoder: Encoder, value: Any) -> None:
    """Write an object of a class in Python down: what it inherits from C, and its attributes."""
    kind = type(value)
    tokens = encoder.tokens
    tokens.append(kind)
    inherited, slots = _anatomies.get(kind) or _anatomy(kind)
    if inherited is not None:
        inherited(encoder, value)
    for name in slots:
        tokens.append(name)
        encoder.put(getattr(value, name, None))
    fields = getattr(value, "__dict__", None)
    if fields:
        tokens.append(len(fields))
        for name, content in fields.items():
            tokens.append(name)
            encoder.put(content)


_anatomies: dict[type, tuple[Writer | None, tuple[str, ...]]] = {}


def _anatomy(kind: type) -> tuple[Writer | None, tuple[str, ...]]:
    """Return how a class writes what it inherits from C, and the names of its slots."""
    inherited: Writer | None = None
    for base in kind.__mro__:
        if base in (int, str, float):
            inherited = partial(_put_as, base)
        inherited = inherited or _BUILT_IN.get(base)
    names = [name for base in kind.__mro__ for name in _slots_of(base)]
    found = _anatomies[kind] = inherited, tuple(dict.fromkeys(names))
    return found


def _put_as(kind: Any, encoder: Encoder, value: Any) -> None:
    encoder.put(kind(value))


def _slots_of(kind: type) -> Iterator[str]:
    names = vars(kind).get("__slots__", ())
    for name in (names,) if isinstance(names, str) else tuple(names):
        private = name.startswith("__") and not name.endswith("__")
        if name not in ("__dict__", "__weakref__"):
            yield f"_{kind.__name__.lstrip('_')}{name}" if private else name


_BUILT_IN: dict[Any, Writer] = {
    list: _put_items,
    tuple: _put_items,
    set: _put_items,
    frozenset: _put_items,
    collections.deque: _put_deque,
    dict: _put_pairs,
    collections.OrderedDict: _put_pairs,
    collections.Counter: _put_pairs,
    collections.defaultdict: _put_default,
    type({}.keys()): _put_items,
    type({}.values()): _put_items,
    type({}.items()): _put_items,
    range: lambda encoder, value: encoder.all(range, (value.start, value.stop, value.step)),
    bytearray: lambda encoder, value: encoder.put(bytes(value)),
    type: _put_address,
    ModuleType: _put_address,
    FunctionType: _put_function,
    MethodType: _put_method,
    BuiltinMethodType: _put_builtin,
    Task: _put_task,
    **dict.fromkeys(_ITERATORS, _put_iterator),
}
_WRITERS = dict(_BUILT_IN)
"""With those of the classes that were met."""


def ours(*kinds: type) -> None:
    """Take objects of these classes for parts of the framework that are the same everywhere."""
    for kind in kinds:
        _WRITERS[kind] = _put_ours


def _writer_of(kind: Any, value: Any) -> Writer:
    """Return how objects of a class are written; remembered, unless they are opaque."""
    if issubclass(kind, type):
        found: Writer = _put_address
    elif issubclass(kind, enum.Enum):
        found = _put_member
    elif issubclass(kind, Medium):
        found = _put_medium
    elif issubclass(kind, Scheduler):
        found = _put_ours
    elif all(base in _BASES or _is_python(base) for base in kind.__mro__):
        found = _put_object
    else:
        raise Opaque(f"an object of the class {kind.__name__}")
    _WRITERS[kind] = found
    return found


def _is_python(kind: type) -> bool:
    """Return whether a class was written in Python, so that its objects hide nothing."""
    return bool(kind.__flags__ & (1 << 9))
