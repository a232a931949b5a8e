"""Which generation a student file belongs to, and the values it gets."""

import copy
import pickle

import pytest

from emulators.Device import Device
from emulators.generations import (
    CallableFlag,
    CallableInt,
    CallableList,
    maker_uses_calls,
    source_uses_calls,
)
from tests.framework.making import both, loaded, run

IMPORTS = """
from emulators.Device import Device, WorkerDevice
from emulators.MessageStub import MessageStub
"""

# -- one look at the source


@pytest.mark.parametrize(
    "line",
    [
        "self.index()",
        "self.number_of_devices()",
        "self.medium().send(message)",
        "for i in self._medium.ids(): pass",
        "self.has_work()",
        "other.medium().receive()",
    ],
)
def test_a_call_of_what_is_a_property_now_gives_a_file_with_calls_away(line):
    source = f"class Kind(Device):\n    def run(self):\n        {line}\n"
    assert source_uses_calls(source.encode())


@pytest.mark.parametrize(
    "line",
    [
        "self.index",
        "self.medium.send(message)",
        "for i in self.medium.ids: pass",
        "self.handle(self.index)",
        "text = 'self.index()'  # self.medium()",
        "self.index(1)",
        "message.index()",
    ],
)
def test_other_lines_do_not(line):
    source = f"class Kind(Device):\n    def run(self):\n        {line}\n"
    assert not source_uses_calls(source.encode())


def test_a_method_of_the_file_itself_is_none_of_ours():
    source = b"""
class Table:
    def ids(self): return self._ids
class Base:
    def index(self): return 1
class Kind(Base, Device):
    def run(self): return self.index(), self.table.ids()
"""
    assert not source_uses_calls(source)


def test_a_method_of_another_class_does_not_hide_a_call():
    source = b"""
class Network:
    def index(self): return self._index
class Kind(Device):
    def run(self): return self.index()
"""
    assert source_uses_calls(source)


def test_classes_that_extend_each_others_name_are_looked_at_once():
    source = b"class A: pass\nclass B(A): pass\nclass A(B):\n    def run(self): self.index()\n"
    assert source_uses_calls(source)


@pytest.mark.parametrize("source", [b"class", b"\xff\xfe", b"\0", b""])
def test_a_file_that_cannot_be_read_has_no_calls(source):
    assert not source_uses_calls(source)


# -- files with properties


@both
def test_files_with_properties_get_plain_values(emulator, tmp_path):
    source = """
class Kind(Device):
    def run(self):
        self.types = [type(self.index), type(self.number_of_devices), type(self.medium.ids)]
        self.me = [i for i in self.medium.ids if i is self.index]
"""
    ran = run(emulator, loaded(tmp_path, exercise1=IMPORTS + source).Kind, 3)
    assert ran.devices[0].types == [int, int, list]
    assert [made.me for made in ran.devices] == [[0], [1], [2]]


# -- files with calls


CALLS = (
    IMPORTS
    + """
class Note(MessageStub):
    def __init__(self, sender, destination, thing):
        super().__init__(sender, destination)
        self.thing = thing

class Kind(WorkerDevice):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.known = len(medium.ids()) + max(medium.ids()) + len(medium().ids)

    def run(self):
        self.called = [self.index(), self.number_of_devices(), self.medium().ids()]
        self.slips = [f"{self.index}", "%s" % self.index, self.number_of_devices / 2]
        self.same = [i for i in self.medium().ids() if i == self.index]
        self.table = {self.index: "me"}
        self.work = [type(self.has_work()), self.has_work in (True, False)]
        right = (self.index + 1) % self.number_of_devices
        things = [self.index, self.has_work, self.medium().ids, {self.index: [self.index]}]
        self.medium().send(Note(self.index, right, things))
        self.got = None
        while self.got is None:
            self.medium().wait_for_next_round()
            self.got = self.medium().receive()
"""
)


@pytest.fixture
def calling(tmp_path):
    return loaded(tmp_path, exercise1=CALLS).Kind


@both
def test_files_with_calls_call_and_slip(emulator, calling):
    made = run(emulator, calling, 4).devices[1]
    assert made.known == 4 + 3 + 4
    assert made.called == [1, 4, [0, 1, 2, 3]]
    assert made.slips == ["1", "1", 2.0]
    assert made.same == [1]
    assert made.table[1] == "me"
    assert made.work == [bool, True]


