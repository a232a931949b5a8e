"""Gossip: everybody knows everything."""

from emulators.check.gossip import EveryoneKnowsAll, NothingInvented
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, guilty, reason, verdict


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


class GossipMessage(MessageStub):
    """As in lecture 1."""


def tell(kind: str, sender: int, to: int, *secrets: object) -> Step:
    return (kind, sender, to, 1, {"secrets": set(secrets)}, GossipMessage)


def test_a_device_may_pass_on_its_own_secret_and_what_it_has_heard() -> None:
    history = [tell("send", 0, 1, 0), tell("receive", 0, 1, 0), tell("send", 1, 2, 0, 1)]
    assert not reason(NothingInvented(), history)
    assert not reason(NothingInvented(), [tell("send", 0, 1, "anything")])


def test_a_secret_that_nobody_told_is_named() -> None:
    one = NothingInvented()
    history = [tell("send", 0, 1, 0), tell("send", 1, 2, 0, 1, 2)]
    assert reason(one, history) == (
        "device 1 passes on 0 and 2 at 0.1 virtual seconds, and has not heard of it"
    )
    assert guilty(one) == ["send 1"]
