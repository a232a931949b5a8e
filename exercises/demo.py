"""Lecture 0: ping and pong, a first look at a device.

The rules
    Device 0 sends one ping to every other device.
    A device that receives a ping answers it with a pong, and is done.
    Device 0 is done when every other device has answered.

Source: the smallest case of request and reply, see [CDK] section 5.2 (Coulouris, Dollimore,
Kindberg, Blair: Distributed Systems, 5th edition).

Messages
    PingMessage     is_ping tells whether it is a ping (True) or a pong (False)

Given: everything. Read it, run it, change it.

Run it with, for instance
    python3 exercise_runner.py --lecture 0 --algorithm PingPong --type async --devices 3
"""

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class PingMessage(MessageStub):
    """A ping or a pong. A message must always name its sender and its destination."""

    def __init__(self, sender: int, destination: int, is_ping: bool) -> None:
        super().__init__(sender, destination)
        self.is_ping = is_ping

    def __str__(self) -> str:
        text = "ping" if self.is_ping else "pong"
        return f"PingMessage {self.source} -> {self.destination}: {text}"


class PingPong(Device):
    """Device 0 sends pings, all others answer."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self._is_ping = index == 0  # is this the device that sends the pings?
        self._rec_ping = 0  # pings received so far
        self._rec_pong = 0  # pongs received so far

    def run(self) -> None:
        """The life of the device: when this method returns, the device has stopped."""
        if self._is_ping:
            self.send_pings()
        while not self.is_done():
            message = self.medium.receive()
            if message is None:  # nothing here now: let time pass
                self.medium.wait_for_next_round()
            else:
                self.handle(message)

    def send_pings(self) -> None:
        for other in self.medium.ids:
            if other != self.index:
                self.medium.send(PingMessage(self.index, other, is_ping=True))

    def handle(self, message: PingMessage) -> None:
        if message.is_ping:
            self._rec_ping += 1
            self.medium.send(PingMessage(self.index, message.source, is_ping=False))
        else:
            self._rec_pong += 1

    def is_done(self) -> bool:
        if self._is_ping:
            return self._rec_pong == self.number_of_devices - 1
        return self._rec_ping == 1

    def print_result(self) -> None:
        """One line for the end of the run."""
        if self._is_ping:
            others = self.number_of_devices - 1
            print(f"Device {self.index}: got {self._rec_pong} of {others} pongs")
        else:
            print(f"Device {self.index}: got {self._rec_ping} ping and answered it")