@both
def test_what_is_called_is_plain(emulator, calling):
    made = run(emulator, calling, 4).devices[1]
    assert [type(value) for value in made.called] == [int, int, list]


@both
def test_what_reaches_a_message_is_plain(emulator, calling):
    note = run(emulator, calling, 2).devices[1].got
    assert type(note.source) is type(note.destination) is int
    index, flag, ids, table = note.thing
    assert [type(value) for value in (index, ids)] == [int, list]
    assert type(flag) is bool
    assert table == {0: [0]}
    assert [type(part) for part in (*table, *table[0])] == [int, int]


@both
def test_an_index_used_as_a_key_is_found_by_a_plain_one(emulator, calling):
    made = run(emulator, calling, 2).devices[1]
    assert made.table.get(1) == "me"


def test_a_network_in_a_file_with_calls_gets_a_medium_that_can_be_called(tmp_path):
    source = """
class Kind(Device):
    def run(self):
        self.index()
class Network:
    def __new__(cls, index, number_of_devices, medium):
        assert len(medium().ids()) == number_of_devices
        return Kind(index, number_of_devices, medium)
def make(index, number_of_devices, medium):
    return Network(index, number_of_devices, medium())
"""
    module = loaded(tmp_path, exercise1=IMPORTS + source)
    assert maker_uses_calls(module.Network)
    assert maker_uses_calls(module.make)


def test_a_network_of_another_file_makes_devices_with_calls_a_medium_for_them(tmp_path):
    network = """
class Network:
    node = None
    def __new__(cls, index, number_of_devices, medium):
        return cls.node(index, number_of_devices, medium)
"""
    source = """
from exercise4 import Network as Given
class Kind(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.others = medium().ids()
    def run(self):
        self.index()
class Network(Given):
    node = Kind
"""
    module = loaded(tmp_path, exercise4=IMPORTS + network, exercise1=IMPORTS + source)
    assert maker_uses_calls(module.Network)


@both
def test_a_class_may_extend_one_of_the_other_generation(emulator, tmp_path):
    base = """
class Base(Device):
    def neighbour(self):
        return (self.index() + 1) % len(self.medium().ids())
"""
    derived = """
from exercise4 import Base
class Kind(Base):
    def run(self):
        self.next = self.neighbour()
        self.medium.send(MessageStub(self.index, self.next))
"""
    made = loaded(tmp_path, exercise4=IMPORTS + base, exercise1=IMPORTS + derived)
    ran = run(emulator, made.Kind, 3)
    assert ran.problems == []
    assert [made.next for made in ran.devices] == [1, 2, 0]


@both
def test_an_inner_device_may_be_of_the_other_generation(emulator, tmp_path):
    inner = """
class Inner(Device):
    def send(self):
        self.medium().send(MessageStub(self.index(), 0))
        self.medium().wait_for_next_round()
"""
    outer = """
from exercise4 import Inner
class Kind(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.inner = Inner(index, number_of_devices, medium)
    def run(self):
        self.is_plain = self.index is self._id
        try:
            while True:
                self.inner.send()
        finally:
            self.inner.send()
"""
    module = loaded(tmp_path, exercise4=IMPORTS + inner, exercise1=IMPORTS + outer)
    ran = run(emulator, module.Kind, 2)
    assert all(made.is_plain for made in ran.devices)
    last = max(ran.times("send"))
    assert sum(1 for event in ran.trace.of("send") if event.time == last) <= 2


def test_a_framework_class_alone_uses_properties():
    assert not maker_uses_calls(Device)


# -- the values


def test_a_callable_int_is_an_int_in_every_way():
    value = CallableInt(3)
    assert (value(), value + 1, value / 2, "abcd"[value]) == (3, 4, 1.5, "d")
    assert (str(value), repr(value), f"{value:02}", hash(value)) == ("3", "3", "03", hash(3))
    assert type(value()) is int


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_a_copy_of_a_callable_int_is_plain(copied):
    assert type(copied(CallableInt(3))) is int


def test_a_callable_flag_is_a_truth_value():
    assert CallableFlag(True)() is True
    assert CallableFlag(False)() is False
    assert not CallableFlag(False)
    assert (str(CallableFlag(True)), repr(CallableFlag(False))) == ("True", "False")


def test_a_callable_list_returns_a_plain_copy():
    value = CallableList([1, 2])
    assert value() == [1, 2]
    assert type(value()) is list
    assert value() is not value
