# ---------------------------------------------------------------- contents that are there at once
#
# Put behind the solution of lecture 5: an application without a thread, which sends when it begins.

from exercises.exercise5 import MulticastListener

CONTENTS = 2
SENDERS = (0, 1, 2)


class Quiet(MulticastListener):
    def deliver(self, content):
        pass

    def forward(self, message):
        pass


class Talking:
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium, application=Quiet())

    def run(self):
        if self.index in SENDERS:
            for number in range(CONTENTS):
                self.send(f"{self.index}#{number}")
        super().run()


class TalkingTOSEQ(Talking, FifoTOSEQMulticast):
    pass


class TalkingOverlap(Talking, FifoOverlapMulticast):
    pass
