"""Devices that say which process they are, and talk until they are stopped or have enough."""

import os
import pickle
import time

from emulators.Device import Device
from emulators.MessageStub import MessageStub


class Hello(MessageStub):
    def __init__(self, sender, destination, number):
        super().__init__(sender, destination)
        self.number = number

    def __str__(self):
        return f"Hello {self.source} -> {self.destination}: {self.number}"


class Talker(Device):
    """Sends numbers to all others and adds up what it gets; never ends."""

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.heard = {}

    def run(self):
        print(f"device {self.index} is process {os.getpid()}")
        number = 0
        while True:
            number += 1
            for other in self.medium.ids:
                if other != self.index:
                    self.medium.send(Hello(self.index, other, number))
            self.listen()
            self.medium.wait_for_next_round()

    def listen(self):
        for message in self.medium.receive_all():
            if message.source not in self.heard:
                print(f"device {self.index} hears {message.source}")
            self.heard[message.source] = message.number

    def print_result(self):
        print(f"Device {self.index} heard {sorted(self.heard)}")


class Silent(Talker):
    """Waits a while for a message that nobody sends, and says how much of a processor that took."""

    def run(self):
        print(f"device {self.index} is process {os.getpid()}")
        self.before = os.times()
        self.began = time.monotonic()
        self.medium.wait_for_message(3)

    def print_result(self):
        after = os.times()
        used = after.user + after.system - self.before.user - self.before.system
        share = used / (time.monotonic() - self.began)
        print(f"Device {self.index} used less than a fiftieth: {share < 0.02}")


class Flooding(Talker):
    """Sends as much as it can to a device that does not read."""

    def run(self):
        if self.index == 0:
            for number in range(20):
                self.medium.send(Hello(0, 1, "x" * 1_000_000 + str(number)))
        else:
            time.sleep(0.5)
            self.numbers = []
            while len(self.numbers) < 20:
                self.numbers.append(int(self.medium.wait_for_message().number.strip("x")))

    def print_result(self):
        if self.index == 1:
            print(f"in order: {self.numbers == list(range(20))}")


class Sleeper(Device):
    """Sleeps for a moment, and says how long that was by the clock."""

    def run(self):
        began = time.time()
        time.sleep(0.2)
        self.slept = time.time() - began

    def print_result(self):
        print(f"Device {self.index} slept well: {0.2 <= self.slept < 30}")


class Drawer(Device):
    """Draws numbers, in its constructor and later."""

    def __init__(self, index, number_of_devices, medium):
        import random

        super().__init__(index, number_of_devices, medium)
        self.drawn = [random.randrange(1000)]

    def run(self):
        import random

        for _ in range(3):
            self.medium.wait_for_next_round()
            self.drawn.append(random.randrange(1000))

    def print_result(self):
        print(f"Device {self.index} drew {self.drawn}")


class Exits(Talker):
    """Device 1 ends its whole process."""

    def run(self):
        if self.index == 1:
            os._exit(7)
        super().run()


class Pinger(Device):
    """Device 0 asks all others and counts the answers."""

    answers = 0

    def run(self):
        if self.index == 0:
            for other in self.medium.ids[1:]:
                self.medium.send(Hello(0, other, 0))
            while self.answers < self.number_of_devices - 1:
                self.medium.wait_for_message()
                self.answers += 1
        else:
            self.medium.wait_for_message()
            self.medium.send(Hello(self.index, 0, 1))

    def print_result(self):
        print(f"Device {self.index} got {self.answers} answers")


class Counter(Talker):
    """Counts its rounds over all of its lives, and keeps numbers with a class of its own."""

    stable = ("count", "marks")

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.count = 0
        self.marks = {}

    def listen(self):
        if not self.heard and self.count:
            print(f"device {self.index} goes on from {self.count}")
        self.count += 1
        self.marks[self.count % 3, "mark"] = Hello(self.index, 0, self.count)
        super().listen()

    def print_result(self):
        newest = max(mark.number for mark in self.marks.values())
        print(f"Device {self.index} counted: {newest == self.count}, {self.count}")


class Forgetful(Talker):
    """Declares something as stable that cannot be kept."""

    stable = ("lines",)

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.lines = (line for line in "abc")


class Repeater(Talker):
    """Says how often each of its few messages came, and logs it."""

    def run(self):
        for number in range(5):
            for other in self.medium.neighbors:
                self.medium.send(Hello(self.index, other, number))
        self.numbers = []
        while (message := self.medium.wait_for_message(1.0)) is not None:
            self.numbers.append(message.number)
            self.medium.log(f"got {message.number}")

    def print_result(self):
        print(f"Device {self.index}: {self.medium.neighbors}, {sorted(self.numbers)}")


class Pickler(Talker):
    """Looks whether its own messages can be pickled."""

    def run(self):
        self.copy = pickle.loads(pickle.dumps(Hello(self.index, 0, 7)))

    def print_result(self):
        print(f"Device {self.index} has a copy of {type(self.copy) is Hello}, {self.copy.number}")
