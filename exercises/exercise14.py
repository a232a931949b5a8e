"""Lecture 14: a distributed monitor.

The idea
    A monitor is shared state together with a lock: whoever is inside sees the state and may change
    it, and nobody else is inside. Here the devices share no memory. There is one token, as in
    lecture 4 (SuzukiKasami), and the state travels in it: whoever has the token has the state.

    execute(predicate, task) is what a program calls. It waits for the token. If predicate(state)
    is true, task(state) runs. Otherwise the token is handed on and requested again: somebody else
    must change the state first. A consumer waits in this way until there is something to consume.

The rules (Suzuki and Kasami 1985, with a state)
    Each device has a vector rn: rn[j] is the highest request number that it has heard of from j.
    The token carries a queue of devices, a vector ln, and the state as bytes. ln[j] is the number
    of the last request of j that was served. A request of j is open if rn[j] = ln[j] + 1.
    request     Who has no token and needs it adds one to its own rn and sends this number to all
                others. Then it waits for the token.
    on request  Number s from j: rn[j] = max(rn[j], s), because an old request may come late. Who
                has the token, does not use it, and sees that the request of j is open, sends the
                token to j at once.
    on token    Keep it, and make the state from its bytes.
    release     ln[me] = rn[me]. Append each j, in the order of the indices, that is not in the
                queue and whose request is open. If the queue is not empty, take its head and send
                it the token. Otherwise keep the token.
    Device 0 has the token at the start.

Sources
    Suzuki, Kasami: "A distributed mutual exclusion algorithm", ACM TOCS 3(4), 1985. Hoare:
    "Monitors: an operating system structuring concept", CACM 17(10), 1974. [CDK] 15.2 (mutual
    exclusion), 4.3 (marshalling: a state becomes bytes).

Messages
    MonitorRequest   somebody wants the token: its request number
    MonitorToken     the token: queue, ln and the state

Given: the states, the programs, `execute` and the waiting in it, the end. To do: `request`,
`handle_request`, `handle_token`, `release`.

    python3 exercise_runner.py --lecture 14 --algorithm MonitorDevice --type sync --devices 3
    python3 exercise_runner.py --lecture 14 --algorithm BoundedBuffer --type async --devices 3
"""

# ruff: noqa: UP045
import random
import struct
from collections.abc import Callable
from typing import Any, Optional

from emulators.Device import WorkerDevice
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

ENTRIES = 3  # MonitorDevice: how often each device adds one
CAPACITY = 5  # BoundedBuffer: how many items fit in
ITEMS = 20  # BoundedBuffer: how many items device 0 produces
THINKING = 5  # at most so many rounds between two tasks
FINISH_ROUNDS = 60  # how long a device that is done keeps a token that nobody asks for


class Counter:
    """A shared number."""

    def __init__(self):
        self.value = 0

    def serialize(self) -> bytes:
        return struct.pack(">i", self.value)

    def deserialize(self, data: bytes):
        (self.value,) = struct.unpack(">i", data)

    def __str__(self):
        return f"counter {self.value}"


class IntList:
    """A shared list of numbers."""

    def __init__(self):
        self.values: list[int] = []

    def serialize(self) -> bytes:
        return struct.pack(f">{len(self.values)}i", *self.values)

    def deserialize(self, data: bytes):
        self.values = list(struct.unpack(f">{len(data) // 4}i", data))

    def __str__(self):
        return f"values {self.values}"


class MonitorRequest(MessageStub):
    """The sender wants the token; it is its request with this number."""

    def __init__(self, sender: int, destination: int, number: int):
        super().__init__(sender, destination)
        self.number = number

    def __str__(self):
        return f"MonitorRequest {self.source} -> {self.destination}: number {self.number}"


class MonitorToken(MessageStub):
    """The one token: who waits for it, which requests it has served, and the state."""

    def __init__(
        self, sender: int, destination: int, queue: list[int], ln: list[int], state: bytes
    ):
        super().__init__(sender, destination)
        self.queue = queue
        self.ln = ln
        self.state = state

    def __str__(self):
        return (
            f"MonitorToken {self.source} -> {self.destination}: "
            f"queue {self.queue}, ln {self.ln}, {len(self.state)} bytes of state"
        )


