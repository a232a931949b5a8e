"""What channels do to messages, in both types of network."""

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.clock import ROUND
from emulators.limits import Limits
from emulators.network.scenario import Network
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, both, device, run

MANY = 4000
LONG = Limits(rounds=2 * MANY, time=1e6)


@device
def sends_many(self):
    """Device 0 sends to device 1, a note in each round; then everybody listens for a while."""
    for number in range(MANY if self.index == 0 else 0):
        self.medium.send(Note(0, 1, number))
        self.medium.wait_for_next_round()
    self.got = []
    while (note := self.medium.wait_for_message(50)) is not None:
        self.got.append(note.text)


@device
def sends_one(self):
    """Each device sends one note to the next one and waits for its own."""
    self.medium.send(Note(self.index, (self.index + 1) % self.number_of_devices, self.index))
    self.got = self.medium.wait_for_message(30)
    self.when = self.medium.now


def over(emulator, kind, devices=2, limits=LONG, seed=1, **network):
    """Run devices over a network that is given by its keys."""
    return run(emulator, kind, devices, seed, limits=limits, network=Network.parse(network))


@both
def test_a_loss_of_5_percent_loses_5_percent(emulator):
    counted = over(emulator, sends_many, loss=0.05).simulation.statistics
    assert counted.lost / counted.sent == pytest.approx(0.05, rel=0.2)
    assert counted.received == counted.sent - counted.lost


@both
def test_a_fifth_is_doubled(emulator):
    counted = over(emulator, sends_many, duplicate=0.2).simulation.statistics
    assert counted.duplicated / counted.sent == pytest.approx(0.2, rel=0.1)
    assert counted.received == counted.sent + counted.duplicated


@both
def test_certain_loss_lets_nothing_through(emulator):
    counted = over(emulator, sends_one, 3, loss=1).simulation.statistics
    assert (counted.received, counted.lost) == (0, 3)


def test_a_lost_message_says_why():
    ran = over(SyncEmulator, sends_one, loss=1)
    assert {one.subject.reason for one in ran.trace.of("lose")} == {"on its way"}


def test_messages_take_as_many_rounds_as_the_latency_says():
    ran = over(SyncEmulator, sends_one, latency=4)
    assert [one.when for one in ran.devices] == [5, 5]


def test_messages_take_as_long_as_the_latency_says():
    ran = over(AsyncEmulator, sends_one, latency=4)
    assert [one.when for one in ran.devices] == [4.0, 4.0]


