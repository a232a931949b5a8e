"""Readers may be in the library together, a writer only alone.

    python3 docs/examples/monitor/readers_writers.py

Who is in is part of the state, so reading and writing themselves happen outside the monitor, and
readers are at work at the same time. A writer that waits keeps new readers out, so that it will
not wait for ever.
"""

import sys
import time

import starting  # before the framework: it shows Python where that is
from states import Record

from emulators.monitor import DistributedMonitor

READERS = 3
WRITERS = 2
TURNS = 5


class Library(Record):
    """Who is in, who waits to write, and the text: two halves that must fit."""

    def __init__(self) -> None:
        self.readers = 0
        self.writing = False
        self.waiting = 0
        self.text = [0, 0]
        self.together = 0  # the most readers at the same time


def read(monitor: DistributedMonitor[Library]) -> None:
    """Read the text; fail if its halves do not fit."""
    with monitor.when(lambda library: not library.writing and not library.waiting) as library:
        library.readers += 1
        library.together = max(library.together, library.readers)
        first = library.text[0]
    time.sleep(0.01)  # reading takes its time, and others may read as well
    with monitor.when() as library:
        assert not library.writing
        assert library.text == [first, first]
        library.readers -= 1


def write(monitor: DistributedMonitor[Library]) -> None:
    """Write both halves, one after the other."""
    with monitor.when() as library:
        library.waiting += 1
    with monitor.when(lambda library: not library.writing and library.readers == 0) as library:
        library.waiting -= 1
        library.writing = True
        library.text[0] += 1
    time.sleep(0.01)
    with monitor.when() as library:
        library.text[1] += 1
        library.writing = False


def part(index: int, addresses: list[str]) -> None:
    """Be a reader (the first ones) or a writer."""
    with DistributedMonitor(Library, index, addresses) as monitor:
        for _ in range(TURNS):
            (read if index < READERS else write)(monitor)
        print(f"{'reader' if index < READERS else 'writer'} {index}: {TURNS} turns")


if __name__ == "__main__":
    sys.exit(starting.run(READERS + WRITERS, part))
