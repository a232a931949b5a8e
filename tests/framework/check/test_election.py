"""Election: everybody knows the leader, there is one, and it is the largest."""

from typing import Any

import pytest

from emulators.check.election import Election, EveryoneKnows, OneLeader, RightLeader
from tests.framework.check.histories import Step, device, verdict


def electorate(*leaders: Any) -> list[Any]:
    return [device(index, _leader=leader) for index, leader in enumerate(leaders)]


def spoken(*indices: int) -> list[Step]:
    return [("send", index, 0, index) for index in indices]


ALL = spoken(0, 1, 2)


@pytest.mark.parametrize("kind", [EveryoneKnows, OneLeader, RightLeader])
def test_who_agrees_on_the_largest_is_right(kind: type[Election]) -> None:
    assert not verdict(kind(), ALL, electorate(2, 2, 2))


def test_who_knows_no_leader_is_named() -> None:
    assert verdict(EveryoneKnows(), ALL, electorate(None, 2, 2)) == (
        "device 0 knows no leader when the run is over"
    )


def test_two_leaders_are_named() -> None:
    assert verdict(OneLeader(), ALL, electorate(None, 1, 2)) == (
        "device 1 takes 1 for the leader, device 2 takes 2"
    )


def test_a_leader_that_is_not_the_largest_is_named() -> None:
    assert verdict(RightLeader(), ALL, electorate(1, 1, 1)) == (
        "device 0 takes 1 for the leader; the largest is 2"
    )


@pytest.mark.parametrize("gone", [("crash", 2), ("end", 2)])
def test_a_device_that_failed_does_not_count(gone: Step) -> None:
    history = [*spoken(0, 1), gone]
    assert not verdict(RightLeader(), history, electorate(1, 1, None))
    assert not verdict(EveryoneKnows(), history, electorate(1, 1, None))


def test_a_device_that_took_part_and_ended_does_count() -> None:
    history = [*ALL, ("end", 2)]
    assert verdict(EveryoneKnows(), history, electorate(1, 1, None))


def test_a_function_can_say_who_the_leader_is() -> None:
    one = OneLeader(leader=lambda made: made.chief)
    assert verdict(one, ALL, [device(index, chief=index) for index in range(3)])
