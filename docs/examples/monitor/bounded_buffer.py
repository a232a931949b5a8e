"""Several producers and consumers share a buffer of three places.

    python3 docs/examples/monitor/bounded_buffer.py

Nobody puts an item into a full buffer or takes one out of an empty one, and none gets lost.
"""

import sys

import starting  # before the framework: it shows Python where that is
from states import Record

from emulators.monitor import DistributedMonitor

PRODUCERS = 2
CONSUMERS = 2
ITEMS = 20  # of each producer
PLACES = 3


class Buffer(Record):
    """Items in their order, and how many there were at most at the same time."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.most = 0

    def put(self, item: str) -> None:
        """Put an item at the end."""
        self.items.append(item)
        self.most = max(self.most, len(self.items))


def part(index: int, addresses: list[str]) -> None:
    """Be a producer (the first ones) or a consumer."""
    with DistributedMonitor(Buffer, index, addresses) as monitor:
        if index < PRODUCERS:
            for number in range(ITEMS):
                with monitor.when(lambda buffer: len(buffer.items) < PLACES) as buffer:
                    buffer.put(f"{index}.{number}")
            print(f"producer {index}: {ITEMS} items")
            return
        taken = []
        for _ in range(PRODUCERS * ITEMS // CONSUMERS):
            with monitor.when(lambda buffer: buffer.items) as buffer:
                taken.append(buffer.items.pop(0))
                most = buffer.most
        print(f"consumer {index}: {len(set(taken))} items, at most {most} in the buffer")


if __name__ == "__main__":
    sys.exit(starting.run(PRODUCERS + CONSUMERS, part))
