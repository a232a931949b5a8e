"""Stepping: back against a run from the beginning, a step in the window, memory of an event.

    python3 benchmarks stepping

The run is Ricart and Agrawala's algorithm among 5 devices. A step in the window is measured from
the request to the moment when all views are painted, on a screen that nobody sees.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from emulators.runner import RunConfig, in_steps, prepared
from emulators.stepping.stepper import Stepper

EVENTS = 10_000
STEPS = 30


def config(events: int) -> RunConfig:
    """Return a run that goes on for more than so many events."""
    return RunConfig(
        4, "RicartAgrawala", "stepping", 5, seed=1, max_rounds=10 * events, max_messages=events
    )


def seconds(work: Callable[[], object], goes: int = 3) -> float:
    """Return the least processor time that `work` takes."""
    best = float("inf")
    for _ in range(goes):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def headless(events: int) -> float:
    """Return the seconds of a plain sync run of about so many events, with its trace."""

    def run() -> None:
        plain = RunConfig(
            4, "RicartAgrawala", "sync", 5, seed=1, max_rounds=10 * events, max_messages=events // 2
        )
        with prepared(plain, quiet=True, trace=True) as made:
            made.go()

    return seconds(run)


def walked(events: int) -> Stepper:
    """Return a run that was walked to an event."""
    stepper = in_steps(config(events))[1]
    stepper.go_to(events)
    return stepper


def back(stepper: Stepper) -> float:
    """Return the seconds of a step back."""

    def there_and_back() -> None:
        stepper.back()

    return seconds(there_and_back)


def memory(events: int) -> float:
    """Return the bytes that an event takes in the memory of a run that is walked through."""
    stepper = in_steps(config(events))[1]
    stepper.go_to(events // 2)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    stepper.go_to(events)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    stepper.close()
    return grown / (events - events // 2)


def in_window(events: int, steps: int = STEPS) -> tuple[float, float]:
    """Return the real seconds of a step, and of a step back, in the window, all views painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import QEventLoop

    from emulators.gui.app import application, destroy_windows
    from emulators.gui.session import Session
    from emulators.gui.window import MainWindow

    with TemporaryDirectory() as folder:
        os.environ["EMULATORS_SETTINGS"] = str(Path(folder) / "settings.ini")
        made = application()
        session = Session(config(events + steps), None, "light")
        window = MainWindow(session)
        window.show()
        loop = QEventLoop()
        session.moved.connect(lambda snapshot: loop.quit())
        session.start()
        loop.exec()
        session.go_to(events)
        loop.exec()

        def painted(move: Callable[[], object]) -> float:
            began = time.perf_counter()
            move()
            loop.exec()
            made.processEvents()
            return time.perf_counter() - began

        forwards = min(painted(session.step) for _ in range(steps))
        backwards = min(painted(session.back) for _ in range(5))
        window.hide()
        session.close(5.0)
        destroy_windows()
    return forwards, backwards


def main() -> None:
    """Measure and print."""
    stepper = walked(EVENTS)
    plain, backwards = headless(EVENTS), back(stepper)
    stepper.close()
    print(f"\n### Stepping, at event {EVENTS:,}\n")
    print("| | measured | bar |\n|---|---|---|")
    print(f"| a run of so many events, headless | {plain * 1000:.0f} ms | |")
    ratio = backwards / plain
    print(f"| a step back | {backwards * 1000:.0f} ms, {ratio:.2f} times the run | 1.5 times |")
    step, step_back = in_window(EVENTS)
    print(f"| a step in the window, painted | {step * 1000:.0f} ms | |")
    times = f"{step_back * 1000:.0f} ms, {step_back / plain:.2f} times the run"
    print(f"| a step back in the window, painted | {times} | 1.5 times |")
    print(f"| memory of an event | {memory(EVENTS):.0f} bytes | |")


if __name__ == "__main__":
    main()
