"""Entries a second into a distributed monitor, beside the bare round trip of its token.

    python3 benchmarks monitor

Two processes on this computer. Bare: a token of the same size goes to and fro between two PUB-SUB
pairs of pyzmq, with nothing else done; each hop could be an entry. Ours: both processes execute
tasks as fast as they can, so that the token goes to and fro as well, with a request and an
acknowledgement for each entry; and one process executes alone, so that the token stays, and each
entry waits for the other process to have a copy.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import time
from typing import Any

from benchmarks.measuring import ROOT, report
from emulators.monitor import DistributedMonitor

ENTRIES = 4_000
GOES = 3


class Counter:
    """A shared number."""

    def __init__(self) -> None:
        self.value = 0

    def serialize(self) -> bytes:
        """Return four bytes."""
        return struct.pack(">i", self.value)

    def deserialize(self, data: bytes) -> None:
        """Become this number."""
        (self.value,) = struct.unpack(">i", data)

    def add(self) -> None:
        """Add one."""
        self.value += 1


def _addresses() -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    found = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return found


def _monitor(index: int, addresses: list[str], entries: int) -> float:
    """Execute tasks; return how many seconds that took, from the first entry of both on."""
    with DistributedMonitor(Counter, index, addresses) as monitor:
        monitor.execute(None, Counter.add)
        monitor.execute(lambda counter: counter.value >= 2, lambda counter: None)
        began = time.perf_counter()
        for _ in range(entries):
            monitor.execute(None, Counter.add)
        elapsed = time.perf_counter() - began
        sys.stdin.read()  # be there until the other process is ready too
        return elapsed


def _bare(index: int, addresses: list[str], hops: int) -> float:
    """Send the token to and fro; return how many seconds that took (of process 0)."""
    import zmq

    context: Any = zmq.Context()
    publisher, subscriber = context.socket(zmq.PUB), context.socket(zmq.SUB)
    publisher.bind(f"tcp://{addresses[index]}")
    subscriber.setsockopt(zmq.SUBSCRIBE, b"")
    subscriber.connect(f"tcp://{addresses[1 - index]}")
    if index == 1:  # sends everything back, until nothing comes any more
        while subscriber.poll(2_000):
            publisher.send(subscriber.recv())
        context.destroy(linger=0)
        return 0.0
    while not subscriber.poll(10):  # until both are connected
        publisher.send(b"?")
    while subscriber.poll(200):
        subscriber.recv()
    token = struct.pack(">iiiii", 1, 0, 0, 0, 0)
    began = time.perf_counter()
    for _ in range(hops):
        publisher.send(token)
        subscriber.recv()
    elapsed = time.perf_counter() - began
    context.destroy(linger=1000)
    return elapsed


_PARTS = {"bare": _bare, "monitor": _monitor}


def rate(part: str, counts: tuple[int, int]) -> float:
    """Run a part in two processes with so many entries each; return entries a second."""
    addresses = _addresses()
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.monitor", part, str(index), *addresses, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for index, count in enumerate(counts)
    ]
    seconds = [float(one.communicate()[0]) for one in started]
    return sum(counts) / max(seconds)


def main() -> None:
    """Measure in turns, and print the best of each."""
    best = {"bare": 0.0, "both": 0.0, "alone": 0.0}
    half = ENTRIES // 2
    for _ in range(GOES):
        best["bare"] = max(best["bare"], rate("bare", (half, half)))
        best["both"] = max(best["both"], rate("monitor", (half, half)))
        best["alone"] = max(best["alone"], rate("monitor", (ENTRIES, 0)))
    rows = [
        ["hops of a bare token", f"{best['bare']:,.0f}", "1.00"],
        ["entries, the token goes to and fro", f"{best['both']:,.0f}"],
        ["entries, the token stays", f"{best['alone']:,.0f}"],
    ]
    for row, name in zip(rows[1:], ("both", "alone"), strict=True):
        row.append(f"{best[name] / best['bare']:.2f}")
    report("Distributed monitor, two processes", ["what", "a second", "of bare"], rows)


if __name__ == "__main__":
    _, _part, _index, _first, _second, _count = sys.argv
    print(_PARTS[_part](int(_index), [_first, _second], int(_count)))
