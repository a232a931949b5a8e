"""A carrier on real threads, one of which runs at a time: what greenlets are measured against.

It uses `_thread`, because a run puts its own `threading` into the files around a device class.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable, Iterable
from types import FrameType

from emulators.kernel.carrier import Killed


class ThreadCoroutine:
    """A function in a thread of its own; control is handed over with locks."""

    def __init__(self, function: Callable[[], None], carrier: ThreadCarrier) -> None:
        self._carrier = carrier
        self._function = function
        self._turn = _thread.allocate_lock()
        self._turn.acquire()
        self._killed = False
        self._ended = False
        self._started = False

    def _body(self) -> None:
        self._turn.acquire()
        try:
            if not self._killed:
                self._function()
        except Killed:
            pass
        finally:
            self._ended = True
            self._carrier.hub.release()

    def resume(self) -> None:
        """Run the function until it suspends or ends."""
        if self._ended:
            return
        if not self._started:
            self._started = True
            _thread.start_new_thread(self._body, ())
        before, self._carrier.running = self._carrier.running, self
        self._turn.release()
        self._carrier.hub.acquire()
        self._carrier.running = before

    def wait(self) -> None:
        """Give control back and wait for the next turn."""
        self._carrier.hub.release()
        self._turn.acquire()
        if self._killed:
            raise Killed

    def kill(self) -> bool:
        """Raise `Killed` where the function stands."""
        if self._started and not self._ended:
            self._killed = True
            self.resume()
        return self._ended or not self._started

    def frame(self) -> FrameType | None:
        """Return nothing: a thread's frame is not at hand."""
        return None


class ThreadCarrier:
    """Makes coroutines on threads."""

    hops = False

    def __init__(self) -> None:
        self.hub = _thread.allocate_lock()
        self.hub.acquire()
        self.running: ThreadCoroutine | None = None

    def ident(self) -> int:
        """Return the same number in every thread: one runs at a time."""
        return 0

    def suspend(self) -> None:
        """Give control back to whoever resumed the running coroutine."""
        assert self.running is not None
        self.running.wait()

    def spawn(self, function: Callable[[], None]) -> ThreadCoroutine:
        """Return a coroutine that will call `function`."""
        return ThreadCoroutine(function, self)

    def move(self, coroutines: Iterable[ThreadCoroutine]) -> None:
        """Do nothing: whoever resumes a coroutine gets the control back."""
