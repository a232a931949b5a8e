"""Messages as bytes and back, without a schema and without pickle.

A message is the name of its class and its fields, in MessagePack; what that does not know (tuples,
sets, enums, objects of the exercise's classes) is an extension. Bytes can only become objects of
classes that the exercise files define: nothing is imported, no constructor or hook is called.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from enum import Enum
from types import ModuleType
from typing import Any, NoReturn

import msgspec
from msgspec.msgpack import Ext

from emulators.Device import Device
from emulators.errors import StudentError
from emulators.generations import CallableFlag, CallableInt, CallableList
from emulators.MessageStub import MessageStub
from emulators.trace.envelope import PLAIN, all_plain

_TUPLE, _SET, _FROZENSET, _BIG, _TEXT, _COMPLEX, _BYTES, _ENUM, _RECORD, _OBJECT, _DICT = range(
    1, 12
)
_COLLECTION = 12
_COLLECTIONS: dict[str, type] = {
    kind.__name__: kind for kind in (Counter, OrderedDict, defaultdict, deque)
}
_DEFAULTS: dict[str, type] = {
    kind.__name__: kind for kind in (int, float, str, bool, bytes, list, tuple, set, dict)
}
"""What a defaultdict may make where nothing is: never anything else, because that would be code."""
_GROUPS: dict[type, int] = {tuple: _TUPLE, set: _SET, frozenset: _FROZENSET}
_MOST_DEPTH = 100
_new: Callable[[type], Any] = object.__new__


class Unfit(Exception):
    """A value cannot travel; the text says what it is."""


class Malformed(Exception):
    """Bytes that are no message of this exercise; the text says why."""


class Classes:
    """The classes of an exercise, by the names that they have on a wire.

    `modules` returns the exercise's modules; it is asked again when a class is not known yet,
    because a file may import another one while it runs.
    """

    def __init__(self, modules: Callable[[], Iterable[ModuleType]]) -> None:
        self._modules = modules
        self._names: dict[type, str] = {MessageStub: "MessageStub"}
        self._classes: dict[str, type] = {"MessageStub": MessageStub}

    def name_of(self, cls: type) -> str:
        """Return the name of a class; raises `Unfit` where it has none."""
        name = self._names.get(cls)
        if name is None:
            self._look()
            name = self._names.get(cls)
        if name is None:
            raise Unfit(f"a {cls.__qualname__}, which is no class of the exercise file")
        return name

    def named(self, name: str) -> type:
        """Return the class of a name; raises `Malformed` where there is none."""
        cls = self._classes.get(name)
        if cls is None:
            self._look()
            cls = self._classes.get(name)
        if cls is None:
            raise Malformed(f"no class {name[:80]!r} in the exercise file")
        return cls

    def _look(self) -> None:
        for module in self._modules():
            self._add(vars(module).values(), module.__name__)

    def _add(self, values: Iterable[Any], module: str) -> None:
        for cls in list(values):
            if isinstance(cls, type) and cls not in self._names and _belongs(cls, module):
                short = cls.__qualname__
                name = f"{module}.{short}" if short in self._classes else short
                self._names[cls], self._classes[name] = name, cls
                self._add(vars(cls).values(), module)


def _belongs(cls: type, module: str) -> bool:
    """Return whether a class is of an exercise's module, or a message that this framework gives."""
    given = cls.__module__.startswith("emulators.") and issubclass(cls, MessageStub)
    return (cls.__module__ == module or given) and not issubclass(cls, Device)


