"""A process of test_processes.py: ``worker.py INDEX TASKS END ADDRESS …``.

Each task adds one to this process's entry in a shared list, and is a line on the output when it is
done. END says what comes then: ``leave``, ``hang`` (inside a task), ``wait`` (in vain), ``pause``
(inside a task, until there is input), or ``last`` (wait for as many executions as the input says,
and print the list).
"""

import logging
import struct
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from emulators.monitor import DistributedMonitor, UpdateLost


class Counts:
    """How often each process has executed a task."""

    processes = 0

    def __init__(self):
        self.values = [0] * self.processes

    def serialize(self):
        return struct.pack(f">{len(self.values)}i", *self.values)

    def deserialize(self, data):
        self.values = list(struct.unpack(f">{len(data) // 4}i", data))


def say(text):
    print(text, flush=True)


def hang():
    say("inside")
    threading.Event().wait()


def pause():
    say("inside")
    input()


def main(index, tasks, end, addresses):
    Counts.processes = len(addresses)
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    def add(state):
        state.values[index] += 1

    with DistributedMonitor(Counts, index, addresses) as monitor:
        for _ in range(tasks):
            monitor.execute(None, add)
            say("done")
        if end == "hang":
            monitor.execute(None, lambda state: (add(state), hang()))
        if end == "pause":
            try:
                monitor.execute(None, lambda state: (add(state), pause()))
            except UpdateLost:
                say("lost")
        if end == "wait":
            say("waiting")
            monitor.execute(lambda state: False, add)
        if end == "last":
            expected = int(input())
            say(monitor.execute(lambda state: sum(state.values) >= expected, str_of))


def str_of(state):
    return f"values {state.values}"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
