"""The pipes that a process of a device has, and its end with its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import BinaryIO


def orders() -> BinaryIO:
    """Return standard input for orders; whoever else reads there finds nothing."""
    own = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(own, "rb")


def reports() -> BinaryIO:
    """Return standard output for reports; what else is written there goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")


def die_with_parent() -> None:
    """Let Linux end this process with its supervisor even while it is held from outside."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, int(signal.SIGKILL))


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the supervisor, which has kept it away from this process until now."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
