"""An application without a screen, and the rule that Qt has nothing to complain about."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QEvent, QtMsgType, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication

from emulators.gui.app import application
from emulators.gui.garbage import collector
from emulators.gui.settings import VARIABLE

_OF_THE_PLATFORM = (
    *("propagateSizeHints", "does not support raise()", "Populating font family"),
    "does not support grabbing the keyboard",
)
"""What Qt says because there is no screen."""


@pytest.fixture(scope="session")
def app() -> QApplication:
    return application()


@pytest.fixture(scope="package", autouse=True)
def tidy(app: QApplication) -> Iterator[None]:
    """Destroy windows in this thread, before other tests make threads that would do it."""
    collector().hold()
    yield
    gc.collect()
    collector().release()


@pytest.fixture(autouse=True)
def quiet_qt(app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which Qt warns of something; remember nothing beyond it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "settings.ini"))
    said: list[str] = []

    def hear(kind: QtMsgType, context: object, text: str | None) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(one in str(text) for one in _OF_THE_PLATFORM):
            said.append(str(text))

    before = qInstallMessageHandler(hear)
    yield
    for widget in app.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()
    qInstallMessageHandler(before)
    assert said == []
