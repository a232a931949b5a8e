"""FIFO, causal and total order, compared with their definitions written out."""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.check.order import Causal, Fifo, Ordered, TotalOrder
from emulators.check.views import CONTENTS, MESSAGES
from emulators.trace.causality import happened_before, vector_clocks
from emulators.trace.events import Event
from tests.framework.check.histories import Step, event, guilty, reason, told
from tests.running import run

DEVICES = 3


@st.composite
def histories(draw: Any) -> list[Step]:
    """Histories of messages: some are sent, and received later in any order or never."""
    steps: list[Step] = []
    flying: list[tuple[int, int, int]] = []
    for serial in range(1, draw(st.integers(2, 14))):
        if flying and draw(st.booleans()):
            steps.append(("receive", *flying.pop(draw(st.integers(0, len(flying) - 1)))))
        else:
            sender, destination = draw(st.permutations(range(DEVICES)))[:2]
            flying.append((sender, destination, serial))
            steps.append(("send", *flying[-1]))
    return steps


def events_of(steps: list[Step]) -> list[Event]:
    """Return a history as a trace; a message keeps its fields."""
    sent: dict[int, Any] = {}
    made = []
    for number, step in enumerate(steps):
        one = event(number, *step)
        envelope = sent.setdefault(one[3][1], one[3])
        made.append(Event(*one[:3], envelope))
    return made


def pairs_received(steps: list[Step]) -> Iterator[tuple[int, int, int, int]]:
    """For each two messages of one receiver: when they were sent, in the order of receiving."""
    sent = {step[3]: number for number, step in enumerate(steps) if step[0] == "send"}
    received = [step for step in steps if step[0] == "receive"]
    for one, other in combinations(received, 2):
        if one[2] == other[2]:
            yield sent[one[3]], sent[other[3]], one[1], other[1]


@given(histories())
def test_fifo_order_is_violated_exactly_where_a_channel_is_overtaken(steps: list[Step]) -> None:
    overtaken = any(
        first > second and sender == other for first, second, sender, other in pairs_received(steps)
    )
    assert bool(reason(Fifo(), steps)) == overtaken


@given(histories())
def test_causal_order_is_violated_exactly_where_an_effect_comes_first(steps: list[Step]) -> None:
    clocks = list(vector_clocks(events_of(steps)))
    effect_first = any(
        happened_before(clocks[second], clocks[first])
        for first, second, _, _ in pairs_received(steps)
    )
    assert bool(reason(Causal(), steps)) == effect_first


def orders(count: int) -> st.SearchStrategy[list[list[str]]]:
    """What each device delivers: some of the contents, in any order."""
    names = "abcde"[:count]
    return st.lists(
        st.lists(st.sampled_from(names), unique=True, max_size=count), min_size=3, max_size=3
    )


@given(orders(5), st.randoms(use_true_random=False))
def test_total_order_is_violated_exactly_where_two_disagree(
    orders: list[list[str]], random: Any
) -> None:
    disagree = any(
        one.index(a) < one.index(b) and other.index(a) > other.index(b)
        for one, other in combinations(orders, 2)
        for a, b in permutations(set(one) & set(other), 2)
    )
    steps: list[Step] = [("call", 0, ("send", name)) for name in "abcde"]
    turns = [device for device, order in enumerate(orders) for _ in order]
    random.shuffle(turns)
    places = [iter(order) for order in orders]
    steps += [("call", device, ("deliver", next(places[device]))) for device in turns]
    assert bool(reason(TotalOrder(CONTENTS), steps)) == disagree


def test_fifo_names_both_messages_and_their_events() -> None:
    history = [("send", 0, 1, 1), ("send", 0, 1, 2), ("receive", 0, 1, 2), ("receive", 0, 1, 1)]
    one = Fifo()
    assert reason(one, history) == (
        "device 1 receives message 1 of device 0 at 0.3 virtual seconds, "
        "after message 2, which device 0 sent later"
    )
    assert guilty(one) == ["send 0", "send 0", "receive 1", "receive 1"]


def test_causal_order_names_cause_and_effect() -> None:
    history = [
        *[("call", 0, ("send", "question")), ("call", 1, ("deliver", "question"))],
        *[("call", 1, ("send", "answer")), ("call", 2, ("deliver", "answer"))],
        ("call", 2, ("deliver", "question")),
    ]
    assert reason(Causal(CONTENTS), history) == (
        "device 2 delivers 'question' of device 0 at 0.4 virtual seconds, "
        "after 'answer' of device 1, which it could have caused"
    )


def test_total_order_names_two_contents_and_two_devices() -> None:
    history = [
        *[("call", 0, ("send", "a")), ("call", 1, ("send", "b"))],
        *[("call", 0, ("deliver", "a")), ("call", 0, ("deliver", "b"))],
        *[("call", 1, ("deliver", "b")), ("call", 1, ("deliver", "a"))],
    ]
    one = TotalOrder(CONTENTS)
    assert reason(one, history) == (
        "device 1 delivers 'b' before 'a', and device 0 the other way round"
    )
    assert guilty(one) == ["call 0", "call 0", "call 1", "call 1"]


def test_messages_with_the_same_fields_are_one_broadcast() -> None:
    def sent(kind: str, sender: int, to: int, serial: int) -> Step:
        return (kind, sender, to, serial, {"text": sender})

    history = [sent("send", 0, 1, 1), sent("send", 0, 2, 2), sent("send", 1, 1, 3)]
    history += [sent("send", 1, 2, 4), sent("receive", 0, 1, 1), sent("receive", 1, 1, 3)]
    assert not reason(TotalOrder(), history)
    assert reason(TotalOrder(), [*history, sent("receive", 1, 2, 4), sent("receive", 0, 2, 2)])


@pytest.mark.parametrize("make", [Fifo, Causal])
def test_what_is_lost_violates_no_order(make: Callable[[], Ordered]) -> None:
    history = [("send", 0, 1, 1), ("send", 0, 1, 2), ("lose", 0, 1, 1), ("receive", 0, 1, 2)]
    assert not reason(make(), history)


def test_a_second_delivery_of_the_same_content_is_no_question_of_order() -> None:
    history = [
        *[("call", 0, ("send", 1)), ("call", 0, ("send", 2))],
        *[("call", 1, ("deliver", 1)), ("call", 1, ("deliver", 2)), ("call", 1, ("deliver", 1))],
    ]
    assert not reason(Fifo(CONTENTS), history)


def test_a_fork_goes_its_own_way() -> None:
    one = told(Fifo(MESSAGES), [("send", 0, 1, 1), ("send", 0, 1, 2)])
    other = one.fork()
    assert other.state() == one.state()
    for serial in (2, 1):
        one.on_receive(event(0, "receive", 0, 1, serial))
    for serial in (1, 2):
        other.on_receive(event(0, "receive", 0, 1, serial))
    assert one.violation is not None
    assert other.violation is None


def test_a_network_with_fifo_channels_keeps_fifo_order() -> None:
    for fifo in (True, False):
        one = Fifo()
        run(4, "RicartAgrawala", "async", 5, properties=[one], fifo=fifo, max_time=5)
        assert (one.violation is None) == fifo
