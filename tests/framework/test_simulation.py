"""What a run means in both network types."""

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device, WorkerDevice, not_initialised
from emulators.errors import NotInitialised
from emulators.limits import Limits
from emulators.MessageStub import MessageStub
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, both, device, run

# -- building and running


@both
def test_devices_are_built_in_index_order_before_anything_runs(emulator):
    log = []

    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            log.append(f"built {index} of {number_of_devices}")

        def run(self):
            log.append("ran")

    run(emulator, Kind, 3)
    assert log == ["built 0 of 3", "built 1 of 3", "built 2 of 3", "ran", "ran", "ran"]


@both
def test_anything_that_makes_devices_is_a_kind(emulator):
    @device
    def one(self):
        self.name = "one"

    @device
    def other(self):
        self.name = "other"

    class Network:
        def __new__(cls, index, number_of_devices, medium):
            return (one if index == 0 else other)(index, number_of_devices, medium)

    ran = run(emulator, Network, 3)
    assert [made.name for made in ran.devices] == ["one", "other", "other"]
    ran = run(emulator, lambda index, number, medium: one(index, number, medium), 2)
    assert [made.name for made in ran.devices] == ["one", "one"]


@both
def test_what_run_returns_is_ignored(emulator):
    ran = run(emulator, device(lambda self: "a value"))
    assert ran.simulation.all_terminated
    assert ran.problems == []


@both
def test_a_run_ends_when_every_device_has_returned(emulator):
    @device
    def kind(self):
        for _ in range(self.index):
            self.medium.wait_for_next_round()

    ran = run(emulator, kind, 4)
    assert ran.simulation.all_terminated
    assert sorted(event.device for event in ran.trace.of("end")) == [0, 1, 2, 3]


@both
def test_a_message_sent_in_a_constructor_arrives(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            medium.send(Note(index, 1 - index, "early"))

        def run(self):
            self.got = self.medium.wait_for_message().text

    assert [made.got for made in run(emulator, Kind).devices] == ["early", "early"]


@both
def test_a_message_to_oneself_arrives(emulator):
    @device
    def kind(self):
        self.medium.send(Note(self.index, self.index, "me"))
        self.got = self.medium.wait_for_message().text

    assert [made.got for made in run(emulator, kind).devices] == ["me", "me"]


@both
def test_a_class_that_extends_nothing_is_no_device(emulator):
    class Kind:
        def __init__(self, index, number_of_devices, medium):
            pass

    ran = run(emulator, Kind)
    assert "which is no Device" in ran.problems[0]


# -- determinism


def chatter(self):
    for number in range(10):
        self.medium.send(Note(self.index, number % self.number_of_devices, number))
        while self.medium.receive() is not None:
            pass
        self.medium.wait_for_next_round()


@both
@pytest.mark.parametrize("fifo", [False, True])
def test_the_same_seed_gives_the_same_trace(emulator, fifo):
    kind = device(chatter)
    assert run(emulator, kind, 4, fifo=fifo).events == run(emulator, kind, 4, fifo=fifo).events


@both
def test_another_seed_gives_another_trace(emulator):
    kind = device(chatter)
    assert run(emulator, kind, 4, seed=1).events != run(emulator, kind, 4, seed=2).events


@both
def test_a_fresh_seed_is_drawn_and_can_be_asked_for(emulator):
    kind = device(chatter)
    seeds = {emulator(2, kind, quiet=True).seed for _ in range(5)}
    assert len(seeds) == 5


@both
def test_observers_change_nothing(emulator, capsys):
    kind = device(chatter)
    trace = run(emulator, kind, 3).trace
    loud = run(lambda *args, **options: emulator(*args, **{**options, "quiet": False}), kind, 3)
    assert [event[:3] for event in loud.trace] == [event[:3] for event in trace]
    assert "Send" in capsys.readouterr().out


# -- messages


@both
def test_what_was_sent_before_keeps_its_own_copy(emulator):
    @device
    def kind(self):
        if self.index == 0:
            note = Note(0, 1, "first")
            self.medium.send(note)
            note.text = "second"
            note.destination = 2
            self.medium.send(note)
            note.text = "never sent"
        else:
            self.got = self.medium.wait_for_message().text

    ran = run(emulator, kind, 3)
    assert [made.got for made in ran.devices[1:]] == ["first", "second"]


@both
def test_the_receiver_never_shares_an_object_with_the_sender(emulator):
    @device
    def kind(self):
        if self.index == 0:
            self.mine = {"inner": [1, [2]]}
            self.medium.send(Note(0, 1, self.mine))
            self.medium.wait_for_next_round()
            self.medium.wait_for_next_round()
        else:
            self.got = self.medium.wait_for_message().text
            self.got["inner"][1].append("changed")

    sender, receiver = run(emulator, kind).devices
    assert sender.mine == {"inner": [1, [2]]}
    assert receiver.got == {"inner": [1, [2, "changed"]]}


@both
def test_the_trace_keeps_a_message_as_it_was_sent(emulator):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 1, [1]))
        else:
            self.medium.wait_for_message().text.append(2)

    ran = run(emulator, kind)
    assert [event.message.text for event in ran.trace.of("send", "receive")] == [[1], [1]]


