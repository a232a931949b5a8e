from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class Vote(MessageStub):
    def __init__(self, sender: int, destination: int, vote: int, decided: bool):
        super().__init__(sender, destination)
        self._vote = vote
        self._decided = decided

    def vote(self):
        return self._vote

    def decided(self):
        return self._decided

    def __str__(self):
        return f"Vote: {self.source} -> {self.destination}, voting for {self._vote}, decided? {self._decided}"


class Bully(Device):
    # everybody starts, everybody answers, and whoever hears nothing of a larger one takes over

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._leader: int = None
        self._shut_up = False
        self._election = False

    def largest(self):
        return self.index() == max(self.medium().ids())

    def run(self):
        self.start_election()
        quiet = 0
        since_answer = 0
        while self._leader is None:
            m = self.medium().receive()
            while m is not None:
                if m.decided():
                    self._leader = m.vote()
                    return
                if m.source < self.index():
                    self.medium().send(Vote(self.index(), m.source, self.index(), False))
                else:
                    self._shut_up = True
                    since_answer = 0
                m = self.medium().receive()
            self.medium().wait_for_next_round()
            quiet += 1
            since_answer += 1
            if not self._shut_up and quiet > 30:
                self.lead()
            if self._shut_up and since_answer > 80:
                self._shut_up = False
                quiet = 0
                self.start_election()

    def start_election(self):
        if not self._election:
            self._election = True
        if self.largest():
            self.lead()
            return
        for i in self.medium().ids():
            if i > self.index():
                self.medium().send(Vote(self.index(), i, self.index(), False))

    def lead(self):
        self._leader = self.index()
        for i in self.medium().ids():
            if i != self.index():
                self.medium().send(Vote(self.index(), i, self.index(), True))

    def print_result(self):
        print(f"Leader seen from {self._id} is {self._leader}")
