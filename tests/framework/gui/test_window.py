"""The window: every action does its thing, every key works, every field says what it is."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QTextBrowser,
)

from emulators.gui import themes
from emulators.gui.actions import TABLE, Entry, shortcut_text
from emulators.gui.session import NONE, Session
from emulators.gui.window import MainWindow
from tests.framework.gui.walking import LOOP, config, settled, wait, window

Key = Qt.Key


@pytest.fixture
def shown(app: QApplication, tmp_path: Path):
    made = window(config(tmp_path))
    yield made
    made.close()
    assert made.session.close()


def press(shown: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(shown, key)
    settled(shown.session)


def test_every_action_calls_something_that_there_is() -> None:
    for entry in TABLE:
        owner, _, name = entry.method.rpartition(".")
        assert callable(getattr(MainWindow if owner else Session, name)), entry.id


def test_no_two_actions_have_the_same_name_or_key() -> None:
    keys = [key for entry in TABLE for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert len(TABLE) == len({entry.id for entry in TABLE})


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.id)
def test_every_action_shows_its_keys(shown: MainWindow, entry: Entry) -> None:
    action = shown.actions_table[entry.id]
    assert shortcut_text(entry) in action.toolTip()
    assert entry.tip in action.toolTip()
    assert entry.text in shown.panels.controls.toPlainText()
    assert action in shown.menus[entry.menu].actions()
    assert not entry.toolbar or not action.icon().isNull()


def test_the_published_keys(shown: MainWindow) -> None:
    session = shown.session
    press(shown, Key.Key_Space)
    press(shown, Key.Key_Space)
    assert session.snapshot.position == 2
    press(shown, Key.Key_B)
    assert session.snapshot.position == 1
    press(shown, Key.Key_Tab)
    assert shown.panels.transit.isVisible()
    assert shown.focusWidget() is shown.panels.transit
    press(shown, Key.Key_S)
    assert session.events[-1].kind == "pick"
    press(shown, Key.Key_E)
    assert not session.snapshot.synchronous
    shown.network.setFocus()
    press(shown, Key.Key_Return)
    assert session.snapshot.ended


def test_fast_forward_while_its_key_is_held(shown: MainWindow) -> None:
    QTest.keyPress(shown, Key.Key_F)
    wait(lambda: shown.session.snapshot.position > 1, shown.session.moved)
    assert shown.actions_table["fast"].isChecked()
    QTest.keyRelease(shown, Key.Key_F)
    assert not shown.actions_table["fast"].isChecked()
    settled(shown.session)


def test_keys_in_a_line_of_text_are_text(shown: MainWindow) -> None:
    press(shown, Key.Key_U)
    line = shown.run_bar.until
    assert shown.focusWidget() is line
    QTest.keyClicks(line, "round 2 besf")
    assert line.text() == "round 2 besf"
    assert shown.session.snapshot.position == 0
    line.setText("round 2")
    QTest.keyClick(line, Key.Key_Return)
    settled(shown.session)
    assert shown.session.snapshot.round == 2


def test_return_in_the_list_of_messages_picks(shown: MainWindow) -> None:
    press(shown, Key.Key_Space)
    press(shown, Key.Key_Tab)
    QTest.keyClick(shown.panels.transit, Key.Key_Return)
    settled(shown.session)
    assert shown.session.events[-1].kind == "pick"
    assert not shown.session.snapshot.ended


def test_home_and_end_go_to_the_first_and_the_last_row(shown: MainWindow) -> None:
    shown.session.go_to(3)
    settled(shown.session)
    press(shown, Key.Key_Tab)
    for key, row in ((Key.Key_End, 2), (Key.Key_Home, 0)):
        QTest.keyClick(shown.panels.transit, key)
        assert shown.session.selected_message == shown.session.waiting[row].serial


def test_every_action_can_be_done_without_a_traceback(
    shown: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ask_save", "ask_open", "ask_picture", "close"):
        monkeypatch.setattr(shown, name, lambda: None)
    shown.session.set_speed(0)
    press(shown, Key.Key_Space)
    for entry, action in shown.actions_table:
        action.trigger()
        settled(shown.session)
        if entry.checked:
            action.trigger()
    settled(shown.session)


def test_the_views_share_the_selection(shown: MainWindow) -> None:
    shown.session.go_to(6)
    settled(shown.session)
    panels = shown.panels
    panels.devices.setCurrentIndex(panels.devices.table.index(2, 0))
    assert shown.session.selected_device == 2
    assert "Device 2" in panels.inspector.title.text()
    shown.session.select_device(1)
    assert panels.devices.currentIndex().row() == 1
    row = shown.session.events[-1].row
    shown.session.select(row)
    index = panels.events.list.currentIndex()
    assert panels.events.filtered.mapToSource(index).row() == row
    press(shown, Key.Key_Escape)
    assert (shown.session.selected_row, shown.session.selected_device) == (NONE, NONE)


def test_taking_the_keyboard_selects_nothing(shown: MainWindow) -> None:
    press(shown, Key.Key_Space)
    for _ in range(12):
        press(shown, Key.Key_F6)
    assert shown.session.selected_row == NONE


def test_the_inspector_shows_the_line_and_what_changed(shown: MainWindow) -> None:
    session, inspector = shown.session, shown.panels.inspector
    session.run_until("kind == 'receive'")
    settled(session)
    press(shown, Key.Key_Space)
    place = session.device(inspector.index).place
    assert f"line {place.line}" in inspector.title.text()
    assert place.source in inspector.code.toPlainText().replace("\xa0", " ")
    assert inspector.file.text().endswith("exercise1.py")
    inspector.tabs.setCurrentWidget(inspector.messages)
    assert inspector.messages.topLevelItem(2).text(0).startswith("Sent (")


def test_events_can_be_narrowed(shown: MainWindow) -> None:
    shown.session.finish()
    settled(shown.session)
    view = shown.panels.events
    everything = view.filtered.rowCount()
    assert everything == len(shown.session.events)
    view.kind.setCurrentText("receive")
    received = [event for event in shown.session.events if event.kind == "receive"]
    assert view.filtered.rowCount() == len(received)
    view.device.setCurrentIndex(1)
    assert 0 < view.filtered.rowCount() < len(received)
    view.kind.setCurrentIndex(0)
    view.device.setCurrentIndex(0)
    view.text.setText("hello 1 TO 2: 3")
    view._narrow()
    assert view.filtered.rowCount() == 2


def test_the_history_travels_and_compares(shown: MainWindow) -> None:
    session, history = shown.session, shown.panels.history
    session.go_to(6)
    session.back()
    settled(session)
    session.act("drop", session.waiting[0].serial)
    settled(session)
    shown.show_history()
    root = history.tree.topLevelItem(0)
    assert root.child(0).text(0).startswith("● drop message")
    history.show_miniature(1)
    assert not history.miniature.pixmap().isNull()
    history._travel(root)
    settled(session)
    assert (session.snapshot.branch, session.snapshot.position) == (1, 6)
    root.setSelected(True)
    root.child(0).setSelected(True)
    history.button.click()
    settled(session)
    assert history.pairs.topLevelItemCount() >= len(session.events)


def test_the_timeline_travels(shown: MainWindow) -> None:
    shown.session.go_to(9)
    settled(shown.session)
    slider = shown.timeline.slider
    assert (slider.value(), slider.maximum()) == (9, 9)
    slider.setValue(4)
    settled(shown.session)
    assert shown.session.snapshot.position == 4
    assert (slider.value(), slider.maximum()) == (4, 9)
    assert shown.timeline.label.text() == "step 4 of 9"


def test_what_goes_wrong_is_said_in_the_window(shown: MainWindow) -> None:
    shown.session.act("drop", 99)
    settled(shown.session)
    assert "message 99 is not in transit" in shown.banner.text
    press(shown, Key.Key_Escape)
    assert shown.banner.text == ""


def test_a_failing_device_is_said_and_unsaid_when_one_goes_back(
    app: QApplication, tmp_path: Path
) -> None:
    shown = window(config(tmp_path, LOOP.replace("while True:\n            pass", "1 / 0")))
    press(shown, Key.Key_Space)
    assert "ZeroDivisionError" in shown.banner.text
    assert "line 6" in shown.banner.text
    shown.session.restart()
    settled(shown.session)
    assert shown.banner.text == ""


def test_breakpoints_are_shown_and_removed(shown: MainWindow) -> None:
    shown.run_bar.until.setText("round 3")
    shown.run_bar.stop_there.click()
    view = shown.panels.breakpoints
    assert view.list.item(0).text() == "round 3"
    view.list.setCurrentRow(0)
    view.button.click()
    assert view.list.count() == 0


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_pictures(shown: MainWindow, tmp_path: Path, ending: str) -> None:
    shown.session.go_to(6)
    settled(shown.session)
    path = tmp_path / f"run.{ending}"
    shown.session.export_picture(str(path))
    assert path.stat().st_size > 2000
    if ending == "png":
        image = QImage(str(path))
        assert image.width() > shown.network.width() * 2
    else:
        text = path.read_text(encoding="utf-8")
        assert "<svg" in text
        assert text.count("<path") + text.count("<circle") > 10


@pytest.mark.parametrize("name", ["run.gif", "nowhere/run.png"])
def test_a_picture_that_cannot_be_written(shown: MainWindow, tmp_path: Path, name: str) -> None:
    shown.session.export_picture(str(tmp_path / name))
    assert name in shown.banner.text


def test_presentation_mode(app: QApplication, shown: MainWindow) -> None:
    before = shown.font().pointSizeF()
    shown.actions_table["present"].trigger()
    assert not shown.panels.side.isVisible()
    assert not shown.menuBar().isVisible()
    app.processEvents()
    assert shown.network.font().pointSizeF() > before * 1.4
    press(shown, Key.Key_Space)
    assert shown.session.snapshot.position == 1
    shown.actions_table["present"].trigger()
    app.processEvents()
    assert shown.panels.side.isVisible()
    assert shown.font().pointSizeF() == before


def test_after_the_presentation_everything_is_as_large_as_before(shown: MainWindow) -> None:
    def sizes() -> tuple:
        speed = shown.run_bar.speed_text.minimumWidth()
        return shown.panels.inspector.code.font().pointSizeF(), speed, shown.font().pointSizeF()

    before = sizes()
    shown.session.set_presentation(True)
    large = sizes()
    assert all(one > 1.4 * other for one, other in zip(large, before, strict=True))
    shown.session.set_presentation(False)
    assert sizes() == before


@pytest.mark.parametrize("points", [9, 10, 12, 14])
def test_where_devices_stand_is_read_in_every_size_of_type(
    app: QApplication, tmp_path: Path, points: int
) -> None:
    before = app.font()
    app.setProperty("base point size", points)
    made = window(config(tmp_path))
    made.session.step()
    settled(made.session)
    devices = made.panels.devices
    place = devices.model().index(0, 2)
    assert place.data().startswith("exercise1.py:")
    cell = devices.visualRect(place)
    assert devices.fontMetrics().horizontalAdvance(place.data()) < cell.width()
    assert devices.viewport().rect().contains(cell)
    made.close()
    assert made.session.close()
    app.setProperty("base point size", before.pointSizeF())
    app.setFont(before)


@pytest.mark.parametrize("name", themes.NAMES)
def test_themes(app: QApplication, shown: MainWindow, name: str) -> None:
    shown.session.set_theme(name)
    app.processEvents()
    theme = themes.theme(name)
    assert shown.palette().window().color().name() == theme.window
    assert shown.run_bar.theme.currentData() == name
    image = shown.panels.events.grab().toImage()
    colors = {image.pixelColor(x, image.height() - 9).name() for x in range(4, 300, 7)}
    assert theme.surface in colors


@pytest.mark.parametrize("name", themes.NAMES)
def test_the_edges_of_fields_are_seen(app: QApplication, shown: MainWindow, name: str) -> None:
    shown.session.set_theme(name)
    app.processEvents()
    line = shown.run_bar.until
    image = line.grab().toImage()
    middle = image.width() // 2
    column = [image.pixelColor(middle, y).lightnessF() for y in range(image.height() // 4)]
    assert max(column) - min(column) > 0.15


def test_every_field_says_what_it_is(shown: MainWindow) -> None:
    kinds = (QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QSlider, QTextBrowser)
    for kind in kinds:
        for field in shown.findChildren(kind):
            inner = field.parent().metaObject().className() in ("QComboBox", "QSpinBox")
            is_part = isinstance(field, QHeaderView) or inner
            if is_part or field.isHidden() or field.window() is not shown:
                continue
            named = field.accessibleName() and field.accessibleDescription()
            assert named, f"{field} in {field.parent()}"
    for button in shown.findChildren(QPushButton):
        assert button.text(), button
        assert button.toolTip(), button.text()


def test_closing_hides_the_window_at_once_and_ends_the_run(
    app: QApplication, tmp_path: Path
) -> None:
    shown = window(config(tmp_path))
    shown.session.run(0)
    shown.close()
    assert not shown.isVisible()
    assert shown.session.close()


def test_clocks_layout_and_following_are_actions(shown: MainWindow) -> None:
    shown.next_clocks()
    shown.follow(False)
    shown.next_layout()
    seen = (shown.spacetime._show, shown.spacetime.follow, shown.network._layout)
    assert seen == ("lamport", False, "line")