@both
def test_what_a_receiver_assigns_to_a_message_stays_with_the_receiver(emulator):
    @device
    def kind(self):
        for number in range(2):  # the first message of a class takes another way
            self.medium.send(Note(self.index, self.index, number))
            self.medium.wait_for_message().text = "changed"

    sends = run(emulator, kind, 1).trace.of("send", "receive")
    assert [event.message.text for event in sends] == [0, 0, 1, 1]


@both
@pytest.mark.parametrize("nobody", [2, -1, None, "1", 0.5, [1], (0, 1)])
def test_a_message_to_nobody_is_counted_and_never_delivered(emulator, nobody):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, nobody))
        else:
            for _ in range(5):
                self.medium.wait_for_next_round()
            self.got = self.medium.receive_all()

    ran = run(emulator, kind)
    assert ran.devices[1].got == []
    assert ran.simulation.statistics.undeliverable == 1
    assert [event.kind for event in ran.trace.of("send", "undeliverable")] == ["undeliverable"]


@both
def test_a_message_to_nobody_is_reported_once_for_each_address(emulator):
    @device
    def kind(self):
        for _ in range(3):
            self.medium.send(Note(self.index, 7))
            self.medium.send(Note(self.index, None))

    ran = run(emulator, kind)
    assert len(ran.problems) == 2
    assert "device 7, which does not exist" in ran.problems[0]
    assert ran.simulation.all_terminated


@both
def test_a_whole_number_of_another_type_is_an_address_too(emulator):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, self.number_of_devices / 2, "half"))
            self.medium.send(Note(0, True, "true"))
        else:
            self.got = self.medium.wait_for_message().text

    ran = run(emulator, kind, 3, limits=Limits(rounds=9, time=9))
    assert ran.devices[1].got == "true"
    ran = run(emulator, kind, 4, limits=Limits(rounds=9, time=9))
    assert [made.got for made in ran.devices[1:3]] == ["true", "half"]


@both
def test_a_message_class_that_forgets_the_base_is_named(emulator):
    class Bare(MessageStub):
        def __init__(self):
            self.text = "no ends"

    @device
    def kind(self):
        self.medium.send(Bare())

    ran = run(emulator, kind)
    assert "Bare" in ran.problems[0]
    assert "super().__init__" in ran.simulation.failures[0].hint


@both
@pytest.mark.parametrize("thing", ["text", None, 7, object()])
def test_what_is_no_message_is_refused(emulator, thing):
    @device
    def kind(self):
        self.medium.send(thing)

    ran = run(emulator, kind, 1)
    assert ran.problems == [f"a {type(thing).__name__} was sent, which is no message"]
    assert ran.simulation.statistics.sent == 0


@both
def test_a_message_that_holds_its_device_cannot_be_sent(emulator):
    @device
    def kind(self):
        self.medium.send(Note(self.index, 0, self))

    ran = run(emulator, kind, 1)
    assert "its field 'text' holds a kind" in ran.problems[0]


# -- what comes after a run


@both
def test_results_are_printed_in_index_order_and_one_that_fails_stops_no_other(emulator, capsys):
    class Kind(Device):
        def run(self):
            pass

        def print_result(self):
            if self.index == 1:
                raise ValueError("oops")
            print(f"result {self.index}")

    ran = run(emulator, Kind, 3)
    ran.simulation.print_result()
    assert capsys.readouterr().out.split("\n") == ["result 0", "result 2", ""]
    assert [failure.problem for failure in ran.simulation.failures] == ["ValueError: oops"]


@both
def test_waiting_in_print_result_is_refused(emulator):
    class Kind(Device):
        def run(self):
            pass

        def print_result(self):
            self.medium.wait_for_next_round()

    ran = run(emulator, Kind, 1)
    ran.simulation.print_result()
    assert "waited on by code outside its run()" in ran.simulation.failures[0].problem


