"""Conditions in one line: what they say, what they refuse, and that they change nothing."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from enum import Enum
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.Device import Device, WorkerDevice
from emulators.errors import UsageError
from emulators.stepping.predicates import NAMES, parse
from tests.framework.making import Note
from tests.framework.walking import picture, stepper

State = Enum("State", ["IDLE", "WANTED"])


class Plain:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        raise ValueError("cannot be compared")

    __hash__ = None


class Vote(Note):
    pass


class Member(WorkerDevice):
    """Has attributes of every kind."""

    quorum = 2

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self._leader = None
        self.has_token = index == 1
        self.state = State.WANTED
        self.table = {"a": [1, 2, 3]}
        self.counts = defaultdict(int)
        self.numbers = count()
        self.stream = iter([1, 2])
        self.plain = Plain(1)
        self.text = "abc"

    @property
    def votes(self):
        return len(self.table["a"])

    @property
    def careless(self):
        self.text = "changed"
        return True

    @property
    def greedy(self):
        return self.medium.receive() is None

    @property
    def broken(self):
        raise KeyError("broken")

    def run(self):
        self._leader = 2
        if self.index == 2:
            self.late = True
        self.medium.send(Vote(self.index, (self.index + 1) % 3, "yes"))
        self.medium.wait_for_next_round()
        self.medium.receive()


@pytest.fixture
def walked():
    made = stepper(Member)
    made.step()
    return made


def holds(walked, text):
    return parse(text)(walked.emulator, walked.last)


@pytest.mark.parametrize(
    "text",
    [
        "device[0]._leader == 2",
        "device[0].leader == 2",
        "device[1].leader is None",
        "round >= 1",
        "round 1",
        "time < 0.05 and step == 1",
        "message.type == 'Vote' and message.destination == 1",
        "message.text == 'yes' and message.source == 0",
        "Vote",
        "device 0",
        "kind == 'send' and sender == 0 and receiver == 1",
        "event.kind == 'send' and event.device == 0",
        "any(d.has_token for d in devices)",
        "not all(d.has_token for d in devices)",
        "sum(1 for d in devices if d.has_token) == 1",
        "len([d.index for d in devices]) == 3",
        "device[0].state == 'WANTED'",
        "device[0].table['a'][-1] == 3",
        "3 in device[0].table['a'] and 4 not in device[0].table['a']",
        "device[0].votes == 3",
        "device[0].quorum == 2",
        "device[0].number_of_devices == 3",
        "-1 < 1 + 2 * 3 - 4 // 3 % 5 <= 6.5 / 1",
        "device[0].leader in (1, 2) and device[0].leader in {2}",
        "max(d.index for d in devices) == 2 and min([3, 1]) == 1 and abs(-1) == 1",
        "failures == 0",
        "any(d.late for d in devices) or True",
        "True",
    ],
)
def test_what_holds(walked, text):
    assert holds(walked, text)


@pytest.mark.parametrize(
    "text",
    [
        "device[1].leader == 2",
        "device[1].leader < 3",
        "device[0].nothing == 1",
        "device[0].nothing != 1",
        "not device[0].nothing",
        "device[0].nothing.more > 0",
        "device[0].table['z'] == 1",
        "device[0].table['a'][7] == 1",
        "device[0].counts[3] == 0",
        "device[0].broken",
        "device[0].plain == 1",
        "1 / 0 == 1",
        "'a' * 99 == 1",
        "any(device[0].numbers)",
        "5 in device[0].numbers",
        "sum(device[0].stream) > 0",
        "[x for x in device[0].numbers]",
        "device[0].careless",
        "device[0].greedy",
        "device[0].run",
        "Note",
        "round 2",
        "failure",
        "len(3)",
    ],
)
def test_what_does_not_hold_or_cannot_be_known(walked, text):
    assert not holds(walked, text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a condition is missing"),
        ("devics[0].x", r"column 1: there is no name 'devics'.*did you mean devices\?"),
        ("round > 1 and rond < 3", r"column 15: there is no name 'rond'.*did you mean round\?"),
        ("true", "did you mean True"),
        ("device[0].x = 2", "write =="),
        ("round => 2", "column 7.*write =="),
        ("round >", "invalid syntax"),
        ("device[0].__class__", "'__class__' is not allowed"),
        ("device[0].medium.send", "does not touch the medium"),
        ("device[0]._medium", "does not touch the medium"),
        ("__import__('os')", "only these can be called"),
        ("device[0].run()", "only these can be called"),
        ("leng(devices)", r"did you mean len\?"),
        ("len", "is a function"),
        ("any()", "takes values"),
        ("sorted(devices, key=1)", "takes values"),
        ("(lambda: 1)()", "only these can be called"),
        ("lambda: 1", "lambda is not allowed"),
        ("1 if True else 2", "if is not allowed"),
        ("f'{round}'", "f-string is not allowed"),
        ("2 ** 99", "calculate"),
        ("1 << 99", "calculate"),
        ("~round", "sign is not allowed"),
        ("b'x'", "no number and no text"),
        ("1j", "no number and no text"),
        ("devices[0:1]", "slice is not allowed"),
        ("[x for x in devices for y in devices]", "one name is allowed"),
        ("[round for round in devices]", "has a meaning already"),
        ("(d for d in devices)", "outside a function"),
        ("x := 1", "invalid syntax"),
        ("(x := 1)", "not allowed"),
        ("{1: 2}", "dictionary is not allowed"),
        ("1" + " + 1" * 2000, "longer than"),
        ("(" * 400 + ")" * 400, "condition"),
        ("\0", "condition"),
        ("d" * 2000, "longer than"),
    ],
)
def test_what_is_no_condition_is_refused_in_one_line(text, problem):
    with pytest.raises(UsageError, match=problem) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_a_device_that_is_not_there_is_named(walked):
    for text in ("device[7].x == 1", "device[-1].x == 1", "device['a'].x == 1"):
        with pytest.raises(UsageError, match=r"there is no device .*; there are 0 to 2"):
            parse(text).check(walked.emulator)
    parse("device[2].x == 1").check(walked.emulator)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (
            "device[0].leadr == 1",
            r"nothing ever had an attribute 'leadr' \(did you mean _leader\?\)",
        ),
        ("device[0].late == 1", "nothing ever had an attribute 'late'"),
        ("device[0].broken", "broken"),
        ("device[1].leader < 3", "TypeError"),
        ("device[0].numbers and 5 in device[0].numbers", "a count cannot be gone through"),
        ("device[0].leader == 2", "^$"),
    ],
)
def test_trouble_tells_what_kept_a_condition_from_being_worked_out(walked, text, trouble):
    predicate = parse(text)
    predicate(walked.emulator, walked.last)
    found = predicate.trouble(walked.emulator)
    assert re.search(trouble, found), found


def test_an_attribute_that_comes_later_is_no_trouble():
    walked = stepper(Member)
    predicate = parse("device[2].late")
    assert walked.run_until(lambda event: predicate(walked.emulator, event))
    assert walked.last.device == 2
    assert predicate.trouble(walked.emulator) == ""


EVERYTHING = (
    "device[0].counts[3] == 0 or device[0].has_work or device[1].has_work or device[2].has_work "
    "or device[0].careless or device[0].greedy or sum(device[0].stream) or message.text == 'no'"
)


def test_looking_changes_nothing():
    alone, watched = stepper(Member), stepper(Member)
    predicate = parse(EVERYTHING)
    alone.finish()
    watched.run_until(lambda event: predicate(watched.emulator, event))
    assert picture(watched) == picture(alone)
    assert watched.emulator.devices[0].counts == {}
    assert list(watched.emulator.devices[0].stream) == [1, 2]


def test_what_costs_too_much_stops_the_run_and_says_so(walked):
    walked.emulator.devices[0].many = list(range(500_000))
    predicate = parse("any(x < 0 for x in device[0].many)")
    assert predicate(walked.emulator, walked.last)
    assert predicate.broken
    assert predicate.trouble(walked.emulator) == "it takes too long to work out"


def test_no_event_yet(walked):
    assert not parse("message.type == 'Vote'")(walked.emulator, None)
    assert parse("round >= 1")(walked.emulator, None)


def test_a_condition_knows_whether_it_is_about_the_moment():
    assert parse("Vote").momentary
    assert parse("device 2").momentary
    assert not parse("round 5").momentary
    assert not parse("device[1].x == 1").momentary


def test_whoever_watches_properties_adds_a_name(monkeypatch, walked):
    monkeypatch.setitem(NAMES, "violated", lambda emulator, event: ["mutex"])
    assert holds(walked, "'mutex' in violated")


TEXTS = st.text(alphabet="device[]()._ =<>!'012andortany forinrou\"+-*%", max_size=40)


@given(TEXTS)
def test_whatever_is_written_is_read_or_refused(text):
    with contextlib.suppress(UsageError):
        assert parse(text)(KEPT.emulator, KEPT.last) in (True, False)


KEPT = stepper(Member)


def test_call_style_devices_are_read_alike():
    class Old(Device):
        def run(self):
            self._leader = self.index()
            self.medium().send(Note(self.index(), 0))

    walked = stepper(Old)
    walked.step()
    assert holds(walked, "device[0].leader == 0 and device[0].index == 0")
