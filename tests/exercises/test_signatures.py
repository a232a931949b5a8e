"""The templates have the published interfaces: `signatures.toml`, name by name."""

import ast
import inspect
from enum import Enum
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any
from unittest.mock import MagicMock

import msgspec
import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.lectures import LECTURES
from emulators.virtual.loader import Loader

TABLE = msgspec.toml.decode(Path(__file__).with_name("signatures.toml").read_bytes())
CLASSES = [
    (file, name)
    for file, parts in TABLE.items()
    for name, published in parts.items()
    if isinstance(published, dict)
]
DEVICES = 6  # enough for every network


def those_with(*keys: str) -> pytest.MarkDecorator:
    """Run a test for every class about which the table says one of these things."""
    chosen = [pair for pair in CLASSES if any(TABLE[pair[0]][pair[1]].get(key) for key in keys)]
    return pytest.mark.parametrize(("file", "name"), chosen, ids=map(".".join, chosen))


@pytest.fixture
def module(file: str) -> ModuleType:
    """The template, in a fresh namespace."""
    return Loader().load(file)


@pytest.fixture
def cls(module: ModuleType, name: str) -> type:
    return getattr(module, name)


@pytest.fixture
def published(file: str, name: str) -> dict[str, list[str]]:
    """What the table says about the class."""
    return TABLE[file][name]


def parameters(signature: str) -> list[inspect.Parameter]:
    """The parameters in a text like ``send(content, again=False)``."""
    inside = signature.partition("(")[2].removesuffix(")")
    return list(inspect.signature(eval(f"lambda {inside}: None")).parameters.values())


def own_parameters(cls: type, name: str) -> list[inspect.Parameter]:
    """The parameters of a method as a caller sees them, without ``self``."""
    found = list(inspect.signature(getattr(cls, name)).parameters.values())
    is_bound = name != "__new__" and not isinstance(inspect.getattr_static(cls, name), FunctionType)
    return found if is_bound else found[1:]


def assert_takes(published: list[inspect.Parameter], ours: list[inspect.Parameter]) -> None:
    """The published parameters come first, in that order; any others may be left out."""
    first, others = ours[: len(published)], ours[len(published) :]
    assert [(p.name, p.default) for p in first] == [(p.name, p.default) for p in published]
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in first)
    assert all(p.default is not p.empty for p in others)


def inner_name(owner: type | ModuleType, name: str) -> str:
    """How Python calls a name with two underscores from outside its class."""
    is_private = name.startswith("__") and not name.endswith("__")
    return f"_{owner.__name__}{name}" if is_private else name


def assert_variables(owner: type | ModuleType, published: list[str]) -> None:
    for text in published:
        name, _, value = text.partition(" = ")
        ours = vars(owner)[inner_name(owner, name)]
        if value:
            assert (ours.value if isinstance(ours, Enum) else ours) == ast.literal_eval(value)


def constructor(published: dict[str, list[str]]) -> str:
    """The signature of the constructor; empty where none is published."""
    methods = published.get("methods", [])
    return next((text for text in methods if text.startswith(("__init__", "__new__"))), "")


def built(cls: type, signature: str, how: str) -> list[tuple[Any, dict[str, Any]]]:
    """Build one instance for each device of a network; return them with what they were given."""
    made = []

    def kind(index: int, number_of_devices: int, medium: Any) -> Device:
        known = {"index": index, "number_of_devices": number_of_devices, "medium": medium}
        given = {
            p.name: known.get(p.name, MagicMock())
            for p in parameters(signature)
            if how != "with defaults" or p.default is p.empty
        }
        instance = cls(**given) if how == "by name" else cls(*given.values())
        made.append((instance, given))
        if isinstance(instance, Device):
            return instance
        return Device(index, number_of_devices, medium)

    emulator = AsyncEmulator(DEVICES, kind, seed=1, quiet=True)
    assert [failure.text for failure in emulator.failures] == []
    return made


# -- the table


def test_the_table_has_every_published_exercise_file():
    files = [lecture.file for lecture in LECTURES.values() if lecture.number <= 12]
    assert list(TABLE) == [file for file in files if file]


# -- modules


@pytest.mark.parametrize("file", [file for file, parts in TABLE.items() if "variables" in parts])
def test_the_constants_of_a_module_have_their_published_values(module, file):
    assert_variables(module, TABLE[file]["variables"])


@pytest.mark.parametrize("file", [file for file, parts in TABLE.items() if "functions" in parts])
def test_the_functions_of_a_module_take_the_published_parameters(module, file):
    for signature in TABLE[file]["functions"]:
        function = getattr(module, signature.partition("(")[0])
        ours = list(inspect.signature(function).parameters.values())
        assert_takes(parameters(signature), ours)


# -- classes


@pytest.mark.parametrize(("file", "name"), CLASSES, ids=map(".".join, CLASSES))
def test_a_published_class_extends_the_published_ones(cls, published):
    assert set(published.get("bases", [])) <= {base.__name__ for base in cls.__mro__[1:]}


@those_with("methods")
def test_the_methods_of_a_class_take_the_published_parameters(cls, published):
    for signature in published["methods"]:
        name = inner_name(cls, signature.partition("(")[0])
        assert_takes(parameters(signature), own_parameters(cls, name))


@those_with("properties")
def test_what_is_published_as_a_property_is_one(cls, published):
    assert all(isinstance(getattr(cls, name), property) for name in published["properties"])


@those_with("variables")
def test_the_class_variables_have_their_published_values(cls, published):
    assert_variables(cls, published["variables"])


# -- instances


CONSTRUCTED = [pair for pair in CLASSES if constructor(TABLE[pair[0]][pair[1]])]
MESSAGES = [
    (file, name)
    for file, name in CONSTRUCTED
    if constructor(TABLE[file][name]).startswith("__init__(sender, destination")
]


@pytest.mark.parametrize("how", ["by position", "by name", "with defaults"])
@pytest.mark.parametrize(("file", "name"), CONSTRUCTED, ids=map(".".join, CONSTRUCTED))
def test_a_constructor_takes_its_parameters_and_makes_the_attributes(cls, published, how):
    for instance, _ in built(cls, constructor(published), how):
        missing = [name for name in published.get("attributes", []) if not hasattr(instance, name)]
        assert missing == []


@pytest.mark.parametrize(("file", "name"), MESSAGES, ids=map(".".join, MESSAGES))
def test_a_message_keeps_what_it_is_given(cls, published):
    instance, given = built(cls, constructor(published), "by position")[0]
    attributes = {name.removeprefix("_"): name for name in published.get("attributes", [])}
    attributes |= {"sender": "source", "destination": "destination"}
    for parameter, attribute in attributes.items():
        if parameter in given:
            assert getattr(instance, attribute) is given[parameter]
