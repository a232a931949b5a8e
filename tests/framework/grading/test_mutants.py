"""Every mutant fails in the cases meant for it, for a reason that is about its mistake."""

import pytest

from emulators.grading.mutants import mutants
from emulators.grading.suites import lectures
from tests.framework.grading.suites import Outcome, judging, told

MUTANTS = list(mutants())


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_caught_by_the_cases_meant_for_it(mutant, tmp_path):
    folder = mutant.write(tmp_path / "mutant")
    if not_caught(mutant, folder, seeds=1):  # what one seed shows, all of them show
        wrong = not_caught(mutant, folder)
        assert wrong == [], told(wrong)


def not_caught(mutant, folder, **options):
    """Return the verdicts of cases that do not fail, or for another reason."""
    made = judging(mutant.lecture, folder, **options)
    verdicts = [made.verdict(made.cases[name]) for name in mutant.caught_by]
    assert verdicts
    return [
        one
        for one in verdicts
        if one.outcome is not Outcome.FAILED or mutant.reason not in one.happened
    ]


@pytest.mark.parametrize("lecture", lectures())
def test_every_suite_has_at_least_six_mutants(lecture):
    assert sum(mutant.lecture == lecture for mutant in MUTANTS) >= 6
