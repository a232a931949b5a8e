"""What a medium offers, in both network types."""

import copy
import pickle

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Medium import CallMedium, Medium, callable_medium
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, both, device, run


@both
def test_ids_are_the_indices_of_all_devices(emulator):
    @device
    def kind(self):
        self.seen = self.medium.ids

    assert [made.seen for made in run(emulator, kind, 3).devices] == [[0, 1, 2]] * 3


@both
def test_a_device_that_changes_its_ids_changes_nobody_elses(emulator):
    @device
    def kind(self):
        ids = self.medium.ids
        ids.remove(self.index)
        self.seen = self.medium.ids

    assert [made.seen for made in run(emulator, kind, 3).devices] == [[0, 1, 2]] * 3


@both
def test_neighbors_are_all_others(emulator):
    @device
    def kind(self):
        self.seen = self.medium.neighbors

    assert [made.seen for made in run(emulator, kind, 3).devices] == [[1, 2], [0, 2], [0, 1]]


@both
def test_a_broadcast_reaches_all_others(emulator):
    @device
    def kind(self):
        if self.index == 1:
            self.medium.broadcast(Note(1, None, "all"))
        for _ in range(5):
            self.medium.wait_for_next_round()
        self.got = [(note.destination, note.text) for note in self.medium.receive_all()]

    ran = run(emulator, kind, 3)
    assert [made.got for made in ran.devices] == [[(0, "all")], [], [(2, "all")]]


@both
def test_messages_of_others_stay_when_one_sender_is_asked_for(emulator):
    @device
    def kind(self):
        if self.index:
            for text in "ab":
                self.medium.send(Note(self.index, 0, text))
        for _ in range(20):
            self.medium.wait_for_next_round()
        if not self.index:
            first = [self.medium.receive_from([2]) for _ in range(3)]
            self.first = [note and note.source for note in first]
            self.rest = [note.source for note in self.medium.receive_all()]

    ran = run(emulator, kind, 3)
    assert ran.problems == []
    assert ran.devices[0].first == [2, 2, None]
    assert ran.devices[0].rest == [1, 1]


@both
def test_what_is_in_flight_is_not_received_from_anybody(emulator):
    @device
    def kind(self):
        if self.index:
            self.medium.send(Note(1, 0))
        self.now = self.medium.receive_from([1])
        self.medium.wait_for_next_round()

    ran = run(emulator, kind, 2, **({"latency": (1, 1)} if emulator is AsyncEmulator else {}))
    assert ran.devices[0].now is None


@both
def test_one_can_wait_for_a_message_of_one_sender(emulator):
    @device
    def kind(self):
        if self.index == 0:
            self.got = self.medium.wait_for_message_from([2, 3]).source
            self.rest = [note.source for note in self.medium.receive_all()]
        else:
            for _ in range(5 * self.index):
                self.medium.wait_for_next_round()
            self.medium.send(Note(self.index, 0))

    ran = run(emulator, kind, 3)
    assert ran.problems == []
    assert (ran.devices[0].got, ran.devices[0].rest) == (2, [1])


def test_waiting_for_a_sender_that_is_silent_is_a_deadlock_in_async():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.wait_for_message_from([2])
        self.medium.send(Note(self.index, 0))

    assert "deadlock" in run(AsyncEmulator, kind, 2).problems[0]


def test_asking_one_sender_again_and_again_within_a_round_is_refused():
    @device
    def kind(self):
        while self.medium.receive_from([1]) is None:
            pass

    assert "without calling wait_for_next_round()" in run(SyncEmulator, kind, 2).problems[0]


def test_asking_one_sender_again_and_again_lets_time_pass_in_async():
    @device
    def kind(self):
        if self.index:
            self.medium.wait_for_next_round()
            self.medium.send(Note(1, 0))
        else:
            while self.medium.receive_from([1]) is None:
                pass

    assert run(AsyncEmulator, kind, 2).problems == []


@both
def test_receive_all_takes_everything_that_has_arrived(emulator):
    @device
    def kind(self):
        if self.index == 0:
            for number in range(5):
                self.medium.send(Note(0, 1, number))
            return
        for _ in range(6):
            self.medium.wait_for_next_round()
        self.got = sorted(note.text for note in self.medium.receive_all())
        self.rest = self.medium.receive_all()

    made = run(emulator, kind).devices[1]
    assert (made.got, made.rest) == ([0, 1, 2, 3, 4], [])


def test_now_is_the_round_or_the_virtual_time():
    @device
    def kind(self):
        self.medium.wait_for_next_round()
        self.seen = self.medium.now

    assert run(SyncEmulator, kind, 1).devices[0].seen == 2
    ran = run(AsyncEmulator, kind, 1)
    assert ran.devices[0].seen == ran.simulation.scheduler.now / 1e6


@both
def test_a_logged_line_is_in_the_trace_and_on_the_screen(emulator, capsys):
    @device
    def kind(self):
        self.medium.log(("any", "thing"))

    ran = run(emulator, kind, 1)
    (event,) = ran.trace.of("log")
    assert (event.device, event.subject) == (0, "('any', 'thing')")
    assert "Device 0: ('any', 'thing')" in capsys.readouterr().out


@both
def test_a_timer_callback_belongs_to_its_device(emulator):
    @device
    def kind(self):
        self.medium.set_timer(1, self.later)
        for _ in range(40):
            self.medium.wait_for_next_round()

    def later(self):
        self.medium.wait_for_next_round()
        self.came_back = True

    kind.later = later
    assert all(made.came_back for made in run(emulator, kind).devices)


@both
def test_a_timer_callback_that_fails_is_reported(emulator):
    @device
    def kind(self):
        self.medium.set_timer(1, lambda: 1 / 0)
        for _ in range(40):
            self.medium.wait_for_next_round()

    ran = run(emulator, kind, 1)
    assert ran.problems == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_medium_cannot_be_copied_or_sent(copied):
    medium = AsyncEmulator(1, device(lambda self: None), quiet=True).devices[0].medium
    with pytest.raises(TypeError, match="belongs to its device"):
        copied(medium)


def test_a_medium_for_files_with_calls_is_the_same_medium():
    medium = AsyncEmulator(2, device(lambda self: None), quiet=True).devices[0].medium
    view = callable_medium(medium)
    assert type(medium) is Medium
    ids = view.ids
    assert view() is view
    assert ids() == ids == [0, 1]
    assert callable_medium(view) is view


def test_what_is_no_medium_stays_as_it_is():
    assert callable_medium("anything") == "anything"
    assert isinstance(CallMedium.ids, property)
