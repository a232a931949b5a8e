"""Gossip: everybody knows everything."""

from emulators.check.gossip import EveryoneKnowsAll
from tests.framework.check.histories import device, verdict


def test_who_lacks_a_secret_is_named_with_it() -> None:
    devices = [device(0, _secrets={0, 1, 2}), device(1, _secrets=[0, 1]), device(2, _secrets=())]
    assert verdict(EveryoneKnowsAll(), devices=devices) == (
        "device 1 knows 2 of 3 secrets; those of [2] are missing"
    )


def test_secrets_may_be_anything() -> None:
    devices = [device(index, _secrets={"a", "b"}) for index in range(3)]
    assert verdict(EveryoneKnowsAll(), devices=devices) == "device 0 knows 2 of 3 secrets"
    assert not verdict(EveryoneKnowsAll(), devices=devices[:2])


def test_where_they_are_kept_can_be_said() -> None:
    devices = [device(index, known=range(2)) for index in range(2)]
    assert verdict(EveryoneKnowsAll(), devices=devices)
    assert not verdict(EveryoneKnowsAll(known=lambda made: made.known), devices=devices)
