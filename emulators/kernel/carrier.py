"""How a blocking function is suspended in the middle and resumed later.

The only module that imports greenlet. Another carrier (threads, a browser) needs the same few
methods and nothing else in the project changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
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
    ident: Callable[[], int]
    """Returns a number that is the same in all coroutines and differs in every foreign thread."""
    hops: bool
    """Whether a coroutine may resume another one, instead of the hub."""

    def spawn(self, function: Callable[[], None]) -> Coroutine:
        """Return a coroutine that will call `function`; nothing runs yet."""

    def move(self, coroutines: Iterable[Coroutine]) -> None:
        """Make the caller the one to whom `coroutines`, those of this carrier, give control back.

        It may itself be a coroutine, of another carrier: a run within a run.
        """


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
    """The default carrier. It belongs to the thread that makes it; its hub is the greenlet that
    makes or moved it.
    """

    ident = staticmethod(threading.get_ident)
    hops = True

    def __init__(self) -> None:
        self._hub = getcurrent()
        self.suspend: Callable[[], Any] = self._hub.switch

    def spawn(self, function: Callable[[], None]) -> GreenletCoroutine:
        """Return a coroutine that will call `function`; nothing runs yet."""
        return GreenletCoroutine(function, self._hub)

    def move(self, coroutines: Iterable[Any]) -> None:
        """Make the running greenlet the hub."""
        hub = getcurrent()
        if hub is not self._hub:
            self._hub, self.suspend = hub, hub.switch
            for coroutine in coroutines:
                coroutine.parent = hub
