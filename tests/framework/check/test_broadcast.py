"""Reliable multicast: delivered once, by the sender too, and by all or none."""

from typing import Any

from emulators.check.broadcast import ADDRESSED, Agreement, Integrity, Validity
from emulators.check.views import CONTENTS
from tests.framework.check.histories import Step, guilty, reason, verdict
from tests.running import run


def send(index: int, content: Any) -> Step:
    return ("call", index, ("send", content))


def deliver(content: Any, *indices: int) -> list[Step]:
    return [("call", index, ("deliver", content)) for index in indices]


def test_a_second_delivery_violates_integrity() -> None:
    one = Integrity()
    assert reason(one, [send(0, "a"), *deliver("a", 1, 2, 1)]) == (
        "device 1 delivers 'a' a second time at 0.3 virtual seconds"
    )
    assert guilty(one) == ["call 0", "call 1", "call 1"]


def test_a_content_that_nobody_sent_violates_integrity() -> None:
    assert reason(Integrity(), [send(0, "a"), *deliver("b", 1)]) == (
        "device 1 delivers 'b', which nobody has sent"
    )


def test_a_content_that_some_do_not_deliver_violates_agreement() -> None:
    one = Agreement()
    assert verdict(one, [send(0, "a"), *deliver("a", 1)]) == (
        "device 1 has delivered 'a', devices 0 and 2 have not"
    )
    assert guilty(one) == ["call 0", "call 1"]


def test_what_nobody_delivers_violates_validity_but_not_agreement() -> None:
    assert not verdict(Agreement(), [send(0, "a")])
    assert verdict(Validity(), [send(0, "a")]) == "device 0 has sent 'a' and not delivered it"


def test_what_was_sent_only_just_now_is_not_judged() -> None:
    assert not verdict(Validity(), [send(0, "a")], now=0)
    assert not verdict(Agreement(), [send(0, "a"), *deliver("a", 1)], now=0)


def test_nothing_is_promised_to_or_of_a_crashed_device() -> None:
    crashed: list[Step] = [("crash", 2)]
    assert not verdict(Agreement(), [send(0, "a"), *deliver("a", 0, 1), *crashed])
    assert not verdict(Agreement(), [send(2, "a"), *deliver("a", 2), *crashed])
    assert not verdict(Validity(), [send(2, "a"), *crashed])


def test_a_group_delivers_what_is_sent_to_it_and_nobody_else_does() -> None:
    def members(content: Any) -> tuple[int, ...]:
        return (0, 1)

    history = [send(0, "a"), *deliver("a", 0, 1)]
    assert not verdict(Agreement(members=members), history)
    assert not verdict(Integrity(members=members), history)
    assert "does not belong to" in verdict(Integrity(members=members), [*history, *deliver("a", 2)])


def test_a_group_is_found_by_the_messages_that_carry_the_content() -> None:
    history = [
        send(0, "a"),
        *[("send", 0, to, to, {"_content": ("low", 1, "a")}) for to in (1, 2)],
        *deliver("a", 1),
    ]
    one = Agreement(CONTENTS, ADDRESSED)
    assert verdict(one, history) == "device 1 has delivered 'a', device 2 has not"


def test_overlapping_groups_of_the_lecture_are_judged_by_their_members() -> None:
    checks = ("integrity,validity,agreement",)
    for seed in range(3):
        assert run(5, "FifoGroupMulticast", "async", 6, seed, checks=checks).violations == []
