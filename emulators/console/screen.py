"""Whether a window can be opened here. Looks without opening one, and without importing Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

_TRY = "from PyQt6.QtWidgets import QApplication; QApplication([])"
_PATIENCE = 20


def no_display(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """Return why there is no display, or nothing."""
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal"):
        return f"QT_QPA_PLATFORM is {environment['QT_QPA_PLATFORM']}"
    on_x = platform.startswith(("linux", "freebsd"))
    if on_x and not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)"
    return ""


def no_window() -> str:
    """Return why Qt cannot open a window, or nothing.

    It is tried in a process of its own: where a display does not answer or a library of the system
    is missing, Qt ends the process that asked.
    """
    try:
        tried = subprocess.run(
            [sys.executable, "-c", _TRY],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "the display does not answer"
    if tried.returncode == 0:
        return ""
    return _reason(tried.stderr)


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        if "could not connect to display" in line:
            return "the display cannot be connected to"
        if "Error" in line or "is needed" in line:
            return line[:200]
    return "PyQt6 cannot open a window"
