"""Right solutions in another style than ours pass the suites: what they have done is not failed."""

from pathlib import Path

import pytest

from emulators.lectures import LECTURES
from tests.framework.grading.suites import Outcome, judging, told

STRANGERS = Path(__file__).parent / "strangers"
THERE = [
    lecture.number
    for lecture in LECTURES.values()
    if lecture.file and (STRANGERS / f"{lecture.file}.py").is_file()
]


@pytest.mark.slow
@pytest.mark.parametrize("lecture", THERE)
def test_a_right_solution_of_a_stranger_passes(lecture):
    verdicts = list(judging(lecture, STRANGERS, seeds=2).verdicts())
    done = [one for one in verdicts if not is_left_out(one)]
    assert done
    wrong = [one for one in done if one.outcome is not Outcome.PASSED]
    assert wrong == [], told(wrong)


def is_left_out(verdict):
    """Whether a task that is asked for under a name of its own was not done."""
    left_out = ("has no class", "it needs")
    return any(words in verdict.happened for words in left_out)
