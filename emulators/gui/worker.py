"""The thread in which a run lives: requests in, results out as immutable values.

A run belongs to the thread that made it, so everything that touches it is a request. Nothing that
student code does can hold the window; the watchdog ends what never touches the medium.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from emulators.errors import Place, Unresponsive, UsageError, describe, is_library, place_of_frame
from emulators.gui.walk import SLICE, Walk
from emulators.runner import RunConfig

Request = tuple[str, tuple[Any, ...]]
_MOST_STEPS = 2
_AT_ONCE = frozenset(
    {
        *("pause", "go_to", "run", "finish", "restart", "travel", "open"),
        *("inspect", "add_breakpoint", "remove_breakpoint"),
    }
)
"""Requests that do not depend on where the run just goes to."""
_PATIENCE = 15.0


class Worker(QObject):
    """Owns the thread of one run after another.

    `told` brings what happened, in order: ``snapshot``, ``failed``, ``noted``, ``config``,
    ``saved``, ``compared``, ``going`` (a run goes on by itself), ``idle``, ``ended``.
    """

    told = pyqtSignal(str, object)

    def __init__(self, config: RunConfig, path: Path | None = None) -> None:
        super().__init__()
        self._config, self._path = config, path
        self._requests: deque[Request] = deque()
        self._change = threading.Condition()
        self._asked = 0
        self._shown = True
        self._stopping = False
        self._walk: Walk | None = None
        self._running = False
        self._due = 0.0
        self.thread_of_run = threading.Thread(target=self._live, name="run", daemon=True)

    # -- for the window's thread

    def start(self) -> None:
        """Begin."""
        self.thread_of_run.start()

    def ask(self, name: str, *arguments: Any) -> int:
        """Queue a request and return its number; what a later one makes superfluous is left out.

        ``idle`` comes with the number of the last request that was done.
        """
        with self._change:
            waiting = self._requests
            if name == "go_to" and waiting and waiting[-1][0] == "go_to":
                waiting.pop()
            elif name in ("step", "back") and sum(one[0] == name for one in waiting) >= _MOST_STEPS:
                return self._asked
            self._asked += 1
            waiting.append((name, arguments))
            self._change.notify()
            return self._asked

    def acknowledge(self) -> None:
        """Say that the last snapshot is shown: only then the next one is made while running."""
        with self._change:
            self._shown = True
            self._change.notify()

    def interrupt(self) -> None:
        """Let the run return from whatever it does, apart from student code that never returns."""
        if self._walk is not None:
            self._walk.interrupt()

    def stop(self, patience: float = _PATIENCE) -> bool:
        """End the run and its thread; return whether it ended within so many seconds."""
        with self._change:
            self._stopping = True
            self._requests.clear()
            self._change.notify()
        if self._walk is not None:
            self._walk.stopping = True
        until = time.monotonic() + patience
        while self.thread_of_run.is_alive() and time.monotonic() < until:
            self.interrupt()
            self.thread_of_run.join(0.02)
        return not self.thread_of_run.is_alive()

    def at_work_on(self) -> tuple[int | None, Place] | None:
        """Return the device and the line of the exercise file at which the run works just now."""
        walk, ident = self._walk, self.thread_of_run.ident
        frame = sys._current_frames().get(ident or 0)
        place = place_of_frame(frame)
        if place is None or is_library(place.file):
            return None
        task = None if walk is None else walk.stepper.emulator.scheduler.current
        return getattr(getattr(task, "owner", None), "index", None), place

    # -- in the thread of the run

    def _live(self) -> None:
        try:
            while not self._begin() and self._asked_again():
                pass
            if self._walk is not None:
                self._serve(self._walk)
        finally:
            if self._walk is not None:
                self._guarded(self._walk.close)
            self._tell("ended")

    def _begin(self) -> bool:
        made: list[Walk] = []
        if not self._guarded(lambda: made.append(Walk(self._config, self._path))):
            self._rest()
            return False
        self._walk = made[0]
        self._tell("config", self._walk.config)
        self._show()
        self._rest()
        return True

    def _rest(self) -> None:
        """Say that all is done, where nothing is left to do."""
        with self._change:
            asked, waiting = self._asked, bool(self._requests)
        if not waiting:
            self._tell("idle", asked)

    def _asked_again(self) -> bool:
        """Wait for a request: whoever has mended the file tries again with any of them."""
        with self._change:
            while not self._requests and not self._stopping:
                self._change.wait()
            self._requests.clear()
            return not self._stopping

    def _serve(self, walk: Walk) -> None:
        while True:
            request = self._next(walk)
            if self._stopping:
                return
            name, arguments = request or ("advance", ())
            if name == "run":
                self._due = 0.0
            own = getattr(self, f"_do_{name}", None)
            self._guarded(partial(own or getattr(walk, name), *arguments))
            self._after(walk, name == "advance")

    def _next(self, walk: Walk) -> Request | None:
        """Wait for the next request; return None when it is time to go on running."""
        with self._change:
            while not self._stopping:
                if self._requests and (self._is_free(walk) or self._requests[0][0] in _AT_ONCE):
                    return self._requests.popleft()
                if walk.goal is None:
                    self._change.wait()
                    continue
                left = self._due - time.monotonic()
                if self._shown and left <= 0:
                    self._due = time.monotonic() + self._interval(walk)
                    return None
                self._change.wait(max(left, 0.001) if self._shown else None)
        return None

    def _is_free(self, walk: Walk) -> bool:
        """Return whether a request can be done now, and not only when a place is reached."""
        return walk.goal is None or not walk.goal.is_near

    def _interval(self, walk: Walk) -> float:
        speed = walk.goal.speed if walk.goal is not None else 0.0
        return max(1 / speed, SLICE) if speed else 0.0

    def _after(self, walk: Walk, advanced: bool) -> None:
        """Tell what has come of a request, or of going on."""
        for note in walk.notes:
            self._tell("noted", note)
        walk.notes.clear()
        going = walk.goal is not None
        runs = walk.goal is not None and not walk.goal.is_near
        if runs != self._running:
            self._running = runs
            self._tell("going", runs)
        if advanced or not (going or self._requests):
            self._show()
        if not going:
            self._rest()

    def _show(self) -> None:
        walk = self._walk
        if walk is None:
            return
        self._shown = False
        self._guarded(lambda: self._tell("snapshot", walk.snapshot()))

    def _guarded(self, action: Callable[[], Any]) -> bool:
        """Do something; what goes wrong is told, and nothing else happens."""
        try:
            action()
        except UsageError as error:
            self._tell("failed", str(error))
        except (Exception, Unresponsive) as error:
            self._tell("failed", f"this could not be done: {describe(error)}")
        else:
            return True
        if self._walk is not None:
            self._walk.goal = None
        return False

    def _tell(self, what: str, value: object = None) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone already
            self.told.emit(what, value)

    # -- requests that are more than a call

    def _do_save(self, path: str) -> None:
        assert self._walk is not None
        self._walk.save(Path(path))
        self._tell("saved", path)

    def _do_open(self, path: str) -> None:
        assert self._walk is not None
        self._walk.open(Path(path))
        self._tell("config", self._walk.config)

    def _do_compare(self, one: int, other: int) -> None:
        assert self._walk is not None
        self._tell("compared", (one, other, *self._walk.compared(one, other)))
