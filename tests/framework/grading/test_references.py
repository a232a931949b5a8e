"""Every suite passes the reference solution, in both generations, and spares the template."""

from dataclasses import replace
from itertools import cycle

import pytest

from emulators.grading.judging import Judging, judged
from emulators.grading.mutants import SOLUTIONS
from emulators.grading.submission import Submission
from emulators.grading.suites import lectures, suite
from emulators.lectures import LECTURES
from emulators.runner import EXERCISES
from tests.exercises.pasting import pasted
from tests.framework.grading.suites import Outcome, judging, told

each_lecture = pytest.mark.parametrize("lecture", lectures())


def not_passed(verdicts):
    return [one for one in verdicts if one.outcome is not Outcome.PASSED]


@pytest.mark.slow
@each_lecture
@pytest.mark.parametrize("calls", [False, True], ids=["properties", "calls"])
def test_a_solution_pasted_into_the_template_passes(lecture, calls, tmp_path):
    file = LECTURES[lecture].file
    (tmp_path / f"{file}.py").write_text(pasted(file, calls), encoding="utf-8")
    wrong = not_passed(judging(lecture, tmp_path, seeds=1).verdicts())
    assert wrong == [], told(wrong)


@pytest.mark.slow
@each_lecture
def test_the_reference_solution_passes_on_many_seeds(lecture):
    """Each case takes ten seeds that the case before did not take, of the first 200."""
    blocks = cycle(range(1, 200, 10))

    def judge(case, submission):
        return judged(case, replace(submission, first=next(blocks)))

    submission = Submission(lecture, SOLUTIONS, seeds=10, in_turns=True)
    wrong = not_passed(Judging(suite(lecture), submission, judge).verdicts())
    assert wrong == [], told(wrong)


@pytest.mark.slow
@each_lecture
def test_the_template_is_not_yet_implemented_and_nothing_else(lecture):
    verdicts = list(judging(lecture, EXERCISES).verdicts())
    to_do = Outcome.NOT_YET_IMPLEMENTED
    expected = [Outcome.PASSED if one.case.given else to_do for one in verdicts]
    assert [one.outcome for one in verdicts] == expected, told(verdicts)