class Codec:
    """Messages of one exercise as bytes and back."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._encode = msgspec.msgpack.Encoder().encode
        decode = msgspec.msgpack.Decoder
        self._decode: Callable[[Any], Any] = decode(ext_hook=self._extended).decode
        message = decode(tuple[str, dict[str, Any]], ext_hook=self._extended)
        self._decode_message = message.decode

    # -- to bytes

    def encoded(self, cls: type, fields: dict[str, Any]) -> bytes:
        """Return a message's class and fields as bytes.

        Raises `StudentError` naming the field that cannot travel.
        """
        try:
            name = self._classes.name_of(cls)
        except Unfit as unfit:
            raise StudentError(
                f"the message cannot be sent to another process: it is {unfit}",
                "define the classes of messages at the top level of the exercise file",
            ) from None
        if all_plain(map(type, fields.values())):
            try:
                return self._encode((name, fields))
            except (OverflowError, UnicodeEncodeError):
                pass  # a number or text that MessagePack does not know
        return self._encode((name, {key: self._field(key, item) for key, item in fields.items()}))

    def packed(self, value: Any) -> bytes:
        """Return any value as bytes; raises `Unfit` for one that cannot travel."""
        return self._encode(self._packed(value, 0))

    def _field(self, name: str, value: Any) -> Any:
        try:
            return self._packed(value, 0)
        except Unfit as unfit:
            raise StudentError(
                f"the message cannot be sent to another process: its field {name!r} holds {unfit}",
                "send only data: numbers, text, bytes, lists, tuples, sets, dictionaries, enums, "
                "objects of plain classes of the exercise file",
            ) from None

    def _packed(self, value: Any, depth: int) -> Any:
        """Return a value as MessagePack knows it."""
        kind = type(value)
        if kind in PLAIN:
            return self._plain(value)
        if depth > _MOST_DEPTH:
            raise Unfit(f"a {kind.__name__} inside itself, or nested too deep")
        depth += 1
        if kind in _UNCALLED:
            return self._packed(_UNCALLED[kind](value), depth)
        if kind is list:
            return [self._packed(item, depth) for item in value]
        if kind is dict:
            return self._dict(value, depth)
        if kind in _GROUPS:
            return self._ext(_GROUPS[kind], [self._packed(item, depth) for item in value])
        return self._of_class(value, kind, depth)

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        pairs = [(self._packed(k, depth), self._packed(v, depth)) for k, v in value.items()]
        plain = all_plain(type(key) for key, _ in pairs)
        return dict(pairs) if plain else self._ext(_DICT, pairs)

    def _plain(self, value: Any) -> Any:
        if type(value) is int and not -(1 << 63) <= value < 1 << 64:
            return Ext(_BIG, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
        if type(value) is str:
            try:
                value.encode()
            except UnicodeEncodeError:
                return Ext(_TEXT, value.encode("utf-8", "surrogatepass"))
        return value

    def _of_class(self, value: Any, kind: type, depth: int) -> Ext:
        if kind is complex:
            return self._ext(_COMPLEX, [value.real, value.imag])
        if kind is bytearray:
            return Ext(_BYTES, bytes(value))
        if kind in _COLLECTIONS.values():
            return self._collection(value, kind, depth)
        name = self._classes.name_of(kind)
        if isinstance(value, Enum):
            return self._ext(_ENUM, [name, value.name])
        if isinstance(value, tuple):
            return self._ext(_RECORD, [name, [self._packed(item, depth) for item in value]])
        if not _is_plain(kind):
            raise Unfit(f"a {kind.__name__}, which is more than a plain object")
        fields = {key: self._packed(item, depth) for key, item in attributes(value).items()}
        return self._ext(_OBJECT, [name, fields])

    def _collection(self, value: Any, kind: type, depth: int) -> Ext:
        """Return a collection: its kind, what belongs to it, and its items, in order."""
        more: Any = getattr(value, "maxlen", None)
        factory = getattr(value, "default_factory", None)
        if factory is not None:
            more = str(getattr(factory, "__name__", ""))
            if _DEFAULTS.get(more) is not factory:
                raise Unfit("a defaultdict whose default is no type as int or list")
        parts = value.items() if isinstance(value, dict) else value
        items = [self._packed(part, depth) for part in parts]
        return self._ext(_COLLECTION, [kind.__name__, more, items])

    def _ext(self, code: int, value: Any) -> Ext:
        return Ext(code, self._encode(value))

    # -- and back

    def decoded(self, data: bytes | memoryview) -> tuple[type[MessageStub], dict[str, Any]]:
        """Return the class and the fields of a message; raises `Malformed`."""
        try:
            name, fields = self._decode_message(data)
            cls = self._classes.named(name)
            if not issubclass(cls, MessageStub):
                _refuse(f"{name[:80]!r} is no message")
            for field in fields:
                if field[:2] == "__":
                    _check_name(field)
        except Malformed:
            raise
        except (
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
            msgspec.MsgspecError,
        ) as error:
            raise Malformed(f"no message: {error}") from None
        return cls, fields

    def unpacked(self, data: bytes) -> Any:
        """Return the value of bytes that `packed` has made."""
        return self._decode(data)

    def _extended(self, code: int, data: memoryview) -> Any:
        read = _READERS.get(code)
        if read is None:
            _refuse(f"an extension {code}")
        return read(self, data)

    def _list(self, data: memoryview) -> list[Any]:
        value = self._decode(data)
        return value if type(value) is list else _refuse("a list is missing")

    def _enum(self, data: memoryview) -> Any:
        name, member = self._list(data)
        cls = self._classes.named(name)
        if not issubclass(cls, Enum) or member not in cls.__members__:
            _refuse(f"no {name}.{member}")
        return cls.__members__[member]

    def _record(self, data: memoryview) -> Any:
        name, items = self._list(data)
        cls = self._classes.named(name)
        if not issubclass(cls, tuple) or len(items) != len(getattr(cls, "_fields", items)):
            _refuse(f"{name} is another tuple")
        return tuple.__new__(cls, items)

    def _collected(self, data: memoryview) -> Any:
        name, more, items = self._list(data)
        kind = _COLLECTIONS.get(name)
        if kind is deque:
            return deque(items, more)
        if kind is defaultdict:
            if more not in (None, *_DEFAULTS):
                _refuse("no such default")
            return defaultdict(_DEFAULTS.get(more), items)
        if kind is None:
            _refuse("no such collection")
        return kind(dict(items))

    def _object(self, data: memoryview) -> Any:
        name, fields = self._list(data)
        cls = self._classes.named(name)
        if not _is_plain(cls):
            _refuse(f"{name} is no plain class")
        made = _new(cls)
        restore(made, fields)
        return made


_UNCALLED: dict[type, Callable[[Any], Any]] = {
    CallableInt: int,
    CallableFlag: bool,
    CallableList: list,
}
"""What a file with calls may slip into a message, and what travels instead."""

_READERS: dict[int, Callable[[Codec, memoryview], Any]] = {
    _TUPLE: lambda codec, data: tuple(codec._list(data)),
    _SET: lambda codec, data: set(codec._list(data)),
    _FROZENSET: lambda codec, data: frozenset(codec._list(data)),
    _BIG: lambda codec, data: int.from_bytes(data, "big", signed=True),
    _TEXT: lambda codec, data: bytes(data).decode("utf-8", "surrogatepass"),
    _COMPLEX: lambda codec, data: complex(*codec._list(data)),
    _BYTES: lambda codec, data: bytearray(data),
    _DICT: lambda codec, data: dict(codec._list(data)),
    _COLLECTION: Codec._collected,
    _ENUM: Codec._enum,
    _RECORD: Codec._record,
    _OBJECT: Codec._object,
}


def _refuse(text: str) -> NoReturn:
    raise Malformed(text)


def _check_name(field: Any) -> None:
    if type(field) is not str or (field.startswith("__") and field.endswith("__")):
        _refuse("the name of a field is none")


def _is_plain(cls: type) -> bool:
    """Return whether objects of a class are nothing but their attributes."""
    try:
        return not issubclass(cls, Enum) and _new(cls) is not None
    except TypeError:  # its objects are built in C, as those of list or Exception
        return False


_NO_FIELDS = ("__dict__", "__weakref__")


def slots(cls: type) -> list[str]:
    """Return the names that objects of a class keep outside their ``__dict__``."""
    found: list[str] = []
    for base in cls.__mro__:
        names = vars(base).get("__slots__", ())
        names = (names,) if isinstance(names, str) else tuple(names)
        found += [_mangled(base, name) for name in names if name not in _NO_FIELDS]
    return found


def _mangled(cls: type, name: str) -> str:
    hidden = name.startswith("__") and not name.endswith("__")
    return f"_{cls.__name__.lstrip('_')}{name}" if hidden else name


def attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, slots included."""
    held = {name: getattr(value, name) for name in slots(type(value)) if hasattr(value, name)}
    return {**held, **getattr(value, "__dict__", {})}


def restore(value: Any, fields: Any) -> None:
    """Give a new object its attributes; raises `Malformed` for those it cannot have."""
    if type(fields) is not dict:
        _refuse("the fields are missing")
    own, named = getattr(value, "__dict__", None), slots(type(value))
    for name, item in fields.items():
        _check_name(name)
        if name in named:
            object.__setattr__(value, name, item)
        elif own is not None:
            own[name] = item
        else:
            _refuse(f"a {type(value).__name__} has no {name[:80]!r}")
