"""What is told of many runs."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.sweeps.measures import Summary, summary
from tests.framework.commands import command, refusal

SWEEP = ("sweep", "--lecture", 16, "--algorithm", "Sanders", "--seeds", 2, "--max-rounds", 30)


@given(st.lists(st.integers(0, 1000), min_size=2))
def test_a_summary_is_mean_sample_deviation_and_range(values):
    told = summary(values)
    assert told.mean == pytest.approx(statistics.mean(values))
    assert told.sd == pytest.approx(statistics.stdev(values))
    assert (told.min, told.max) == (min(values), max(values))


def test_one_run_has_no_deviation():
    assert summary([3]) == Summary(3, 0, 3, 3)


def test_a_number_that_all_devices_have_is_summed():
    answer = command(*SWEEP, "--measures", "entries,yes_votes", "--devices", 4)
    assert answer.status == 0
    assert "yes_votes" in answer.out


def test_a_measure_that_no_device_has_is_refused():
    line = refusal(*SWEEP, "--measures", "relinquish")
    assert "did you mean relinquishes?" in line


def test_what_is_private_is_no_measure():
    assert "no measure '_id'" in refusal(*SWEEP, "--measures", "_id")
