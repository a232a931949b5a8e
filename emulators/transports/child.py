"""One process of a run as its supervisor knows it: started, heard, and gone."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.transports import pipes
from emulators.virtual.loader import PROJECT

_LAUNCH = "import sys; sys.path[0] = sys.argv[1]; from emulators.real.process import main; main()"
_EXCHANGED = ("messages", "received", "largest_inbox")


@dataclass
class Child:
    """One process, and what it has said. `life` counts how often the device was started; `kept`
    is its stable storage.
    """

    index: int
    life: int
    process: subprocess.Popen[bytes]
    orders: pipes.Sender
    kept: bytes = b""
    address: str = ""
    refused: str = ""
    built: bool = False
    failed: bool = False
    ended: bool = False
    stopped: pipes.Stopped | None = None
    printed: bool = False
    gone: bool = False
    killed: bool = False
    heard: float = field(default_factory=time.monotonic)
    counted: dict[str, Any] = field(default_factory=dict)
    pongs: list[pipes.Pong] = field(default_factory=list)

    def read(self, reports: Reports) -> None:
        """Put its reports into a queue, and None when it is gone; a thread does nothing else."""
        assert self.process.stdout is not None
        while (report := pipes.received(self.process.stdout, pipes.Report)) is not None:
            reports.put((self, report))
        self.process.wait()
        reports.put((self, None))

    def stands_still(self, number: int) -> bool:
        """Return whether it did nothing between the last two pulses, and waits for a message."""
        if [pong.number for pong in self.pongs] != [number - 1, number]:
            return False
        before, now = self.pongs
        same = all(before.counted.get(name) == now.counted.get(name) for name in _EXCHANGED)
        return before.idle and now.idle and same

    def how(self) -> str:
        """Return how the process ended, in words."""
        status = self.process.returncode
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"its process was ended by the signal {signal.Signals(-status).name}"
        return f"its process ended by itself with status {status}"

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def close(self) -> None:
        """Close the pipes to the process."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


Reports = queue.SimpleQueue[tuple[Child, Any]]
"""What processes have said and nobody has taken yet; None from a process that is gone."""


def launched(index: int, life: int, reports: Reports) -> Child:
    """Start the process of a device; it waits for its job."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    with _uninterrupted():
        process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(PROJECT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
    assert process.stdin is not None
    child = Child(index, life, process, pipes.Sender(process.stdin))
    threading.Thread(target=child.read, args=(reports,), daemon=True).start()
    return child


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let what is started here begin without a Ctrl-C, until it ignores that: it is for us."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def folder_for_sockets(platform: str = sys.platform) -> Path | None:
    """Return a new folder for sockets of the Unix family, or None where they are no files."""
    if platform in ("linux", "win32"):
        return None
    return Path(tempfile.mkdtemp(prefix="devices-"))
