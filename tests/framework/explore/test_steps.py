"""Schedules as a person writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.errors import UsageError
from emulators.explore.steps import BEGIN, Step, as_text, parsed

numbers = st.integers(0, 12)
plain = st.tuples(st.sampled_from(["go", "nothing", "alarm"]), numbers, numbers)
of_messages = st.tuples(
    st.sampled_from(["message", "lose", "duplicate"]), numbers, st.just(0), numbers, numbers
)
moves = st.one_of(
    plain.map(lambda values: Step(*values)),
    of_messages.map(lambda values: Step(*values)),
    numbers.map(lambda device: Step("crash", device)),
    numbers.map(lambda sends: Step("go", 1, draws=(0, sends + 1), sends=sends)),
)


@given(st.lists(moves, max_size=8))
def test_what_is_written_is_read_again(steps):
    assert parsed(as_text(steps)) == (BEGIN, *steps)


def test_a_step_that_happens_again_and_again_is_written_once():
    assert as_text([BEGIN, *[Step("go", 0)] * 30, Step("message", 1, sender=0)]) == "0*30 1<0"


@pytest.mark.parametrize("text", ["0 1<0 x3", "0 <1", "a", "1<", "0~1~"])
def test_what_is_no_step_is_refused_with_its_place(text):
    with pytest.raises(UsageError, match=r"--schedule: step \d, .*cannot be read; 0: device 0"):
        parsed(text)
