# ---------------------------------------------------------------- contents that are there at once
#
# Put behind a file of lecture 5: an application without a thread, which sends when it is built.

CONTENTS = 1


class Talker(MulticastListener):
    """Keeps what it is given."""

    def __init__(self):
        self.history = []

    def deliver(self, content):
        self.history.append(content)

    def forward(self, message):
        pass


class Talking:
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium, application=Talker())

    def run(self):
        for number in range(CONTENTS):
            self.send(f"{self.index}#{number}")
        super().run()


class TalkingTOSEQ(Talking, TOSEQMulticast):
    pass


class TalkingISIS(Talking, ISISMulticast):
    pass
