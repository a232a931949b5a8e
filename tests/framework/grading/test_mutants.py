"""Every mutant fails in the cases meant for it, for a reason that is about its mistake."""

import pytest

from emulators.grading.mutants import mutants
from emulators.grading.suites import lectures
from tests.framework.grading.suites import Outcome, judging, told

MUTANTS = list(mutants())


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_caught_by_the_cases_meant_for_it(mutant, tmp_path):
    made = judging(mutant.lecture, mutant.write(tmp_path / "mutant"))
    verdicts = [made.verdict(made.cases[name]) for name in mutant.caught_by]
    assert verdicts
    for verdict in verdicts:
        assert verdict.outcome is Outcome.FAILED, told(verdicts)
        assert mutant.reason in verdict.happened, told(verdicts)


@pytest.mark.parametrize("lecture", lectures())
def test_every_suite_has_at_least_six_mutants(lecture):
    assert sum(mutant.lecture == lecture for mutant in MUTANTS) >= 6
