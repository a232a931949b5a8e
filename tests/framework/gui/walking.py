"""Runs to walk through in tests, and waiting without sleeping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QCoreApplication, QEventLoop, QTimer

from emulators.gui.session import Session
from emulators.gui.walk import Walk
from emulators.gui.window import MainWindow
from emulators.runner import RunConfig

PATIENCE = 20_000

TALK = """
from emulators.Device import Device
from emulators.MessageStub import MessageStub

class Hello(MessageStub):
    def __init__(self, sender, destination, text):
        super().__init__(sender, destination)
        self.text = text
    def __str__(self):
        return f"Hello {self.source} to {self.destination}: {self.text}"

class Talker(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.heard = 0
        self.leader = None
    def run(self):
        for number in range(5):
            self.medium.send(Hello(self.index, (self.index + 1) % self.number_of_devices, number))
            for message in self.medium.receive_all():
                self.heard += 1
                self.leader = message.source
            self.medium.wait_for_next_round()
        print("device", self.index, "is done")
    def print_result(self):
        print("heard", self.heard)
"""
LOOP = """
from emulators.Device import Device

class Talker(Device):
    def run(self):
        while True:
            pass
"""


def config(folder: Path, source: str = TALK, devices: int = 3, **options: Any) -> RunConfig:
    """Return a run of `Talker` in a file of its own."""
    (folder / "exercise1.py").write_text(source, encoding="utf-8")
    options = {"seed": 1, **options}
    return RunConfig(1, "Talker", "stepping", devices, exercises=folder, **options)


def go(walk: Walk) -> None:
    """Let a walk reach where it is heading."""
    while walk.goal is not None:
        walk.advance()


def wait(condition: Callable[[], object], *signals: Any) -> None:
    """Return when a condition holds; it is asked whenever one of the signals comes.

    Without signals it is asked now and then.
    """
    loop = QEventLoop()
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(loop.quit)

    def look(*values: object) -> None:
        if condition():
            loop.quit()

    for signal in signals:
        signal.connect(look)
    again = QTimer()
    if not signals:
        again.timeout.connect(look)
        again.start(5)
    timer.start(PATIENCE)
    if not condition():
        loop.exec()
    timer.stop()
    again.stop()
    for signal in signals:
        signal.disconnect(look)
    assert condition(), "it did not happen"


def settled(session: Session) -> None:
    """Wait until a session has done all it was asked for."""
    wait(lambda: not session.is_busy, session.busy)
    QCoreApplication.processEvents()


class Heard:
    """The values that a signal has brought."""

    def __init__(self, signal: Any) -> None:
        self.values: list[Any] = []
        signal.connect(lambda *values: self.values.extend(values))


def started(made: RunConfig, path: Path | None = None) -> Session:
    """Return a session that stands at the beginning of a run."""
    session = Session(made, path)
    session.start()
    settled(session)
    return session


def window(made: RunConfig) -> MainWindow:
    """Return a window that shows the beginning of a run."""
    shown = MainWindow(Session(made))
    shown.show()
    shown.session.start()
    settled(shown.session)
    return shown
