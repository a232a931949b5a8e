"""Two devices that send one message back and forth."""

import time

from emulators.Device import Device
from emulators.MessageStub import MessageStub

TRIPS = 1000


class Ping(MessageStub):
    """What goes there and back."""

    def __init__(self, sender, destination, number):
        super().__init__(sender, destination)
        self.number = number


class PingPong(Device):
    """Device 0 sends and waits for the answer, device 1 answers."""

    rate = 0.0

    def run(self):
        """Send and wait, or wait and send."""
        if self.index == 1:
            for _ in range(TRIPS + 1):
                message = self.medium.wait_for_message()
                self.medium.send(Ping(1, 0, message.number))
            return
        self.trip(0)  # to connect
        began = time.perf_counter()
        for number in range(TRIPS):
            self.trip(number)
        self.rate = TRIPS / (time.perf_counter() - began)

    def trip(self, number):
        """Make one round trip."""
        self.medium.send(Ping(0, 1, number))
        self.medium.wait_for_message()

    def print_result(self):
        """Say how fast it was."""
        if self.index == 0:
            print(f"{self.rate:.1f} round trips a second")
