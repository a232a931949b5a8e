"""Frames over stream sockets of one machine: of the Unix family where there is one, else loopback.

Each device listens; who sends to it for the first time connects, and says who it is with a secret
that only the processes of this run know. A channel is used in one direction, so it is in order.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from emulators.transports.wire import MOST_BYTES, MOST_WAITING, count

_HEAD = 4
_CHUNK = 1 << 18
_BACKLOG = 1024
_PATIENCE = 1.0
"""Seconds that a connection to a device of the same machine may take."""


class _Hello(msgspec.Struct, array_like=True):
    secret: bytes
    index: int


_read_hello = msgspec.msgpack.Decoder(_Hello).decode


class _Incoming:
    """One channel to this device."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.sender: int | None = None
        self._held = bytearray()

    def frames(self, data: bytes) -> list[bytes]:
        """Return the frames that are complete now; raises ValueError for one that is too long."""
        held = self._held
        if not held:  # nearly always: one frame, and all of it
            length = int.from_bytes(data[:_HEAD], "big")
            if len(data) == length + _HEAD and length <= MOST_BYTES:
                return [data[_HEAD:]]
        held += data
        found, start = [], 0
        while len(held) - start >= _HEAD:
            length = int.from_bytes(held[start : start + _HEAD], "big")
            if length > MOST_BYTES:
                raise ValueError("frames over the limit of size")
            if len(held) - start - _HEAD < length:
                break
            found.append(bytes(held[start + _HEAD : start + _HEAD + length]))
            start += _HEAD + length
        del held[:start]
        return found


