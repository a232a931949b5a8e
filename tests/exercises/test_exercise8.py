"""Lecture 8: the given parts of GFS, the template as it is, and the reference solution."""

import re

import pytest

from exercises import exercise8 as given
from tests.running import run
from tests.solutions import exercise8 as solution

KINDS = ["sync", "async"]
SIZES = [6, 7, 10, 20, 50]
SHORT = {"PATIENCE": 20, "ATTEMPTS": 1}  # the template's clients give up soon


def seeds(count: int) -> list[tuple[str, int, int]]:
    """Return (kind, devices, seed): `count` seeds, spread over kinds and sizes."""
    return [(KINDS[seed % 2], SIZES[seed // 2 % 5], seed) for seed in range(count)]


def servers_with_chunk(result):
    return [device for device in result.devices if getattr(device, "localchunks", None)]


def clients(result):
    return [device for device in result.devices if hasattr(device, "records_stored")]


def records(content: str) -> list[str]:
    return re.findall(r"\[\d+\.\d+\]", content)


def messages(result, kind: str, name: str):
    return [
        event.message
        for event in result.trace
        if event.kind == kind and type(event.message).__name__ == name
    ]


class Outbox:
    """A medium for a device that is tested alone: keeps what it sends."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)

    def take(self):
        taken, self.sent = self.sent, []
        return taken


@pytest.fixture
def outbox():
    yield Outbox()
    given.GfsNetwork.gfsmaster.clear()
    given.GfsNetwork.gfschunkserver.clear()


def chunkserver(index: int, outbox: Outbox, servers=(1, 2, 3)):
    server = solution.GfsChunkserver(index, 6, outbox)
    server.handle_ingoing(given.AllocateChunkReqMessage(0, index, 0, list(servers)))
    outbox.take()
    return server


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [6, 7, 50])
def test_the_template_ends_politely_and_says_what_is_missing(kind, devices):
    result = run(8, "GfsNetwork", kind, devices=devices, seed=1)
    assert result.ended == "done"
    assert result.failures == []
    assert len(result.todos) == 1
    assert "replicas" in result.todos[0]
    assert result.output.count("gave up") == devices - 5


@pytest.mark.slow
def test_the_master_knows_exactly_the_servers_that_hold_the_chunk():
    for kind, devices, seed in seeds(100):
        result = run(8, "GfsNetwork", kind, devices=devices, seed=seed, settings=SHORT)
        assert (result.ended, result.failures) == ("done", [])
        handle, locations = result.devices[0]._metadata[("log.txt", 0)]
        assert len(set(locations)) == 3
        assert sorted(locations) == [server.index for server in servers_with_chunk(result)]
        for server in servers_with_chunk(result):
            assert server.chunkservers == {handle: locations}
        for client in clients(result):
            assert (client.chunkhandle, client.locations) == (handle, locations)


@pytest.mark.parametrize("kind", KINDS)
def test_many_clients_that_ask_at_once_get_one_chunk(kind):
    result = run(8, "GfsNetwork", kind, devices=50, seed=3, settings=SHORT)
    assert len(messages(result, "send", "AllocateChunkReqMessage")) == 3
    assert len(messages(result, "send", "File2ChunkRspMessage")) == 45


def test_all_clients_send_their_records_to_the_first_location():
    result = run(8, "GfsNetwork", "async", devices=10, seed=2, settings=SHORT)
    primary = result.devices[0]._metadata[("log.txt", 0)][1][0]
    requests = messages(result, "send", "RecordAppendReqMessage")
    assert {request.source for request in requests} == {5, 6, 7, 8, 9}
    assert {request.destination for request in requests} == {primary}


def test_a_missing_chunk_is_not_created_unasked(outbox):
    master = given.GfsMaster(0, 6, outbox)
    master.handle_ingoing(given.File2ChunkReqMessage(5, 0, "other.txt", 0))
    (answer,) = outbox.take()
    assert (answer.destination, answer.locations) == (5, [])
    assert master._metadata == {}


def test_a_client_that_asks_again_makes_the_master_ask_the_silent_servers_again(outbox):
    master = given.GfsMaster(0, 6, outbox)
    given.GfsNetwork.gfschunkserver.extend([1, 2, 3])
    master.handle_ingoing(given.File2ChunkReqMessage(5, 0, "log.txt", 0, True))
    first = outbox.take()
    master.handle_ingoing(given.AllocateChunkRspMessage(2, 0, 0, "ok"))
    master.handle_ingoing(given.File2ChunkReqMessage(5, 0, "log.txt", 0, True))
    assert sorted(message.destination for message in first) == [1, 2, 3]
    assert sorted(message.destination for message in outbox.take()) == [1, 3]


def test_a_second_request_for_space_does_not_wipe_the_chunk(outbox):
    server = given.GfsChunkserver(1, 6, outbox)
    server.do_allocate_chunk(0, [1, 2, 3])
    server.localchunks[0] += "[5.1]"
    server.do_allocate_chunk(0, [1, 2, 3])
    assert server.localchunks == {0: "[5.1]"}


def test_the_master_stops_the_chunk_servers_with_the_last_client_only(outbox):
    given.GfsNetwork.gfschunkserver.extend([1, 2, 3, 4])
    master = given.GfsMaster(0, 7, outbox)
    assert master.handle_ingoing(given.QuitMessage(5, 0))
    assert master.handle_ingoing(given.QuitMessage(5, 0))
    assert outbox.take() == []
    assert not master.handle_ingoing(given.QuitMessage(6, 0))
    assert [message.destination for message in outbox.take()] == [1, 2, 3, 4]


def test_a_client_tries_again_when_it_hears_fail(outbox):
    given.GfsMaster(0, 6, outbox)
    client = given.GfsClient(5, 6, outbox)
    client.handle_ingoing(given.File2ChunkRspMessage(0, 5, 0, [1, 2, 3]))
    client.handle_ingoing(given.RecordAppendRspMessage(1, 5, "fail"))
    append, question = outbox.take()
    assert (append.destination, append.data) == (1, "[5.1]")
    assert isinstance(question, given.File2ChunkReqMessage)
    assert client.records_stored == 0


def test_messages_can_be_read():
    request = given.File2ChunkReqMessage(5, 0, "log.txt", 0, True)
    assert str(request) == "File2ChunkReq 5 -> 0: log.txt, chunk 0, create it if missing"
    assert str(given.QuitMessage(5, 0)) == "Quit 5 -> 0"


# -- the reference solution


@pytest.mark.slow
def test_all_replicas_hold_every_record_once_in_the_same_order():
    for kind, devices, seed in seeds(100):
        result = run(8, "GfsNetwork", kind, devices=devices, seed=seed, solution=True)
        assert (result.ended, result.failures, result.todos) == ("done", [], [])
        contents = [server.localchunks[0] for server in servers_with_chunk(result)]
        assert len(contents) == 3
        assert len(set(contents)) == 1
        wanted = [f"[{client}.{n}]" for client in range(5, devices) for n in (1, 2, 3)]
        assert sorted(records(contents[0])) == sorted(wanted)
        assert all(client.records_stored == 3 for client in clients(result))


@pytest.mark.parametrize("kind", KINDS)
def test_ok_is_sent_only_when_all_replicas_have_the_record(kind):
    result = run(8, "GfsNetwork", kind, devices=10, seed=5, solution=True)
    serials, confirmed, answered = {}, {}, 0
    for event in result.trace:
        name = type(event.message).__name__ if event.kind in ("send", "receive") else ""
        if (event.kind, name) == ("send", "ReplicateMessage"):
            serials[event.message.data] = event.message.serial
        elif (event.kind, name) == ("receive", "ReplicatedMessage"):
            confirmed.setdefault(event.message.serial, set()).add(event.message.source)
        elif (event.kind, name) == ("send", "StoredMessage"):
            answered += 1
            assert len(confirmed[serials[event.message.data]]) == 2
    assert answered == 15


def test_acknowledged_records_are_everywhere_at_least_once_though_clients_lose_patience():
    twice = 0
    for seed in range(6):
        options = {"solution": True, "latency": (0, 1)}
        result = run(8, "GfsNetwork", "async", devices=9, seed=seed, **options)
        contents = [records(server.localchunks[0]) for server in servers_with_chunk(result)]
        shortest = min(contents, key=len)
        assert all(content[: len(shortest)] == shortest for content in contents)
        stored = [
            f"[{client.index}.{n + 1}]"
            for client in clients(result)
            for n in range(client.records_stored)
        ]
        assert stored
        assert set(stored) <= set(shortest)
        twice += len(shortest) - len(set(shortest))
    assert twice > 0


def test_a_replica_appends_by_serial_number_whatever_arrives_first(outbox):
    replica = chunkserver(2, outbox)
    replica.handle_ingoing(solution.ReplicateMessage(1, 2, 0, 1, "[6.1]"))
    assert (replica.localchunks[0], outbox.take()) == ("", [])
    replica.handle_ingoing(solution.ReplicateMessage(1, 2, 0, 0, "[5.1]"))
    assert replica.localchunks[0] == "[5.1][6.1]"
    assert [confirmation.serial for confirmation in outbox.take()] == [0, 1]


def test_a_repeated_record_is_confirmed_and_not_appended(outbox):
    replica = chunkserver(2, outbox)
    for _ in range(2):
        replica.handle_ingoing(solution.ReplicateMessage(1, 2, 0, 0, "[5.1]"))
    assert replica.localchunks[0] == "[5.1]"
    assert len(outbox.take()) == 2


def test_the_primary_repeats_what_is_not_confirmed(outbox):
    primary = chunkserver(1, outbox)
    primary.handle_ingoing(given.RecordAppendReqMessage(5, 1, 0, "[5.1]"))
    primary.handle_ingoing(solution.ReplicatedMessage(2, 1, 0, 0))
    outbox.take()
    for _ in range(solution.RESEND_INTERVAL):
        primary.do_each_round()
    assert [message.destination for message in outbox.take()] == [3]


def test_a_replica_hands_a_request_to_the_primary_which_answers_the_client(outbox):
    replica, primary = chunkserver(2, outbox), chunkserver(1, outbox, servers=[1])
    replica.handle_ingoing(given.RecordAppendReqMessage(5, 2, 0, "[5.1]"))
    (forwarded,) = outbox.take()
    primary.handle_ingoing(forwarded)
    (answer,) = outbox.take()
    assert (answer.source, answer.destination, answer.result) == (1, 5, "ok")
    assert replica.localchunks[0] == ""


def test_a_server_without_the_chunk_says_fail(outbox):
    server = solution.GfsChunkserver(4, 6, outbox)
    server.handle_ingoing(given.RecordAppendReqMessage(5, 4, 0, "[5.1]"))
    (answer,) = outbox.take()
    assert answer.result == "fail"


def test_a_late_answer_about_an_earlier_record_is_ignored(outbox):
    client = solution.GfsClient(5, 6, outbox)
    client.handle_ingoing(given.File2ChunkRspMessage(0, 5, 0, [1, 2, 3]))
    client.handle_ingoing(solution.StoredMessage(1, 5, "[5.1]"))
    client.handle_ingoing(solution.StoredMessage(1, 5, "[5.1]"))
    assert client.records_stored == 1


# -- the bonus: a shadow master


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [7, 12, 30])
def test_readers_find_all_their_own_records_with_the_help_of_a_shadow(kind, devices):
    result = run(8, "GfsShadowNetwork", kind, devices=devices, seed=4, solution=True)
    assert (result.ended, result.failures) == ("done", [])
    assert len(clients(result)) == devices - 6
    for client in clients(result):
        assert {f"[{client.index}.{n}]" for n in (1, 2, 3)} <= set(records(client.content))


@pytest.mark.parametrize(("kind", "crash"), [("sync", 8), ("async", 0.8)])
def test_clients_can_read_and_the_run_ends_though_the_master_has_crashed(kind, crash):
    settings = {"MASTER_CRASHES_AT": crash}
    result = run(8, "GfsShadowNetwork", kind, devices=9, seed=4, solution=True, settings=settings)
    assert (result.ended, result.failures) == ("done", [])
    assert result.devices[0].clients_done == set()
    for client in clients(result):
        assert {f"[{client.index}.{n}]" for n in (1, 2, 3)} <= set(records(client.content))


def test_a_shadow_knows_what_the_master_knows_and_creates_nothing(outbox):
    shadow = solution.ShadowMaster(1, 7, outbox)
    shadow.handle_ingoing(solution.MetadataMessage(0, 1, ("log.txt", 0), (0, [3, 2, 4])))
    shadow.handle_ingoing(given.File2ChunkReqMessage(6, 1, "log.txt", 0, True))
    shadow.handle_ingoing(given.File2ChunkReqMessage(6, 1, "other.txt", 0, True))
    known, unknown = outbox.take()
    assert known.locations == [3, 2, 4]
    assert unknown.locations == []
