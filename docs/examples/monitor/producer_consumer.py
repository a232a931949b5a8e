"""A producer and two consumers, each a process of its own.

    python3 docs/examples/monitor/producer_consumer.py

The list never has more than 5 numbers. Every number is consumed once: the sums add up to 5050.
"""

import sys

import starting  # before the framework: it shows Python where that is
from states import IntList

from emulators.monitor import DistributedMonitor

NUMBERS = 100
CAPACITY = 5
CONSUMERS = 2
END = 0  # a number that means: there will be no more


def produce(monitor: DistributedMonitor[IntList]) -> None:
    """Put the numbers into the list, then an end for each consumer."""
    for number in [*range(1, NUMBERS + 1), *[END] * CONSUMERS]:
        monitor.execute(
            lambda state: len(state.values) < CAPACITY,
            lambda state, number=number: state.values.append(number),
        )


def consume(monitor: DistributedMonitor[IntList]) -> int:
    """Take numbers out of the list until the end; return their sum."""
    total = 0
    while True:
        number = monitor.execute(lambda state: state.values, lambda state: state.values.pop(0))
        if number == END:
            return total
        total += number


def part(index: int, addresses: list[str]) -> None:
    """Be the producer (index 0) or a consumer."""
    with DistributedMonitor(IntList, index, addresses) as monitor:
        if index == 0:
            produce(monitor)
            print(f"producer: sent 1 to {NUMBERS}, sum {sum(range(NUMBERS + 1))}")
        else:
            print(f"consumer {index}: sum {consume(monitor)}")


if __name__ == "__main__":
    sys.exit(starting.run(1 + CONSUMERS, part))
