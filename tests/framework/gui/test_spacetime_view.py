"""The space-time view: what it shows, how it moves, what it asks of the session."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication

from emulators.gui.spacetime_view import SpaceTimeView
from tests.framework.gui.fakes import FakeSession, device, script, snapshot, some_run, theme
from tests.framework.gui.pictures import compare, set_font


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def view(qtbot, session):
    made = SpaceTimeView(session, theme())
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    return made


def run(session, devices=5, messages=200, seed=1, rounds=True):
    rows, views, _ = some_run(devices, messages, seed, rounds)
    session.stand_at(rows, views)
    return rows


def painted(view):
    view.grab()
    return view.picture


def place_of(view, row):
    [mark] = [mark for mark in painted(view).marks if mark.row == row]
    return QPointF(mark.center.x, mark.center.y)


def click(qtbot, view, place):
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())


def test_it_follows_the_newest_event(view, session):
    rows, devices, _ = some_run(5, 200)
    for count in (100, 200, 300):
        session.stand_at(rows[:count], devices)
        assert max(mark.row for mark in painted(view).marks) >= count - 3
    assert view.follow


def test_it_shows_what_the_session_has_after_going_back(view, session):
    rows, devices, _ = some_run(5, 200)
    for count in (300, 40, 120, 0, 80):
        session.stand_at(rows[:count], devices)
        assert [mark.row for mark in painted(view).marks if mark.row >= count] == []
        assert len(painted(view).lanes) == 5


def test_a_snapshot_that_was_missed_does_no_harm(view, session):
    rows, devices, _ = some_run(5, 200)
    session.events = rows
    session.moved.emit(snapshot(150, rows[150:], devices))
    assert max(mark.row for mark in painted(view).marks) >= len(rows) - 3


def test_who_looks_elsewhere_is_left_alone(view, session):
    rows, devices, _ = some_run(5, 200)
    session.stand_at(rows[:250], devices)
    bar = view.horizontalScrollBar()
    bar.setValue(100)
    assert not view.follow
    session.stand_at(rows, devices)
    assert bar.value() == 100
    view.follow = True
    assert bar.value() == bar.maximum()


def test_a_click_selects_an_event_and_nothing_deselects(qtbot, view, session):
    run(session)
    row = painted(view).marks[-4].row
    click(qtbot, view, place_of(view, row))
    assert session.selected_row == row
    assert {"past", "future", "concurrent", "selected"} & {
        mark.relation for mark in painted(view).marks
    } >= {"past", "selected"}
    click(qtbot, view, QPointF(view.viewport().width() - 2, view.view().header + 1))
    assert session.selected_row == -1
    assert {mark.relation for mark in painted(view).marks} == {""}


def test_selecting_elsewhere_brings_an_event_into_sight(view, session):
    rows = run(session)
    row = next(row.row for row in rows if row.kind == "send")
    session.select(row)
    assert row in [mark.row for mark in painted(view).marks]
    assert not view.follow
    assert rows[row].text in view.accessibleDescription()


def test_the_future_grows_with_the_run(view, session):
    told = script()
    first = told.send(0, 1)
    devices = [device(n) for n in range(3)]
    session.stand_at(told.rows, devices)
    session.select(0)
    told.receive(first)
    told.send(2, 1)
    told.send(1, 2)
    session.stand_at(told.rows, devices)
    relations = [mark.relation for mark in painted(view).marks]
    assert relations == ["selected", "future", "concurrent", "future"]


def test_the_keyboard_goes_from_event_to_event(qtbot, view, session):
    told = script()
    told.round()
    told.send(0, 2)
    told.round()
    told.send(2, 0)
    session.stand_at(told.rows, [device(n) for n in range(3)])
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selected_row == 3
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selected_row == 1
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selected_row == 1
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert session.selected_row == 3
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert session.selected_row == 1


def test_zooming_keeps_what_is_under_the_mouse(view, session):
    run(session)
    view.horizontalScrollBar().setValue(1500)
    before = view.view().row(400)
    place = QPointF(400, 100)
    for turned in (120, 240, -120, -480):
        event = QWheelEvent(
            place, view.mapToGlobal(place), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view.viewport(), event)
        assert view.view().row(400) == pytest.approx(before, abs=0.2)
    assert view.view().column != 22


def test_zooming_out_shows_everything_as_densities(qtbot, view, session):
    run(session, messages=2000)
    qtbot.keyClick(view, Qt.Key.Key_0)
    picture = painted(view)
    assert picture.dense
    assert view.horizontalScrollBar().maximum() <= 1
    assert {band.device for band in picture.bands} == set(range(5))
    for _ in range(20):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert not painted(view).dense


def test_dragging_pans(qtbot, view, session):
    run(session)
    bar = view.horizontalScrollBar()
    before = bar.value()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(view.viewport(), QPoint(420, 200))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(420, 200))
    assert bar.value() == before - 120
    assert session.selected_row == -1


def test_a_double_click_goes_to_the_event(qtbot, view, session):
    rows = run(session)
    row = next(mark.row for mark in painted(view).marks if mark.kind == "receive")
    where = place_of(view, row).toPoint()
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    steps = sum(one.kind in ("send", "receive", "undeliverable") for one in rows[: row + 1])
    assert ("go_to", steps) in session.asked


def test_a_click_on_a_name_selects_the_device(qtbot, view, session):
    run(session)
    click(qtbot, view, QPointF(6, view.view().y(3)))
    assert session.selected_device == 3


def test_hovering_tells_the_whole_text(view, session):
    told = script()
    lost = told.send(0, 1, "Note(" + "x" * 200 + ")")
    told.outside("lose", lost)
    session.stand_at(told.rows, [device(0), device(1)])
    place = place_of(view, 0)
    assert "x" * 200 in view.tip_at(place)
    assert view.tip_at(place).endswith("lost")
    assert "Lamport clock 1" in view.tip_at(place)
    assert view.tip_at(QPointF(700, 400)) == ""


def test_clocks_are_shown_when_asked_for(view, session):
    told = script()
    first = told.send(0, 1)
    told.receive(first)
    session.stand_at(told.rows, [device(0), device(1)])
    shown = {}
    for kind in ("none", "lamport", "vector"):
        view.show_clocks(kind)
        shown[kind] = [mark.label for mark in painted(view).marks]
    assert shown == {"none": ["", ""], "lamport": ["1", "2"], "vector": ["1 0", ""]} or shown[
        "vector"
    ] == ["1 0", "1 1"]
    with pytest.raises(ValueError, match="there are no 'physical' clocks"):
        view.show_clocks("physical")


def test_many_devices_can_be_scrolled(view, session):
    run(session, devices=200, messages=300)
    assert view.verticalScrollBar().maximum() > 0
    rows = [row.row for row in session.events if row.device == 190]
    session.select(rows[0])
    assert 190 in [lane.device for lane in painted(view).lanes]


def test_an_empty_run_is_painted(view, session):
    session.stand_at([], [device(0), device(1)])
    assert len(painted(view).lanes) == 2


def test_themes_change_every_color(view, session):
    run(session)
    session.theme_changed.emit(theme("dark"))
    assert view.grab().toImage().pixelColor(3, 3).name() == theme("dark").surface


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("looks", ["plain", "related", "dense"])
def test_it_looks_as_it_did(view, session, name, looks, tmp_path):
    set_font(view)
    view.show_theme(theme(name))
    rows = run(session, devices=6, messages=300 if looks == "dense" else 60)
    if looks == "related":
        session.select(next(row.row for row in reversed(rows[:-25]) if row.kind == "receive"))
        view.show_clocks("lamport")
    if looks == "dense":
        view.zoom(0.05)
    compare(view, f"spacetime-{name}-{looks}", tmp_path)
