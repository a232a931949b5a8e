"""A message on its way shares nothing that can change with anybody."""

import copy
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.errors import StudentError
from emulators.MessageStub import MessageStub
from emulators.trace.envelope import Envelope, copied_fields, copied_message, has_slots
from tests.framework.making import Note


def sent(message: MessageStub) -> Envelope:
    return Envelope(0, 1, 0, 1, type(message), copied_message(message), False, 0)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
KEYS = st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner, max_size=4),
        st.sets(KEYS, max_size=4),
        st.builds(deque, st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)


def mutable_parts(value: Any) -> list[int]:
    """Return the identities of everything inside a value that can change."""
    found = [id(value)] if isinstance(value, (list, dict, set, deque)) else []
    if isinstance(value, dict):
        return found + [part for item in value.values() for part in mutable_parts(item)]
    if isinstance(value, (list, tuple, deque)):
        return found + [part for item in value for part in mutable_parts(item)]
    return found


@given(VALUES)
def test_a_received_value_equals_the_one_that_was_sent(value):
    received = sent(Note(0, 1, value)).open().text
    assert received == value
    assert type(received) is type(value)


@given(VALUES)
def test_nothing_that_can_change_is_shared(value):
    envelope = sent(Note(0, 1, value))
    one, other = envelope.open().text, envelope.open().text
    parts = [mutable_parts(part) for part in (value, envelope.fields["text"], one, other)]
    everything = [part for own in parts for part in set(own)]
    assert len(everything) == len(set(everything))


def test_a_message_of_plain_fields_can_be_opened_again_and_again():
    envelope = Envelope(0, 1, 0, 1, Note, dict(vars(Note(0, 1, "text"))), True, 0)
    envelope.open().text = "changed"
    assert envelope.open().text == "text"


def test_fields_that_share_an_object_share_its_copy():
    message = Note(0, 1, [1, 2])
    message.same = message.text
    message.deep = [message.text]
    received = sent(message).open()
    assert received.same is received.text
    assert received.deep[0] is received.text


def test_a_field_may_lead_back_to_itself():
    message = Note(0, 1, [])
    message.text.append(message.text)
    received = sent(message).open().text
    assert received[0] is received is not message.text


class Colour(Enum):
    RED = 1


class Level(IntEnum):
    LOW = 1


@dataclass
class Block:
    number: int
    previous: "Block | None" = None
    content: list = field(default_factory=list)


@dataclass(frozen=True)
class Frozen(MessageStub):
    text: str

    def __post_init__(self):
        object.__setattr__(self, "_source", 0)
        object.__setattr__(self, "_destination", 1)


def test_an_enum_stays_the_same_member():
    message = Note(0, 1, Colour.RED)
    message.level = Level.LOW
    received = sent(message).open()
    assert received.text is Colour.RED
    assert received.level is Level.LOW


@pytest.mark.parametrize(
    "value",
    [
        Counter("aab"),
        OrderedDict(b=1, a=2),
        defaultdict(list, a=[1]),
        bytearray(b"abc"),
        frozenset({1}),
        (1, [2]),
        {(0, 1): {2}},
        b"abc",
        1j,
        range(3),
        Block(1, Block(0)),
    ],
)
def test_values_of_many_types_arrive(value):
    received = sent(Note(0, 1, value)).open().text
    assert received == value
    assert type(received) is type(value)


def test_objects_inside_are_copied_deeply():
    block = Block(1, Block(0))
    received = sent(Note(0, 1, block)).open().text
    received.previous.content.append("changed")
    assert block.previous.content == []


def test_a_message_inside_a_message_is_copied_too():
    inner = Note(0, 1, [1])
    received = sent(Note(0, 1, inner)).open().text
    received.text.append(2)
    assert inner.text == [1]


def test_a_frozen_message_arrives():
    assert sent(Frozen("text")).open() == Frozen("text")


class Slotted(MessageStub):
    __slots__ = ("text", "unset")

    def __init__(self, sender, destination, text):
        super().__init__(sender, destination)
        self.text = text


class OneSlot(MessageStub):
    __slots__ = "text"  # noqa: PLC0205


@pytest.mark.parametrize("kind", [Slotted, type("Derived", (Slotted,), {})])
def test_slots_are_fields_too(kind):
    message = kind(0, 1, [1])
    received = sent(message).open()
    received.text.append(2)
    assert (message.text, received.text, received.destination) == ([1], [1, 2], 1)
    assert not hasattr(received, "unset")


def test_a_class_with_slots_is_known_as_one():
    assert has_slots(Slotted)
    assert has_slots(OneSlot)
    assert not has_slots(Note)


def test_a_message_is_made_without_calling_its_constructor():
    made = []

    class Counting(MessageStub):
        def __init__(self, sender, destination):
            super().__init__(sender, destination)
            made.append(self)

    message = Counting(0, 1)
    sent(message).open()
    assert made == [message]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (threading.Lock(), "lock"),
        ((n for n in "ab"), "generator"),
        ([threading.Lock()], "list"),
    ],
)
def test_what_cannot_be_copied_is_named(value, name):
    with pytest.raises(StudentError, match=f"its field 'text' holds a {name} "):
        sent(Note(0, 1, value))


def test_a_copy_that_fails_in_the_students_code_is_reported_as_such():
    class Stubborn:
        def __deepcopy__(self, memo):
            raise ValueError("not me")

    with pytest.raises(StudentError, match=r"a Stubborn \(ValueError: not me\)"):
        sent(Note(0, 1, Stubborn()))


def test_a_value_that_is_nested_too_deeply_is_refused():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(StudentError, match="nested too deeply"):
        copied_fields({"text": value})
    while value:
        value = value.pop()


def test_an_envelope_says_what_the_trace_needs():
    envelope = sent(Note(0, 1, "text"))
    assert envelope.fields == {"_source": 0, "_destination": 1, "text": "text"}
    assert copy.copy(envelope) == envelope
