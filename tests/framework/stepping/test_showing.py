"""Attributes in one line: plain ones as Python writes them, objects of the file by their fields."""

from enum import Enum

from emulators.Device import Device
from emulators.MessageStub import MessageStub
from emulators.stepping.showing import attributes, shown


class State(Enum):
    HELD = 1


class Vote(MessageStub):
    def __str__(self):
        return f"Vote {self.source} -> {self.destination}"


class Acceptor:
    def __init__(self, **fields):
        vars(self).update(fields)


class Shy:
    def __repr__(self):
        raise ValueError("no")


def test_plain_values_are_written_as_python_does():
    for value in (1, "a", None, [1, 2], (1,), {"a": [1]}, {3}, 2.5):
        assert shown(value) == repr(value)


def test_an_object_of_the_file_is_shown_by_its_fields():
    one = Acceptor(number=5, state=State.HELD, inner=Acceptor(value="x"))
    assert shown(one) == "Acceptor(number=5, state=State.HELD, inner=Acceptor(value='x'))"


def test_short_fields_come_first():
    assert shown(Acceptor(inner=Acceptor(b=2), a=1)) == "Acceptor(a=1, inner=Acceptor(b=2))"


def test_objects_in_collections_are_shown_too():
    assert shown([Acceptor(n=1), 2]) == "[Acceptor(n=1), 2]"
    assert shown((Acceptor(n=1),)) == "(Acceptor(n=1),)"
    assert shown({1: Acceptor(n=1)}) == "{1: Acceptor(n=1)}"


def test_a_message_is_shown_in_its_own_words():
    assert shown([Vote(1, 2)]) == "[Vote 1 -> 2]"


def test_what_goes_round_in_circles_ends():
    one = Acceptor()
    one.itself = one
    assert shown(one) == "Acceptor(itself=<Acceptor>)"
    several = [one]
    several.append(several)
    assert "[...]" in shown(several)


def test_devices_and_media_inside_are_left_out():
    inner = Device(0, 1, None)
    assert shown(inner) == "<Device>"
    assert shown(Acceptor(device=inner, n=1)) == "Acceptor(n=1)"


def test_an_address_in_memory_is_not_shown():
    assert shown([object(), len]) == "[<object>, <built-in function len>]"
    assert " at 0x" not in shown(lambda: None)


def test_a_text_that_cannot_be_made_is_said():
    assert shown([1, Shy()]) == "<its __repr__ raises ValueError: no>"
    assert attributes(None) == {}
