"""The points of a sweep."""

import pytest

from emulators.sweeps.grid import Point, numbers, points, setting
from emulators.usage import UsageError


def test_every_combination_is_a_point_and_devices_vary_slowest():
    found = list(points([2, 3], {"P": [0.2, 0.5]}))
    assert found == [Point(n, {"P": p}) for n in (2, 3) for p in (0.2, 0.5)]


def test_without_constants_there_is_a_point_for_each_number_of_devices():
    assert list(points([4], {})) == [Point(4)]


@pytest.mark.parametrize("text", ["", "a", "3,,4", "1,3", "2.5"])
def test_what_is_no_list_of_devices_is_refused(text):
    with pytest.raises(UsageError, match="devices"):
        numbers(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("P=0.2,0.5", (0.2, 0.5)),
        ("P=0.2", (0.2,)),
        ("P=[1,2],[3]", ([1, 2], [3])),
        ("P={1: 2, 3: 4}", ({1: 2, 3: 4},)),
        ("P=low,high", ("low", "high")),
        ("P='a,b'", ("a,b",)),
    ],
)
def test_a_constant_has_several_values(text, values):
    assert setting(text) == ("P", values)


@pytest.mark.parametrize("text", ["P", "=1", "2=3", "P="])
def test_what_is_no_constant_is_refused(text):
    with pytest.raises(UsageError, match="NAME=VALUE"):
        setting(text)
