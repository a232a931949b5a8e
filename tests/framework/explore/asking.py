"""Short ways to ask the explorer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulators.explore.answer import Answer
from emulators.explore.cells import Faults
from emulators.explore.explorer import explore
from emulators.network.scenario import Network
from emulators.runner import EXERCISES, RunConfig
from emulators.untimed import Bounds

DATA = Path(__file__).resolve().parent / "data"
ONCE = Bounds(work=1)
CRASH, LOSS, DOUBLE = Faults(crashes=1), Faults(losses=1), Faults(duplicates=1)


def ask(
    algorithm: str,
    devices: int = 3,
    lecture: int = 4,
    exercises: Path = EXERCISES,
    settings: dict[str, Any] | None = None,
    seed: int = 1,
    fifo: bool = False,
    network: Network | None = None,
    kind: str = "async",
    **asked: Any,
) -> Answer:
    """Ask about an algorithm of a lecture."""
    config = RunConfig(
        *(lecture, algorithm, kind, devices, seed, exercises),
        settings=settings or {},
        fifo=fifo,
        network=network,
    )
    return explore(config, **asked)


HEAD = """
import random, threading, time, enum
from emulators.Device import Device, WorkerDevice
from emulators.MessageStub import MessageStub

class Note(MessageStub):
    def __init__(self, sender, destination, text=None):
        super().__init__(sender, destination)
        self.text = text
    def __str__(self):
        return f"Note {self.source} -> {self.destination}: {self.text}"
"""


def written(folder: Path, source: str, name: str = "demo") -> Path:
    """Write a program into a folder, as the file of lecture 0; return the folder."""
    (folder / f"{name}.py").write_text(HEAD + source, encoding="utf-8")
    return folder


def ask_about(folder: Path, source: str, devices: int = 2, **asked: Any) -> Answer:
    """Ask about the class `Program` of a source text."""
    return ask("Program", devices, 0, written(folder, source), **asked)
