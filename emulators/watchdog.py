"""Finds student code that runs on without touching the medium, and interrupts it.

A real thread beside the run looks at its progress now and then; where there are no threads (a
browser) nothing is watched. The run itself knows nothing of it.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from emulators.errors import Place, Unresponsive, is_library, is_own, place_of_frame

PATIENCE = 3.5
"""Real seconds without progress after which student code is interrupted."""
_LEAST_CPU = 1.75
"""Seconds of processor time within them: a machine under load gets more patience …"""
_MOST_PATIENCE = 10.0
"""… up to this many seconds."""
_LOOK = 0.25
_NO_LOOK = 15.0
"""Real seconds after which the process ends, with a trace of where it stands, when not even this
thread gets to look: a call into C, such as ``sum(range(10**13))``, may hold the interpreter."""
_MOST_INTERRUPTS = 4
_ASKING = ("emulators.virtual.asking", "pdb", "bdb", "cmd", "code", "pydevd", "_pydevd", "debugpy")
"""Modules, by the beginning of their names, that wait for a person."""

last_words: Callable[[Place], object] | None = None
"""Called, beside the run, before the process ends with status 1 because code at a place cannot be
interrupted. None: the process does not end. A command line sets it."""


def shorten(part: float) -> None:
    """Be less patient from now on, in this process: wait for a part of all times above only."""
    global PATIENCE, _LEAST_CPU, _MOST_PATIENCE, _NO_LOOK
    PATIENCE, _LEAST_CPU = PATIENCE * part, _LEAST_CPU * part
    _MOST_PATIENCE, _NO_LOOK = _MOST_PATIENCE * part, _NO_LOOK * part


class Watched(Protocol):
    """A run whose progress can be seen from another thread."""

    def progress(self) -> int:
        """Return a number that grows whenever a device does something."""


@contextmanager
def watching(run: Watched) -> Iterator[None]:
    """Watch what the calling thread does for `run` until the block ends."""
    if sys.platform == "emscripten":
        yield
        return
    done = threading.Event()
    watch = _Watch(run, threading.get_ident(), done)
    _set_alarm()
    thread = threading.Thread(target=watch.look, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        watch.finish(thread)


def _set_alarm() -> None:
    """End the process, with a trace, unless this is called again in time.

    Not beside a debugger, which may hold all threads while somebody thinks.
    """
    debugged = sys.gettrace() is not None or "pdb" in sys.modules or "debugpy" in sys.modules
    if last_words is None or sys.__stderr__ is None:
        return
    if debugged:  # perhaps only since the alarm was set
        faulthandler.cancel_dump_traceback_later()
    else:
        faulthandler.dump_traceback_later(_NO_LOOK, exit=True, file=sys.__stderr__)


def hold() -> None:
    """Expect to be stopped for a while, by Ctrl-Z: the next look sets the alarm again."""
    faulthandler.cancel_dump_traceback_later()


class _Watch:
    def __init__(self, run: Watched, thread: int, done: threading.Event) -> None:
        self._run = run
        self._thread = thread
        self._done = done
        self._interrupts = 0
        self._lock = threading.Lock()

    def finish(self, thread: threading.Thread) -> None:
        with self._lock:  # an interrupt is either delivered to student code or never sent
            self._done.set()
        thread.join()
        if last_words is not None:
            faulthandler.cancel_dump_traceback_later()

    def look(self) -> None:
        progress, since, cpu = -1, time.monotonic(), time.process_time()
        while not self._done.wait(_LOOK):
            _set_alarm()
            now = self._run.progress()
            if now != progress or _asks_a_person(sys._current_frames().get(self._thread)):
                progress, since, cpu = now, time.monotonic(), time.process_time()
                self._interrupts = 0
            elif self._is_too_long(time.monotonic() - since, time.process_time() - cpu):
                self._interrupt()

    def _is_too_long(self, elapsed: float, cpu: float) -> bool:
        return (elapsed >= PATIENCE and cpu >= _LEAST_CPU) or elapsed >= _MOST_PATIENCE

    def _interrupt(self) -> None:
        place = place_of_frame(sys._current_frames().get(self._thread))
        if place is None:
            return  # the framework itself is at work
        self._interrupts += 1
        if self._interrupts > _MOST_INTERRUPTS:
            _give_up(place)
        with self._lock:
            if not self._done.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread), ctypes.py_object(Unresponsive)
                )


def _asks_a_person(frame: FrameType | None) -> bool:
    """Return whether a thread waits for what somebody types: for ``input``, or in a debugger."""
    while frame is not None and (is_own(file := frame.f_code.co_filename) or is_library(file)):
        if frame.f_globals.get("__name__", "").startswith(_ASKING):
            return True
        frame = frame.f_back
    return False


def _give_up(place: Place) -> None:
    if last_words is None:
        return
    timer = threading.Timer(_MOST_PATIENCE, os._exit, (1,))
    timer.daemon = True
    timer.start()
    try:
        last_words(place)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)
