"""Keys as they are pressed, without return, read by `blessed`; everybody else sees their names."""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

from emulators.errors import UsageError

_NAMES = {
    "KEY_ENTER": "enter",
    "KEY_TAB": "tab",
    "KEY_ESCAPE": "escape",
    "KEY_BACKSPACE": "backspace",
    "KEY_DELETE": "backspace",
    "KEY_LEFT": "left",
    "KEY_RIGHT": "right",
    "KEY_PGUP": "page up",
    "KEY_PGDOWN": "page down",
}
_CHARACTERS = {
    " ": "space",
    "\n": "enter",
    "\r": "enter",
    "\t": "tab",
    "\x1b": "escape",
    "\x7f": "backspace",
    "\b": "backspace",
    "\x04": "end",
}


def terminal_stream() -> TextIO | None:
    """Return where a terminal shows what is written, when keys come from one; else None."""
    if sys.stdin is None or not sys.stdin.isatty() or sys.stdin is not sys.__stdin__:
        return None
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            return stream
    return None


class Keys:
    """The keyboard of a terminal. Keys act at once while the block lasts, and are not shown."""

    def __init__(self, stream: TextIO) -> None:
        try:
            from blessed import Terminal
        except ImportError:
            raise UsageError(
                "keys act at once with the package blessed, which is missing: type commands instead"
            ) from None
        self._terminal = Terminal(stream=stream, force_styling=None)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Keys:  # noqa: PYI034  (Self is younger than Python 3.10)
        self._stack.enter_context(self._terminal.cbreak())
        return self

    def __exit__(self, *problem: object) -> None:
        self.release()

    def release(self) -> None:
        """Give the keyboard back, as it was."""
        self._stack.close()

    def read(self, timeout: float | None = None) -> str:
        """Return the name of the next key, or nothing after `timeout` seconds.

        Keys without a name are called by their character; raises EOFError when there is no more.
        """
        stroke = self._terminal.inkey(timeout=timeout)
        text = str(stroke)
        if stroke.is_sequence:
            return _NAMES.get(stroke.name or "", _CHARACTERS.get(text, "other"))
        return _CHARACTERS.get(text, text)
