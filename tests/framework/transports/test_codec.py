"""Messages travel as bytes: what fits comes back as it was, and nothing else comes back at all."""

from __future__ import annotations

import collections
import contextlib
import math
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from emulators.errors import StudentError
from emulators.transports.codec import Classes, Codec, Malformed

SOURCE = """
import abc, collections, enum, typing
from emulators.Device import Device
from emulators.MessageStub import MessageStub

class Colour(enum.Enum):
    RED = 1
    BLUE = "b"

class Level(enum.IntEnum):
    LOW = 1

class Point(typing.NamedTuple):
    x: int
    y: object

class Block:
    built = 0
    def __init__(self, content):
        Block.built += 1
        self.content = content
    def __setstate__(self, state):
        Block.built += 1
    class Part:
        pass

class Slotted:
    __slots__ = ("__hidden", "open")
    def __init__(self):
        self.__hidden, self.open = 1, (2,)
    def hidden(self):
        return self.__hidden

class Pile(list):
    pass

class Box(MessageStub):
    def __init__(self, sender, destination, content):
        super().__init__(sender, destination)
        self.content = content

class Node(Device):
    pass

def local():
    class Local(MessageStub):
        pass
    return Local(0, 1)
"""


@pytest.fixture(scope="module")
def exercise() -> Any:
    module = ModuleType("exercise1")
    exec(SOURCE, vars(module))
    return module


@pytest.fixture(scope="module")
def codec(exercise: Any) -> Codec:
    return Codec(Classes(lambda: [exercise]))


def travelled(codec: Codec, exercise: Any, content: Any) -> Any:
    """Return what arrives of the content of a message."""
    box = exercise.Box(0, 1, content)
    cls, fields = codec.decoded(codec.encoded(exercise.Box, vars(box)))
    assert cls is exercise.Box
    assert (fields["_source"], fields["_destination"]) == (0, 1)
    return fields["content"]


plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None))
    | st.binary()
)
hashable = st.recursive(
    plain, lambda some: st.tuples(some, some) | st.frozensets(some), max_leaves=5
)
data = st.recursive(
    plain,
    lambda some: (
        st.lists(some) | st.tuples(some) | st.dictionaries(hashable, some) | st.sets(hashable)
    ),
    max_leaves=20,
)


