"""Replicas of a chunk: same order, and nothing acknowledged that is not everywhere."""

from typing import Any

from emulators.check.replication import Acknowledged, SameRecords
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, guilty, reason, verdict


class AllocateChunkReqMessage(MessageStub):
    """As in lecture 8."""


class RecordAppendReqMessage(MessageStub):
    """As in lecture 8."""


class RecordAppendRspMessage(MessageStub):
    """As in lecture 8."""


class Copy(MessageStub):
    """What a stranger's primary may send to its replicas."""


MASTER, PRIMARY, REPLICA, CLIENT = range(4)


def server(index: int, content: str) -> Any:
    return device(index, localchunks={0: content}, chunkservers={0: [PRIMARY, REPLICA]})


def devices(primary: str, replica: str) -> list[Any]:
    return [device(MASTER), server(PRIMARY, primary), server(REPLICA, replica), device(CLIENT)]


def test_replicas_in_another_order_are_named() -> None:
    assert verdict(SameRecords(), devices=devices("[3.1][3.2]", "[3.2][3.1]")) == (
        "chunk 0 differs from character 4 on: the primary 1 holds …'[3.1][3.2]', "
        "device 2 …'[3.2][3.1]'"
    )


def test_a_replica_may_lack_the_last_records() -> None:
    assert not verdict(SameRecords(), devices=devices("[3.1][3.2]", "[3.1]"))


def test_a_chunk_may_be_a_list_of_records() -> None:
    def listed(*contents: list[str]) -> list[Any]:
        return [device(i, localchunks={"file": content}) for i, content in enumerate(contents)]

    assert not verdict(SameRecords(), devices=listed(["a", "b"], ["a"]))
    assert verdict(SameRecords(), devices=listed(["a", "b"], ["b"])) == (
        "chunk file differs from record 1 on: the primary 0 holds …['a', 'b'], device 1 …['b']"
    )


def both(sender: int, to: int, serial: int, fields: dict[str, Any], cls: type) -> list[Step]:
    return [(kind, sender, to, serial, fields, cls) for kind in ("send", "receive")]


CHUNK = {"chunkhandle": 0, "chunkservers": [PRIMARY, REPLICA]}
ALLOCATED = both(MASTER, PRIMARY, 1, CHUNK, AllocateChunkReqMessage)
ASKED = both(CLIENT, PRIMARY, 2, {"chunkhandle": 0, "data": "[3.1]"}, RecordAppendReqMessage)
COPIED = both(PRIMARY, REPLICA, 3, {"what": (0, "[3.1]")}, Copy)
CONFIRMED = both(REPLICA, PRIMARY, 4, {}, MessageStub)
OK = both(PRIMARY, CLIENT, 5, {"result": "ok"}, RecordAppendRspMessage)


def test_ok_after_all_confirmations_is_right() -> None:
    history = [*ALLOCATED, *ASKED, *COPIED, *CONFIRMED, *OK]
    assert not verdict(Acknowledged(), history, devices("[3.1]", "[3.1]"))


def test_ok_before_a_replica_has_the_record_is_wrong() -> None:
    one = Acknowledged()
    assert reason(one, [*ALLOCATED, *ASKED, COPIED[0], *OK], 4) == (
        "device 1 tells client 3 ok for [3.1] at 0.5 virtual seconds; device 2 has not received it"
    )
    assert guilty(one) == ["send 3", "send 1"]


def test_ok_without_a_confirmation_is_wrong() -> None:
    history = [*ALLOCATED, *ASKED, *COPIED, *OK]
    assert reason(Acknowledged(), history, 4).endswith("; it has not heard that device 2 has it")


def test_a_fail_promises_nothing() -> None:
    failed = both(PRIMARY, CLIENT, 5, {"result": "fail"}, RecordAppendRspMessage)
    assert not verdict(Acknowledged(), [*ALLOCATED, *ASKED, *failed], devices("", ""))


def test_an_acknowledged_record_that_a_replica_does_not_hold_is_named() -> None:
    history = [*ALLOCATED, *ASKED, *COPIED, *CONFIRMED, *OK]
    assert verdict(Acknowledged(), history, devices("[3.1]", "")) == (
        "client 3 was told ok for [3.1], but device 2 does not hold it in chunk 0"
    )


def test_one_ok_answers_one_request_the_oldest_first() -> None:
    more = both(CLIENT, PRIMARY, 6, {"chunkhandle": 0, "data": "[3.2]"}, RecordAppendReqMessage)
    history = [*ALLOCATED, *ASKED, *COPIED, *CONFIRMED, *more, *OK]
    assert not verdict(Acknowledged(), history, devices("[3.1]", "[3.1]"))


def test_a_record_may_reach_a_replica_within_the_whole_chunk() -> None:
    whole = both(PRIMARY, REPLICA, 3, {"content": "[3.0][3.1]"}, Copy)
    history = [*ALLOCATED, *ASKED, *whole, *CONFIRMED, *OK]
    assert not verdict(Acknowledged(), history, devices("[3.1]", "[3.1]"))


def test_of_two_requests_the_one_that_is_stored_is_answered_first() -> None:
    other = both(CLIENT, PRIMARY, 6, {"chunkhandle": 0, "data": "[3.0]"}, RecordAppendReqMessage)
    history = [*ALLOCATED, *other, *ASKED, *COPIED, *CONFIRMED, *OK]
    assert not verdict(Acknowledged(), history, devices("[3.0][3.1]", "[3.0][3.1]"))
