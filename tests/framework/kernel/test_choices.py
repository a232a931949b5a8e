"""The one door for decisions: drawn, recorded, read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.kernel.choices import Departed, Recording, Replayed, Seeded

COUNTS = st.integers(1, 1000)
QUESTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("below"), COUNTS),
        st.tuples(st.just("bits"), st.integers(1, 80)),
        st.just(("random",)),
        st.just(("between",)),
    )
)


def answers(choices, questions):
    duration = choices.between(5, 50)
    asked = {"random": choices.random, "below": choices.below, "bits": choices.bits}
    asked["between"] = duration
    return [asked[name](*arguments) for name, *arguments in questions]


@given(st.integers(0, 2**32), QUESTIONS)
def test_the_same_seed_decides_the_same(seed, questions):
    assert answers(Seeded(seed), questions) == answers(Seeded(seed), questions)


def test_another_seed_decides_otherwise():
    questions = [("bits", 64)]
    assert answers(Seeded(1), questions) != answers(Seeded(2), questions)


@given(st.integers(0, 2**32), st.integers(1, 100))
def test_below_names_one_of_the_alternatives(seed, count):
    assert 0 <= Seeded(seed).below(count) < count


def test_below_reaches_every_alternative():
    choices = Seeded(1)
    assert {choices.below(5) for _ in range(200)} == set(range(5))


@given(st.integers(0, 2**32), st.integers(0, 100), st.integers(0, 100))
def test_between_stays_between(seed, low, span):
    value = Seeded(seed).between(low, low + span)()
    assert low <= value < max(low + span, low + 1)


@given(st.integers(0, 2**32), st.integers(1, 100))
def test_bits_are_as_many_as_asked_for(seed, count):
    assert Seeded(seed).bits(count) < 1 << count


@given(st.integers(0, 2**32), QUESTIONS)
def test_recording_changes_no_decision(seed, questions):
    assert answers(Recording(Seeded(seed)), questions) == answers(Seeded(seed), questions)


@given(st.integers(0, 2**32), QUESTIONS)
def test_what_was_recorded_is_read_back(seed, questions):
    recording = Recording(Seeded(seed))
    first = answers(recording, questions)
    assert recording.taken == first
    assert answers(Replayed(iter(first).__next__), questions) == first


@pytest.mark.parametrize(
    ("recorded", "question"),
    [
        (0.5, ("below", 3)),
        (7, ("below", 3)),
        (-1, ("below", 3)),
        (1, ("random",)),
        (300, ("bits", 8)),
        (4, ("between",)),
        (50, ("between",)),
    ],
)
def test_a_decision_that_does_not_fit_the_question_is_a_departure(recorded, question):
    with pytest.raises(Departed):
        answers(Replayed(lambda: recorded), [question])


def test_no_except_exception_of_a_student_hides_a_departure():
    assert not issubclass(Departed, Exception)
