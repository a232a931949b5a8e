# ---------------------------------------------------------------- one device says anything to anybody
#
# Put behind the solution of lecture 6: device TRAITOR tells each device 0 or 1, in every round.

TRAITOR = 0
LIES = 1  # how many devices may lie, as the algorithm believes


class Either(ConsensusRequester):
    """Proposes 0 or 1."""

    def __init__(self):
        self.value = random.randrange(2)

    @property
    def initial_value(self):
        return self.value

    def consensus_reached(self, element):
        pass


class LyingKing(King):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium, application=Either())
        self._f = LIES

    def b_multicast(self, message):
        if self.index != TRAITOR:
            super().b_multicast(message)
            return
        for other in self.medium.ids:
            lie = Propose(random.randrange(2))
            lie.source, lie.destination = self.index, other
            self.medium.send(lie)

    def decide(self):
        if self.index != TRAITOR:
            super().decide()
