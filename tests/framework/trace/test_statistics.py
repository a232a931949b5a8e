"""What is counted: messages, bytes, rounds, inboxes, in all, per device and per type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.limits import Limits
from emulators.MessageStub import MessageStub
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace
from emulators.trace.statistics import Statistics, size


class Small(MessageStub):
    pass


class Large(MessageStub):
    def __init__(self, sender: int, destination: int) -> None:
        super().__init__(sender, destination)
        self.text = "x" * 100


class Sender(Device):
    """Device 0 sends five messages to device 1, which takes two of them, and one to nobody."""

    def run(self) -> None:
        if self.index == 0:
            for kind in (Small, Small, Small, Large, Large):
                self.medium.send(kind(0, 1))
            self.medium.send(Small(0, 9))
        self.medium.wait_for_next_round()
        self.medium.wait_for_next_round()
        for _ in range(2):
            self.medium.receive()


def statistics_of(number: int = 3, **options: Any) -> Statistics:
    """Run three devices in rounds, and return what was counted."""
    emulator = SyncEmulator(number, Sender, seed=1, quiet=True, **options)
    emulator.run()
    return emulator.statistics


def test_messages_are_counted_in_all_and_by_what_became_of_them() -> None:
    counted = statistics_of()
    assert counted.sent == 6
    assert counted.received == 2
    assert counted.undeliverable == 1
    assert counted.in_flight == 3


def test_messages_are_counted_per_device_and_per_type() -> None:
    counted = statistics_of()
    assert counted.sent_by == [6, 0, 0]
    assert counted.received_by == [0, 2, 0]
    assert counted.by_type() == {"Large": 2, "Small": 4}


def test_the_largest_inbox_is_the_largest_that_was_waiting_at_once() -> None:
    assert statistics_of().largest_inbox == 5


def test_rounds_and_virtual_time_are_those_of_the_run() -> None:
    counted = statistics_of()
    assert counted.rounds == 3
    assert counted.as_dict()["virtual_seconds"] == 0.2


def test_bytes_are_those_of_the_fields_of_messages_that_can_arrive() -> None:
    assert statistics_of().bytes == 3 * 16 + 2 * 116


def test_the_lines_are_the_published_ones() -> None:
    lines = list(statistics_of().lines())
    assert [line for line in lines if "elapsed" not in line] == [
        "Total 6 messages",
        "Average 2.00 messages/device",
        "Total 3 rounds",
        "Average 2.00 messages/round",
        "Received 2, not received 3, undeliverable 1",
        "Total 280 bytes, average 46.7 bytes/message",
        "Largest inbox 5 messages",
        "  Large: 2",
        "  Small: 4",
        "  Device 0: sent 6, received 0",
        "  Device 1: sent 0, received 2",
        "  Device 2: sent 0, received 0",
    ]


def test_the_real_time_is_counted_too() -> None:
    counted = statistics_of()
    assert counted.elapsed > 0
    assert any(f"elapsed {counted.elapsed:.3f} s" in line for line in counted.lines())


def test_a_run_without_rounds_prints_none() -> None:
    emulator = AsyncEmulator(3, Sender, seed=1, quiet=True)
    emulator.run()
    assert not any("round" in line for line in emulator.statistics.lines())


def test_many_devices_are_not_listed_one_by_one() -> None:
    assert not any("Device" in line for line in statistics_of(11).lines())


def test_a_run_without_messages_has_averages_of_zero() -> None:
    lines = list(Statistics(3).lines())
    assert "Average 0.00 messages/device" in lines
    assert "Total 0 bytes, average 0.0 bytes/message" in lines


class Random(Device):
    """Sends to drawn devices, some of which do not exist, and receives now and then."""

    def run(self) -> None:
        import random

        for _ in range(20):
            for _ in range(random.randrange(3)):
                self.medium.send(Small(self.index, random.randrange(self.number_of_devices + 1)))
            if random.random() < 0.5:
                self.medium.receive()
            self.medium.wait_for_next_round()


@given(st.integers(0, 2**32), st.sampled_from([SyncEmulator, AsyncEmulator]))
def test_the_totals_are_those_of_the_trace(seed: int, network: Any) -> None:
    trace = Trace()
    limits = Limits(messages=60)
    emulator = network(4, Random, seed=seed, quiet=True, observers=[trace], limits=limits)
    emulator.run()
    counted = emulator.statistics
    sent, received, nowhere = (
        [event.device for event in trace.of(kind)] for kind in ("send", "receive", "undeliverable")
    )
    assert counted.sent == len(sent) + len(nowhere)
    assert counted.received == len(received)
    assert counted.undeliverable == len(nowhere)
    assert counted.in_flight == len(sent) - len(received)
    assert counted.sent_by == [(sent + nowhere).count(device) for device in range(4)]
    assert counted.received_by == [received.count(device) for device in range(4)]


class Holder:
    def __init__(self) -> None:
        self.values = [1, 2]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 1),
        (True, 1),
        (5, 8),
        (2.5, 8),
        ("hello", 5),
        (b"ab", 2),
        ([1, 2], 16),
        ({"a": 1}, 9),
        ({1, 2, 3}, 24),
        ((1, "x"), 9),
        (Holder(), 6 + 16),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_has_the_size_of_a_compact_encoding(value: Any, number: int) -> None:
    assert size(value) == number


def test_what_contains_itself_has_a_size() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    assert size(endless) > 8


def test_what_happened_to_the_network_is_told_if_anything_did():
    statistics = Statistics(2)
    assert "Network" not in "\n".join(statistics.lines())
    for kind in ("partition", "crash", "crash", "restart"):
        getattr(statistics, f"on_{kind}")((kind, 0, None, None))
    assert "Network: 1 partition, 2 crashes, 1 restart" in list(statistics.lines())
    assert statistics.as_dict()["crashes"] == 2