class _Outgoing:
    """One channel from this device, with what its receiver did not take yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.waiting = bytearray()


class Sockets:
    """The wire between processes of one machine.

    `folder` holds the sockets of the Unix family where they are files. `secret` is that of the run.
    """

    def __init__(self, index: int, secret: bytes, folder: Path | None) -> None:
        self.dropped: dict[str, int] = {}
        self._index = index
        self._secret = secret
        self._selector = selectors.DefaultSelector()
        self._addresses: dict[int, str] = {}
        self._outgoing: dict[int, _Outgoing] = {}
        self._arrived: list[tuple[int, bytes]] = []
        self._listener, self.address = _listener(index, folder)
        self._waker, self._wakened = socket.socketpair()
        for waiting, handler in ((self._listener, self._accept), (self._wakened, self._woken)):
            waiting.setblocking(False)
            self._selector.register(waiting, selectors.EVENT_READ, handler)
        self._waker.setblocking(False)

    def connect(self, addresses: dict[int, str]) -> None:
        """Note where devices are to be reached, from now on."""
        for index, address in addresses.items():
            if self._addresses.get(index, address) != address:
                self._hang_up(index)
            self._addresses[index] = address

    # -- sending

    def send(self, destination: int, data: bytes) -> bool:
        """Send a frame, never blocking; return False where it was dropped."""
        if len(data) > MOST_BYTES:
            return self._drop("messages over the limit of size")
        channel = self._outgoing.get(destination)
        if channel is None or not channel.waiting:
            frame = len(data).to_bytes(_HEAD, "big") + data
            if self._begin(destination, channel, frame):
                return True
            if channel is not None and self._begin(destination, None, frame):
                return True  # over a new channel: the old one was broken
            return self._drop("messages to a device that is not there")
        if len(channel.waiting) + len(data) > MOST_WAITING:
            return self._drop("messages to a device that does not read")
        channel.waiting += len(data).to_bytes(_HEAD, "big") + data
        return True

    def _begin(self, destination: int, channel: _Outgoing | None, data: bytes) -> bool:
        """Send what the system takes at once; return False where the channel is broken."""
        channel = channel or self._call(destination)
        if channel is None:
            return False
        try:
            done = channel.socket.send(data)
        except (BlockingIOError, InterruptedError):
            done = 0
        except OSError:
            self._hang_up(destination)
            return False
        if done < len(data):
            channel.waiting += data[done:]
            write = self._writer(destination, channel)
            self._selector.register(channel.socket, selectors.EVENT_WRITE, write)
        return True

    def _writer(self, destination: int, channel: _Outgoing) -> Callable[[Any], None]:
        def write(ready: Any) -> None:
            try:
                done = channel.socket.send(memoryview(channel.waiting)[:_CHUNK])
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._hang_up(destination)
                return
            del channel.waiting[:done]
            if not channel.waiting:
                self._selector.unregister(channel.socket)

        return write

    def _call(self, destination: int) -> _Outgoing | None:
        address = self._addresses.get(destination)
        if address is None:
            return None
        connection = None
        try:
            connection = _connection(address)
            hello = msgspec.msgpack.encode(_Hello(self._secret, self._index))
            connection.sendall(len(hello).to_bytes(_HEAD, "big") + hello)
            connection.setblocking(False)
        except OSError:
            if connection is not None:
                connection.close()
            return None
        self._outgoing[destination] = channel = _Outgoing(connection)
        return channel

    def _hang_up(self, destination: int) -> None:
        channel = self._outgoing.pop(destination, None)
        if channel is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(channel.socket)
            channel.socket.close()

    def _drop(self, reason: str) -> bool:
        count(self.dropped, reason)
        return False

    # -- receiving

    def wait(self, timeout: float | None) -> list[tuple[int, bytes]]:
        """Return the frames that have arrived, with their senders."""
        for key, _ in self._selector.select(timeout):
            key.data(key.fileobj)
        arrived, self._arrived = self._arrived, []
        return arrived

    def wake(self) -> None:
        """Let `wait` return now; called from any thread."""
        with contextlib.suppress(OSError):  # full: it is awake already; closed: it is over
            self._waker.send(b"!")

    def _woken(self, ready: Any) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wakened.recv(1 << 12)

    def _accept(self, ready: Any) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it was gone before it was taken
        connection.setblocking(False)
        read = self._reader(_Incoming(connection))
        self._selector.register(connection, selectors.EVENT_READ, read)

    def _reader(self, channel: _Incoming) -> Callable[[Any], None]:
        connection, arrived = channel.socket, self._arrived_from
        take = connection.recv

        def read(ready: Any) -> None:
            try:
                data = take(_CHUNK)
                if not data:
                    raise ConnectionResetError
                frames = channel.frames(data)
            except (BlockingIOError, InterruptedError):
                return
            except (OSError, ValueError) as error:
                if isinstance(error, ValueError):
                    count(self.dropped, str(error))
                self._selector.unregister(connection)
                connection.close()
                return
            arrived(channel, frames)

        return read

    def _arrived_from(self, channel: _Incoming, frames: list[bytes]) -> None:
        for frame in frames:
            if channel.sender is not None:
                self._arrived.append((channel.sender, frame))
            elif not self._greeted(channel, frame):
                self._selector.unregister(channel.socket)
                channel.socket.close()
                return

    def _greeted(self, channel: _Incoming, frame: bytes) -> bool:
        """Return whether the first frame of a channel is the greeting of a device of this run."""
        try:
            hello = _read_hello(frame)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            hello = None
        if hello is None or not hmac.compare_digest(hello.secret, self._secret):
            count(self.dropped, "connections of strangers")
            return False
        channel.sender = hello.index
        return True

    # -- the end

    def flush(self, timeout: float) -> None:
        """Send what still waits, for at most `timeout` seconds."""
        end = time.monotonic() + timeout
        while any(channel.waiting for channel in self._outgoing.values()):
            left = end - time.monotonic()
            if left <= 0:
                return
            self.wait(left)

    def close(self) -> None:
        """Close everything; the name of a socket of the Unix family goes, too."""
        for destination in list(self._outgoing):
            self._hang_up(destination)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._waker.close()
        self._selector.close()
        if self.address.startswith(_FILE):
            with contextlib.suppress(OSError):
                os.unlink(self.address.removeprefix(_FILE))


_TCP = "tcp "
_ABSTRACT = "abstract "
_FILE = "file "
"""How addresses begin: loopback; a name without a file, which only Linux has; a file."""


def _listener(
    index: int, folder: Path | None, platform: str = sys.platform
) -> tuple[socket.socket, str]:
    if folder is None and platform != "linux":
        made = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        return made, f"{_TCP}{made.getsockname()[1]}"
    made = socket.socket(socket.AF_UNIX)
    if folder is None:
        made.bind("")  # the system chooses the name
        address = _ABSTRACT + bytes(made.getsockname()).hex()
    else:
        path = str(folder / str(index))
        with contextlib.suppress(OSError):
            os.unlink(path)  # of the process that was here before
        made.bind(path)
        address = _FILE + path
    made.listen(_BACKLOG)
    return made, address


def _connection(address: str) -> socket.socket:
    if address.startswith(_TCP):
        port = int(address.removeprefix(_TCP))
        made = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    name: str | bytes = address.removeprefix(_FILE)
    if address.startswith(_ABSTRACT):
        name = bytes.fromhex(address.removeprefix(_ABSTRACT))
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(_PATIENCE)
    try:
        made.connect(name)
    except OSError:
        made.close()
        raise
    return made
