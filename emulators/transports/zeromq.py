"""Frames over ZeroMQ and TCP: between processes of one machine, or of many.

Each device binds one socket on which it hears all others, and has one to each of them. ZeroMQ
connects again and again, so nobody has to start first, and keeps what was sent to who is not there
yet. With CURVE keys only devices of the run are let in, and each speaks for itself only.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq
import zmq.utils.monitor
from zmq.utils import z85

from emulators.errors import UsageError
from emulators.transports.wire import MOST_BYTES, count

_HEAD = 4
_MOST_FRAMES = 100_000
"""Frames that wait for a device that does not read or is not there."""
_BEAT = 1000
"""Milliseconds between two signs of life on each connection; ZeroMQ sends them by itself."""
_SILENCE = 3000
"""Milliseconds without one after which a connection is given up, and made again."""
_OWN = "inproc://own"
"""Where a device hears itself, to be woken."""
_WAKE = b""
_ZAP = "inproc://zeromq.zap.01"


class Keys(NamedTuple):
    """The secret key of a device, and the public ones of all, by index (Z85)."""

    secret: str
    public: list[str]


class ZeroMQ:
    """The wire of ZeroMQ. `bind` is an address as ``tcp://127.0.0.1:*``.

    From another thread `missing` is told who is lost or back, `refused` which address was refused.
    """

    def __init__(
        self,
        index: int,
        bind: str,
        keys: Keys | None = None,
        missing: Callable[[int, bool], object] = lambda index, lost: None,
        refused: Callable[[str], object] = lambda address: None,
    ) -> None:
        if keys is None and not is_loopback(bind):
            raise UsageError(
                f"{bind} is no loopback address, and without keys anybody could join there: "
                "make keys with exercise_runner.py keys"
            )
        self.dropped: dict[str, int] = {}
        self._index = index
        self._head = index.to_bytes(_HEAD, "big")
        self._keys = keys
        self._addresses: dict[int, str] = {}
        self._outgoing: dict[int, zmq.Socket[bytes]] = {}
        self._context = zmq.Context()
        self._porter = _Porter(self._context, keys, missing, refused)
        self._incoming = self._socket(zmq.PULL, bind)
        self._incoming.maxmsgsize = MOST_BYTES + _HEAD
        self._incoming.rcvhwm = _MOST_FRAMES
        if keys is not None:
            self._incoming.curve_server = True
            self._incoming.curve_secretkey = keys.secret.encode()
            self._incoming.curve_publickey = keys.public[index].encode()
        self.address = self._bound(bind)
        self._incoming.bind(_OWN)
        self._patience = -1
        self._waker = self._context.socket(zmq.PUSH)
        self._waker.linger = 0
        self._waker.connect(_OWN)
        self._waking = threading.Lock()

    def _bound(self, bind: str) -> str:
        try:
            self._incoming.bind(bind)
        except zmq.ZMQError as error:
            self._incoming.close()
            self._porter.close()
            self._context.term()
            raise UsageError(f"cannot listen at {bind}: {error.strerror}") from None
        return self._incoming.getsockopt_string(zmq.LAST_ENDPOINT)

    def _socket(self, kind: int, address: str) -> zmq.Socket[bytes]:
        made = self._context.socket(kind)
        made.linger = 0
        made.ipv6 = "[" in address
        made.heartbeat_ivl = _BEAT
        made.heartbeat_timeout = _SILENCE
        made.reconnect_ivl = 50
        made.reconnect_ivl_max = 1000
        return made

    def connect(self, addresses: dict[int, str]) -> None:
        """Note where devices are to be reached, from now on, and connect to them."""
        for index, address in addresses.items():
            if index == self._index or self._addresses.get(index) == address:
                continue
            if self._keys is None and not is_loopback(address):
                raise UsageError(f"{address} is no loopback address, and there are no keys")
            if index in self._outgoing:
                self._porter.forget(index)
                self._outgoing.pop(index).close()
            self._addresses[index] = address
            self._outgoing[index] = self._connected(index, address)

    def _connected(self, index: int, address: str) -> zmq.Socket[bytes]:
        made = self._socket(zmq.PUSH, address)
        made.sndhwm = _MOST_FRAMES
        keys = self._keys
        if keys is not None:
            made.curve_serverkey = keys.public[index].encode()
            made.curve_secretkey = keys.secret.encode()
            made.curve_publickey = keys.public[self._index].encode()
        self._porter.watch(index, made)
        made.connect(address)
        return made

    # -- frames

    def send(self, destination: int, data: bytes) -> bool:
        """Send a frame, never blocking; return False where it was dropped."""
        if len(data) > MOST_BYTES:
            return self._drop("messages over the limit of size")
        out = self._outgoing.get(destination)
        if out is None:
            return self._drop("messages to a device that is not there")
        try:
            out.send(self._head + data, zmq.NOBLOCK)
        except zmq.Again:
            return self._drop("messages to a device that is not there or does not read")
        return True

    def _drop(self, reason: str) -> bool:
        count(self.dropped, reason)
        return False

    def wait(self, timeout: float | None) -> list[tuple[int, Any]]:
        """Return a frame that has arrived, with its sender, or nothing."""
        patience = -1 if timeout is None else math.ceil(timeout * 1000)
        if patience != self._patience:
            self._incoming.rcvtimeo = self._patience = patience
        try:
            taken = self._taken()
        except zmq.Again:
            return []
        return [] if taken is None else [taken]

    def _taken(self) -> tuple[int, Any] | None:
        """Return the next frame with its sender, or None for one that is dropped."""
        if self._keys is None:
            data = self._incoming.recv()
        else:
            frame = self._incoming.recv(copy=False)
            data = frame.bytes
            if data != _WAKE and frame["User-Id"] != data[:_HEAD].hex():
                count(self.dropped, "frames of who is somebody else")
                return None
        if self._incoming.rcvmore:
            self._incoming.recv_multipart()
            count(self.dropped, "frames in parts")
        elif len(data) >= _HEAD:
            return int.from_bytes(data[:_HEAD], "big"), memoryview(data)[_HEAD:]
        elif data != _WAKE:
            count(self.dropped, "frames that are no message of this exercise")
        return None

    def wake(self) -> None:
        """Let `wait` return now; called from any thread."""
        with self._waking:
            if not self._waker.closed:
                self._waker.send(_WAKE)

    # -- the end

    def flush(self, timeout: float) -> None:
        """Send what still waits, for at most `timeout` seconds; nothing is sent after that."""
        end = time.monotonic() + timeout
        for index, out in list(self._outgoing.items()):
            self._porter.forget(index)
            out.close(linger=max(0, int((end - time.monotonic()) * 1000)))
        self._outgoing.clear()

    def close(self) -> None:
        """Close everything."""
        self.flush(0)
        self._porter.close()
        self._incoming.close()
        with self._waking:
            self._waker.close()
        self._context.term()


class _Porter:
    """A thread that lets in whom it knows, and sees connections come and go.

    It answers the questions of ZeroMQ's authentication (ZAP, RFC 27) and reads the monitors of the
    sockets that send; it waits without looking again and again.
    """

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        keys: Keys | None,
        missing: Callable[[int, bool], object],
        refused: Callable[[str], object],
    ) -> None:
        self._known = {}
        if keys is not None:
            self._known = {z85.decode(key.encode()): index for index, key in enumerate(keys.public)}
        self._missing = missing
        self._refused = refused
        self._lost: set[int] = set()
        self._context = context
        self._here = context.socket(zmq.PAIR)
        self._here.linger = 0
        self._here.bind("inproc://porter")
        self._thread = threading.Thread(target=self._serve, name="porter", daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        self._ready.wait()

    def watch(self, index: int, out: zmq.Socket[bytes]) -> None:
        """See whether a device is connected."""
        name = f"inproc://monitor-{index}-{id(out)}"
        out.monitor(name, zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        self._here.send_multipart([b"watch", str(index).encode(), name.encode()])
        self._here.recv()

    def forget(self, index: int) -> None:
        """See no more whether a device is connected."""
        self._here.send_multipart([b"forget", str(index).encode()])
        self._here.recv()

    def close(self) -> None:
        """End the thread."""
        self._here.send_multipart([b"end"])
        self._thread.join()
        self._here.close()

    # -- the thread

    def _serve(self) -> None:
        there = self._context.socket(zmq.PAIR)
        there.linger = 0
        there.connect("inproc://porter")
        zap = self._context.socket(zmq.REP)
        zap.linger = 0
        zap.bind(_ZAP)
        self._monitors: dict[int, zmq.Socket[bytes]] = {}
        self._ready.set()
        poller = zmq.Poller()
        poller.register(there, zmq.POLLIN)
        poller.register(zap, zmq.POLLIN)
        try:
            while True:
                ready = dict(poller.poll())
                if zap in ready:
                    self._answer(zap)
                for index, monitor in list(self._monitors.items()):
                    if monitor in ready:
                        self._see(index, monitor)
                if there in ready and not self._obey(there, poller):
                    return
        finally:
            for one in (there, zap, *self._monitors.values()):
                one.close(linger=0)

    def _obey(self, there: zmq.Socket[bytes], poller: zmq.Poller) -> bool:
        """Do what the device's thread wants; return False at the end."""
        what, *rest = there.recv_multipart()
        if what == b"end":
            return False
        index = int(rest[0])
        if what == b"watch":
            monitor = self._monitors[index] = self._context.socket(zmq.PAIR)
            monitor.connect(rest[1].decode())
            poller.register(monitor, zmq.POLLIN)
        elif index in self._monitors:
            monitor = self._monitors.pop(index)
            poller.unregister(monitor)
            monitor.close(linger=0)
        there.send(b"")
        return True

    def _see(self, index: int, monitor: zmq.Socket[bytes]) -> None:
        event = zmq.utils.monitor.recv_monitor_message(monitor)["event"]
        lost = event == zmq.EVENT_DISCONNECTED
        if lost != (index in self._lost):
            (self._lost.add if lost else self._lost.discard)(index)
            self._missing(index, lost)

    def _answer(self, zap: zmq.Socket[bytes]) -> None:
        """Let a device of the run in; a stranger is refused."""
        version, number, _, address, _, mechanism, *credentials = zap.recv_multipart()
        index = self._known.get(credentials[0]) if mechanism == b"CURVE" and credentials else None
        if index is None:
            self._refused(address.decode("ascii", "replace"))
            zap.send_multipart([version, number, b"400", b"unknown key", b"", b""])
        else:
            name = index.to_bytes(_HEAD, "big").hex().encode()
            zap.send_multipart([version, number, b"200", b"OK", name, b""])


def is_loopback(address: str) -> bool:
    """Return whether an address as ``tcp://127.0.0.1:5550`` stays on this machine."""
    host = address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
