from exercises.exercise16 import *
from exercises.exercise16 import Release, Relinquish, Request, Yes, Inquire


class Packet(MessageStub):
    def __init__(self, sender, destination, seq, inner):
        super().__init__(sender, destination)
        self._seq = seq
        self._inner = inner

    def __str__(self):
        return f"Packet {self.source} -> {self.destination}: {self._seq}, {self._inner}"


class Ack(MessageStub):
    # all packets below this number have arrived
    def __init__(self, sender, destination, upto):
        super().__init__(sender, destination)
        self._upto = upto

    def __str__(self):
        return f"Ack {self.source} -> {self.destination}: {self._upto}"


class Line:
    """Both directions between two devices; keeps the order and asks for nothing."""

    def __init__(self, device, peer):
        self.device = device
        self.peer = peer
        self.first = 0  # number of out[0]
        self.out = []
        self.expected = 0
        self.early = {}
        self.clock = 0

    def put(self, m):
        self.out.append(m)
        self.transmit(self.first + len(self.out) - 1)

    def transmit(self, seq):
        me = self.device.index()
        packet = Packet(me, self.peer, seq, self.out[seq - self.first])
        self.device.medium().send(packet)

    def tick(self):
        self.clock += 1
        if not self.out:
            self.clock = 0
        if self.clock > 12:
            self.clock = 0
            for i in range(len(self.out)):
                self.transmit(self.first + i)

    def arrived(self, m):
        if isinstance(m, Ack):
            while self.out and self.first < m._upto:
                self.out.pop(0)
                self.first += 1
                self.clock = 0
            return []
        ready = []
        if m._seq >= self.expected:
            self.early[m._seq] = m._inner
        while self.expected in self.early:
            ready.append(self.early.pop(self.expected))
            self.expected += 1
        self.device.medium().send(Ack(self.device.index(), self.peer, self.expected))
        return ready


class ReliableSanders(Sanders):
    # channels that keep the order (packets and cumulative acks), and a loop of its own

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.lines = {}

    def line(self, peer):
        if peer not in self.lines:
            self.lines[peer] = Line(self, peer)
        return self.lines[peer]

    def send(self, m):
        if m.destination == self.index():
            self.to_myself.append(m)
        else:
            self.line(m.destination).put(m)

    def run(self):
        while True:
            if self.inside:
                if self.current >= self.leaves_at:
                    self.leave()
            elif not self.waiting and random.random() < P:
                self.ask()
            self.work_off()
            m = self.medium().receive()
            while m is not None:
                for inner in self.line(m.source).arrived(m):
                    self.handle(inner)
                    self.work_off()
                m = self.medium().receive()
            for line in list(self.lines.values()):
                line.tick()
            self.current += 1
            self.medium().wait_for_next_round()

    def work_off(self):
        while self.to_myself:
            self.handle(self.to_myself.pop(0))

    def print_result(self):
        print(self.index(), "entered", self.entries, "times")
