"""The trace on disk: a header, a line for each event, an end; every value in one canonical form."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.choices import Recording, Seeded
from emulators.kernel.tasks import Scheduler
from emulators.MessageStub import MessageStub
from emulators.trace import log
from emulators.trace.events import Trace
from emulators.trace.log import Header, Line, Recorded, Recorder, canonical, encoded, line_of
from emulators.usage import UsageError


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int
    tags: set[str]


class Slotted:
    __slots__ = ("x",)

    def __init__(self) -> None:
        self.x = 3


class Number(int):
    pass


class Parcel(MessageStub):
    def __init__(self, sender: int, destination: int, content: Any) -> None:
        super().__init__(sender, destination)
        self.content = content


def text(value: Any) -> str:
    """Return the canonical form of a value as JSON."""
    return encoded([Line("log", 0, s=canonical(value))]).decode()


# -- one form for every value

FORMS = [
    ({"b", "a", "c"}, ["a", "b", "c"]),
    (frozenset({2, 1}), [1, 2]),
    ({1, "a", None}, ["a", 1, None]),
    ((1, (2, 3)), [1, [2, 3]]),
    ({(1, 2): 3}, [[[1, 2], 3]]),
    ({1: 2, "1": 3}, [[1, 2], ["1", 3]]),
    (Colour.RED, "Colour.RED"),
    (Point(1, {"b", "a"}), {"class": "Point", "x": 1, "tags": ["a", "b"]}),
    (Slotted(), {"class": "Slotted", "x": 3}),
    (Number(5), 5),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (collections.deque([1, 2]), {"class": "deque", "parts": [1, 2]}),
    (decimal.Decimal("1.5"), {"class": "Decimal", "parts": ["1.5"]}),
    (ValueError("x"), {"class": "ValueError", "parts": ["x"]}),
    (1 + 2j, {"class": "complex", "parts": [1.0, 2.0]}),
    (Point, "<Point>"),
    (len, "<len>"),
    ("\ud800", "\\ud800"),
    ("é", "é"),
    (2**70, 2**70),
    (10**5000, hex(10**5000)),
]


@pytest.mark.parametrize(("value", "form"), FORMS, ids=lambda value: type(value).__name__)
def test_a_value_has_one_form(value: Any, form: Any) -> None:
    assert canonical(value) == form
    assert json.loads(text(value))["s"] == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fractions.Fraction(1, 3), fractions.Fraction(2, 3)),
        (dt.date(2024, 1, 1), dt.date(2024, 1, 2)),
        (range(3), range(4)),
        (bytearray(b"a"), bytearray(b"b")),
        (b"a", b"b"),
    ],
)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    assert text(one) != text(other)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(st.text(), unique=True))
def test_a_set_has_the_same_form_in_whatever_order_it_was_made(items: list[str]) -> None:
    assert text(set(items)) == text(dict.fromkeys(items[::-1]).keys() & set(items))


@given(VALUES)
def test_every_plain_value_can_be_written_and_read(value: Any) -> None:
    json.loads(text(value))


def test_what_contains_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "…" in text(endless)


def test_objects_that_all_know_each_other_end() -> None:
    people = [Slotted() for _ in range(30)]
    for person in people:
        person.x = people  # type: ignore[assignment]
    assert "…" in text(people)


def test_parts_that_come_again_are_left_out_only_of_very_large_values() -> None:
    assert "…" not in text([(0, 0)] * 9_000)


# -- writing


class Exchange(Device):
    contents: tuple[Any, ...] = ()

    def run(self) -> None:
        for content in self.contents:
            self.medium.send(Parcel(self.index, 1 - self.index, content))
            self.medium.wait_for_next_round()
            self.medium.receive_all()
            self.medium.log(f"round {self.medium.now:.0f}")


def recorded_run(contents: tuple[Any, ...] = (1, 2, 3)) -> tuple[bytes, Trace]:
    """Run two devices; return the recording and the trace in memory."""
    recording = Recording(Seeded(1))
    file, trace = io.BytesIO(), Trace()
    recorder = Recorder(file, Header(0, "Exchange", "async", 2, 1, "digest"), recording)
    kind = type("Exchanger", (Exchange,), {"contents": contents})
    observers = [recorder, trace]
    scheduler = Scheduler(recording)
    emulator = AsyncEmulator(2, kind, quiet=True, observers=observers, scheduler=scheduler)
    emulator.run()
    recorder.close("done", emulator.scheduler.now)
    return file.getvalue(), trace


def test_a_recording_is_lines_of_json() -> None:
    lines = [json.loads(line) for line in recorded_run()[0].splitlines()]
    assert lines[0]["format"] == "distributed-run"
    assert [set(line) <= {"e", "t", "d", "m", "type", "f", "s", "c"} for line in lines[1:]]


def test_a_recording_has_every_event_of_the_trace_in_order() -> None:
    content, trace = recorded_run()
    lines = [json.loads(line) for line in content.splitlines()][1:-1]
    assert [(line["e"], line["t"], line["d"]) for line in lines] == [
        (event.kind, event.time, event.device) for event in trace
    ]


def test_a_message_is_written_once_and_named_by_its_number_when_received() -> None:
    lines = [json.loads(line) for line in recorded_run()[0].splitlines()][1:]
    sent = {line["m"]: line["f"]["content"] for line in lines if line["e"] == "send"}
    received = [line for line in lines if line["e"] == "receive"]
    assert sorted(sent.values()) == [1, 1, 2, 2, 3, 3]
    assert received
    assert all(line["m"] in sent and "f" not in line for line in received)


def test_the_last_line_says_how_it_ended_and_how_many_events_there_were() -> None:
    content, trace = recorded_run()
    last = json.loads(content.splitlines()[-1])
    assert (last["e"], last["s"]) == ("finish", ["done", len(trace)])


def test_every_decision_is_in_the_recording_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.loads(line) for line in recorded_run()[0].splitlines()][1:]
    asked: list[Any] = []

    class Noting(Recording):
        def __init__(self) -> None:
            super().__init__(Seeded(1))
            self.taken = asked

    kind = type("Exchanger", (Exchange,), {"contents": (1, 2, 3)})
    AsyncEmulator(2, kind, quiet=True, scheduler=Scheduler(Noting())).run()
    assert [decision for line in lines for decision in line.get("c", ())] == asked


def test_pieces_of_any_size_make_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recorded_run(tuple(range(20)))[0]
    monkeypatch.setattr(log, "_CHUNK", 7)
    assert recorded_run(tuple(range(20)))[0] == whole


def test_events_do_not_pile_up_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_CHUNK", 50)
    recording = Recording(Seeded(1))
    most = 0

    class Watch:
        def on_send(self, event: Any) -> None:
            nonlocal most
            most = max(most, len(recording.taken))

    kind = type("Exchanger", (Exchange,), {"contents": tuple(range(300))})
    recorder = Recorder(io.BytesIO(), Header(0, "E", "async", 2, 1, ""), recording)
    observers = [Watch(), recorder]
    AsyncEmulator(2, kind, quiet=True, observers=observers, scheduler=Scheduler(recording)).run()
    assert 50 <= most < 100


@pytest.mark.parametrize(
    "content", [value for value, _ in FORMS], ids=lambda one: type(one).__name__
)
def test_whatever_a_message_carries_can_be_recorded(content: Any) -> None:
    lines = [json.loads(line) for line in recorded_run((content,))[0].splitlines()]
    assert [line["f"]["content"] for line in lines if line.get("e") == "send"] == [
        json.loads(text(content))["s"]
    ] * 2


# -- reading


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    content, trace = recorded_run()
    (tmp_path / "run").write_bytes(content)
    recorded = Recorded(tmp_path / "run")
    lines = list(recorded.lines())
    recorded.close()
    assert recorded.header.algorithm == "Exchange"
    assert [line.e for line in lines] == [*(event.kind for event in trace), "finish"]
    assert content.splitlines(keepends=True)[1:] == [encoded([line]) for line in lines]


def test_an_end_that_is_a_very_long_line_is_found(tmp_path: Path) -> None:
    content = recorded_run()[0]
    body, _, last = content.rstrip(b"\n").rpartition(b"\n")
    finish = {**json.loads(last), "c": list(range(100_000))}
    long = json.dumps(finish, separators=(",", ":")).encode()
    (tmp_path / "run").write_bytes(body + b"\n" + long + b"\n")
    recorded = Recorded(tmp_path / "run")
    *_, end = recorded.lines()
    recorded.close()
    assert end.c == list(range(100_000))


@given(st.integers(0, 10**6))
def test_a_recording_cut_anywhere_is_refused(number: int) -> None:
    content = recorded_run()[0].rstrip(b"\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        path.write_bytes(content[: number % len(content)])
        with pytest.raises(UsageError, match=r"is cut off before its end|is no recording"):
            Recorded(path)


def test_a_recording_names_no_folder_of_an_exercise_file() -> None:
    lines = [
        line_of(("todo", 0, None, ("write it", f"{at}exercise1.py", 7))) for at in ("", "/a/b/")
    ]
    assert encoded(lines[:1]) == encoded(lines[1:])
    assert lines[0].s == ("write it", "exercise1.py", 7)


class FullDisk(io.BytesIO):
    def write(self, data: Any) -> int:
        raise OSError(28, "No space left on device")


def test_a_run_goes_on_where_it_can_no_longer_be_recorded() -> None:
    recorder = Recorder(FullDisk(), Header(0, "E", "async", 2, 1, ""), Recording(Seeded(1)))
    recorder.close("done", 0)
    assert recorder.fault == "No space left on device"
