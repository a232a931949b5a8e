"""Messages that are seen on their way: when a person steps, and never otherwise."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from emulators.gui.motion import DURATION
from emulators.gui.network_view import NetworkView
from tests.framework.gui.fakes import FakeSession, device, message, script, theme
from tests.framework.gui.walking import TALK, config, settled, wait, window

DEVICES = [device(n) for n in range(4)]


@pytest.fixture
def session():
    return FakeSession()


@pytest.fixture
def view(qtbot, session):
    made = NetworkView(session, theme())
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    made.motion.is_on = True
    session.stand_at([], DEVICES)
    return made


def send(session, hurried=False):
    told = script()
    told.send(0, 2)
    session.is_hurried = hurried
    session.stand_at(told.rows, DEVICES, [message(1, 0, 2)])
    return told


def test_a_message_that_is_sent_is_seen_between_its_sender_and_where_it_waits(view, session):
    send(session)
    view.motion.animation.setCurrentTime(DURATION // 2)
    here = view.motion.traveller.part.center
    waits = view.discs[1].part.center
    sender = view.devices[0].part.center
    assert 0 < math.dist(here, waits) < math.dist(sender, waits)
    assert not view.discs[1].isVisible()
    view.motion.animation.setCurrentTime(DURATION)
    assert view.motion.traveller is None
    assert view.discs[1].isVisible()


def test_a_message_that_is_received_is_seen_arriving(view, session):
    told = send(session)
    told.receive(1)
    session.stand_at(told.rows, DEVICES)
    assert view.motion.traveller is not None
    view.motion.animation.setCurrentTime(DURATION)
    assert view.motion.traveller is None
    assert view.discs == {}


def test_the_next_step_does_not_wait_for_a_message_that_is_still_seen(view, session):
    told = send(session)
    told.send(1, 3)
    session.stand_at(told.rows, DEVICES, [message(1, 0, 2), message(2, 1, 3)])
    assert view.discs[1].isVisible()
    assert view.motion.traveller.part.serials == (2,)


def test_nobody_can_click_what_only_passes_by(view, session):
    send(session)
    view.motion.animation.setCurrentTime(DURATION // 2)
    here = view.motion.traveller.part.center
    assert view.tip_at(view.mapFromScene(here.x, here.y)) == ""


def test_selecting_something_shows_at_once_how_everything_is(view, session):
    send(session)
    session.select_device(1)
    assert view.motion.traveller is None
    assert view.discs[1].isVisible()


@pytest.mark.parametrize("why", ["it is off", "the run is fast", "going back", "another branch"])
def test_nothing_moves_when(view, session, why):
    view.motion.is_on = why != "it is off"
    send(session, hurried=why == "the run is fast")
    if why == "going back":
        view.motion.end()
        session.stand_at([], DEVICES)
    if why == "another branch":
        view.motion.end()
        told = script()
        told.send(1, 3)
        session.snapshot = replace(session.snapshot, branch=2, position=2, events=told.rows)
        session.moved.emit(session.snapshot)
    assert view.motion.traveller is None


def test_only_single_steps_are_seen_in_the_window(app: QApplication, tmp_path: Path) -> None:
    shown = window(config(tmp_path))
    motion = shown.network.motion
    shown.session.step()
    settled(shown.session)
    assert motion.traveller is not None
    shown.session.go_to(9)
    settled(shown.session)
    assert motion.traveller is None
    shown.actions_table["motion"].trigger()
    shown.session.step()
    settled(shown.session)
    assert motion.traveller is None
    shown.close()
    assert shown.session.close()


@pytest.mark.parametrize(("speed", "hurried"), [(0.0, True), (100.0, True), (4.0, False)])
def test_only_a_slow_run_can_be_followed_by_eye(
    app: QApplication, tmp_path: Path, speed: float, hurried: bool
) -> None:
    endless = {"max_rounds": 10**9, "max_messages": 10**9}
    shown = window(config(tmp_path, TALK.replace("range(5)", "range(10**9)"), **endless))
    session = shown.session
    session.run(speed)
    wait(lambda: session.snapshot.position > 0, session.moved)
    assert session.is_hurried is hurried
    session.pause()
    settled(session)
    assert not session.is_hurried
    shown.close()
    assert session.close()
