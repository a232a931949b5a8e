"""How long one frame of the space-time diagram takes, with 1,000 and with 100,000 messages.

    python3 benchmarks diagram

The view is painted off the screen at 1280 x 720, zoomed so that about the same number of arrows is
visible; then zoomed out until everything fits. Also: what one more event costs, and going back.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

DEVICES = 10
SIZES = (1_000, 100_000)
MOST = 3.0
"""A frame over the large run takes at most so many times one over the small run."""


def main() -> int:
    """Print a table; return 1 where the large run is too slow."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    found = {size: measured(size) for size in SIZES}
    print("\n### Frames of the space-time diagram, in milliseconds\n")
    print("| | visible arrows | " + " | ".join(found[SIZES[0]]) + " |")
    print("|---" * (2 + len(found[SIZES[0]])) + "|")
    for size, times in found.items():
        cells = " | ".join(f"{1000 * value:.2f}" for value in times.values())
        print(f"| {size:,} messages | {ARROWS[size]} | {cells} |")
    small, large = (found[size]["frame in the middle"] for size in SIZES)
    print(f"\nA frame takes {large / small:.2f} times as long; at most {MOST:g} is wanted.")
    del application
    return int(large > MOST * small)


ARROWS: dict[int, int] = {}


def measured(messages: int) -> dict[str, float]:
    """Return the seconds that each kind of frame takes over a run of so many messages."""
    from emulators.gui import themes
    from emulators.gui.spacetime_view import SpaceTimeView
    from tests.framework.gui.fakes import FakeSession, snapshot, some_run

    session = FakeSession()
    rows, devices, _ = some_run(DEVICES, messages)
    view = SpaceTimeView(session, themes.theme("light"))  # type: ignore[arg-type]
    view.resize(1280, 720)
    session.stand_at(rows[:-1], devices)
    session.events.append(rows[-1])
    last = snapshot(len(rows) - 1, rows[-1:], devices)
    times = {"one more event": best(lambda: view.show_snapshot(last))}
    view.follow = False
    session.select(len(rows) // 2)
    times["frame in the middle"] = best(view.grab)
    assert view.picture is not None
    ARROWS[messages] = len(view.picture.lines)
    view.follow = True
    times["frame at the end"] = best(view.grab)
    view.show_all()
    times["frame of everything"] = best(view.grab)
    return times


def best(work: Callable[[], object], goes: int = 15) -> float:
    """Return the shortest of several times."""
    times = []
    for _ in range(goes):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
