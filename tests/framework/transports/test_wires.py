"""What carries frames: in order, from whom they say they are, and nothing from strangers."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from emulators.transports import sockets, zeromq
from emulators.transports.sockets import Sockets
from emulators.transports.zeromq import Keys, ZeroMQ, is_loopback

SECRET = b"the secret of this run"
LONG = 60.0
"""Seconds after which something that has to come has not come."""


def unix(index: int, folder: Path) -> Sockets:
    return Sockets(index, SECRET, None if sys.platform == "linux" else folder)


def loopback(index: int, folder: Path, patch: pytest.MonkeyPatch) -> Sockets:
    plain = sockets._listener
    with patch.context() as inner:
        inner.setattr(sockets, "_listener", lambda *where: plain(*where, platform="none"))
        return Sockets(index, SECRET, None)


KINDS = {
    "sockets": lambda index, folder, patch: unix(index, folder),
    "files": lambda index, folder, patch: Sockets(index, SECRET, folder),
    "loopback": loopback,
    "zeromq": lambda index, folder, patch: ZeroMQ(index, "tcp://127.0.0.1:*"),
}


@pytest.fixture(params=KINDS)
def pair(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Any]]:
    """Two ends that know each other."""
    if request.param == "files" and sys.platform == "win32":
        pytest.skip("Windows has no sockets that are files")
    with ExitStack() as stack:
        ends = []
        for index in range(2):
            made: Any = KINDS[request.param](index, tmp_path, monkeypatch)
            stack.callback(made.close)
            ends.append(made)
        for one in ends:
            one.connect({0: ends[0].address, 1: ends[1].address})
        yield ends


def taken(end: Any, many: int) -> list[tuple[int, bytes]]:
    """Return so many frames that arrive at an end."""
    found: list[tuple[int, bytes]] = []
    for _ in range(1000):  # some waits end with a connection, or with a part of a frame
        found += [(sender, bytes(data)) for sender, data in end.wait(LONG)]
        if len(found) >= many:
            break
    return found


def test_frames_arrive_in_order_and_say_from_whom(pair: list[Any]) -> None:
    one, other = pair
    frames = [str(number).encode() * number for number in range(1, 300)]
    assert all(one.send(1, frame) for frame in frames)
    found = []
    while len(found) < len(frames):
        one.wait(0)  # which sends what the system did not take at once
        found += [(sender, bytes(data)) for sender, data in other.wait(0.05)]
    assert found == [(0, frame) for frame in frames]


def test_frames_go_both_ways(pair: list[Any]) -> None:
    one, other = pair
    one.send(1, b"ping")
    assert taken(other, 1) == [(0, b"ping")]
    other.send(0, b"pong")
    assert taken(one, 1) == [(1, b"pong")]


def test_a_large_frame_waits_until_its_receiver_reads(pair: list[Any]) -> None:
    one, other = pair
    large = b"x" * (4 << 20)
    assert one.send(1, large)
    assert one.send(1, b"after it")
    found: list[tuple[int, bytes]] = []
    while len(found) < 2:
        one.wait(0)
        found += [(sender, bytes(data)) for sender, data in other.wait(0.05)]
    assert found == [(0, large), (0, b"after it")]


def test_waiting_ends_when_it_is_told_to(pair: list[Any]) -> None:
    one, _ = pair
    one.wake()
    assert one.wait(LONG) == []


def test_waiting_ends_when_its_time_is_over(pair: list[Any]) -> None:
    assert pair[0].wait(0.01) == []


def test_a_frame_over_the_limit_is_dropped_and_counted(
    pair: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = pair
    for module in (sockets, zeromq):
        monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert not one.send(1, b"x" * 101)
    assert one.dropped == {"messages over the limit of size": 1}


def test_a_frame_to_nobody_is_dropped_and_counted(pair: list[Any]) -> None:
    assert not pair[0].send(7, b"hello")
    assert pair[0].dropped == {"messages to a device that is not there": 1}


def test_what_a_device_does_not_read_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_WAITING", 1 << 20)
    with ExitStack() as stack:
        one, other = (unix(index, tmp_path) for index in range(2))
        stack.callback(one.close)
        stack.callback(other.close)
        one.connect({1: other.address})
        sent = [one.send(1, b"x" * 100_000) for _ in range(100)]
        assert not all(sent)
        assert one.dropped == {"messages to a device that does not read": sent.count(False)}


def test_a_device_that_is_gone_is_no_error(tmp_path: Path) -> None:
    one, other = (unix(index, tmp_path) for index in range(2))
    one.connect({1: other.address})
    one.send(1, b"hello")
    other.close()
    results = [one.send(1, b"hello") for _ in range(3)]
    one.close()
    assert results[-1] is False


def test_a_channel_that_breaks_is_made_again(tmp_path: Path) -> None:
    with ExitStack() as stack:
        one, other = (unix(index, tmp_path) for index in range(2))
        stack.callback(one.close)
        stack.callback(other.close)
        one.connect({1: other.address})
        one.send(1, b"first")
        assert taken(other, 1) == [(0, b"first")]
        one._outgoing[1].socket.shutdown(socket.SHUT_RDWR)
        assert one.send(1, b"second")
        assert taken(other, 1) == [(0, b"second")]
        assert one.dropped == {}


def test_a_device_that_is_back_elsewhere_is_reached_there(tmp_path: Path) -> None:
    with ExitStack() as stack:
        one, other, again = (unix(index, tmp_path / str(index)) for index in (0, 1, 1))
        for made in (one, other, again):
            stack.callback(made.close)
        one.connect({1: other.address})
        one.send(1, b"first")
        taken(other, 1)
        one.connect({1: again.address})
        one.send(1, b"second")
        assert taken(again, 1) == [(0, b"second")]


# -- strangers at a socket


def stranger(end: Sockets, data: bytes) -> None:
    """Connect to an end and send it something."""
    made = sockets._connection(end.address)
    made.sendall(data)
    made.close()


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


HELLO = framed(msgspec.msgpack.encode([SECRET, 1]))
STRANGERS = {
    "without the secret": framed(msgspec.msgpack.encode([b"a guess", 1])) + framed(b"evil"),
    "without a greeting": framed(b"evil"),
    "with garbage": b"GET / HTTP/1.1\r\n\r\n",
    "with a greeting of another kind": framed(msgspec.msgpack.encode({"secret": 1})),
    "with deep nesting": framed(b"\x91" * 50_000),
    "with a length that is too long": HELLO + b"\xff\xff\xff\xff",
    "that hangs up in the middle": HELLO + framed(b"half")[:-1],
    "that says nothing": b"",
}


@pytest.mark.parametrize("data", STRANGERS.values(), ids=STRANGERS.keys())
def test_strangers_get_nothing_in_and_break_nothing(tmp_path: Path, data: bytes) -> None:
    one, honest = unix(0, tmp_path), unix(1, tmp_path)
    try:
        stranger(one, data)
        honest.connect({0: one.address})
        honest.send(0, b"hello")
        assert taken(one, 1) == [(1, b"hello")]
    finally:
        one.close()
        honest.close()


def test_no_file_of_a_socket_is_left(tmp_path: Path) -> None:
    Sockets(0, SECRET, tmp_path).close()
    assert list(tmp_path.iterdir()) == []


# -- ZeroMQ


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("tcp://127.0.0.1:*", True),
        ("tcp://127.1.2.3:5550", True),
        ("tcp://localhost:5550", True),
        ("tcp://[::1]:5550", True),
        ("tcp://0.0.0.0:5550", False),
        ("tcp://192.0.2.1:5550", False),
        ("tcp://*:5550", False),
        ("tcp://example.org:5550", False),
    ],
)
def test_only_loopback_stays_on_this_machine(address: str, stays: bool) -> None:
    assert is_loopback(address) is stays


def three_with_keys(stack: ExitStack) -> list[ZeroMQ]:
    import zmq

    pairs = [[key.decode() for key in zmq.curve_keypair()] for _ in range(3)]
    public = [one for one, _ in pairs]
    ends = [
        ZeroMQ(index, "tcp://127.0.0.1:*", Keys(secret, public))
        for index, (_, secret) in enumerate(pairs)
    ]
    for end in ends:
        stack.callback(end.close)
        end.connect({index: other.address for index, other in enumerate(ends)})
    return ends


def test_with_keys_a_device_speaks_for_itself_only() -> None:
    with ExitStack() as stack:
        ends = three_with_keys(stack)
        ends[1]._head = (2).to_bytes(4, "big")  # it says that it is device 2
        ends[1].send(0, b"as another")
        ends[2].send(0, b"honest")
        found: list[Any] = []
        while not found or not ends[0].dropped:
            found += [(sender, bytes(data)) for sender, data in ends[0].wait(LONG)]
        assert found == [(2, b"honest")]
        assert ends[0].dropped == {"frames of who is somebody else": 1}


@pytest.mark.parametrize("parts", [[b"abc"], [b"\0\0\0\1hello", b"more"]], ids=["short", "parts"])
def test_what_is_no_frame_is_dropped_and_counted(parts: list[bytes]) -> None:
    import zmq

    with ExitStack() as stack:
        end = ZeroMQ(0, "tcp://127.0.0.1:*")
        stack.callback(end.close)
        context = zmq.Context()
        stack.callback(context.term)
        push = context.socket(zmq.PUSH)
        stack.callback(push.close)
        push.connect(end.address)
        push.send_multipart(parts)
        push.send(b"\0\0\0\1honest")
        assert taken(end, 1) == [(1, b"honest")]
        assert sum(end.dropped.values()) == 1
