"""The network view: what it shows, what it can be asked, what it asks of the session."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QMenu

from emulators.gui.network_view import NetworkView
from emulators.gui.picture_words import following
from tests.framework.gui.fakes import FakeSession, device, message, script, some_run, theme
from tests.framework.gui.pictures import compare, set_font


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def view(qtbot, session):
    made = NetworkView(session, theme())
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    return made


def four(session, messages=(), **looks):
    """Stand at a run in which device 0 has sent a message to device 2."""
    told = script()
    told.send(0, 2, "Hello(0, 2)")
    session.stand_at(told.rows, [device(n, **looks) for n in range(4)], messages)


def place_of(view, item):
    return view.mapFromScene(QPointF(item.part.center.x, item.part.center.y))


def choose(menu, text):
    next(action for action in menu.actions() if action.text().replace("&", "") == text).trigger()


def open_menus(view):
    return [menu for menu in view.findChildren(QMenu) if menu.isVisible()]


def test_it_shows_devices_and_messages(view, session):
    four(session, [message(1, 0, 2), message(5, 3, 1)])
    assert sorted(view.devices) == [0, 1, 2, 3]
    assert sorted(view.discs) == [1, 5]
    assert [view.devices[n].part.role for n in range(4)] == ["sender", "", "receiver", ""]
    session.stand_at([], [device(n) for n in range(2)])
    assert sorted(view.devices) == [0, 1]
    assert view.discs == {}
    assert {item.part.role for item in view.devices.values()} == {""}


def test_a_session_that_already_stands_somewhere_is_shown(qtbot, session):
    four(session)
    late = NetworkView(session, theme())
    qtbot.addWidget(late)
    assert len(late.devices) == 4


def test_hovering_tells_everything(view, session):
    four(session, [message(1, 0, 2, "<b>" + "x" * 300, ready=True)], text="a < b")
    text = view.tip_at(place_of(view, view.discs[1]))
    assert "&lt;b&gt;" + "x" * 300 in text
    assert "can be received now" in text
    assert "a &lt; b" in view.tip_at(place_of(view, view.devices[0]))
    assert view.tip_at(QPoint(1, 1)) == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Deliver next", "pick"),
        ("Drop", "drop"),
        ("Duplicate", "duplicate"),
        ("Delay", "delay"),
    ],
)
def test_a_click_on_a_message_offers_what_can_be_done(qtbot, view, session, text, kind):
    four(session, [message(7, 1, 3)])
    where = place_of(view, view.discs[7])
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    [menu] = open_menus(view)
    choose(menu, text)
    menu.close()
    assert session.asked == [(kind, 7)]
    assert session.selected_message == 7


def test_several_messages_at_one_place_have_a_menu_each(view, session):
    four(session, [message(n, 0, 2, f"Note({n}) & more") for n in range(1, 31)])
    item = max(view.discs.values(), key=lambda item: len(item.part.serials))
    crowded = item.part.serials
    assert len(crowded) > 12
    menu = view.menu_of(item)
    inner = menu.actions()[0].menu()
    assert "&& more" in inner.title()
    choose(inner, "Drop")
    assert session.asked == [("drop", crowded[0])]
    assert not menu.actions()[-1].isEnabled()


@pytest.mark.parametrize("text", ["Inspect", "Crash", "Restart"])
def test_the_menu_of_a_device(view, session, text):
    four(session)
    place = place_of(view, view.devices[2])
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, view.viewport().mapToGlobal(place)
    )
    QApplication.sendEvent(view.viewport(), event)
    [menu] = open_menus(view)
    choose(menu, text)
    menu.close()
    if text == "Inspect":
        assert session.selected_device == 2
    else:
        assert session.asked == [(text.lower(), 2)]


def test_a_device_that_is_down_cannot_crash(view, session):
    four(session, crashed=True)
    crash = [
        action for action in view.menu_of(view.devices[0]).actions() if "rash" in action.text()
    ]
    assert [action.isEnabled() for action in crash] == [False]


def test_a_click_selects_a_device(qtbot, view, session):
    four(session)
    where = place_of(view, view.devices[1])
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert session.selected_device == 1
    assert [item.chosen for item in view.devices.values()] == [False, True, False, False]
    assert view.accessibleDescription().startswith("Device 1")


def test_the_keyboard_reaches_devices_and_messages(qtbot, view, session):
    four(session, [message(4, 0, 2, "four"), message(6, 0, 2, "six")])
    for key, wanted in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0)):
        qtbot.keyClick(view, key)
        assert session.selected_device == wanted
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert session.selected_device == 3
    qtbot.keyClick(view, Qt.Key.Key_Menu)
    [menu] = open_menus(view)
    assert menu.title() == "Device 3"
    menu.close()
    for key, wanted in ((Qt.Key.Key_Down, 4), (Qt.Key.Key_Down, 6), (Qt.Key.Key_Up, 4)):
        qtbot.keyClick(view, key)
        assert session.selected_message == wanted
    assert "four" in view.accessibleDescription()
    QApplication.sendEvent(
        view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint())
    )
    [menu] = [menu for menu in open_menus(view) if not menu.title()]
    choose(menu, "Drop")
    menu.close()
    assert session.asked == [("drop", 4)]


def test_a_device_can_be_dragged_elsewhere_and_back(qtbot, view, session):
    four(session)
    before = view.devices[0].part.center
    where = place_of(view, view.devices[0])
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseMove(view.viewport(), where + QPoint(60, 80))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=where + QPoint(60, 80))
    after = view.devices[0].part.center
    assert (round(after.x - before.x), round(after.y - before.y)) == (60, 80)
    four(session)
    assert view.devices[0].part.center == after
    view.arrange("circle")
    assert view.devices[0].part.center == before


def test_zoom_keeps_within_bounds(qtbot, view, session):
    four(session)
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.transform().m11() == 8
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.transform().isIdentity()


def test_themes_change_every_color(view, session):
    four(session)
    session.theme_changed.emit(theme("dark"))
    image = view.grab().toImage()
    assert image.pixelColor(2, 2).name() == theme("dark").surface


@pytest.mark.parametrize("count", [3, 10, 40])
def test_texts_never_overlap(view, session, count):
    view.resize(1280, 720)
    _, devices, messages = some_run(count, 60)
    session.stand_at([], devices, messages)
    boxes = [node.label.box for node in view.picture.nodes if node.label]
    assert boxes
    assert not any(one.meets(two) for n, one in enumerate(boxes) for two in boxes[n + 1 :])


def test_a_thousand_devices_are_shown(view, session):
    _, devices, messages = some_run(1000, 3000)
    session.stand_at([], devices, messages)
    assert len(view.devices) == 1000
    assert not view.grab().isNull()


def test_the_next_in_a_circle():
    assert following([3, 5, 9], 5, 1) == 9
    assert following([3, 5, 9], 9, 1) == 3
    assert following([3, 5, 9], -1, 1) == 3
    assert following([3, 5, 9], -1, -1) == 9
    assert following([], 3, 1) is None


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("count", [4, 40])
def test_it_looks_as_it_did(view, session, name, count, tmp_path):
    set_font(view)
    view.resize(800, 500)
    view.show_theme(theme(name))
    rows, devices, messages = some_run(count, 40)
    session.stand_at(rows, devices, messages[:12])
    session.select_device(1)
    compare(view, f"network-{name}-{count}", tmp_path)
