"""A presenter remote: step while the slides have the focus. It listens only when switched on.

A remote is a small keyboard: it presses page down, right or space to go on, page up or left to go
back. `pynput` hears these keys wherever the focus is; where it cannot, `start` says why. What it
hears is kept nowhere, and other keys are not looked at.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulators.errors import UsageError

STEP = ("page_down", "right", "space")
BACK = ("page_up", "left")
_SAME = 0.15
"""Seconds within which one press is heard from the keyboard and from the remote."""


class Remote:
    """Listens for the keys of a presenter remote; calls `step` and `back` from its own thread."""

    def __init__(self, step: Callable[[], object], back: Callable[[], object]) -> None:
        self._calls: dict[str, Callable[[], object]] = {
            **dict.fromkeys(STEP, step),
            **dict.fromkeys(BACK, back),
        }
        self._listener: Any = None

    @property
    def listening(self) -> bool:
        """Whether keys are listened for now."""
        return self._listener is not None

    def start(self) -> None:
        """Begin to listen. Raises `UsageError`, one line, where that is not possible."""
        if self.listening:
            return
        reason = obstacle()
        if reason:
            raise UsageError(f"the remote does not work here: {reason}")
        try:
            from pynput import keyboard

            listener = keyboard.Listener(on_press=self._pressed)
            listener.daemon = True
            listener.start()
            listener.wait()
        except ModuleNotFoundError as error:
            raise UsageError(
                f"the remote needs the package {error.name}: pip install pynput"
            ) from None
        except Exception as error:  # of whatever system lies below
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(f"the remote does not work here: {reason[:200]}") from None
        if not getattr(listener, "IS_TRUSTED", True):
            listener.stop()
            raise UsageError(
                "the remote does not work here: allow this terminal to watch the keyboard, in "
                "System Settings, Privacy & Security, Accessibility"
            )
        self._listener = listener

    def stop(self) -> None:
        """Listen no more."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def _pressed(self, key: Any) -> None:
        call = self._calls.get(getattr(key, "name", None) or "")
        if call is not None and self.listening:
            call()


def obstacle(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """Return why keys of other windows cannot be heard on this system, or nothing."""
    if not platform.startswith(("linux", "freebsd")):
        return ""
    if environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland":
        return "on Wayland no program hears the keys of another one's window"
    if not environment.get("DISPLAY"):
        return "there is no X display"
    return ""


class Doubles:
    """Knows a press again that another listener has heard: keyboard and remote hear the same."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: list[tuple[float, str, str]] = []

    def is_new(self, listener: str, meaning: str) -> bool:
        """Whether a press is new, and not what another listener has told of just now."""
        now = self._clock()
        self._heard = [one for one in self._heard if now - one[0] <= _SAME]
        for one in self._heard:
            if one[1] != listener and one[2] == meaning:
                self._heard.remove(one)
                return False
        self._heard.append((now, listener, meaning))
        return True
