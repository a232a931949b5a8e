"""Properties of a run in steps: `violated` stops it, and going back takes it back."""

from pathlib import Path

import pytest

from emulators.runner import RunConfig, in_steps, opened, prepared
from emulators.stepping.predicates import Predicate, parse
from emulators.stepping.stepper import Stepper
from tests.framework.commands import write_exercise

TALKERS = """
from emulators.Device import Device
from emulators.MessageStub import MessageStub

class Talkers(Device):
    def run(self):
        for _ in range(4):
            self.medium.send(MessageStub(self.index, 1 - self.index))
            self.medium.wait_for_next_round()
        while self.index == 1:
            self.medium.wait_for_next_round()
"""


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    """A run that sends eight messages, and whose device 1 does not end."""
    write_exercise(tmp_path, TALKERS)
    checks = ("message_budget=5", "termination")
    return RunConfig(0, "Talkers", "sync", 2, 1, tmp_path, max_rounds=9, checks=checks)


def holds_at(stepper: Stepper, text: str) -> int | None:
    """Run until a condition holds; return the step."""
    predicate: Predicate = parse(text)
    held = stepper.run_until(lambda event: predicate(stepper.emulator, event))
    return stepper.position if held else None


def test_a_run_stops_at_the_step_that_violates_a_property(config: RunConfig) -> None:
    _, stepper = in_steps(config)
    assert holds_at(stepper, "violated") == 6
    assert stepper.emulator.properties[0].violation.events[0][3][1] == 6
    stepper.close()


def test_one_property_can_be_asked_for_and_the_end_is_judged_at_the_end(config: RunConfig) -> None:
    _, stepper = in_steps(config)
    assert holds_at(stepper, "violated termination") == 9
    assert stepper.ended
    stepper.close()


def test_a_step_back_takes_the_violation_back(config: RunConfig) -> None:
    _, stepper = in_steps(config)
    stepper.go_to(6)
    stepper.back()
    assert [one.violation for one in stepper.emulator.properties] == [None, None]
    stepper.close()


def test_a_recording_is_opened_with_its_properties(config: RunConfig, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    with prepared(config, quiet=True, record=file) as run:
        assert len(run.go().violations) == 2
    _, stepper = opened(file, tmp_path, checks=config.checks)
    assert [one.name for one in stepper.emulator.properties] == ["message_budget", "termination"]
    assert stepper.emulator.properties[0].violation is not None
    stepper.close()
