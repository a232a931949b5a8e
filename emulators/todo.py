"""How an exercise says that a part of it is still to be written."""

from __future__ import annotations

import sys

from emulators.EmulatorStub import active_emulator


def todo(text: str) -> None:
    """Say, once per run, what is not implemented yet and on which line. The run goes on."""
    emulator = active_emulator()
    if emulator is not None:
        caller = sys._getframe(1)
        emulator.todo(text, caller.f_code.co_filename, caller.f_lineno)
