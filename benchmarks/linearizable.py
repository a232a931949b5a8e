"""The linearizability checker on growing histories: seconds to a verdict, and to a conflict.

    python3 benchmarks linearizable

Clients work on a register whose operations take effect at a drawn moment between invocation and
response; one write in twenty is never answered. A spoilt history has a result near its end that
cannot be.
"""

from __future__ import annotations

import random
import time

from benchmarks.measuring import report
from emulators.check.linearizable import linearize
from emulators.check.specifications import Operation

CLIENTS = (5, 10)
LENGTHS = (100, 300, 1_000, 3_000, 10_000)
UNANSWERED = 0.05


def history(length: int, clients: int = 5, seed: int = 1) -> list[Operation]:
    """Return a linearizable history of so many operations."""
    dice = random.Random(seed)
    moments = []
    free = dict.fromkeys(range(clients), 0.0)
    for _ in range(length):
        client = min(free, key=lambda one: free[one])
        start = free[client] + dice.random()
        end = free[client] = start + 3 * dice.random()
        moments.append((dice.uniform(start, end), start, end, client))
    order = sorted(time for _, start, end, _ in moments for time in (start, end))
    places = {time: place for place, time in enumerate(order, start=1)}
    value, made = None, []
    for number, (_, start, end, client) in enumerate(sorted(moments)):
        if dice.random() < 0.5:
            made.append(Operation(client, "read", None, value, places[start], places[end]))
            continue
        answered = dice.random() > UNANSWERED
        if answered or dice.random() < 0.5:
            value = number
        ends = places[end] if answered else None
        made.append(Operation(client, "write", number, None, places[start], ends))
    return sorted(made, key=lambda one: one.start)


def spoilt(operations: list[Operation]) -> list[Operation]:
    """Return a history in which the last read names an early value, long overwritten."""
    values = [one.argument for one in operations if one.name == "write" and one.end]
    place = max(place for place, one in enumerate(operations) if one.name == "read")
    changed = operations[place]._replace(result=values[len(values) // 10])
    return [*operations[:place], changed, *operations[place + 1 :]]


def seconds(operations: list[Operation], linearizable: bool) -> float:
    """Return how long a verdict takes; it has to be the right one."""
    began = time.process_time()
    verdict = linearize(operations)
    passed = time.process_time() - began
    assert verdict.linearizable == linearizable, len(operations)
    return passed


def main() -> None:
    """Print a table."""
    rows = []
    for clients in CLIENTS:
        for length in LENGTHS:
            operations = history(length, clients)
            good = seconds(operations, True)
            bad = seconds(spoilt(operations), False)
            rows.append([f"{length:,} by {clients} clients", f"{good:.3f}", f"{bad:.3f}"])
    report(
        "A register's history judged, seconds of processor time",
        ["operations", "linearizable", "not, with its conflict"],
        rows,
    )
