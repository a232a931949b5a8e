"""Everything a button does, without a window."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulators import watchdog
from emulators.errors import UsageError
from emulators.gui.rows import Rows
from emulators.gui.session import NONE, Session
from emulators.remote import Remote
from emulators.runner import in_steps
from tests.framework.gui.walking import LOOP, TALK, Heard, config, settled, started, wait


@pytest.fixture
def session(app: object, tmp_path: Path):
    made = started(config(tmp_path))
    yield made
    made.close()


def fresh_events(session: Session) -> list:
    """Return the events of another run that goes to the same place without a window."""
    _, stepper = in_steps(session.config)
    stepper.go_to(session.snapshot.position)
    rows = Rows().update(stepper.trace)[1]
    stepper.close()
    return list(rows)


def test_the_events_are_the_trace_up_to_the_cursor(session: Session) -> None:
    for move in (session.step, session.step, session.back, lambda: session.go_to(14)):
        move()
        settled(session)
        assert session.events == fresh_events(session)
    session.finish()
    settled(session)
    assert session.snapshot.ended
    assert session.events == fresh_events(session)


def test_dragging_through_the_run_shows_where_it_ends(session: Session) -> None:
    for position in (*range(1, 15), 3, 9, 6):
        session.go_to(position)
    settled(session)
    assert session.snapshot.position == 6
    assert session.events == fresh_events(session)


def test_running_stops_when_it_is_told_to(session: Session) -> None:
    running = Heard(session.running)
    session.run(200)
    wait(lambda: session.snapshot.position >= 3, session.moved)
    session.pause()
    settled(session)
    assert running.values == [True, False]
    assert not session.snapshot.ended


def test_running_to_the_end_stops_by_itself(session: Session) -> None:
    session.toggle_running()
    session.set_speed(0)
    wait(lambda: session.snapshot.ended, session.moved)
    settled(session)
    assert not session.is_running


def test_fast_forward_lasts_as_long_as_it_is_on(app: object, tmp_path: Path) -> None:
    session = started(config(tmp_path, TALK.replace("range(5)", "range(100_000)")))
    session.fast_forward(True)
    wait(lambda: session.snapshot.position > 100, session.moved)
    session.fast_forward(False)
    settled(session)
    assert not session.is_running
    assert session.close()


def test_picked_messages_are_received_next(session: Session) -> None:
    session.go_to(4)
    settled(session)
    wanted = Heard(session.pick_wanted)
    picking: list[bool] = []
    session.pick_wanted.connect(lambda: picking.append(True))
    session.pick()
    assert (picking, wanted.values) == ([True], [])
    chosen = session.waiting[-1].serial
    session.select_message(chosen)
    session.pick()
    settled(session)
    session.run_until("kind == 'receive'")
    settled(session)
    assert session.events[-1].message == chosen


@pytest.mark.parametrize(
    ("kind", "event"), [("drop", "lose"), ("duplicate", "duplicate"), ("delay", "delay")]
)
def test_what_is_done_to_a_message_is_an_event(session: Session, kind: str, event: str) -> None:
    session.step()
    settled(session)
    session.act(kind, session.waiting[0].serial)
    settled(session)
    assert session.events[-1].kind == event


def test_devices_crash_and_begin_anew(session: Session) -> None:
    session.step()
    session.act("crash", 1)
    settled(session)
    assert session.device(1).crashed
    session.act("restart", 1)
    settled(session)
    assert not session.device(1).crashed


def test_swap(session: Session) -> None:
    session.step()
    session.swap()
    settled(session)
    assert not session.snapshot.synchronous


def test_what_cannot_be_done_is_said_in_one_line(session: Session) -> None:
    failed = Heard(session.failed)
    session.act("drop", 99)
    session.run_until("device[")
    session.add_breakpoint("1 +")
    session.open("/nowhere/run.jsonl")
    settled(session)
    assert len(failed.values) == 4
    assert "message 99 is not in transit" in failed.values
    assert all("\n" not in text and "Traceback" not in text for text in failed.values)


def test_another_way_opens_a_branch_and_the_old_one_stays(session: Session) -> None:
    session.go_to(8)
    session.back()
    settled(session)
    session.act("drop", session.waiting[0].serial)
    settled(session)
    assert [branch.title[:4] for branch in session.snapshot.branches] == ["seed", "drop"]
    assert set(session.miniatures) == {1, 2}
    session.travel(1, 8)
    settled(session)
    assert (session.snapshot.branch, session.snapshot.position) == (1, 8)
    compared = Heard(session.compared)
    session.compare(1, 2)
    settled(session)
    assert compared.values[0][:2] == (1, 2)
    assert session.events == fresh_events(session)


def test_selecting_an_event_selects_its_device_and_message(session: Session) -> None:
    session.go_to(6)
    settled(session)
    selected, devices = Heard(session.selected), Heard(session.device_selected)
    row = next(event.row for event in session.events if event.kind == "send" and event.device == 2)
    session.select(row)
    assert (selected.values, devices.values) == ([row], [2])
    assert session.selected_message == session.events[row].message
    session.go_to(1)
    settled(session)
    assert session.selected_row == NONE


def test_breakpoints(session: Session) -> None:
    changed = Heard(session.breakpoints_changed)
    session.add_breakpoint(" round 2 ")
    session.add_breakpoint("round 2")
    session.run(0)
    settled(session)
    assert session.snapshot.round == 2
    session.remove_breakpoint("round 2")
    session.run(0)
    settled(session)
    assert session.snapshot.ended
    assert changed.values == [("round 2",), ()]


def test_next_of_device(session: Session) -> None:
    noted = Heard(session.noted)
    session.next_of_device()
    assert len(noted.values) == 1
    session.select_device(1)
    session.next_of_device()
    settled(session)
    assert session.events[-1].device == 1


def test_a_saved_run_is_opened_in_another_session(session: Session, tmp_path: Path) -> None:
    saved = Heard(session.saved)
    session.go_to(7)
    settled(session)
    session.act("drop", session.waiting[0].serial)
    session.save(str(tmp_path / "run.jsonl"))
    settled(session)
    assert saved.values == [str(tmp_path / "run.jsonl")]
    other = started(session.config, tmp_path / "run.jsonl")
    assert other.events == session.events
    assert other.close()


def test_restarting_a_hundred_times_leaves_nothing_behind(app: object, tmp_path: Path) -> None:
    session = started(config(tmp_path, devices=2))
    before = threading.active_count()
    for number in range(100):
        session.step()
        session.restart(new_seed=bool(number % 2))
        settled(session)
    assert threading.active_count() == before
    assert len(session.snapshot.branches) == 101
    assert session.close()
    assert threading.active_count() == before - 1


# -- student code that does not do what it should


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "PATIENCE", 0.5)
    monkeypatch.setattr(watchdog, "_LEAST_CPU", 0.1)


@pytest.mark.usefixtures("impatient")
def test_an_endless_loop_is_reported_with_device_and_line(app: object, tmp_path: Path) -> None:
    session = started(config(tmp_path, LOOP, devices=2))
    session.step()
    settled(session)
    assert "Device 0" in session.snapshot.failures[0]
    assert "exercise1.py, line" in session.snapshot.failures[0]
    assert session.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('return f"Hello', 'while True: pass\n        return f"'),
        (
            "def print_result",
            "def appearance(self):\n        while True: pass\n    def print_result",
        ),
        ("self.leader = None", "self.leader = Endless()"),
    ],
    ids=["the text of a message", "appearance", "an attribute"],
)
def test_a_text_that_never_comes_back_does_not_hold_the_window(
    app: object, tmp_path: Path, old: str, new: str
) -> None:
    endless = "\nclass Endless:\n    def __repr__(self):\n        while True: pass\n"
    session = started(config(tmp_path, TALK.replace(old, new) + endless))
    session.go_to(3)
    settled(session)
    shown = [event.text for event in session.events]
    for device in session.snapshot.devices:
        shown += [device.text, *(text for _, text in device.state)]
    assert len([text for text in shown if "endless loop" in text]) == 3
    assert session.snapshot.failures == ()
    assert session.close()


@pytest.mark.usefixtures("impatient")
def test_closing_in_the_middle_of_an_endless_loop_ends_the_thread(
    app: object, tmp_path: Path
) -> None:
    session = started(config(tmp_path, LOOP, devices=2))
    before = threading.active_count()
    session.step()
    wait(session.at_work_on)
    assert session.close()
    assert threading.active_count() < before + 1


def test_closing_in_the_middle_of_a_run_ends_the_thread(app: object, tmp_path: Path) -> None:
    source = TALK.replace("range(5)", "range(10**9)")
    session = started(config(tmp_path, source, max_rounds=10**9, max_messages=10**9))
    finished: list[bool] = []
    session.finished.connect(lambda: finished.append(True))
    session.finish()
    wait(lambda: session.snapshot.position > 50, session.moved)
    assert session.close()
    assert finished == [True]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("while True: pass\nclass Talker: pass", "exercise1.py, line 1"),
        ("class Talker(", "exercise1.py, line 1"),
        ("1 / 0\nclass Talker: pass", "ZeroDivisionError"),
        ("Talker = 3", "no device"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_said_and_mending_it_helps(
    app: object, tmp_path: Path, source: str, said: str
) -> None:
    session = Session(config(tmp_path, source))
    failed = Heard(session.failed)
    session.start()
    settled(session)
    assert said in failed.values[0]
    assert session.snapshot is None
    config(tmp_path)
    session.restart()
    settled(session)
    assert session.snapshot is not None
    assert session.close()


def test_what_the_run_works_on_is_known_while_it_takes_long(app: object, tmp_path: Path) -> None:
    source = TALK.replace(
        "def run(self):", "def run(self):\n        for _ in range(10**7): number = 1"
    )
    session = started(config(tmp_path, source))
    session.step()
    wait(session.at_work_on)
    device, place = session.at_work_on() or (None, None)
    assert place is None or (device, place.function) == (0, "run")
    settled(session)
    assert session.close()


# -- the presenter remote


class Listening(Remote):
    """A remote that no keyboard is needed for."""

    def start(self) -> None:
        self._listener = SimpleNamespace(stop=lambda: None)


def test_the_presenters_keys_step_only_while_they_are_listened_to(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Listening(session._stepped.emit, session._stepped_back.emit)
    monkeypatch.setattr(session, "_remote", remote)
    changed = Heard(session.remote_changed)
    forwards, backwards = SimpleNamespace(name="page_down"), SimpleNamespace(name="left")
    remote._pressed(forwards)
    session.set_remote(True)
    for key in (forwards, forwards, backwards):
        remote._pressed(key)
        settled(session)
    session.set_remote(False)
    remote._pressed(forwards)
    settled(session)
    assert session.snapshot.position == 1
    assert changed.values == [True, False]


def test_a_key_that_window_and_remote_both_hear_steps_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Listening(session._stepped.emit, session._stepped_back.emit)
    monkeypatch.setattr(session, "_remote", remote)
    session.set_remote(True)
    remote._pressed(SimpleNamespace(name="space"))
    session.step()
    settled(session)
    assert session.snapshot.position == 1


def test_where_no_remote_works_one_line_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(remote: Remote) -> None:
        raise UsageError("the remote does not work here: there is no X display")

    monkeypatch.setattr(Remote, "start", refuse)
    failed, changed = Heard(session.failed), Heard(session.remote_changed)
    session.set_remote(True)
    assert failed.values == ["the remote does not work here: there is no X display"]
    assert changed.values == [False]
