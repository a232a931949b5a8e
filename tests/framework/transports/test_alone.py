"""One device on a real clock, with the test in the place of the network."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest

from emulators.Device import Device
from emulators.MessageStub import MessageStub
from emulators.network.scenario import Network
from emulators.transports.alone import AloneEmulator
from emulators.transports.apart import Apart, Namespace, seed_of
from emulators.transports.codec import Classes, Codec
from emulators.transports.timing import NEVER

MODULE = ModuleType("exercise1")
Note = type("Note", (MessageStub,), {"__module__": "exercise1", "__qualname__": "Note"})
MODULE.Note = Note  # type: ignore[attr-defined]
CODEC = Codec(Classes(lambda: [MODULE]))


class Wire:
    """Hands in what the test wants to arrive, and keeps what is sent."""

    address = "nowhere"

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}
        self.sent: list[tuple[int, Any]] = []
        self.arriving: list[tuple[int, bytes]] = []
        self.waits: list[float | None] = []

    def connect(self, addresses: dict[int, str]) -> None: ...

    def send(self, destination: int, data: bytes) -> bool:
        self.sent.append((destination, msgspec.msgpack.decode(data)))
        return True

    def wait(self, timeout: float | None) -> list[tuple[int, bytes]]:
        self.waits.append(timeout)
        arrived, self.arriving = self.arriving, []
        assert arrived or timeout is not None, "it waits for ever"
        return arrived

    def wake(self) -> None: ...

    def flush(self, timeout: float) -> None: ...

    def close(self) -> None: ...


def frame(text: Any, number: int = 1, sent: int = 0, delay: int = 0, clock: Any = None) -> bytes:
    """Return a message as it arrives."""
    fields = {"_source": 1, "_destination": 0, "text": text}
    message = msgspec.Raw(CODEC.encoded(Note, fields))
    return msgspec.msgpack.encode((number, sent, delay, message, clock))


def run(
    work: Callable[[Any], Any], *arriving: tuple[int, bytes], **options: Any
) -> tuple[AloneEmulator, Wire]:
    """Run device 0 of two, with something on its way to it."""
    wire = Wire()
    wire.arriving = list(arriving)
    kind = type("Kind", (Device,), {"run": work, "__module__": "exercise1"})
    apart = Apart(lambda: Namespace(kind, lambda: [MODULE]), 1)
    made = AloneEmulator(2, apart, index=0, wire=wire, seed=1, quiet=True, **options)
    made._ended = lambda: made.time.stop("ended")
    made.run()
    assert made.failures == []
    return made, wire


def heard(*arriving: tuple[int, bytes], **options: Any) -> list[Any]:
    """Return the texts that device 0 gets, until it has got nothing for a while."""
    texts: list[Any] = []

    def listen(device: Any) -> None:
        while (message := device.medium.wait_for_message(0.01)) is not None:
            texts.append(message.text)

    run(listen, *arriving, **options)
    return texts


def test_what_arrives_at_once_is_received_in_order() -> None:
    assert heard(*((1, frame(number, number)) for number in range(1, 20))) == [*range(1, 20)]


def test_a_message_that_is_delayed_is_overtaken() -> None:
    slow, quick = (1, frame("slow", 1, delay=5000)), (1, frame("quick", 2))
    assert heard(slow, quick) == ["quick", "slow"]


def test_on_a_fifo_channel_nothing_is_overtaken() -> None:
    slow, quick = (1, frame("slow", 1, delay=5000)), (1, frame("quick", 2))
    assert heard(slow, quick, hostile=Network(fifo=True)) == ["slow", "quick"]


DROPPED = {
    "garbage": (1, b"\xc1garbage"),
    "nothing": (1, b""),
    "a list that is too short": (1, msgspec.msgpack.encode([1, 2])),
    "a sender that does not exist": (7, frame("x")),
    "a time that is no time": (1, frame("x", sent=-5)),
    "a delay without end": (1, frame("x", delay=NEVER)),
    "a greeting on one machine": (1, frame("x", number=0)),
    "the clock of another run": (1, frame("x", clock=[1, 2, 3])),
    "an unknown class": (1, msgspec.msgpack.encode((1, 0, 0, ["Evil", {}], None))),
}


@pytest.mark.parametrize("wrong", DROPPED.values(), ids=DROPPED.keys())
def test_what_is_no_message_is_dropped_and_counted(wrong: tuple[int, bytes]) -> None:
    got: list[Any] = []
    _, wire = run(
        lambda device: got.append(device.medium.wait_for_message(1).text),
        wrong,
        (1, frame("right", 2)),
    )
    assert got == ["right"]
    assert wire.dropped == {"frames that are no message of this exercise": 1}


def test_nothing_arrives_before_it_was_sent() -> None:
    times: list[float] = []

    def look(device: Any) -> None:
        device.medium.wait_for_message()
        times.append(device.medium.now)

    run(look, (1, frame("from ahead", sent=7_000_000)))
    assert times[0] > 7.0


def test_waiting_gives_up_after_its_time() -> None:
    got: list[Any] = []
    run(lambda device: got.append(device.medium.wait_for_message(0.001)))
    assert got == [None]


def test_looking_again_and_again_gives_way() -> None:
    def look(device: Any) -> None:
        for _ in range(3):
            device.medium.receive()

    _, wire = run(look)
    assert len([wait for wait in wire.waits if wait]) >= 2


def test_a_message_to_itself_arrives() -> None:
    got: list[Any] = []

    def talk(device: Any) -> None:
        message = Note(0, 0)
        message.text = "me"  # type: ignore[attr-defined]
        device.medium.send(message)
        got.append(device.medium.wait_for_message().text)

    _, wire = run(talk)
    assert (got, wire.sent) == (["me"], [])


def test_a_timer_calls_in_time() -> None:
    called: list[float] = []

    def plan(device: Any) -> None:
        device.medium.set_timer(0.001, lambda: called.append(device.medium.now))
        device.medium.wait_for_message(0.05)

    run(plan)
    assert len(called) == 1


def test_every_moment_belongs_to_one_device_and_is_used_once() -> None:
    moments: list[int] = []

    def rest(device: Any) -> None:
        scheduler = device.medium._emulator.scheduler
        for _ in range(20):
            device.medium.wait_for_message(0.0001)
            moments.append(scheduler.now)

    run(rest)
    assert moments == sorted(set(moments))
    assert {moment % 2 for moment in moments} == {0}


def test_each_device_has_a_seed_of_its_own() -> None:
    assert len({seed_of(seed, index) for seed in range(5) for index in range(5)}) == 25
