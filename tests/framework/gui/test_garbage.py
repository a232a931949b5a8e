"""Cyclic garbage: what belongs to Qt is never destroyed in the thread of a run."""

import gc
import threading
from pathlib import Path

import pytest

from emulators.gui.garbage import Collector, collector
from tests.framework.gui.walking import TALK, config, settled, started

WASTE = TALK.replace(
    "class Talker(Device):",
    """class Cycle:
    dead = 0
    def __init__(self):
        self.me = self
    def __del__(self):
        Cycle.dead += 1

class Talker(Device):""",
).replace(
    "for number in range(5):",
    """for number in range(100_000):
            if Cycle.dead > 200_000:
                return
            [Cycle() for _ in range(1000)]""",
)


class Cycle:
    """Stands for a part of a window that nobody needs any more."""

    def __init__(self, destroyed_in: set[threading.Thread]) -> None:
        self.me = self
        self.destroyed_in = destroyed_in

    def __del__(self) -> None:
        self.destroyed_in.add(threading.current_thread())


def test_garbage_is_destroyed_in_the_thread_of_the_window_only(app: object, tmp_path: Path) -> None:
    session = started(config(tmp_path, WASTE, devices=2))
    seen: set[threading.Thread] = set()
    session.moved.connect(lambda snapshot: [Cycle(seen) for _ in range(100)])
    session.run(0)
    settled(session)
    assert session.close()
    gc.collect()
    assert seen == {threading.current_thread()}


def test_the_garbage_of_a_run_is_collected_while_it_runs(app: object, tmp_path: Path) -> None:
    session = started(config(tmp_path, WASTE, devices=2, max_rounds=100_000, max_messages=100_000))
    session.finish()
    settled(session)
    assert session.snapshot.devices[0].ended
    assert session.snapshot.position < 100_000
    assert session.close()


def test_python_collects_again_when_the_last_run_has_ended(app: object, tmp_path: Path) -> None:
    collector().release()  # that of all these tests
    try:
        runs = [started(config(tmp_path)) for _ in range(2)]
        seen = [gc.isenabled()]
        for session in runs:
            assert session.close()
            assert session.close()
            seen.append(gc.isenabled())
        assert seen == [False, False, True]
    finally:
        collector().hold()


def test_older_generations_are_collected_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(gc, "collect", seen.append)
    made = Collector()
    kept = [[] for _ in range(3 * gc.get_threshold()[0])]
    for _ in range(100):
        made.look()
    assert (seen.count(0), seen.count(1), seen.count(2)) == (90, 9, 1)
    assert kept


def test_nothing_is_collected_where_nothing_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    seen: list[int] = []
    monkeypatch.setattr(gc, "collect", seen.append)
    Collector().look()
    assert seen == []
