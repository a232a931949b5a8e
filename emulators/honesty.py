"""How an exercise finds out that the device at work lies, as a scenario has it."""

from __future__ import annotations

from emulators.EmulatorStub import active_emulator


def is_byzantine() -> bool:
    """Return whether the device at work is byzantine: what it decides is of no interest."""
    emulator = active_emulator()
    return emulator is not None and emulator.is_byzantine()
