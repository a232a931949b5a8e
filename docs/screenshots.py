"""Makes the pictures of README.md and window.md: ``.venv/bin/python docs/screenshots.py``.

The same run from a fixed seed, without a screen; nothing that a person has set is read or changed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt6.QtCore import QCoreApplication, QEventLoop, QSize, Qt, pyqtBoundSignal
from PyQt6.QtGui import QFont, QFontDatabase, QImage, QTextCursor
from PyQt6.QtWidgets import QWidget

from emulators.gui import themes
from emulators.gui.app import application, destroy_windows
from emulators.gui.session import Session
from emulators.gui.settings import VARIABLE
from emulators.gui.start_window import StartWindow
from emulators.gui.window import MainWindow
from emulators.runner import RunConfig

FOLDER = ROOT / "docs" / "pictures"
FAMILY = "DejaVu Sans"
SIZE = QSize(1280, 720)
LARGEST = 150_000
RUN = RunConfig(4, "SuzukiKasami", "stepping", 5, seed=3, exercises=ROOT / "tests" / "solutions")


def wait(signal: pyqtBoundSignal) -> None:
    """Return at the next signal."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    loop.exec()
    signal.disconnect(loop.quit)


def settle(session: Session) -> None:
    """Wait until the run has done what it was asked for."""
    if session.is_busy:
        wait(session.busy)
    QCoreApplication.processEvents()


def palette(image: QImage) -> list[int]:
    """Return as many colours as a small file can hold: the most frequent, some of the others."""
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    counted = Counter(memoryview(bits.asstring()).cast("I")).most_common()
    chosen = [color for color, _ in counted[:96]]
    near = dict.fromkeys(color & 0xFFE0E0E0 for color in chosen)
    others: dict[int, int] = {}
    for color, _ in counted[96:]:
        others.setdefault(color & 0xFFF0F0F0, color)
    rare = sorted(others, key=lambda color: color & 0xFFE0E0E0 in near)
    return chosen + [others[color] for color in rare[:160]]


def write(window: QWidget, name: str) -> None:
    """Write what a window shows, in the colours that it has most of."""
    QCoreApplication.processEvents()
    path = FOLDER / f"{name}.png"
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    small = image.convertToFormat(
        QImage.Format.Format_Indexed8, palette(image), Qt.ImageConversionFlag.ThresholdDither
    )
    small.save(str(path), "PNG", 0)  # 0: as small as it gets
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size // 1000} kB")
    if size > LARGEST:
        sys.exit(f"{path} is larger than {LARGEST} bytes")


@contextmanager
def window_at(position: int, theme: str) -> Iterator[MainWindow]:
    """Show the run at a position."""
    window = MainWindow(Session(RUN, theme=theme))
    window.resize(SIZE)
    window.animate(False)
    window.show()
    window.session.start()
    settle(window.session)
    window.session.go_to(position)
    settle(window.session)
    yield window
    window.close()
    window.session.close()


def stepping() -> None:
    """Show a device in the critical section, and the line at which it is."""
    with window_at(60, "light") as window:
        window.session.select_device(2)
        settle(window.session)
        write(window, "window-light")


def branches() -> None:
    """Show two branches beside each other: in one a message was lost."""
    with window_at(60, "dark") as window:
        session = window.session
        session.back()
        settle(session)
        session.act("drop", 29)
        session.step()
        settle(session)
        session.select_device(3)
        window.show_history()
        session.compare(1, 2)
        settle(session)
        write(window, "window-dark")


def start() -> None:
    """Show the start window with one run that has been done."""
    window = StartWindow()
    window.lectures.setCurrentRow(0)
    window.algorithm.setCurrentText("PingPong")
    window.devices.setValue(12)
    window.seed.setText("2")
    window.show()
    view = window.start()
    assert view is not None
    wait(view.ended)
    view.output.moveCursor(QTextCursor.MoveOperation.Start)  # real times stand at the end
    write(window, "start")
    window.close()


def main() -> None:
    """Make all pictures."""
    made = application()
    if FAMILY not in QFontDatabase.families():
        sys.exit(f"the font {FAMILY} is not installed, with which the pictures are made")
    made.setFont(QFont(FAMILY, 9))
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[VARIABLE] = str(Path(folder) / "settings.ini")
        themes.dress(made, themes.theme("light"))
        start()
        stepping()
        branches()
    destroy_windows()


if __name__ == "__main__":
    main()
