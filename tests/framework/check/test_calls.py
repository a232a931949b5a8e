"""Calls between a device and its application: told once, by the right device, and by no layer."""

from pathlib import Path
from typing import Any

import pytest

from emulators.check.property import Property
from emulators.check.views import CONTENTS
from tests.framework.check.histories import event
from tests.framework.commands import ROOT
from tests.running import run

DATA = ROOT / "tests/framework/data"
LAYERS = """
from emulators.Device import Device

class Base:
    value = 7

    @property
    def initial_value(self):
        return self.value

    def deliver(self, content):
        self.heard = content

class Application(Base):
    def deliver(self, content):
        super().deliver(content)

class Inner(Device):
    def run(self):
        pass

    def send(self, content):
        self.application.deliver(content)

    def deliver(self, content):
        self.application.deliver(content)

class Outer(Inner):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.application = Application()
        self.inner = Inner(index, number_of_devices, medium)
        self.inner.application = self

    def run(self):
        self.send(self.application.initial_value)

    def send(self, content):
        self.inner.send(content + self.index)
"""


class Heard(Property):
    """Keeps what it is told."""

    name = "heard"
    sentence = "All calls are told."
    calls = ("send", "deliver", "initial_value")

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def on_call(self, event: Any) -> None:
        self.told.append((event[2], *event[3]))


def heard(folder: Path) -> list[Any]:
    (folder / "demo.py").write_text(LAYERS, encoding="utf-8")
    one = Heard()
    ran = run(0, "Outer", "sync", 2, exercises=folder, properties=[one])
    assert ran.failures == []
    assert [device.application.heard for device in ran.devices] == [7, 8]
    return one.told


def test_a_call_through_layers_and_base_classes_is_told_once(tmp_path: Path) -> None:
    expected = [
        [(index, "initial_value", 7), (index, "send", 7), (index, "deliver", 7 + index)]
        for index in range(2)
    ]
    assert heard(tmp_path) == [*expected[0], *expected[1]]


def test_a_call_is_no_event_of_the_trace(tmp_path: Path) -> None:
    (tmp_path / "demo.py").write_text(LAYERS, encoding="utf-8")
    ran = run(0, "Outer", "sync", 2, exercises=tmp_path, properties=[Heard()])
    assert {event.kind for event in ran.trace} == {"round", "end"}


@pytest.mark.parametrize("algorithm", ["BasicMulticast", "ReliableMulticast"])
def test_contents_of_a_file_with_calls_are_heard(algorithm: str) -> None:
    one = Heard()
    run(5, algorithm, "async", 3, exercises=DATA / "calls", properties=[one], max_time=5)
    names = {name for _, name, _ in one.told}
    assert {"send", "deliver"} <= names
    sent = [value for _, name, value in one.told if name == "send"]
    assert all(value in sent for _, name, value in one.told if name == "deliver")


def test_decisions_of_a_file_with_calls_are_judged() -> None:
    checks = ("agreement,validity,termination",)
    for seed in range(5):
        ran = run(
            6, "FResilientConsensus", "sync", 4, seed, exercises=DATA / "calls", checks=checks
        )
        assert ran.violations == []


def test_a_view_of_contents_looks_at_calls_only() -> None:
    assert CONTENTS.see(event(0, "call", 1, ("deliver", [1, 2]))) == ("deliver", 1, (1, 2))
    assert CONTENTS.see(event(0, "call", 1, ("initial_value", 3))) is None
    assert CONTENTS.see(event(0, "send", 0, 1, 7)) is None