@both
def test_a_late_message_wakes_a_device_that_waits_without_a_limit(emulator):
    @device
    def waits(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
        else:
            self.got = self.medium.wait_for_message()

    ran = over(emulator, waits, latency="20r")
    assert ran.devices[1].got.source == 0
    assert ran.times("receive")[0] >= 20 * ROUND


@both
def test_messages_overtake_where_latencies_vary(emulator):
    got = over(emulator, sends_many, latency="1r:5r").devices[1].got
    assert sorted(got) == list(range(MANY)) != got


@both
@pytest.mark.parametrize("how", ["all", "link"])
def test_nothing_overtakes_on_a_fifo_channel(emulator, how):
    fifo = {"fifo": True} if how == "all" else {"link": [{"from": 0, "fifo": True}]}
    got = over(emulator, sends_many, latency="1r:5r", **fifo).devices[1].got
    assert got == list(range(MANY))


@both
def test_a_link_takes_the_place_of_what_holds_for_all(emulator):
    ran = over(emulator, sends_one, 3, link=[{"from": 1, "to": 2, "loss": 1}])
    assert [(one.envelope.sender, one.device) for one in ran.trace.of("lose")] == [(1, 2)]


@both
def test_the_later_of_two_links_counts(emulator):
    links = [{"loss": 1}, {"from": [0, 1], "to": 1, "loss": 0}]
    ran = over(emulator, sends_one, 3, link=links)
    assert [one.envelope.sender for one in ran.trace.of("receive")] == [0]


@both
def test_a_link_may_hold_in_both_directions(emulator):
    ran = over(emulator, sends_one, 2, link=[{"from": 0, "to": 1, "both": True, "loss": 1}])
    assert ran.simulation.statistics.lost == 2


# -- to oneself


@device
def sends_to_itself(self):
    self.medium.send(Note(self.index, self.index))
    self.got = self.medium.wait_for_message(20)
    self.when = self.medium.now


@both
def test_a_message_to_oneself_suffers_nothing_but_delay(emulator):
    everything = {"loss": 1, "duplicate": 1, "corrupt": [{"probability": 1}], "topology": "line"}
    ran = over(emulator, sends_to_itself, latency="10r", **everything)
    assert all(one.got.source == one.index for one in ran.devices)
    assert min(ran.times("receive")) >= 10 * ROUND
    assert [one.kind for one in ran.trace.of("lose", "duplicate", "corrupt")] == []


@pytest.mark.parametrize(("emulator", "when"), [(SyncEmulator, 2), (AsyncEmulator, 0.0)])
def test_a_message_to_oneself_may_be_spared_the_delay(emulator, when):
    ran = over(emulator, sends_to_itself, latency="10r", delay_self=False)
    assert [one.when for one in ran.devices] == [when, when]


# -- corruption


@both
def test_a_field_is_replaced_by_a_given_value(emulator):
    ran = over(emulator, sends_one, corrupt=[{"probability": 1, "field": "text", "values": [7]}])
    assert [one.got.text for one in ran.devices] == [7, 7]
    assert ran.simulation.statistics.corrupted == 2


@both
def test_the_sender_and_the_trace_keep_what_was_sent(emulator):
    ran = over(emulator, sends_one, corrupt=[{"probability": 1, "values": ["x"]}])
    assert [one.message.text for one in ran.trace.of("send")] == [0, 1]
    assert [one.message.text for one in ran.trace.of("corrupt")] == ["x", "x"]


@both
def test_only_messages_of_the_class_are_corrupted(emulator):
    ran = over(emulator, sends_one, corrupt=[{"probability": 1, "message": "Vote", "values": [7]}])
    assert ran.simulation.statistics.corrupted == 0


@both
@pytest.mark.parametrize("value", [True, 3, 2.5, "text", b"bytes", [1, 2], (1, 2)])
def test_without_values_the_content_becomes_another_of_its_kind(emulator, value):
    @device
    def sends(self):
        if self.index == 0:
            self.medium.send(Note(0, 1, value))
        else:
            self.got = self.medium.wait_for_message(30).text

    got = over(emulator, sends, corrupt=[{"probability": 1}]).devices[1].got
    assert type(got) is type(value)
    assert got != value


def test_a_tenth_is_corrupted():
    counted = over(SyncEmulator, sends_many, corrupt=[{"probability": 0.1}]).simulation.statistics
    assert counted.corrupted / counted.sent == pytest.approx(0.1, rel=0.2)


# -- topology


class Broadcaster(Device):
    def run(self):
        self.near = self.medium.neighbors
        self.medium.broadcast(Note(self.index, None))
        self.medium.wait_for_next_round()
        self.medium.wait_for_next_round()
        self.medium.wait_for_next_round()
        self.heard = sorted(note.source for note in self.medium.receive_all())


@both
def test_a_broadcast_reaches_the_neighbors(emulator):
    ran = over(emulator, Broadcaster, 5, topology="ring")
    assert [one.near for one in ran.devices] == [[1, 4], [0, 2], [1, 3], [2, 4], [0, 3]]
    assert all(one.heard == one.near for one in ran.devices)


@both
def test_a_message_to_no_neighbor_is_undeliverable_and_reported(emulator):
    @device
    def sends(self):
        if self.index == 0:
            self.medium.send(Note(0, 2))
            self.medium.send(Note(0, 2))

    ran = over(emulator, sends, 4, topology="line")
    assert ran.problems == ["it sent a message to device 2, which is no neighbor: Note 0 -> 2"]
    failure = ran.simulation.failures[0]
    assert not failure.fatal
    assert failure.place.source == "self.medium.send(Note(0, 2))"
    assert failure.hint == "self.medium.neighbors has those it can reach: 1"
    assert ran.simulation.statistics.undeliverable == 2


@both
def test_a_message_to_nobody_is_told_as_ever(emulator):
    @device
    def sends(self):
        self.medium.send(Note(self.index, None))

    ran = over(emulator, sends, topology="line")
    assert ran.problems == [
        "it sent a message to device None, which does not exist: Note 0 -> None"
    ]


@both
def test_an_address_that_is_no_index_is_told_as_ever(emulator):
    @device
    def sends(self):
        self.medium.send(Note(self.index, [1]))

    ran = over(emulator, sends, topology="line")
    assert ran.problems == ["it sent a message to device [1], which does not exist: Note 0 -> [1]"]


def test_the_topology_can_be_looked_at():
    ran = over(SyncEmulator, sends_one, 4, topology="geometric:2")
    assert len(ran.simulation.graph.positions) == 4
    assert len(ran.simulation.graph.edges) == 6


def test_without_a_network_there_is_no_graph():
    assert run(SyncEmulator, sends_one).simulation.graph is None
