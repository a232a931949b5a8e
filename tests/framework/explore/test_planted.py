"""Planted mistakes come to light: the table is in planted.py, all of it measured in benchmarks."""

import pytest

from emulators.explore.answer import VIOLATED
from emulators.grading.mutants import mutants
from tests.framework.explore.planted import NOT_BY_A_SEARCH, PLANTED


@pytest.mark.slow
@pytest.mark.parametrize("one", [one for one in PLANTED if not one.slow], ids=str)
def test_a_mistake_is_found_within_a_minute(one, tmp_path):
    answer = one.answer(one.write(tmp_path))
    assert answer.verdict == VIOLATED
    if one.best is not None:
        assert answer.counterexample.events <= one.best + 1


@pytest.mark.parametrize("lecture", [4, 5, 6])
def test_of_each_mutant_it_is_said_how_it_is_found_or_why_not(lecture):
    names = {one.name for one in mutants(lecture)}
    asked = {one.name for one in PLANTED if one.mutant and one.lecture == lecture}
    assert names - asked - NOT_BY_A_SEARCH.keys() == set(), "say in planted.py how to find them"
    assert asked <= names
    assert not asked & NOT_BY_A_SEARCH.keys()
