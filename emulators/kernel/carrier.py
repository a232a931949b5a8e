"""How a blocking function is suspended in the middle and resumed later.

The only module that imports greenlet. Another carrier (threads, a browser) needs the same few
methods and nothing else in the project changes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """Raised inside a task that shall end; no ``except Exception`` catches it."""


class Coroutine(Protocol):
    """A function that can be resumed; made by `Carrier.spawn`."""

    def resume(self) -> Any:
        """Run the function until it suspends or ends."""

    def kill(self) -> bool:
        """Raise `Killed` where the function stands; return whether it ended."""

    def frame(self) -> FrameType | None:
        """Return the frame at which the function is suspended, or None when it is not."""


class Carrier(Protocol):
    """Makes coroutines and suspends the running one. Used by one operating-system thread."""

    suspend: Callable[[], Any]

    def spawn(self, function: Callable[[], None]) -> Coroutine:
        """Return a coroutine that will call `function`; nothing runs yet."""


class GreenletCoroutine(greenlet):
    """A coroutine on a greenlet: resuming is one switch in C."""

    resume = greenlet.switch

    def kill(self) -> bool:
        """Raise `Killed` where the function stands; return whether it ended.

        A bare ``except:`` may swallow the exception, so the result can be False.
        """
        if not self.dead and self:
            self.throw(Killed)
        return self.dead or not self

    def frame(self) -> FrameType | None:
        """Return the frame at which the function is suspended, or None when it is not."""
        return self.gr_frame


class GreenletCarrier:
    """The default carrier. It belongs to the thread and the greenlet that make it (the hub)."""

    def __init__(self) -> None:
        self._hub = getcurrent()
        self.suspend: Callable[[], Any] = self._hub.switch

    def spawn(self, function: Callable[[], None]) -> GreenletCoroutine:
        """Return a coroutine that will call `function`; nothing runs yet."""
        return GreenletCoroutine(function, self._hub)