def same(one: Any, other: Any) -> bool:
    """Compare values and their types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


@given(content=data)
def test_data_arrives_as_it_was_sent(codec: Codec, exercise: Any, content: Any) -> None:
    assert same(travelled(codec, exercise, content), content)


def test_special_numbers_arrive(codec: Codec, exercise: Any) -> None:
    assert math.isnan(travelled(codec, exercise, float("nan")))
    assert travelled(codec, exercise, [2**64, -(2**200), 1 + 2j, bytearray(b"x")]) == [
        2**64,
        -(2**200),
        1 + 2j,
        bytearray(b"x"),
    ]


def test_collections_of_the_standard_library_arrive(codec: Codec, exercise: Any) -> None:
    counted = collections.Counter("abca")
    ordered = collections.OrderedDict([(2, counted), ((1, 2), None)])
    queue = collections.deque([ordered, 5], maxlen=3)
    arrived = travelled(codec, exercise, queue)
    assert (arrived, arrived.maxlen) == (queue, 3)
    assert list(map(type, (arrived, arrived[0], arrived[0][2]))) == [
        collections.deque,
        collections.OrderedDict,
        collections.Counter,
    ]
    groups = collections.defaultdict(list, {1: [2]})
    assert travelled(codec, exercise, groups)[7] == []
    assert travelled(codec, exercise, collections.defaultdict(None)).default_factory is None


def test_a_collection_that_would_call_code_stays_where_it_is(codec: Codec, exercise: Any) -> None:
    with pytest.raises(StudentError, match="'content' holds a defaultdict whose default is no"):
        travelled(codec, exercise, collections.defaultdict(lambda: 1))
    encode = msgspec.msgpack.encode
    for made in (["defaultdict", "exec", []], ["deque", "x", []], ["ChainMap", None, []]):
        bad = encode(("Box", {"content": Ext(12, encode(made))}))
        with pytest.raises(Malformed):
            codec.decoded(bad)


def test_enums_arrive_as_the_members_they_were(codec: Codec, exercise: Any) -> None:
    members = {exercise.Colour.RED: [exercise.Colour.BLUE, exercise.Level.LOW]}
    arrived = travelled(codec, exercise, members)
    assert arrived == members
    assert next(iter(arrived)) is exercise.Colour.RED


def test_objects_of_the_exercise_arrive_without_a_call_of_their_code(
    codec: Codec, exercise: Any
) -> None:
    block = exercise.Block([exercise.Block.Part(), exercise.Point(1, {2})])
    built = exercise.Block.built
    arrived = travelled(codec, exercise, block)
    assert exercise.Block.built == built
    assert type(arrived.content[0]) is exercise.Block.Part
    assert arrived.content[1] == exercise.Point(1, {2})


def test_slots_arrive(codec: Codec, exercise: Any) -> None:
    arrived = travelled(codec, exercise, exercise.Slotted())
    assert (arrived.hidden(), arrived.open) == (1, (2,))


def test_a_message_within_a_message_arrives(codec: Codec, exercise: Any) -> None:
    inner = travelled(codec, exercise, exercise.Box(3, 4, "inner"))
    assert (inner.source, inner.destination, inner.content) == (3, 4, "inner")


def test_what_cannot_travel_is_named_with_its_field(codec: Codec, exercise: Any) -> None:
    ring: list[Any] = []
    ring.append(ring)
    for content, what in (
        (lambda: 0, "a function"),
        (open, "a builtin_function_or_method"),
        (exercise.Pile(), "a Pile, which is more than a plain object"),
        ({"key": [ModuleType("some")]}, "a module"),
        (ring, "inside itself"),
        (exercise.Node(0, 1, None), "a Node"),
    ):
        with pytest.raises(StudentError, match=f"its field 'content' holds .*{what}"):
            travelled(codec, exercise, content)


def test_a_message_of_a_class_that_nobody_else_knows_is_refused(
    codec: Codec, exercise: Any
) -> None:
    with pytest.raises(StudentError, match=r"it is a .*Local") as raised:
        codec.encoded(type(exercise.local()), {})
    assert "top level" in raised.value.hint


pack = msgspec.msgpack.encode
MALFORMED = {
    "nothing": b"",
    "no pair": b"\xc0",
    "a huge list": b"\xdd\xff\xff\xff\xff",
    "deep lists": b"\x91" * 100_000,
    "an unknown class": pack(("Stranger", {})),
    "a class that is no message": pack(("Block", {})),
    "a device": pack(("Node", {})),
    "a module": pack(("os", {})),
    "a name that is no text": pack((1, {})),
    "fields that are none": pack(("Box", [])),
    "a field with a special name": pack(("Box", {"__class__": 1})),
    "a field that is no name": pack(("Box", {1: 1})),
    "an unknown extension": pack(("Box", {"content": Ext(99, b"")})),
    "a set of lists": pack(("Box", {"content": Ext(2, pack([[1]]))})),
    "an enum without such a member": pack(("Box", {"content": Ext(8, pack(["Colour", "GREEN"]))})),
    "a method as a member": pack(("Box", {"content": Ext(8, pack(["Colour", "__init__"]))})),
    "an enum that is none": pack(("Box", {"content": Ext(8, pack(["Block", "built"]))})),
    "a tuple that is too short": pack(("Box", {"content": Ext(9, pack(["Point", [1]]))})),
    "a slot that is none": pack(("Box", {"content": Ext(10, pack(["Slotted", {"other": 1}]))})),
    "an object of a list's class": pack(("Box", {"content": Ext(10, pack(["Pile", {}]))})),
    "more than a message": pack(("Box", {})) + b"x",
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
def test_bytes_that_are_no_message_are_refused(codec: Codec, frame: bytes) -> None:
    with pytest.raises(Malformed):
        codec.decoded(frame)


@given(frame=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(codec: Codec, frame: bytes) -> None:
    with contextlib.suppress(Malformed):
        codec.decoded(frame)


@given(content=data, at=st.integers(min_value=0), byte=st.integers(0, 255))
def test_a_message_with_a_wrong_byte_is_another_message_or_refused(
    codec: Codec, exercise: Any, content: Any, at: int, byte: int
) -> None:
    frame = bytearray(codec.encoded(exercise.Box, {"content": content}))
    frame[at % len(frame)] = byte
    with contextlib.suppress(Malformed):
        codec.decoded(bytes(frame))
