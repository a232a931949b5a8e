"""Five philosophers, five forks: who wants to eat takes the two forks beside the plate at once.

    python3 docs/examples/monitor/dining_philosophers.py

Both forks are taken in one task, so nobody sits there with one fork and waits for the other: no
deadlock. Neighbours never eat at the same time, others may.
"""

import sys
import time

import starting  # before the framework: it shows Python where that is
from states import Record

from emulators.monitor import DistributedMonitor

PHILOSOPHERS = 5
MEALS = 4


class Table(Record):
    """Which forks lie on the table, and how many meals there were."""

    def __init__(self) -> None:
        self.forks = [True] * PHILOSOPHERS
        self.meals = 0


def part(index: int, addresses: list[str]) -> None:
    """Be a philosopher."""
    left, right = index, (index + 1) % PHILOSOPHERS
    with DistributedMonitor(Table, index, addresses) as monitor:
        for _ in range(MEALS):
            with monitor.when(lambda table: table.forks[left] and table.forks[right]) as table:
                table.forks[left] = table.forks[right] = False
            time.sleep(0.01)  # eats, outside the monitor
            with monitor.when() as table:
                assert not table.forks[left]
                assert not table.forks[right]
                table.forks[left] = table.forks[right] = True
                table.meals += 1
        print(f"philosopher {index}: {MEALS} meals")


if __name__ == "__main__":
    sys.exit(starting.run(PHILOSOPHERS, part))
