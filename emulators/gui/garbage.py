"""Cyclic garbage is collected in the window's thread only, as long as a run lives in another one.

Python collects in whichever thread happens to make an object. Were that the thread of a run, parts
of the window that nobody needs any more would be destroyed there, and Qt does not survive it. So
collecting by itself is off meanwhile, and a timer does the same as often as it would have been due.
"""

from __future__ import annotations

import gc
from functools import cache

from PyQt6.QtCore import QObject, QTimer

INTERVAL = 100
"""Milliseconds between two looks: so long garbage can wait, some megabytes at most."""
_OLDER = 10
"""Every so many times the next older generation is collected too, as Python itself has it."""


class Collector(QObject):
    """Collects in the thread that made it, while somebody holds it.

    Invariant: Python's own collecting is off exactly while somebody does, if it was on before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._holders = 0
        self._was_on = False
        self._collected = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.look)

    def hold(self) -> None:
        """Let nobody else collect from now on."""
        self._holders += 1
        if self._holders == 1:
            self._was_on = gc.isenabled()
            gc.disable()
            self._timer.start()

    def release(self) -> None:
        """Let Python collect again, once everybody who held it has released it."""
        self._holders -= 1
        if self._holders == 0:
            self._timer.stop()
            if self._was_on:
                gc.enable()

    def look(self) -> None:
        """Collect if as many objects were made as Python waits for, older ones now and then."""
        if gc.get_count()[0] <= gc.get_threshold()[0]:
            return
        self._collected += 1
        generations = (2, 1, 0)
        gc.collect(next(one for one in generations if self._collected % _OLDER**one == 0))


@cache
def collector() -> Collector:
    """Return the one of this process; made in the thread of the window, which calls this first."""
    return Collector()