@both
def test_a_device_may_look_at_its_medium_after_the_run(emulator):
    class Kind(Device):
        def run(self):
            self.medium.wait_for_next_round()

        def print_result(self):
            self.seen = (self.medium.ids, self.medium.now > 0)

    ran = run(emulator, Kind, 2)
    ran.simulation.print_result()
    assert [made.seen for made in ran.devices] == [([0, 1], True)] * 2


@both
def test_running_again_starts_nothing_anew(emulator):
    log = []
    ran = run(emulator, device(lambda self: log.append(self.index)))
    ran.simulation.run()
    assert log == [0, 1]
    assert ran.problems == []


# -- limits


@both
def test_a_run_stops_after_its_last_message(emulator):
    @device
    def kind(self):
        while True:
            self.medium.send(Note(self.index, 0))

    ran = run(emulator, kind, limits=Limits(messages=25))
    assert ran.simulation.statistics.sent == 25
    assert ran.simulation.stopped_by == "messages"


@both
def test_messages_to_nobody_count_for_the_limit(emulator):
    @device
    def kind(self):
        while True:
            self.medium.send(Note(self.index, 99))

    assert run(emulator, kind, limits=Limits(messages=25)).simulation.stopped_by == "messages"


@both
def test_a_run_stops_at_its_last_virtual_second(emulator):
    @device
    def kind(self):
        while True:
            self.medium.wait_for_next_round()

    ran = run(emulator, kind, limits=Limits(time=3.0))
    assert ran.simulation.stopped_by == "time"
    assert ran.simulation.scheduler.now <= 3_000_000
    assert not ran.simulation.all_terminated
    assert ran.problems == []


@both
def test_a_run_that_ends_by_itself_was_stopped_by_nothing(emulator):
    assert run(emulator, device(lambda self: None)).simulation.stopped_by == ""


# -- failures


@both
def test_a_device_that_fails_stops_no_other(emulator):
    @device
    def kind(self):
        if self.index == 0:
            raise ValueError("oops")
        self.medium.wait_for_next_round()
        self.done = True

    ran = run(emulator, kind, 3)
    assert ran.problems == ["ValueError: oops"]
    assert [made.done for made in ran.devices[1:]] == [True, True]
    assert not ran.simulation.all_terminated


@both
def test_a_failure_names_device_place_and_last_message(emulator):
    @device
    def kind(self):
        if self.index == 0:
            return self.medium.send(Note(0, 1, "poison"))
        message = self.medium.wait_for_message()
        assert message.text != "poison"

    (failure,) = run(emulator, kind).simulation.failures
    assert failure.device == 1
    assert failure.place.source == 'assert message.text != "poison"'
    assert failure.last_message == "Note 0 -> 1"


@both
def test_an_exception_that_cannot_be_printed_is_reported_all_the_same(emulator):
    class Mute(Exception):
        def __str__(self):
            return self.nothing

    @device
    def kind(self):
        raise Mute

    assert run(emulator, kind, 1).problems[0].startswith("Mute")


