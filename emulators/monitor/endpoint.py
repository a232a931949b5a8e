"""The sockets of one process: a publisher at its own address, a subscriber for each other process.

The publisher is an XPUB, which is told who listens; nobody else sees a difference to PUB.

Whoever is not concerned by a frame ignores it. A connection that breaks is looked into: if the
address of the process refuses a new one, the process is gone, and that is certain. With CURVE keys
only processes of the group are let in; frames stay as they are.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from emulators.monitor.errors import MonitorError
from emulators.monitor.wire import hears, topics

log = logging.getLogger("emulators.monitor")

LARGEST_FRAME = 64 * 1024 * 1024
"""Bytes; a connection that sends more is closed."""
_LINGER = 500  # milliseconds for frames that are still to be sent when a socket is closed
_LOOK_AGAIN = 0.1  # seconds until the address of a lost process is tried again
_LONGEST_LOOK = 2.0  # seconds for one try
_ZAP = "inproc://zeromq.zap.01"
_REFUSED = {errno.ECONNREFUSED, getattr(errno, "WSAECONNREFUSED", errno.ECONNREFUSED)}


@dataclass(frozen=True)
class Keys:
    """CURVE keys (Z85, as of ``zmq.curve_keypair()``): our secret one, the public ones of all."""

    secret: bytes
    public: Sequence[bytes]


@dataclass(frozen=True)
class Arrived:
    """A frame has come from a process."""

    sender: int
    frame: bytes


@dataclass(frozen=True)
class Gone:
    """The address of a process refuses."""

    index: int


@dataclass
class _Link:
    """The way from one other process to us."""

    index: int
    address: tuple[str, int]
    frames: Any
    events: Any
    broken: bool = False
    look_at: float = 0.0
    probe: socket.socket | None = field(default=None, repr=False)


def zmq_module() -> Any:
    """Return pyzmq; raise `MonitorError` where it is not installed."""
    try:
        import zmq
    except ImportError as error:
        text = "a distributed monitor needs pyzmq; install it with: pip install pyzmq"
        raise MonitorError(text) from error
    return zmq


def parsed(address: str) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[IPv6]:port``; raise `MonitorError`."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise MonitorError(f"{address!r} is no address; write it as host:port, localhost:8001")
    return host.strip("[]"), int(port)


def resolved(host: str) -> str:
    """Return the numeric address of a host; raise `MonitorError`."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise MonitorError(f"the host {host!r} is not known: {error}") from error


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer, seen from itself only."""
    return ipaddress.ip_address(resolved(host).partition("%")[0]).is_loopback


def _url(host: str, port: int) -> str:
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


class Endpoint:
    """The sockets of process `index`. `poll` and `close` are for one thread, `publish` for any.

    Raises `MonitorError` where the own address cannot be used.
    """

    def __init__(self, index: int, addresses: Sequence[str], keys: Keys | None = None) -> None:
        self._zmq = zmq = zmq_module()
        self._keys = keys
        self._index = index
        self._processes = len(addresses)
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._bell, self._ear = socket.socketpair()
        self._poller.register(self._ear, zmq.POLLIN)
        self._links: dict[Any, _Link] = {}
        self._watched: dict[Any, _Link] = {}
        try:
            self._gate = self._guarded() if keys else None
            self._publisher = self._bound(*parsed(addresses[index]))
            for other, address in enumerate(addresses):
                if other != index:
                    self._connect(other, *parsed(address))
        except BaseException:
            self.close()
            raise

    # -- opening

    def _socket(self, kind: int, host: str) -> Any:
        made = self._context.socket(kind)
        made.setsockopt(self._zmq.LINGER, _LINGER)
        if ":" in host:
            made.setsockopt(self._zmq.IPV6, 1)
        if self._keys:
            made.setsockopt(self._zmq.CURVE_SECRETKEY, self._keys.secret)
            made.setsockopt(self._zmq.CURVE_PUBLICKEY, self._keys.public[self._index])
        return made

    def _bound(self, host: str, port: int) -> Any:
        host = resolved(host)
        publisher = self._socket(self._zmq.XPUB, host)
        publisher.setsockopt(self._zmq.XPUB_VERBOSE, 1)
        if self._keys:
            publisher.setsockopt(self._zmq.CURVE_SERVER, 1)
        try:
            publisher.bind(_url(host, port))
        except self._zmq.ZMQError as error:
            publisher.close()
            text = f"the address {host}:{port} cannot be used: {error}"
            raise MonitorError(text) from error
        return publisher

    def _connect(self, other: int, host: str, port: int) -> None:
        zmq = self._zmq
        host = resolved(host)
        frames = self._socket(zmq.SUB, host)
        frames.setsockopt(zmq.MAXMSGSIZE, LARGEST_FRAME)
        frames.setsockopt(zmq.RECONNECT_IVL, 50)
        frames.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        if self._keys:
            frames.setsockopt(zmq.CURVE_SERVERKEY, self._keys.public[other])
        for topic in topics(self._index, self._processes):
            frames.setsockopt(zmq.SUBSCRIBE, topic)
        events = frames.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        link = _Link(other, (host, port), frames, events)
        self._links[frames] = self._watched[events] = link
        self._poller.register(frames, zmq.POLLIN)
        self._poller.register(events, zmq.POLLIN)
        frames.connect(_url(host, port))

    # -- at work

    def publish(self, frame: bytes) -> None:
        """Send a frame to all; no two threads at the same time."""
        self._publisher.send(frame)

    def listeners(self) -> set[int]:
        """Return which processes of another make listen since the last time; as `publish`."""
        return {
            index
            for parts in self._received(self._publisher)
            for index in range(self._processes)
            if parts[0][:1] == b"\1" and hears(parts[0][1:], index) and index != self._index
        }

    def wake(self) -> None:
        """Let `poll` return at once; may be called from any thread."""
        self._bell.send(b"!")

    def poll(self, timeout: float) -> list[Arrived | Gone]:
        """Wait for at most `timeout` seconds; return what has happened."""
        looking = any(link.broken for link in self._links.values())
        timeout = min(timeout, _LOOK_AGAIN) if looking else timeout
        ready = dict(self._poller.poll(max(0.0, timeout) * 1000))
        if self._ear.fileno() in ready:
            self._ear.recv(4096)
        if self._gate in ready:
            self._let_in(self._gate)
        found: list[Arrived | Gone] = []
        for frames, link in self._links.items():
            if frames in ready:
                found += self._arrived(link)
        for events, link in self._watched.items():
            if events in ready:
                self._happened(link)
        for link in self._links.values():
            if link.broken and self._refuses(link):
                found += self._arrived(link)  # what it has sent before comes first
                found.append(Gone(link.index))
        return found

    def _received(self, receiver: Any) -> Iterator[list[bytes]]:
        while receiver.getsockopt(self._zmq.EVENTS) & self._zmq.POLLIN:
            yield receiver.recv_multipart(self._zmq.NOBLOCK)

    def _arrived(self, link: _Link) -> list[Arrived | Gone]:
        return [Arrived(link.index, b"".join(parts)) for parts in self._received(link.frames)]

    # -- who is there

    def _happened(self, link: _Link) -> None:
        for parts in self._received(link.events):
            event = int.from_bytes(parts[0][:2], "little")
            link.broken = event == self._zmq.EVENT_DISCONNECTED
            link.look_at = 0.0
            if not link.broken:
                self._forget_probe(link)

    def _refuses(self, link: _Link) -> bool:
        """Try the address of a process to which the connection is broken; never waits."""
        now = monotonic()
        if link.probe is None:
            if now < link.look_at:
                return False
            family = socket.AF_INET6 if ":" in link.address[0] else socket.AF_INET
            link.probe = socket.socket(family, socket.SOCK_STREAM)
            link.probe.setblocking(False)
            link.look_at = now + _LONGEST_LOOK
            result = link.probe.connect_ex(link.address)
        else:
            result = 0
        if result not in _REFUSED:
            poller = self._zmq.Poller()
            poller.register(link.probe, self._zmq.POLLOUT | self._zmq.POLLERR)
            if not poller.poll(0) and now < link.look_at:
                return False
            result = link.probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._forget_probe(link)
        link.look_at = now + _LOOK_AGAIN
        link.broken = result not in _REFUSED
        return not link.broken

    @staticmethod
    def _forget_probe(link: _Link) -> None:
        if link.probe is not None:
            link.probe.close()
            link.probe = None

    # -- who may join

    def _guarded(self) -> Any:
        """Open the socket on which ZeroMQ asks who may join (ZAP, rfc.zeromq.org/spec/27)."""
        gate = self._context.socket(self._zmq.REP)
        gate.bind(_ZAP)
        self._poller.register(gate, self._zmq.POLLIN)
        return gate

    def _let_in(self, gate: Any) -> None:
        from zmq.utils import z85

        assert self._keys is not None
        known = {z85.decode(key) for key in self._keys.public}
        for version, request, _, address, _, mechanism, *secrets in self._received(gate):
            welcome = mechanism == b"CURVE" and secrets[0] in known
            answer = [b"200", b"OK"] if welcome else [b"400", b"unknown key"]
            if not welcome:
                log.warning("refused a process at %s: its key is not known", address.decode())
            gate.send_multipart([version, request, *answer, b"", b""])

    # -- the end

    def close(self) -> None:
        """Close all sockets; frames that are on their way out have half a second."""
        for link in self._links.values():
            self._forget_probe(link)
            link.frames.disable_monitor()
            link.frames.close(linger=0)
        self._context.destroy(linger=_LINGER)
        self._bell.close()
        self._ear.close()
