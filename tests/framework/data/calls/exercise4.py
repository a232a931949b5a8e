import enum
import math

from emulators.Medium import Medium
from emulators.Device import Device, WorkerDevice
from emulators.MessageStub import MessageStub


class Type(enum.Enum):
    REQUEST = 0
    RELEASE = 1
    GRANT = 2


class MutexMessage(MessageStub):
    def __init__(self, sender: int, destination: int, message_type: Type):
        super().__init__(sender, destination)
        self._type = message_type

    def __str__(self):
        return f"{self._type} {self.source} -> {self.destination}"

    def is_request(self):
        return self._type == Type.REQUEST

    def is_grant(self):
        return self._type is Type.GRANT

    def is_release(self):
        return self._type == Type.RELEASE


class Centralised:
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == 0:
            return Coordinator(index, number_of_devices, medium)
        else:
            return Requester(index, number_of_devices, medium)


class Coordinator(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._granted = None
        self._waiting = []

    def run(self):
        while True:
            ingoing = self.medium().receive()
            while ingoing is not None:
                if ingoing.is_request():
                    self._waiting.append(ingoing.source)
                elif ingoing.is_release():
                    assert self._granted == ingoing.source
                    self._granted = None
                ingoing = self.medium().receive()
            if len(self._waiting) > 0 and self._granted is None:
                self._granted = self._waiting.pop(0)
                self.medium().send(MutexMessage(self.index(), self._granted, Type.GRANT))
            self.medium().wait_for_next_round()

    def print_result(self):
        print("Coordinator Terminated")


class Requester(WorkerDevice):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._requested = False
        self.done = 0

    def run(self):
        while True:
            if self.has_work() and not self._requested:
                self.medium().send(MutexMessage(self.index, 0, Type.REQUEST))
                self._requested = True
            ingoing = self.medium().receive()
            if ingoing != None and ingoing.is_grant():
                assert self.has_work()
                self.do_work()
                self.done += 1
                self._requested = False
                self.medium().send(MutexMessage(self.index(), 0, Type.RELEASE))
            self.medium().wait_for_next_round()

    def print_result(self):
        print(f"Requester {self.index} worked {self.done} times")


class Grid(WorkerDevice):
    """only looks at its voting set"""

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        dimension = int(math.sqrt(self.number_of_devices()))
        offset_x = self.index() % dimension
        offset_y = int(self.index() / dimension)
        self._voting_set = set()
        for i in range(0, self.number_of_devices()):
            x = i % dimension
            y = int(i / dimension)
            if x == offset_x or y == offset_y:
                self._voting_set.add(i)

    def run(self):
        self._has_work = True
        for v in self._voting_set:
            self.medium().send(MutexMessage(self.index(), v, Type.REQUEST))
        self.medium().wait_for_next_round()
        self.medium().wait_for_next_round()
        self.requests = {}
        for m in self.medium().receive_all():
            self.requests[m.source] = m.destination
        if self.index() == 0:
            self.do_work()
        self._finished = True