@both
def test_a_device_that_forgets_the_base_is_told_what_to_write(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            self.mine = index

        def run(self):
            pass

    (failure, *_) = run(emulator, Kind, 1).simulation.failures
    assert failure.problem == "Kind.__init__ does not call the one of Device"
    assert failure.hint.startswith("begin it with: super().__init__")


@both
@pytest.mark.parametrize("call", ["wait_for_next_round", "wait_for_message"])
def test_waiting_in_a_constructor_is_refused(emulator, call):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            getattr(medium, call)()

        def run(self):
            pass

    assert "only within run()" in run(emulator, Kind, 1).simulation.failures[0].hint


@both
def test_waiting_with_the_medium_of_another_device_is_refused(emulator):
    mediums = {}

    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            mediums[index] = medium

        def run(self):
            mediums[1 - self.index].wait_for_next_round()

    ran = run(emulator, Kind)
    assert ran.problems[0] == "the medium of device 1 is waited on by device 0"


@both
def test_devices_that_all_wait_for_ever_are_listed_with_their_lines(emulator):
    @device
    def kind(self):
        self.medium.wait_for_message()

    (failure,) = run(emulator, kind).simulation.failures
    assert failure.problem == "all devices wait for ever (deadlock)"
    assert [line.split(" at ")[0] for line in failure.details] == [
        "device 0 waits for a message",
        "device 1 waits for a message",
    ]
    assert "test_simulation.py, line" in failure.details[0]


@both
def test_those_who_wait_for_ever_are_reported_though_others_have_returned(emulator):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.wait_for_message()

    (failure,) = run(emulator, kind, 3).simulation.failures
    assert len(failure.details) == 1


# -- the critical section


@both
def test_two_devices_inside_are_found_out(emulator):
    class Kind(WorkerDevice):
        def run(self):
            self.do_work()

    ran = run(emulator, Kind)
    assert ran.problems == ["devices 0 and 1 are in the critical section at the same time"]


@both
def test_devices_inside_one_after_another_are_fine(emulator):
    class Kind(WorkerDevice):
        def run(self):
            if self.index == 1:
                self.medium.wait_for_message()
            self.do_work()
            self.medium.send(Note(self.index, 1))

    ran = run(emulator, Kind)
    assert ran.problems == []
    inside = [(event.kind, event.device) for event in ran.trace.of("enter", "leave")]
    assert inside == [("enter", 0), ("leave", 0), ("enter", 1), ("leave", 1)]


@both
def test_work_takes_one_to_four_rounds(emulator):
    class Kind(WorkerDevice):
        def run(self):
            before = self.medium.now
            self.do_work()
            self.took = self.medium.now - before

    took = {run(emulator, Kind, 1, seed=seed).devices[0].took for seed in range(40)}
    if emulator is SyncEmulator:
        assert took == {1, 2, 3, 4}
    else:
        assert 0.01 <= min(took) < max(took) <= 0.4


@both
def test_work_is_there_until_it_is_done(emulator):
    class Kind(WorkerDevice):
        def run(self):
            while not self.has_work:
                pass
            self.seen = [self.has_work for _ in range(20)]
            self.do_work()
            self.later = {self.has_work for _ in range(3)}

    (made,) = run(emulator, Kind, 1).devices
    assert made.seen == [True] * 20


# -- one run in another, one beside another


@device
def counter(self):
    self.rounds = 0
    while self.rounds < 3:
        self.medium.wait_for_next_round()
        self.rounds += 1


@both
@pytest.mark.parametrize("inner", [SyncEmulator, AsyncEmulator])
def test_a_device_can_run_a_whole_network_of_its_own(emulator, inner):
    @device
    def kind(self):
        self.medium.wait_for_next_round()
        self.rounds = [made.rounds for made in run(inner, counter, 2).devices]
        self.medium.wait_for_next_round()

    ran = run(emulator, kind, 2)
    assert [made.rounds for made in ran.devices] == [[3, 3], [3, 3]]
    assert ran.simulation.all_terminated


@both
def test_a_network_made_in_a_constructor_can_be_run_in_run(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.inner = emulator(2, counter, seed=1, quiet=True)

        def run(self):
            self.medium.wait_for_next_round()
            self.inner.run()
            self.medium.wait_for_next_round()

    ran = run(emulator, Kind, 2)
    assert [made.inner.devices[1].rounds for made in ran.devices] == [3, 3]
    assert ran.simulation.all_terminated


@both
def test_a_run_within_a_run_changes_nothing_outside(emulator):
    def talk(self, inner):
        for _ in range(3):
            self.medium.send(Note(self.index, 1 - self.index))
            if inner:
                run(emulator, counter)
            self.medium.wait_for_next_round()

    alone = run(emulator, device(lambda self: talk(self, inner=False)))
    around = run(emulator, device(lambda self: talk(self, inner=True)))
    assert around.events == alone.events


@both
def test_two_emulators_alive_at_once_do_not_mix(emulator):
    kind = device(chatter)
    alone = [run(emulator, kind, 3, seed=seed).simulation.statistics.bytes for seed in (1, 2)]
    first = emulator(3, kind, seed=1, quiet=True)
    second = emulator(3, kind, seed=2, quiet=True)
    second.run()
    first.run()
    assert [first.statistics.bytes, second.statistics.bytes] == alone
    assert first.all_terminated
    assert second.all_terminated


def test_the_medium_of_another_emulator_is_not_waited_on():
    mediums = []

    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            mediums.append(medium)

        def run(self):
            mediums[0].wait_for_next_round()

    AsyncEmulator(1, Kind, seed=1, quiet=True)
    ran = run(AsyncEmulator, Kind, 1)
    assert "waited on by code outside its run()" in ran.problems[0]


def test_not_initialised_is_what_a_device_without_base_fails_with():
    class Kind(Device):
        def __init__(self):
            pass

    with pytest.raises(AttributeError) as raised:
        Kind().index  # noqa: B018
    assert isinstance(not_initialised(raised.value), NotInitialised)
    raised.value.name = "something_else"
    assert not_initialised(raised.value) is raised.value
