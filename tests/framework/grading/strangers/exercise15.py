from exercises.exercise15 import (
    NUMBER_OF_CLIENTS,
    ClientReadRequest,
    ClientReadResponse,
    ClientWriteRequest,
    ClientWriteResponse,
    LeaderMessage,
    QuitAnswer,
    QuitMessage,
)
from exercises import exercise15 as game

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

# no threads and no endpoints: one loop, and a table of jobs that are under way. Every job first
# asks everybody what they have, then makes a majority store something, and answers at its end.


class AskMessage(MessageStub):
    def __init__(self, sender, destination, job):
        super().__init__(sender, destination)
        self.job = job


class HaveMessage(MessageStub):
    def __init__(self, sender, destination, job, version, value):
        super().__init__(sender, destination)
        self.job = job
        self.version = version
        self.value = value


class PutMessage(MessageStub):
    def __init__(self, sender, destination, job, version, value):
        super().__init__(sender, destination)
        self.job = job
        self.version = version
        self.value = value


class DoneMessage(MessageStub):
    def __init__(self, sender, destination, job):
        super().__init__(sender, destination)
        self.job = job


class IAmLeader(MessageStub):
    pass


class Job:
    def __init__(self, request, write, value=None):
        self.request = request
        self.write = write
        self.value = value
        self.version = None
        self.have = {}
        self.done = set()
        self.age = 0


class Replica(Device):
    leading = False

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.all = range(1 + NUMBER_OF_CLIENTS, number_of_devices)
        self.version = [0, 0]
        self.value = None
        self.jobs = {}
        self.seen = set()
        self.clock = 0
        self.highest = 0
        self.last_heard = {i: 0 for i in self.all}

    def majority(self):
        return len(self.all) // 2 + 1

    def run(self):
        while True:
            m = self.medium().receive()
            while m is not None:
                if isinstance(m, QuitMessage):
                    self.answer(m, QuitAnswer())
                    return
                self.handle(m)
                m = self.medium().receive()
            self.clock += 1
            for number in list(self.jobs):
                job = self.jobs[number]
                job.age += 1
                if job.age % 10 == 0:
                    self.push(number)
                if job.age > 140:
                    del self.jobs[number]  # nobody waits any more
            if self.leading and self.clock % 8 == 0:
                self.lead()
            self.medium().wait_for_next_round()

    def handle(self, m):
        if isinstance(m, (ClientReadRequest, ClientWriteRequest)):
            if (m.source, m.number) in self.seen:
                return
            self.seen.add((m.source, m.number))
            write = isinstance(m, ClientWriteRequest)
            number = len(self.seen)
            self.jobs[number] = Job(m, write, m.value if write else None)
            self.push(number)
        elif isinstance(m, AskMessage):
            have = HaveMessage(self.index(), m.source, m.job, list(self.version), self.value)
            self.medium().send(have)
        elif isinstance(m, HaveMessage):
            job = self.jobs.get(m.job)
            if job is not None and job.version is None:
                job.have[m.source] = (m.version, m.value)
                if len(job.have) >= self.majority():
                    self.decide(m.job, job)
        elif isinstance(m, PutMessage):
            if m.version > self.version:
                self.version, self.value = m.version, m.value
            self.medium().send(DoneMessage(self.index(), m.source, m.job))
        elif isinstance(m, DoneMessage):
            job = self.jobs.get(m.job)
            if job is not None:
                job.done.add(m.source)
                if len(job.done) >= self.majority():
                    del self.jobs[m.job]
                    back = ClientWriteResponse() if job.write else ClientReadResponse(job.value)
                    self.answer(job.request, back)
        elif isinstance(m, IAmLeader):
            self.last_heard[m.source] = self.clock

    def decide(self, number, job):
        version, value = max(job.have.values(), key=lambda x: x[0])
        if job.write:
            self.highest = max(self.highest, version[0]) + 1
            job.version = [self.highest, self.index()]
        else:
            job.version, job.value = version, value
        self.push(number)

    def push(self, number):
        job = self.jobs[number]
        for i in self.all:
            if job.version is None:
                if i not in job.have:
                    self.medium().send(AskMessage(self.index(), i, number))
            elif i not in job.done:
                put = PutMessage(self.index(), i, number, job.version, job.value)
                self.medium().send(put)

    def answer(self, request, m):
        m.source, m.destination, m.answers = self.index(), request.source, request.number
        self.medium().send(m)

    def lead(self):
        # the largest one that is not silent
        larger = [i for i in self.all if i > self.index()]
        if all(self.clock - self.last_heard[i] > 40 for i in larger):
            announce = LeaderMessage()
            announce.source, announce.destination = self.index(), 0
            announce.number = 1000 + self.clock
            self.medium().send(announce)
        for i in self.all:
            if i < self.index():
                self.medium().send(IAmLeader(self.index(), i))

    def print_result(self):
        print(f"replica {self.index()} has {self.value}, version {self.version}")


class Leading(Replica):
    leading = True


class ReplicationNetwork(game.ReplicationNetwork):
    node = Replica


class LeaderNetwork(game.ReplicationNetwork):
    node = Leading
