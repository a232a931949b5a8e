"""``input``: a person may take his time; by this module the watchdog knows whom it waits for."""

from __future__ import annotations

import builtins


def ask(prompt: object = "", /) -> str:
    """Return what somebody types; raise EOFError with what to do where there is nobody."""
    try:
        return builtins.input(prompt)
    except EOFError:
        raise EOFError("input() found nobody to answer: write the value into the file") from None
