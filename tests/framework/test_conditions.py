"""What can be written as a condition, and what is refused."""

from types import SimpleNamespace
from typing import Any

import pytest

from emulators.conditions import explain, parse
from emulators.errors import UsageError
from emulators.trace.events import Event
from tests.framework.making import Note


def run(**values: Any) -> Any:
    devices = [SimpleNamespace(_id=n, leader=n // 2, log=[1, 2]) for n in range(3)]
    made = {"devices": devices, "failures": [], "number_of_rounds": 4}
    return SimpleNamespace(**made, **values, scheduler=SimpleNamespace(now=1_500_000))


class Reply(Note):
    pass


def event(cls: type = Note, device: int = 1) -> Event:
    fields = {"_source": 1, "_destination": 2, "text": "hi"}
    return Event("send", 0, device, (0, 7, 1, 2, cls, fields, True, 0))


@pytest.mark.parametrize(
    "text",
    [
        "device[2].leader == 1",
        "device[0].leader == 0 and not device[1].log == []",
        "any(one.leader == 1 for one in devices)",
        "all(one.leader < 2 for one in devices if one.leader)",
        "len(device[0].log) == 2",
        "sum([one.leader for one in devices]) == 1",
        "0 <= device[1].leader < 1",
        "round 4",
        "round == 4 or time > 9",
        "time 1.5",
        "2 in device[0].log",
        "message.text == 'hi'",
        "sender == 1 and receiver == 2 and kind == 'send'",
        "device 1",
        "Note",
        "failures == 0",
    ],
)
def test_holds(text: str) -> None:
    assert parse(text).holds(run(), event())


@pytest.mark.parametrize(
    "text",
    ["device[2].leader == 2", "round 5", "time 2", "device 2", "Reply", "failure", "device[9].a"],
)
def test_does_not_hold(text: str) -> None:
    assert not parse(text).holds(run(), event())


def test_a_message_type_includes_what_extends_it() -> None:
    assert parse("Note").holds(run(), event(Reply))
    assert not parse("Note").holds(run(), None)


def test_what_is_about_an_event_is_momentary() -> None:
    assert [parse(text).momentary for text in ("Note", "device 1", "sender == 1")] == [True] * 3
    assert [parse(text).momentary for text in ("round 1", "device[1].leader")] == [False] * 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "device[",
        "__import__('os').system('true')",
        "device[0].__class__",
        "device[0].run()",
        "open('file')",
        "lambda: 1",
        "(x := 1)",
        "[a for a in devices for b in devices]",
        "[1 for a, b in devices]",
        "f'{device}'",
        "2 ** 99",
        "import os",
        "unknown == 1",
        "len(*devices)",
        "max(devices, key=len)",
    ],
)
def test_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


def test_only_numbers_are_calculated_with() -> None:
    assert not parse("len('a' * 1000000000) > 1").holds(run(), None)
    assert parse("device[1].leader + 1 == 1").holds(run(), None)


def test_why_a_condition_cannot_be_known() -> None:
    assert "no attribute 'leeder'" in explain(parse("device[2].leeder == 2"), run(), None)
    assert explain(parse("device[2].leader == 2"), run(), None) == ""
