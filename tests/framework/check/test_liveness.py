"""Deadlock, termination and how many messages are sent."""

from emulators.check.liveness import Deadlock, MessageBudget, Termination
from emulators.check.property import Property
from emulators.Device import Device, WorkerDevice
from emulators.limits import Limits
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import guilty, reason
from tests.framework.making import both, run
from tests.running import run as run_lecture


def judged(one: Property, emulator: object, kind: type[Device], devices: int = 2) -> str:
    """Return why a run of devices violates a property, or nothing."""
    limits = Limits(rounds=100, time=10.0)
    ran = run(emulator, kind, devices, properties=[one], limits=limits)  # type: ignore[arg-type]
    ran.simulation.judge()
    return "" if one.violation is None else one.violation.reason


class Listening(Device):
    """Waits for a message; device 1 ends at once."""

    def run(self) -> None:
        if self.index != 1:
            self.medium.wait_for_message()


@both
def test_devices_that_all_wait_for_messages_are_deadlocked(emulator: object) -> None:
    one = Deadlock()
    expected = "devices 0 and 2 wait for ever, and nothing can come"
    assert judged(one, emulator, Listening, devices=3) == expected


class Polite(WorkerDevice):
    """Asks, and then waits for somebody else to go first."""

    def run(self) -> None:
        while not self.has_work:
            self.medium.wait_for_next_round()
        while True:
            self.medium.wait_for_next_round()


@both
def test_devices_that_ask_and_poll_in_silence_are_deadlocked(emulator: object) -> None:
    one = Deadlock()
    assert judged(one, emulator, Polite).startswith(
        "devices 0 and 1 wait for the critical section, nobody is inside, no message is on its way"
    )
    assert guilty(one) == ["ask 0", "ask 1"]


class Talking(Polite):
    """The same, but somebody still sends."""

    def run(self) -> None:
        while not self.has_work:
            self.medium.wait_for_next_round()
        while True:
            self.medium.send(MessageStub(self.index, 0))
            self.medium.receive()
            self.medium.wait_for_next_round()


@both
def test_devices_that_still_send_may_yet_go_on(emulator: object) -> None:
    assert judged(Deadlock(), emulator, Talking) == ""


def test_maekawa_without_inquiry_is_found_to_deadlock() -> None:
    found = []
    for seed in range(10):
        one = Deadlock()
        run_lecture(4, "Maekawa", "sync", 3, seed, properties=[one], max_rounds=150)
        found.append(one.violation)
    assert any(found)


@both
def test_a_device_that_does_not_end_violates_termination(emulator: object) -> None:
    one = Termination()
    assert judged(one, emulator, Talking) == "devices 0 and 1 had not ended when the run was over"
    assert one.violation is not None
    assert "device 0 stood at tests/framework/check/test_liveness.py, line" in one.violation.hint


@both
def test_devices_that_end_do_not(emulator: object) -> None:
    class Short(Device):
        def run(self) -> None:
            pass

    assert judged(Termination(), emulator, Short) == ""


def test_the_message_over_the_budget_violates_it() -> None:
    one = MessageBudget(lambda devices: devices - 1)
    history = [("send", 0, 1, serial) for serial in (1, 2, 3)]
    assert reason(one, history) == ("device 0 sends message number 3; 2 are enough for 3 devices")
    assert guilty(one) == ["send 0"]
    assert not reason(MessageBudget(3), history)
