"""Runs that a search has found, kept in tests/traces: they happen again, event for event."""

from pathlib import Path

import pytest

from emulators.runner import config_of, opened, prepared
from emulators.stepping.stepper import silent
from emulators.trace.log import Recorded

TRACES = sorted((Path(__file__).resolve().parents[2] / "traces").glob("*.jsonl"))


def test_there_are_traces():
    assert len(TRACES) >= 3


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_trace_happens_again(path):
    recorded = Recorded(path)
    with silent(), prepared(config_of(recorded.header), quiet=True, replay=recorded) as run:
        result = run.go()
    recorded.close()
    assert result.departure == ""


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_trace_opens_in_steps_and_goes_backwards(path):
    _, stepper = opened(path)
    events = len(stepper.trace)
    stepper.go_to(0)
    stepper.finish()
    assert len(stepper.trace) == events
    stepper.close()
