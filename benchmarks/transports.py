"""Round trips a second between two devices in real processes, against what carries them alone.

    python3 benchmarks transports

Both sides send the same message object there and back, one round trip after the other. Bare is
what a program without a framework would do: `multiprocessing.Pipe` with its pickle, and two sockets
of ZeroMQ over TCP loopback with a pickle. The clock is real: most of it is waiting for the other.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import pickle
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

from benchmarks.data.demo import Ping
from benchmarks.measuring import table
from emulators.console.command_line import main as command

EXERCISES = Path(__file__).resolve().parent / "data"
TRIPS = 20_000
GOES = 5


def ours(kind: str) -> float:
    """Return the round trips a second between two devices of a network of real processes."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = command(
            f"--exercises {EXERCISES} --lecture 0 --algorithm PingPong --type {kind} --devices 2 "
            f"--set TRIPS={TRIPS} --max-messages {10 * TRIPS} --quiet".split()
        )
    assert status == 0, printed.getvalue()
    found = re.search(r"([0-9.]+) round trips a second", printed.getvalue())
    assert found, printed.getvalue()
    return float(found[1])


def exchanged(send: Callable[[Any], Any], receive: Callable[[], Any]) -> float:
    """Do the round trips; return how many a second."""
    message = Ping(0, 1, 0)
    began = time.perf_counter()
    for number in range(TRIPS):
        message.number = number
        send(message)
        receive()
    return TRIPS / (time.perf_counter() - began)


def answer_pipe(end: Any, trips: int) -> None:
    """Send back what comes through a pipe."""
    for _ in range(trips):
        end.send(end.recv())


def bare_pipe() -> float:
    """Return the round trips a second of a pipe between two processes."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=answer_pipe, args=(there, TRIPS))
    other.start()
    try:
        return exchanged(here.send, here.recv)
    finally:
        other.join()


def answer_sockets(address: str, own: Any, trips: int) -> None:
    """Send back what comes through ZeroMQ."""
    context = zmq.Context()
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    own.send(pull.bind_to_random_port("tcp://127.0.0.1"))
    push.connect(address)
    for _ in range(trips):
        push.send(pickle.dumps(pickle.loads(pull.recv())))
    context.destroy(1000)


def bare_sockets() -> float:
    """Return the round trips a second of ZeroMQ between two processes."""
    context = zmq.Context()
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    here = pull.bind_to_random_port("tcp://127.0.0.1")
    spawn = multiprocessing.get_context("spawn")
    port, own = spawn.Pipe()
    other = spawn.Process(target=answer_sockets, args=(f"tcp://127.0.0.1:{here}", own, TRIPS))
    other.start()
    try:
        push.connect(f"tcp://127.0.0.1:{port.recv()}")
        return exchanged(
            lambda message: push.send(pickle.dumps(message)), lambda: pickle.loads(pull.recv())
        )
    finally:
        other.join()
        context.destroy(0)


def best(candidates: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the best of several goes of each, taken in turns."""
    found = dict.fromkeys(candidates, 0.0)
    for _ in range(GOES):
        for name, measure in candidates.items():
            found[name] = max(found[name], measure())
    return found


def main() -> None:
    """Measure and print."""
    rows = {
        "process": best({"ours": lambda: ours("process"), "bare": bare_pipe}),
        "zeromq": best({"ours": lambda: ours("zeromq"), "bare": bare_sockets}),
    }
    table("Round trips a second, real processes", rows, "bare", dict.fromkeys(rows, "0.5"))


if __name__ == "__main__":
    main()
