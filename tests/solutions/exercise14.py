"""Lecture 14, reference solution: request and token of a distributed monitor.

Why it is right:

- Only the token's holder is inside, and there is one token: mutual exclusion.
- The state is sent with the token and made anew where it arrives, so each task sees what all tasks
  before it have done: no update is lost.
- A number in ln is never above the one in the rn of the same device, so a late copy of a request
  that is served already is not open, and changes nothing.
- Who waits is in the rn of every device that its request has reached. The holder queues it when it
  leaves at the latest, and the queue is first in, first out: at most n - 1 others go first.
- A predicate that is false uses up the request like a task. The next request has a new number.
"""

import random
import struct
import time

import exercises.exercise14 as template
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.monitor.actions import Note, Send
from emulators.monitor.protocol import Protocol
from emulators.monitor.timing import Timing


class MonitorDevice(template.MonitorDevice):
    """The rules of the template, in code."""

    def request(self):
        self.rn[self.index] += 1
        for other in self.medium.ids:
            if other != self.index:
                number = self.rn[self.index]
                self.medium.send(template.MonitorRequest(self.index, other, number))

    def handle_request(self, message: template.MonitorRequest):
        other = message.source
        self.rn[other] = max(self.rn[other], message.number)
        if self.token is not None and not self.wanted and self.is_open(other):
            self.send_token(other)

    def handle_token(self, message: template.MonitorToken):
        self.token = message
        self.state.deserialize(message.state)

    def release(self):
        queue, ln = self.token.queue, self.token.ln
        ln[self.index] = self.rn[self.index]
        for other in self.medium.ids:
            if other not in queue and self.is_open(other):
                queue.append(other)
        if queue:
            self.send_token(queue.pop(0))


class BoundedBuffer(MonitorDevice, template.BoundedBuffer):
    """The program of the template, on this monitor."""


# ---- bonus: many read at the same time, and who writes is alone (task 5)


class Shelf:
    """A number that is read and written, and how many devices read it at present."""

    def __init__(self):
        self.readers = 0
        self.value = 0

    def serialize(self) -> bytes:
        return struct.pack(">ii", self.readers, self.value)

    def deserialize(self, data: bytes):
        self.readers, self.value = struct.unpack(">ii", data)

    def __str__(self):
        return f"value {self.value}, {self.readers} readers"


class ReadersWriters(MonitorDevice):
    """Devices with an odd index read, the others write.

    A reader has the token only while it counts itself, so that many can read at the same time. A
    writer writes while it has the token, when nobody reads. It may wait for ever while readers come
    and go: a number of waiting writers in the state, for which new readers wait, would help.
    """

    state_type = Shelf

    def program(self):
        for _ in range(template.ENTRIES):
            if self.index % 2:
                self.read()
            else:
                self.execute(lambda shelf: shelf.readers == 0, self.write)
                self.medium.log("has written")
            self.think()

    def read(self):
        self.execute(lambda shelf: True, self.come)
        self.think()
        self.execute(lambda shelf: True, self.go)

    def come(self, shelf: Shelf):
        shelf.readers += 1
        self.medium.log("reads")

    def go(self, shelf: Shelf):
        self.medium.log("has read")
        shelf.readers -= 1

    def write(self, shelf: Shelf):
        self.medium.log("writes")
        shelf.value += 1


# ---- bonus: nothing that goes wrong stops it (task 6)

SILENCE = 6.0  # virtual seconds: who says nothing for so long has failed, or has left


class MonitorFrame(MessageStub):
    """Bytes of the protocol of the library."""

    def __init__(self, sender: int, destination: int, frame: bytes):
        super().__init__(sender, destination)
        self.frame = frame

    def __str__(self):
        size = len(self.frame)
        return f"MonitorFrame {self.source} -> {self.destination}: {size} bytes"


class SafeMonitorDevice(template.MonitorDevice):
    """The same programs on the protocol of the library (emulators/monitor), which is told the time.

    It repeats requests, and finds out that the token is lost: then the first device that is alive
    asks all others for the newest state, and makes the token again. `undone` counts the tasks that
    were lost with an old token and had to be executed again.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.token = None
        self.protocol = Protocol(
            self.index,
            self.number_of_devices,
            self.state.serialize(),
            0.0,
            incarnation=random.getrandbits(31),
            timing=Timing(presume=SILENCE),
        )
        self.turns = {}  # ticket -> what the protocol said about it last
        self.undone = 0

    def execute(self, predicate, task):
        while not self.executed(predicate, task):
            self.undone += 1

    def executed(self, predicate, task) -> bool:
        """Execute the task once; return whether it counts."""
        ticket = self.protocol.want(time.monotonic())
        while True:
            entered = self.next_turn(ticket)
            self.state.deserialize(entered.state)
            if predicate(self.state):
                break
            self.false_predicates += 1
            self.protocol.refused(ticket, time.monotonic())
        task(self.state)
        self.do_work()
        self.protocol.executed(ticket, self.state.serialize(), time.monotonic())
        if self.next_turn(ticket).lost:
            return False
        self.entries += 1
        return True

    def next_turn(self, ticket):
        """Wait until the protocol says something about a ticket, and return it."""
        self.carry_out()
        while ticket not in self.turns:
            self.medium.wait_for_next_round()
            self.handle_messages()
        return self.turns.pop(ticket)

    def handle_messages(self):
        for message in self.medium.receive_all():
            self.protocol.receive(message.frame, time.monotonic(), message.source)
        if time.monotonic() >= self.protocol.deadline():
            self.protocol.tick(time.monotonic())
        self.carry_out()

    def carry_out(self):
        for action in self.protocol.take():
            if isinstance(action, Send):
                for other in self.medium.ids if action.to is None else [action.to]:
                    if other != self.index:
                        self.medium.send(MonitorFrame(self.index, other, action.frame))
            elif isinstance(action, Note):
                self.medium.log(action.text)
            else:
                self.turns[action.ticket] = action

    def die(self):
        self.protocol.leave(time.monotonic())
        for _ in range(template.FINISH_ROUNDS):
            self.carry_out()
            if self.protocol.finished:
                break
            self.medium.wait_for_next_round()
            self.handle_messages()
        self.protocol.goodbye()
        self.carry_out()

    def print_result(self):
        self.state.deserialize(self.protocol.newest.state)
        token = ", has the token" if self.protocol.holds else ""
        print(
            f"Device {self.index}: entries {self.entries}, undone {self.undone}, "
            f"knows {self.state}{token}"
        )


class SafeBoundedBuffer(SafeMonitorDevice, template.BoundedBuffer):
    """The buffer on it. An item that a device takes and then fails with is lost with the device."""
