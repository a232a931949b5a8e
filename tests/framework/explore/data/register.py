# ---------------------------------------------------------------- a register on three replicas
#
# An exercise file of its own: device 0 writes, device 1 reads twice, all others keep a copy.
# Attiya, Bar-Noy and Dolev: "Sharing memory robustly in message-passing systems", JACM 42(1), 1995.

from emulators.Device import Device
from emulators.MessageStub import MessageStub
from emulators.operations import invoke, respond

WRITE_BACK = True


class Query(MessageStub):
    """What do you have?"""

    def __init__(self, sender, destination, phase):
        super().__init__(sender, destination)
        self.phase = phase


class Copy(MessageStub):
    """This is what I have; or: keep this."""

    def __init__(self, sender, destination, phase, stamp, value):
        super().__init__(sender, destination)
        self.phase, self.stamp, self.value = phase, stamp, value


class Done(Query):
    """I have kept it."""


class Register(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.stamp, self.value, self.phase = 0, None, 0

    def run(self):
        if self.index == 0:
            invoke(self, "write", 1)
            self.store(1, 1)
            respond(self)
        elif self.index == 1:
            self.read()
            self.read()
        else:
            while True:
                self.serve(self.medium.wait_for_message())

    def serve(self, message):
        if isinstance(message, Copy):
            if message.stamp > self.stamp:
                self.stamp, self.value = message.stamp, message.value
            self.medium.send(Done(self.index, message.source, message.phase))
        else:
            mine = Copy(self.index, message.source, message.phase, self.stamp, self.value)
            self.medium.send(mine)

    def read(self):
        invoke(self, "read")
        answers = self.majority(lambda replica: Query(self.index, replica, self.phase))
        newest = max(answers, key=lambda answer: answer.stamp)
        if WRITE_BACK:
            self.store(newest.stamp, newest.value)
        respond(self, newest.value)

    def store(self, stamp, value):
        self.majority(lambda replica: Copy(self.index, replica, self.phase, stamp, value))

    def majority(self, request):
        self.phase += 1
        replicas = range(2, self.number_of_devices)
        for replica in replicas:
            self.medium.send(request(replica))
        answers = []
        while 2 * len(answers) <= len(replicas):
            message = self.medium.wait_for_message()
            if message.phase == self.phase:
                answers.append(message)
        return answers
