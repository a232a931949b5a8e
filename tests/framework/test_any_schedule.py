"""Whatever devices do and whatever the environment decides: what holds in every run.

A program is a list of steps for each device, drawn by hypothesis; a schedule is a seed, a network
type, bounds of the latency, and whether channels are FIFO.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from benchmarks.thread_carrier import ThreadCarrier
from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.choices import Recording, Replayed, Seeded
from emulators.kernel.tasks import Scheduler
from emulators.limits import Limits
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, Ran, run

STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 5)),  # the last ones are nobody, or nearly
    st.tuples(st.just("send again"), st.integers(0, 4)),
    st.tuples(st.just("broadcast"), st.none()),
    st.tuples(st.just("receive"), st.none()),
    st.tuples(st.just("receive all"), st.none()),
    st.tuples(st.just("wait"), st.none()),
    st.tuples(st.just("sleep"), st.sampled_from([0, 0.001, 0.1, 0.25])),
    st.tuples(st.just("listen"), st.integers(0, 2)),
    st.tuples(st.just("later"), st.integers(0, 4)),
)
PLANS = st.lists(STEPS, max_size=10)
PROGRAMS = st.lists(st.tuples(PLANS, st.lists(PLANS, max_size=2)), min_size=1, max_size=4)


@dataclass(frozen=True)
class Schedule:
    emulator: Any
    seed: int
    fifo: bool
    latency: tuple[float, float]

    @property
    def options(self):
        options = {"seed": self.seed, "fifo": self.fifo}
        return options if self.emulator is SyncEmulator else {**options, "latency": self.latency}


SCHEDULES = st.builds(
    Schedule,
    emulator=st.sampled_from([SyncEmulator, AsyncEmulator]),
    seed=st.integers(0, 2**32),
    fifo=st.booleans(),
    latency=st.sampled_from([(0.0, 0.0), (0.0, 0.05), (0.3, 0.3), (0.0, 2.0)]),
)


class Book:
    """What the devices of a run noted for themselves."""

    def __init__(self):
        self.sent = {}  # number -> destination and content at the time of sending
        self.got = []  # receiver, number, content


class Player(Device):
    """Does what the program says, notes what it did, and at the end waits for what is left."""

    program: Any
    book: Book
    drain = True

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.note = Note(index, 0)

    def run(self):
        plan, others = self.program[self.index]
        threads = [threading.Thread(target=self.work, args=(other,)) for other in others]
        for thread in threads:
            thread.start()
        self.work(plan)
        for thread in threads:
            thread.join()
        if self.drain:
            self.empty_inbox()

    def empty_inbox(self):
        if type(self.medium.now) is float:  # no rounds
            time.sleep(50)
        else:
            while self.medium.now < 100:
                self.medium.wait_for_next_round()
        self.receive_all(None)

    def work(self, plan):
        for step, argument in plan:
            getattr(self, step.replace(" ", "_"))(argument)

    def send(self, destination):
        self.put(Note(self.index, destination))

    def send_again(self, destination):
        self.note.destination = destination
        self.put(self.note)

    def put(self, note):
        number = len(self.book.sent) + 1
        note.text = [number, ["content"]]
        self.book.sent[number] = (note.destination, [number, ["content"]])
        self.medium.send(note)
        note.text[1].append("changed by the sender")

    def broadcast(self, _):
        for neighbor in self.medium.neighbors:
            self.send(neighbor)

    def receive(self, _):
        self.take(self.medium.receive())

    def receive_all(self, _):
        self.take(*self.medium.receive_all())

    def wait(self, _):
        self.medium.wait_for_next_round()

    def sleep(self, seconds):
        time.sleep(seconds)

    def listen(self, timeout):
        self.take(self.medium.wait_for_message(timeout))

    def later(self, destination):
        self.medium.set_timer(1, lambda: self.send(destination))

    def take(self, *notes):
        for note in notes:
            if note is not None:
                number, content = note.text
                self.book.got.append((self.index, number, [number, list(content)]))
                content.append("changed by the receiver")


def played(program, schedule, drain=True, limits=None, **options) -> tuple[Ran, Book]:
    book = Book()
    ran = run(
        schedule.emulator,
        type("Kind", (Player,), {"program": program, "book": book, "drain": drain}),
        len(program),
        limits=limits or Limits(rounds=400, time=200.0),
        **schedule.options,
        **options,
    )
    return ran, book


@given(PROGRAMS, SCHEDULES)
def test_no_message_is_invented_changed_or_received_twice(program, schedule):
    _, book = played(program, schedule)
    numbers = [number for _, number, _ in book.got]
    assert Counter(numbers) == Counter(set(numbers))
    for receiver, number, content in book.got:
        assert (receiver, content) == book.sent[number]


@given(PROGRAMS, SCHEDULES)
def test_every_message_is_received_by_a_device_that_looks_long_enough(program, schedule):
    ran, book = played(program, schedule)
    assert ran.simulation.all_terminated
    assert all("which does not exist" in problem for problem in ran.problems)
    lost = {number for number, (to, _) in book.sent.items() if to >= len(program)}
    assert {number for _, number, _ in book.got} == set(book.sent) - lost
    assert ran.simulation.statistics.in_flight == 0
    assert ran.simulation.statistics.undeliverable == len(lost)


@given(PROGRAMS, SCHEDULES, st.floats(0.05, 1.0))
def test_sent_is_received_plus_in_flight_plus_undeliverable(program, schedule, end):
    limits = Limits(rounds=int(end * 10), time=end)
    ran, book = played(program, schedule, drain=False, limits=limits)
    statistics = ran.simulation.statistics
    waiting = [
        envelope
        for port in ran.simulation.ports.values()
        for envelope in (*port.inbox, *port.arriving)
    ]
    event(f"stopped by {ran.simulation.stopped_by or 'nothing'}")
    assert len(waiting) == statistics.in_flight
    assert statistics.sent == len(book.sent)
    assert statistics.received == sum(statistics.received_by) == len(book.got)
    assert statistics.sent == sum(statistics.sent_by) == sum(statistics.by_type().values())
    undeliverable = sum(1 for _ in ran.trace.of("undeliverable"))
    assert statistics.sent == statistics.received + len(waiting) + undeliverable


@given(PROGRAMS, SCHEDULES)
def test_the_trace_tells_of_each_message_once_and_in_order(program, schedule):
    ran, _ = played(program, schedule)
    sent, received = set(), set()
    for one in ran.trace.of("send", "undeliverable", "receive"):
        serial = one.envelope.serial
        if one.kind == "receive":
            assert serial in sent
            assert serial not in received
            assert one.device == one.envelope.destination
            received.add(serial)
        else:
            assert serial == len(sent) + 1
            assert one.device == one.envelope.sender == one.message.source
            sent.add(serial)


@given(PROGRAMS, SCHEDULES)
def test_the_largest_inbox_is_the_largest_that_the_trace_shows(program, schedule):
    ran, _ = played(program, schedule)
    waiting, largest = Counter(), 0
    for one in ran.trace.of("send", "receive"):
        waiting[one.envelope.destination] += 1 if one.kind == "send" else -1
        largest = max(largest, *waiting.values())
    assert ran.simulation.statistics.largest_inbox == largest


@given(PROGRAMS, SCHEDULES)
def test_no_message_is_received_before_it_arrives(program, schedule):
    ran, _ = played(program, schedule)
    low, high = (bound * 1e6 for bound in schedule.latency)
    for one in ran.trace.of("receive"):
        envelope = one.envelope
        assert one.time >= envelope.arrives
        if schedule.emulator is AsyncEmulator and not schedule.fifo:
            assert low <= envelope.arrives - envelope.sent <= high


@given(PROGRAMS, SCHEDULES)
def test_no_message_is_received_in_the_round_in_which_it_was_sent(program, schedule):
    in_rounds = Schedule(SyncEmulator, schedule.seed, schedule.fifo, schedule.latency)
    ran, _ = played(program, in_rounds)
    now, sent = 0, {}
    for one in ran.trace.of("round", "send", "receive"):
        if one.kind == "round":
            now = one.subject
        elif one.kind == "send":
            sent[one.envelope.serial] = now
        else:
            assert sent[one.envelope.serial] < now


@given(PROGRAMS, SCHEDULES)
def test_a_fifo_channel_keeps_the_order_of_its_messages(program, schedule):
    ran, _ = played(program, Schedule(schedule.emulator, schedule.seed, True, schedule.latency))
    latest = Counter()
    for one in ran.trace.of("receive"):
        channel = (one.envelope.sender, one.device)
        assert one.envelope.serial > latest[channel]
        latest[channel] = one.envelope.serial


@given(PROGRAMS, SCHEDULES)
def test_the_same_seed_gives_the_same_trace(program, schedule):
    one, first = played(program, schedule)
    other, second = played(program, schedule)
    assert one.events == other.events
    assert first.got == second.got


@given(PROGRAMS, SCHEDULES)
def test_what_was_decided_can_be_played_again(program, schedule):
    recording = Recording(Seeded(schedule.seed))
    one, _ = played(program, schedule, scheduler=Scheduler(recording))
    decisions = iter(recording.taken)
    other, _ = played(program, schedule, scheduler=Scheduler(Replayed(decisions.__next__)))
    assert one.events == other.events
    assert list(decisions) == []


ONLY_THE_MEDIUM = STEPS.filter(lambda step: step[0] != "sleep")
WITHOUT_THREADS = st.lists(
    st.tuples(st.lists(ONLY_THE_MEDIUM, max_size=10), st.just([])), min_size=1
)


@settings(max_examples=10)
@given(WITHOUT_THREADS, SCHEDULES)
def test_another_carrier_gives_the_same_trace(program, schedule):
    one, _ = played(program, schedule, drain=False)
    other, _ = played(program, schedule, drain=False, carrier=ThreadCarrier())
    assert one.events == other.events


@given(PROGRAMS, SCHEDULES)
def test_the_clock_of_a_trace_never_goes_back(program, schedule):
    times = [one.time for one in played(program, schedule)[0].trace]
    assert times == sorted(times)


@pytest.mark.parametrize("emulator", [SyncEmulator, AsyncEmulator])
def test_the_same_seed_gives_the_same_trace_in_a_large_network(emulator):
    steps = [("wait", None), ("receive all", None)]
    program = [([("send", 7 * index % 200), *steps] * 3, []) for index in range(200)]
    schedule = Schedule(emulator, 5, fifo=False, latency=(0.0, 0.05))
    assert played(program, schedule)[0].events == played(program, schedule)[0].events
