"""Virtual time is a whole number of ticks."""

from hypothesis import given
from hypothesis import strategies as st

from emulators.kernel.clock import ROUND, TICKS_PER_SECOND, seconds, ticks


@given(st.integers(0, 10**12))
def test_ticks_survive_the_way_over_seconds(time):
    assert ticks(seconds(time)) == time


def test_ten_rounds_are_a_second():
    assert 10 * ROUND == TICKS_PER_SECOND == ticks(1)
