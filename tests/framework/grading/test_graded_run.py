"""What a case reads out of a run."""

import pytest

from emulators.grading.graded_run import GradedRun


@pytest.mark.parametrize(
    ("device", "text", "number"),
    [
        (3, "Device 3: the leader is 4", 4),
        (0, "Leader seen from 0 is 1", 1),
        (1, "leader 4 (I am device 1)", 4),
        (4, "Device 4: the leader is 4", 4),
        (4, "the leader is 4", 4),
        (3, "Device 3: knows no leader", None),
        (3, "Device 3: None", None),
        (0, "", None),
    ],
)
def test_the_number_that_a_device_prints_beside_its_index(device, text, number):
    printed = [""] * 5
    printed[device] = text
    run = GradedRun(None, "done", [], [], None, None, None, "", printed)
    assert run.number_printed(device) == number
