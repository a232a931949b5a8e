"""Runs that the start window has started: each a process of its own, its output in a tab."""

from __future__ import annotations

import sys

from PyQt6.QtCore import QProcess, QProcessEnvironment, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QFontDatabase, QTextCharFormat, QTextCursor
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from emulators.gui.parts import Button, Printed
from emulators.gui.themes import Theme
from emulators.virtual.loader import PROJECT

_MOST_LINES = 20_000
_PATIENCE = 1500
STATUS = {0: "done", 1: "failed", 2: "could not begin", 130: "interrupted"}


class RunView(QWidget):
    """The output of one run, and how it ended."""

    ended = pyqtSignal(int)

    def __init__(self, arguments: list[str], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arguments = arguments
        self.theme = theme
        self.status: int | None = None
        self.state = QLabel("runs …", self)
        self.state.setAccessibleName("How the run stands")
        self.output = Printed("What the run prints", self)
        self.output.setMaximumBlockCount(_MOST_LINES)
        self.output.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.button = Button("Stop", self)
        self.button.setToolTip("End this run")
        self.button.clicked.connect(self.stop)
        top = QHBoxLayout()
        top.addWidget(self.state, 1)
        top.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.output, 1)
        self.process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONIOENCODING", "utf-8")
        self.process.setProcessEnvironment(environment)
        self.process.setWorkingDirectory(str(PROJECT))
        self.process.readyReadStandardOutput.connect(lambda: self._read(False))
        self.process.readyReadStandardError.connect(lambda: self._read(True))
        self.process.finished.connect(self._on_finished)
        self.process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        """Begin."""
        self._write(f"exercise_runner.py {' '.join(self.arguments)}\n", self.theme.muted)
        self.process.start(sys.executable, ["exercise_runner.py", *self.arguments])

    @property
    def is_running(self) -> bool:
        """Whether the run goes on."""
        return self.process.state() != QProcess.ProcessState.NotRunning

    def stop(self) -> None:
        """End the run; where it does not end by itself, end it for certain."""
        if self.is_running:
            self.process.terminate()
            QTimer.singleShot(_PATIENCE, self._kill)

    def _kill(self) -> None:
        if self.is_running:
            self.process.kill()

    def end_now(self) -> None:
        """End the run before the window goes."""
        self.process.blockSignals(True)
        if self.is_running:
            self.process.kill()
            self.process.waitForFinished(_PATIENCE)

    def _read(self, problem: bool) -> None:
        read = self.process.readAllStandardError if problem else self.process.readAllStandardOutput
        text = bytes(read().data()).decode("utf-8", "replace")
        self._write(text, self.theme.error if problem else "")

    def _write(self, text: str, color: str) -> None:
        bar = self.output.verticalScrollBar()
        follows = bar is None or bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.output.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        shape = QTextCharFormat()
        if color:
            shape.setForeground(QColor(color))
        cursor.insertText(text, shape)
        if follows and bar is not None:
            bar.setValue(bar.maximum())

    def _on_finished(self, code: int, how: QProcess.ExitStatus) -> None:
        self._read(False)
        self._read(True)
        ended = how == QProcess.ExitStatus.NormalExit
        self._end(code if ended else 130, STATUS.get(code, f"ended with status {code}"))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._write(f"{sys.executable} cannot be started\n", self.theme.error)
            self._end(2, STATUS[2])

    def _end(self, status: int, words: str) -> None:
        self.status = status
        self.state.setText(words if status != 130 else STATUS[130])
        self.button.setEnabled(False)
        self.ended.emit(status)
