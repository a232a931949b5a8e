"""The start window: what can be chosen, what is remembered, what a run shows."""

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from emulators.errors import UsageError
from emulators.gui.start_window import StartWindow
from tests.framework.gui.walking import TALK, wait


@pytest.fixture
def start(app: QApplication, tmp_path: Path):
    made = StartWindow()
    made.show()
    yield made
    made.close()


@pytest.fixture
def own(start: StartWindow, tmp_path: Path) -> StartWindow:
    (tmp_path / "exercise1.py").write_text(TALK, encoding="utf-8")
    start.set_folder(str(tmp_path))
    start.lectures.setCurrentRow(1)
    return start


def test_lectures_have_titles_and_their_algorithms(start: StartWindow) -> None:
    titles = [start.lectures.item(row).text() for row in range(start.lectures.count())]
    assert "Mutual exclusion and election" in titles[4]
    start.lectures.setCurrentRow(4)
    names = [start.algorithm.itemText(row) for row in range(start.algorithm.count())]
    assert {"TokenRing", "SuzukiKasami", "Maekawa"} <= set(names)


def test_a_lecture_without_exercise_says_so(start: StartWindow) -> None:
    start.lectures.setCurrentRow(3)
    assert "Lecture 3 has no exercise here" in start.banner.text
    assert not start.start_button.isEnabled()


def test_the_choice_becomes_a_command_line(own: StartWindow, tmp_path: Path) -> None:
    own.type.setCurrentIndex(1)
    own.devices.setValue(7)
    own.seed.setText("42")
    own.options.setText("--fifo --latency 0:0.5")
    own.quiet.setChecked(True)
    assert own.arguments() == [
        *("--lecture", "1", "--algorithm", "Talker", "--type", "async", "--devices", "7"),
        *("--seed", "42", "--exercises", str(tmp_path), "--quiet"),
        *("--fifo", "--latency", "0:0.5"),
    ]


def test_a_wrong_seed_is_said(own: StartWindow) -> None:
    own.seed.setText("often")
    assert own.start() is None
    assert "'often' is no seed" in own.banner.text
    own.seed_button.click()
    assert own.config().seed is not None


def test_runs_show_what_they_print_and_how_they_end(own: StartWindow) -> None:
    views = [own.start(), own.start()]
    for view in views:
        wait(lambda view=view: view.status is not None, view.ended)
        assert "device 0 is done" in view.output.toPlainText()
        assert "Total 15 messages" in view.output.toPlainText()
        assert (view.status, view.state.text()) == (0, "done")
    assert [own.tabs.tabText(row) for row in range(2)] == ["Talker sync ✓"] * 2
    own.tabs.tabCloseRequested.emit(0)
    assert own.tabs.count() == 1


def test_a_failing_file_is_said_with_its_line(own: StartWindow, tmp_path: Path) -> None:
    (tmp_path / "exercise1.py").write_text("x = (\n", encoding="utf-8")
    own._on_lecture()
    assert "exercise1.py, line 1" in own.banner.text
    source = TALK.replace("self.heard += 1", "1 / 0")
    (tmp_path / "exercise1.py").write_text(source, encoding="utf-8")
    line = source[: source.index("1 / 0")].count("\n") + 1
    own._on_lecture()
    view = own.start()
    wait(lambda: view.status is not None, view.ended)
    assert view.status == 1
    assert f"exercise1.py, line {line}" in view.output.toPlainText()
    assert "Traceback" not in view.output.toPlainText()


def test_a_run_can_be_stopped(own: StartWindow, tmp_path: Path) -> None:
    source = TALK.replace("range(5)", "range(10**9)")
    (tmp_path / "exercise1.py").write_text(source, encoding="utf-8")
    own.options.setText("--max-rounds 1000000000 --max-messages 1000000000")
    view = own.start()
    wait(lambda: "ROUND 3" in view.output.toPlainText(), view.output.textChanged)
    view.stop()
    wait(lambda: view.status is not None, view.ended)
    assert view.state.text() == "interrupted"


def test_the_last_choice_is_remembered(own: StartWindow, tmp_path: Path) -> None:
    own.type.setCurrentIndex(2)
    own.devices.setValue(9)
    own.seed.setText("5")
    own.options.setText("--fifo")
    own.close()
    again = StartWindow()
    assert again.arguments() == own.arguments()
    again.close()


def test_a_device_count_or_algorithm_that_is_wrong_is_said(own: StartWindow) -> None:
    own.algorithm.addItem("Nothing")
    own.algorithm.setCurrentText("Nothing")
    with pytest.raises(UsageError):
        own.config()
    assert own.start() is None
    assert "Nothing" in own.banner.text


def test_themes_can_be_changed(start: StartWindow) -> None:
    start.theme_box.setCurrentIndex(1)
    start.theme_box.activated.emit(1)
    QApplication.processEvents()
    assert start.palette().window().color().name() == start.theme.window
