"""``asyncio`` and ``multiprocessing``: what would begin something that is no part of a run.

It may be imported; using it within a run is refused. Outside a run it is the real thing.
"""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

from emulators.errors import StudentError
from emulators.kernel.tasks import running
from emulators.virtual.overlay import overlay

_USE_THREADS = "use threading.Thread and queue.Queue instead: in a run they are deterministic"
_REFUSED = {
    "asyncio": (
        ("run", "Runner", "get_event_loop", "new_event_loop"),
        "an event loop of asyncio waits for the real clock, which is no part of a run",
        "write run() without async and await: self.medium.wait_for_next_round() waits",
    ),
    "multiprocessing": (
        (
            *("Process", "Pool", "Queue", "SimpleQueue", "JoinableQueue", "Pipe", "Manager"),
            *("Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier"),
            *("Value", "Array", "get_context"),
        ),
        "multiprocessing makes real processes, which are no part of a run",
        _USE_THREADS,
    ),
}
NAMES = tuple(_REFUSED)
"""The modules of which something is refused."""


def _refusal(real: Any, problem: str, hint: str) -> type:
    """Return a class that makes what `real` makes, and none of it within a run."""

    class Refused:
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            if running() is None:
                return real(*args, **kwargs)
            for coroutine in filter(inspect.iscoroutine, args):
                coroutine.close()
            raise StudentError(problem, hint)

    return Refused


def refusing_module(name: str) -> ModuleType:
    """Return the stand-in for a module of which something is refused."""
    real = importlib.import_module(name)
    refused, problem, hint = _REFUSED[name]
    found = {one: getattr(real, one) for one in refused if hasattr(real, one)}
    return overlay(real, {one: _refusal(made, problem, hint) for one, made in found.items()})
