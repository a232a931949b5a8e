"""Recording a run to disk: what it costs, and that its memory does not grow with the run.

    python3 benchmarks recording

The run is the exchange of throughput.py: a message is two events, a round or a wait a decision.
The cost is a share of the run with recording; the in-memory trace is off in both unless named.
Memory is the peak of a process of its own, at two lengths of the same run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Candidate, in_process, rates, report
from benchmarks.throughput import Exchanger
from emulators.AsyncEmulator import AsyncEmulator
from emulators.kernel.choices import Recording, Seeded
from emulators.kernel.tasks import Scheduler
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace
from emulators.trace.log import Header, Recorder

EMULATORS: dict[str, type[Simulation]] = {"async": AsyncEmulator, "sync": SyncEmulator}
DEVICES = 100
LENGTHS = (100_000, 1_000_000)
MOST_COST = 0.30
MOST_GROWTH = 10
"""Megabytes that ten times as many events may add: less than 12 bytes for each."""


def run(type_: str, events: int, file: Path | None = None, trace: bool = False) -> int:
    """Run the exchange, about `events` events long; record it where a file is named.

    Return the number of its messages.
    """
    turns = events // 2 // DEVICES
    kind = type("Kind", (Exchanger,), {"turns": turns})
    observers: list[object] = [Trace()] if trace else []
    if file is None:
        _go(type_, kind, Scheduler(Seeded(1)), observers)
        return turns * DEVICES
    decisions = Recording(Seeded(1))
    with file.open("wb") as opened:
        header = Header(0, "Exchanger", type_, DEVICES, 1, "")
        recorder = Recorder(opened, header, decisions)
        made = _go(type_, kind, Scheduler(decisions), [recorder, *observers])
        recorder.close("done", made.scheduler.now)
    return turns * DEVICES


def _go(
    type_: str, kind: type[Exchanger], scheduler: Scheduler, observers: Sequence[object]
) -> Simulation:
    made = EMULATORS[type_](
        DEVICES, kind, scheduler=scheduler, quiet=True, observers=observers, statistics=False
    )
    made.run()
    assert made.all_terminated
    return made


def costs(type_: str, events: int, file: Path, goes: int = 5) -> dict[str, float]:
    """Return the messages a second of a run: plain, with a trace, recorded, with both."""

    def candidate(record: bool, trace: bool) -> Candidate:
        return lambda: run(type_, events, file if record else None, trace)

    return rates(
        {
            "plain": candidate(False, False),
            "recorded": candidate(True, False),
            "with trace": candidate(False, True),
            "with trace, recorded": candidate(True, True),
        },
        goes,
    )


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run"
        rows = []
        for type_ in EMULATORS:
            best = costs(type_, 200_000, file)
            for base in ("plain", "with trace"):
                both = "recorded" if base == "plain" else "with trace, recorded"
                rows.append(
                    [
                        f"{type_}, {base}",
                        f"{best[base]:,.0f}",
                        f"{best[both]:,.0f}",
                        f"{1 - best[both] / best[base]:.0%}",
                        f"{MOST_COST:.0%}",
                        f"{best[base] / best[both] - 1:.0%}",
                    ]
                )
        report(
            "Recording: what it costs",
            [
                "run",
                "messages a second",
                "recorded",
                "share of the recorded run",
                "bar",
                "more than without",
            ],
            rows,
        )
        rows = []
        for type_ in EMULATORS:
            peaks = [
                in_process("benchmarks.recording", type_, events, file).peak for events in LENGTHS
            ]
            rows.append(
                [
                    type_,
                    *(f"{peak / 1e6:.1f} MB" for peak in peaks),
                    f"{(peaks[1] - peaks[0]) / 1e6:+.1f} MB",
                    f"{MOST_GROWTH:+} MB",
                ]
            )
        report(
            "Recording: peak memory",
            ["network", *(f"{events:,} events" for events in LENGTHS), "growth", "bar"],
            rows,
        )


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
