"""Which classes of a file can be run is found by reading it; none of it is executed."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.catalogue import algorithms, closest
from emulators.lectures import LECTURES
from tests.framework.commands import ROOT

FILES = sorted([*ROOT.glob("exercises/*.py"), *ROOT.glob("tests/solutions/*.py")])
HEAD = "from emulators.Device import Device, WorkerDevice\n"


def found_in(tmp_path: Path, source: str, head: str = HEAD) -> list[str]:
    """Return what is found in a file."""
    (tmp_path / "exercise.py").write_text(head + source, encoding="utf-8")
    return algorithms(tmp_path / "exercise.py")


def plainly(path: Path) -> set[str]:
    """Return the classes of a file that extend a device class of the same file, from its tree."""
    devices = {"Device", "WorkerDevice"}
    classes = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef)]
    for node in classes:
        if any(isinstance(base, ast.Name) and base.id in devices for base in node.bases):
            devices.add(node.name)
    return devices - {"Device", "WorkerDevice"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_device_class_of_a_file_is_found(path: Path) -> None:
    assert plainly(path) <= set(algorithms(path))


@pytest.mark.parametrize("lecture", [one for one in LECTURES.values() if one.file], ids=str)
def test_every_lecture_has_something_to_run(lecture) -> None:
    assert algorithms(ROOT / "exercises" / f"{lecture.file}.py")


def test_a_students_own_class_is_found_among_the_others(tmp_path) -> None:
    template = (ROOT / "exercises" / "exercise1.py").read_text(encoding="utf-8")
    own = "\n\nclass ImprovedGossip(Gossip):\n    def run(self): pass\n"
    assert found_in(tmp_path, template + own, head="") == ["Gossip", "ImprovedGossip"]


TRICKY = {
    "class A(Device): pass": ["A"],
    "class A(Device):\n    pass\nclass B(A):\n    pass": ["A", "B"],
    "class A(WorkerDevice): x = 1": ["A"],
    "class A(\n    Device,\n):\n    pass": ["A"],
    "class A(Device):  # a (comment\n    pass\nclass B(Device): pass": ["A", "B"],
    "class A(Mixin, Device): pass": ["A"],
    "class A(Device, metaclass=Meta): pass": ["A"],
    "@decorated\nclass A(Device): pass": ["A"],
    "@decorated(\n    1\n)\nclass A(Device): pass": ["A"],
    'TEXT = """\nclass A(Device):\n    pass\n"""': [],
    'TEXT = """\nfrom here on it is text (really\n"""\nclass A(Device): pass': ["A"],
    'TEXT = """\nfrom exercises.exercise1 import Gossip\n"""': [],
    "class A:\n    class B(Device): pass": [],
    "class A(Message): pass": [],
    "class A: pass": [],
    "class A(emulators.Device.Device): pass": ["A"],
    "class A:\n    def __new__(cls, index, number_of_devices, medium): pass": ["A"],
    "class A:\n    def __new__(cls): pass": [],
    "def a(index, number_of_devices, medium): pass": [],
    "from exercises.exercise1 import Gossip": ["Gossip"],
    "from exercises.exercise1 import Gossip as Old\nclass New(Old): pass": ["New", "Old"],
    "import exercises.exercise1 as one\nclass New(one.Gossip): pass": ["New"],
    "from exercises import exercise1 as one\nclass New(one.Gossip): pass": ["New"],
    "from exercises import exercise1\nclass New(exercise1.Gossip): pass": ["New"],
    "import exercises.exercise1\nclass New(exercises.exercise1.Gossip): pass": ["New"],
    "from exercises import exercise15 as game\nclass New(game.ReplicationNetwork): pass": ["New"],
    "from exercises import exercise1 as one\nclass New(one.GossipMessage): pass": [],
    "from exercises.exercise1 import GossipMessage": [],
    "class Ä(Device): pass": ["Ä"],
    "class A(Device): pass\r\n\r\nclass B(A): pass\r\n": ["A", "B"],
    "": [],
}


@pytest.mark.parametrize("source", TRICKY, ids=[f"{n}" for n in range(len(TRICKY))])
def test_classes_are_found_however_they_are_written(source: str, tmp_path) -> None:
    assert found_in(tmp_path, source) == TRICKY[source]


def test_a_star_import_brings_every_device_class(tmp_path) -> None:
    found = found_in(tmp_path, "from exercises.exercise4 import *\n")
    assert set(found) == set(algorithms(ROOT / "exercises" / "exercise4.py"))


def test_a_class_of_a_file_beside_may_be_extended(tmp_path) -> None:
    (tmp_path / "helper.py").write_text(f"{HEAD}import exercise\nclass Base(Device): pass\n")
    assert found_in(tmp_path, "import helper\nclass A(helper.Base): pass\n", "") == ["A"]
    assert found_in(tmp_path, "from helper import Base\nclass A(Base): pass\n", "") == ["A", "Base"]


def test_the_file_is_not_executed(tmp_path) -> None:
    assert found_in(tmp_path, "raise SystemExit\nclass A(Device): pass\n") == ["A"]


@pytest.mark.parametrize("source", ["class A(Device", "x = = 1", "x = 1\0", "if x:\npass"])
def test_a_syntax_error_is_raised_as_one(source: str, tmp_path) -> None:
    with pytest.raises(SyntaxError):
        found_in(tmp_path, source)


def test_bytes_that_are_no_text_are_a_syntax_error(tmp_path) -> None:
    (tmp_path / "exercise.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(SyntaxError):
        algorithms(tmp_path / "exercise.py")


def test_a_byte_order_mark_is_no_error(tmp_path) -> None:
    (tmp_path / "exercise.py").write_bytes(
        b"\xef\xbb\xbf" + (HEAD + "class A(Device): pass").encode()
    )
    assert algorithms(tmp_path / "exercise.py") == ["A"]


# -- did you mean


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gossip", "Gossip"),
        ("Gosip", "Gossip"),
        ("IMPROVEDGOSSIP", "ImprovedGossip"),
        ("ImprovedGosip", "ImprovedGossip"),
        ("Maekawa", ""),
        ("", ""),
    ],
)
def test_a_misspelt_name_finds_the_one_that_is_meant(typed: str, meant: str) -> None:
    assert closest(typed, ["Gossip", "ImprovedGossip", "RingGossip"]) == meant


@given(st.text(), st.lists(st.text()))
def test_what_is_meant_is_one_of_the_names_or_nothing(typed: str, names: list[str]) -> None:
    assert closest(typed, names) in {*names, ""}
