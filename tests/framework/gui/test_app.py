"""The application: what a command gets back from it."""

import ast
import gc
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from emulators.errors import UsageError
from emulators.gui.app import run_start_window, run_stepping
from emulators.gui.start_window import StartWindow
from emulators.gui.window import MainWindow
from tests.framework.gui.walking import TALK, config, settled

ROOT = Path(__file__).resolve().parents[3]


def when_shown(app: QApplication, kind: type, act) -> None:
    """Do something with the window of a kind as soon as the application runs."""

    def look() -> None:
        for shown in app.topLevelWidgets():
            if isinstance(shown, kind) and shown.isVisible():
                act(shown)

    QTimer.singleShot(0, look)


def finish(shown: MainWindow) -> None:
    settled(shown.session)
    shown.session.finish()
    settled(shown.session)
    shown.close()


def test_stepping_prints_results_and_returns_the_status(
    app: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    when_shown(app, MainWindow, finish)
    assert run_stepping(config(tmp_path)) == 0
    assert "Total 15 messages" in capsys.readouterr().out


def test_the_status_of_a_failed_run_is_1(
    app: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    when_shown(app, MainWindow, finish)
    assert run_stepping(config(tmp_path, TALK.replace("self.heard += 1", "1 / 0"))) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_recorded_run_is_shown_at_its_end(app: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def save(shown: MainWindow) -> None:
        settled(shown.session)
        shown.session.go_to(5)
        shown.session.save(str(path))
        settled(shown.session)
        shown.close()

    positions = []

    def look(shown: MainWindow) -> None:
        settled(shown.session)
        positions.append(shown.session.snapshot.position)
        shown.close()

    when_shown(app, MainWindow, save)
    run_stepping(config(tmp_path))
    when_shown(app, MainWindow, look)
    run_stepping(config(tmp_path), path)
    assert positions == [5]


def test_a_fault_of_the_window_is_told_in_it_and_the_run_goes_on(
    app: QApplication, tmp_path: Path, capfd: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def trouble(shown: MainWindow) -> None:
        settled(shown.session)
        shown.session.failed.connect(said.append)
        monkeypatch.setattr(shown.timeline, "_say", lambda value: 1 / 0)
        finish(shown)

    when_shown(app, MainWindow, trouble)
    assert run_stepping(config(tmp_path)) == 0
    assert "fault of the window, not of the exercise: ZeroDivisionError" in said[0]
    assert "Total 15 messages" in capfd.readouterr().out


def test_nothing_of_a_window_is_left_for_the_end_of_python(
    app: QApplication, tmp_path: Path
) -> None:
    def here() -> list[object]:
        made = [one for one in gc.get_objects() if isinstance(one, QObject)]
        return [one for one in made if not sip.isdeleted(one)]

    before = {id(one) for one in here()}
    when_shown(app, MainWindow, finish)
    run_stepping(config(tmp_path))
    when_shown(app, StartWindow, lambda shown: shown.close())
    run_start_window()
    assert [type(one) for one in here() if id(one) not in before] == []


def test_what_is_wrong_is_said_before_a_window_opens(app: QApplication, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 1"):
        run_stepping(config(tmp_path, "class ("))


def test_the_start_window_returns_when_it_is_closed(app: QApplication) -> None:
    when_shown(app, StartWindow, StartWindow.close)
    assert run_start_window() == 0


def test_the_script_can_be_read_by_an_old_python() -> None:
    source = (ROOT / "exercise_runner_overlay.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    code = [line for line in source.split('"""', 2)[2].splitlines() if line]
    assert code[:2] == ["from emulators.start.bootstrap import ensure", "ensure()"]


def test_without_a_display_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform != "linux":
        pytest.skip("there is always a display")
    script = [sys.executable, "exercise_runner_overlay.py"]
    ran = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