class MonitorDevice(WorkerDevice):
    """Every device adds one to a shared counter, ENTRIES times. No addition may be lost."""

    state_type: Any = Counter

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.state = self.state_type()
        self.rn = [0] * number_of_devices
        self.token: Optional[MonitorToken] = None
        if index == 0:
            self.token = MonitorToken(0, 0, [], [0] * number_of_devices, self.state.serialize())
        self.wanted = False  # waits for the token or uses it; if not, the token is for others
        self.entries = 0  # how many tasks were executed here
        self.false_predicates = 0  # how often the token came and the predicate was false

    # ---- the program

    def run(self):
        self.program()
        self.die()

    def program(self):
        for _ in range(ENTRIES):
            self.execute(lambda state: True, self.add_one)
            self.think()

    def add_one(self, counter: Counter):
        counter.value += 1

    def think(self):
        for _ in range(random.randint(0, THINKING)):
            self.medium.wait_for_next_round()
            self.handle_messages()

    # ---- the monitor

    def execute(self, predicate: Callable[[Any], bool], task: Callable[[Any], None]):
        """Run task(state) at a moment at which predicate(state) is true and nobody else is in."""
        while True:
            self.acquire()
            if predicate(self.state):
                task(self.state)
                self.do_work()  # a task takes 1 to 4 rounds
                self.entries += 1
                self.finish_task()
                return
            self.false_predicates += 1
            self.finish_task()
            while self.token is not None:  # nobody wants it: nobody can change the state
                self.medium.wait_for_next_round()
                self.handle_messages()

    def acquire(self):
        """Wait until the token is here."""
        self.wanted = True
        if self.token is None:
            self.request()
        while self.token is None:
            self.medium.wait_for_next_round()
            self.handle_messages()

    def finish_task(self):
        self.handle_messages()  # hear who has asked in the meantime
        self.wanted = False
        self.release()

    def die(self):
        """Stay for a while if the token is here, so that whoever asks gets it."""
        for _ in range(FINISH_ROUNDS):
            if self.token is None:
                return
            self.medium.wait_for_next_round()
            self.handle_messages()

    def handle_messages(self):
        for message in self.medium.receive_all():
            if isinstance(message, MonitorToken):
                self.handle_token(message)
            else:
                self.handle_request(message)

    def is_open(self, other: int) -> bool:
        """Has this device a request that the token has not served yet? Ask it with the token."""
        return self.rn[other] == self.token.ln[other] + 1

    def send_token(self, destination: int):
        token, self.token = self.token, None
        state = self.state.serialize()
        self.medium.send(MonitorToken(self.index, destination, token.queue, token.ln, state))

    # ---- to do

    def request(self):
        """Ask all others for the token."""
        # TODO: one more request of mine (self.rn). Send a MonitorRequest to every other device.
        todo("MonitorDevice.request: ask all others for the token")

    def handle_request(self, message: MonitorRequest):
        # TODO: note the number (self.rn). Is the token here, not wanted, and the request open?
        todo("MonitorDevice.handle_request: note the number, hand on a token that is not used")

    def handle_token(self, message: MonitorToken):
        # TODO: keep the token, and make the state from its bytes (self.state.deserialize).
        todo("MonitorDevice.handle_token: keep the token and its state")

    def release(self):
        # TODO: my request is served (ln). Who else has an open request? Hand the token on, or
        # keep it if nobody waits.
        todo("MonitorDevice.release: note what is served, queue who waits, hand the token on")

    def print_result(self):
        token = "" if self.token is None else f", has the token, ln {self.token.ln}, {self.state}"
        print(f"Device {self.index}: entries {self.entries}, rn {self.rn}{token}")


class BoundedBuffer(MonitorDevice):
    """Device 0 produces ITEMS numbers, the others consume them. CAPACITY of them fit between.

    The numbers are 1, 2, 3, ... Each is consumed once, so the sums of the consumers add up to
    ITEMS * (ITEMS + 1) / 2.
    """

    state_type = IntList

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.received: list[int] = []

    def program(self):
        if self.index == 0:
            self.produce()
        else:
            self.consume()

    def produce(self):
        for item in range(1, ITEMS + 1):
            self.execute(
                lambda buffer: len(buffer.values) < CAPACITY,
                lambda buffer, item=item: buffer.values.append(item),
            )
            self.think()

    def consume(self):
        consumers = self.number_of_devices - 1
        share = len(range(self.index - 1, ITEMS, consumers))  # all shares together: ITEMS
        for _ in range(share):
            self.execute(lambda buffer: len(buffer.values) > 0, self.take_one)
            self.think()

    def take_one(self, buffer: IntList):
        self.received.append(buffer.values.pop(0))

    def print_result(self):
        super().print_result()
        if self.index > 0:
            print(f"    received {self.received}, sum {sum(self.received)}")
