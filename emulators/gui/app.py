"""The application: a window to step through a run, or the start window; each returns a status."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType

from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication

from emulators.errors import UsageError, describe
from emulators.gui import themes
from emulators.gui.session import Session
from emulators.gui.settings import settings
from emulators.gui.start_window import StartWindow
from emulators.gui.window import MainWindow
from emulators.runner import RunConfig, check
from emulators.trace.log import Recorded

_LAST_PATIENCE = 15.0
_INTERRUPTED = 130


@cache
def application() -> QApplication:
    """Return the application of this process; made at the first call."""
    made = QApplication.instance()
    if not isinstance(made, QApplication):
        made = QApplication(sys.argv[:1])
        made.setApplicationName("Distributed systems")
        made.setApplicationDisplayName("Distributed systems")
    return made


def run_stepping(config: RunConfig, recorded: Recorded | Path | None = None) -> int:
    """Show a run to walk through, or a recorded one; return when the window is closed.

    Raises `UsageError` for what can be seen to be wrong before anything runs. The status is 1 where
    the run failed.
    """
    check(config)
    try:
        return _walk_through(config, recorded)
    finally:
        destroy_windows()


def _walk_through(config: RunConfig, recorded: Recorded | Path | None) -> int:
    made = application()
    theme = str(settings().value("theme", themes.NAMES[0]))
    path = recorded.path if isinstance(recorded, Recorded) else recorded
    session = Session(config, path, theme)
    problems: list[str] = []
    session.failed.connect(problems.append)
    window = MainWindow(session)
    moves = window.actions_table["motion"]
    moves.setChecked(str(settings().value("motion", 1)) == "1")
    window.show()
    session.start()
    with _faults_told(session):
        status = _execute(made)
    window.hide()
    session.close(_LAST_PATIENCE)
    settings().setValue("theme", session.theme.name)
    settings().setValue("motion", int(moves.isChecked()))
    snapshot = session.snapshot
    if snapshot is None:
        raise UsageError(problems[-1] if problems else "the run could not be loaded")
    print(snapshot.output, end="", flush=True)
    for failure in snapshot.failures:
        print(failure, file=sys.stderr)
    return _INTERRUPTED if status == _INTERRUPTED else int(bool(snapshot.failures))


def run_start_window() -> int:
    """Show the start window; return when it is closed."""
    made = application()
    themes.dress(made, themes.theme(str(settings().value("theme", themes.NAMES[0]))))
    window = StartWindow()
    window.show()
    try:
        return _execute(made)
    finally:
        del window
        destroy_windows()


def destroy_windows() -> None:
    """Destroy all windows and what belongs to them, while everything they need is still there.

    What is left when Python ends is destroyed in no order at all, which Qt does not always survive.
    """
    made = application()
    for widget in made.topLevelWidgets():
        widget.deleteLater()
    made.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


@contextlib.contextmanager
def _faults_told(session: Session) -> Iterator[None]:
    """Let a fault of the window be told in the window; without this, Qt ends the process."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace, file=sys.__stderr__)
        text = f"a fault of the window, not of the exercise: {describe(error)}; please report it"
        session.failed.emit(f"{text} with the lines that the terminal shows")

    before, sys.excepthook = sys.excepthook, tell
    try:
        yield
    finally:
        sys.excepthook = before


def _execute(made: QApplication) -> int:
    """Run the application until its last window is closed, or Ctrl-C is pressed in the terminal."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        made.exit(_INTERRUPTED)

    before = signal.signal(signal.SIGINT, interrupt)
    awake = QTimer()  # lets Python look for signals
    awake.timeout.connect(lambda: None)
    awake.start(200)
    try:
        return made.exec()
    finally:
        awake.stop()
        signal.signal(signal.SIGINT, before)
