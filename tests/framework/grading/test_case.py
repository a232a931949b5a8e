"""A case is its sentence, its points and its needs."""

import pytest

from emulators.grading import case
from emulators.grading.case import cases_in, cases_of
from tests.framework.grading import submitting


def test_the_docstring_is_the_sentence():
    first, second = submitting.CASES
    assert (first.sentence, first.points, first.bonus) == (
        "All devices say the same thing.",
        2,
        False,
    )
    assert (second.needs, second.bonus) == (("all_say_the_same",), True)


def test_several_algorithms_are_several_cases():
    @case(("One", "Two"))
    def test_it(submission):
        """{algorithm} works."""

    assert [str(one) for one in cases_of(test_it)] == ["One works.", "Two works."]
    assert [one.name for one in cases_of(test_it)] == ["it[One]", "it[Two]"]


def test_a_need_is_that_of_the_same_algorithm_where_there_is_one():
    @case(("One", "Two"))
    def test_first(submission):
        """{algorithm} begins."""

    @case(("Two", "Three"), needs=[test_first])
    def test_then(submission):
        """{algorithm} goes on."""

    two, three = cases_of(test_then)
    assert two.needs == ("first[Two]",)
    assert three.needs == ("first[One]", "first[Two]")


def test_what_was_given_is_worth_nothing():
    @case("One", given=True, points=5)
    def test_it(submission):
        """It works."""

    assert cases_of(test_it)[0].points == 0


def test_a_case_without_a_sentence_is_refused():
    with pytest.raises(TypeError, match="no docstring"):
        case("One")(lambda submission: None)


def test_what_is_needed_is_a_case():
    def judge(submission):
        """It works."""

    with pytest.raises(TypeError, match="is no case"):
        case("One", needs=[judge])(judge)


def test_the_cases_of_a_file_stand_in_its_order():
    assert cases_in(submitting) == submitting.CASES
