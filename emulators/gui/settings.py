"""What is remembered between starts: an ini file, which ``EMULATORS_SETTINGS`` puts elsewhere."""

from __future__ import annotations

import os

from PyQt6.QtCore import QSettings

VARIABLE = "EMULATORS_SETTINGS"


def settings() -> QSettings:
    """Return the settings of this person."""
    path = os.environ.get(VARIABLE)
    if path:
        return QSettings(path, QSettings.Format.IniFormat)
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "distributed-systems", "emulators"
    )
