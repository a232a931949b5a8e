"""Chord: data at its owner, a right ring, few hops, and what is asked for is found."""

from types import SimpleNamespace
from typing import Any

import pytest

from emulators.check.chord import DataFound, FewHops, KeysAtOwners, RightRing, owner
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, guilty, reason, verdict


class PutMessage(MessageStub):
    """As in lecture 11."""


class GetReqMessage(MessageStub):
    """As in lecture 11."""


class GetRspMessage(MessageStub):
    """As in lecture 11."""


IDS = {1: 2, 2: 6, 3: 13}  # device -> chord id, on a circle of 16 addresses
RING = list(IDS.items())


def ring(**saved: Any) -> list[Any]:
    """A client and three nodes whose prev and fingers are right; ``d2=[(4, "x")]`` is data."""
    nodes = [device(0)]
    for place, (index, chord_id) in enumerate(RING):
        fingers = [owner(RING, (chord_id + 2**i) % 16, 4) for i in range(4)]
        data = SimpleNamespace(
            index=index, chord_id=chord_id, prev=RING[place - 1], finger_table=fingers
        )
        pairs = saved.get(f"d{index}", [])
        nodes.append(device(index, connected=True, routing_data=data, saved_data=pairs))
    return nodes


def put(sender: int, to: int, guid: int = 4) -> list[Step]:
    fields = {"guid": guid, "data": "x"}
    return [(kind, sender, to, sender, fields, PutMessage) for kind in ("send", "receive")]


@pytest.mark.parametrize(("address", "index"), [(2, 1), (3, 2), (6, 2), (7, 3), (14, 1), (0, 1)])
def test_the_owner_of_an_address_is_the_next_node_upwards(address: int, index: int) -> None:
    assert owner(RING, address, 4)[0] == index


@pytest.mark.parametrize(
    ("saved", "answer"),
    [
        ({"d2": [(4, "x")]}, ""),
        ({"d2": {4: "x"}}, ""),
        ({"d3": [(4, "x")]}, "the data for 4 is at device 3; its owner is device 2 with id 6"),
        ({}, "the data for 4 is nowhere; its owner is device 2 with id 6"),
        (
            {"d2": [(4, "x")], "d3": [(4, "x")]},
            "the data for 4 is at devices [2, 3]; its owner is device 2 with id 6",
        ),
    ],
)
def test_data_is_looked_for_at_its_owner(saved: dict[str, Any], answer: str) -> None:
    assert verdict(KeysAtOwners(bits=4), put(0, 1), ring(**saved)) == answer


def test_data_on_its_way_is_not_missing_yet() -> None:
    assert not verdict(KeysAtOwners(bits=4), put(0, 1)[:1], ring())


def test_a_right_ring_is_right() -> None:
    assert not verdict(RightRing(bits=4), devices=ring())


def test_a_wrong_prev_and_a_wrong_finger_are_named() -> None:
    nodes = ring()
    nodes[2].routing_data.prev = (3, 13)
    assert verdict(RightRing(bits=4), devices=nodes) == (
        "device 2 with id 6 has id 13 as its prev; right is 2"
    )
    nodes = ring()
    nodes[1].routing_data.finger_table[3] = (2, 6)
    assert verdict(RightRing(bits=4), devices=nodes) == (
        "finger 3 of device 1 with id 2 points to id 6; the owner of 10 is id 13"
    )


def test_a_request_that_takes_too_many_hops_is_found_at_the_hop() -> None:
    history = [*put(0, 1), *put(1, 2), *put(2, 3), *put(3, 1)]
    one = FewHops(bits=2)
    assert reason(one, history, 4) == (
        "the request for 4 takes hop number 3; 2 are enough for 2**2 addresses"
    )
    assert guilty(one) == ["send 0", "send 1", "send 2", "send 3"]
    assert not reason(FewHops(bits=3), history, 4)


def test_hops_are_counted_anew_for_each_request_of_the_client() -> None:
    history = [*put(0, 1), *put(1, 2), *put(0, 1), *put(1, 2)]
    assert not reason(FewHops(bits=1), history, 4)


def test_a_message_that_comes_twice_does_not_make_the_way_longer() -> None:
    twice = [*put(0, 1), *put(1, 2), *put(1, 2), *put(2, 3), *put(2, 3)]
    assert not reason(FewHops(bits=2), twice, 4)


def test_what_goes_to_the_client_is_no_hop_of_a_request() -> None:
    assert not reason(FewHops(bits=1), [*put(0, 1), *put(1, 2), *put(2, 0)], 4)


def test_who_has_routing_data_is_in_the_ring_whatever_else_it_says() -> None:
    nodes = ring()
    nodes[1].connected = False
    assert not verdict(RightRing(bits=4), devices=nodes)


def test_a_request_that_carries_no_guid_is_not_judged() -> None:
    history = [("send", index % 2, 1, index, {}, PutMessage) for index in range(9)]
    assert not verdict(FewHops(bits=2), history, ring())
    assert not verdict(KeysAtOwners(bits=2), history, ring())


def get(answer: str) -> list[Step]:
    return [
        ("send", 0, 1, 5, {"guid": 4}, GetReqMessage),
        ("receive", 2, 0, 6, {"guid": 4, "data": answer}, GetRspMessage),
    ]


def test_what_is_asked_for_has_to_be_found() -> None:
    assert not verdict(DataFound(bits=4), [*put(0, 1), *get("x")], ring())
    assert verdict(DataFound(bits=4), [*put(0, 1), *get("")], ring()) == (
        "the client asked for 4 and did not get 'x'"
    )
