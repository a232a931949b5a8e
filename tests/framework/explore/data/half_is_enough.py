# ---------------------------------------------------------------- two proposers, the rest accept
#
# Put behind the solution of lecture 6: each proposer tries once, each device has one role.

PATIENCE = 0
PROPOSERS = 2
TRIES = 1  # how often a proposer tries; it gives up whenever it likes


class Value(ConsensusRequester):
    """Proposes the index of its device."""

    def __init__(self, value):
        self.value = value

    def initial_value(self):
        return self.value

    def consensus_reached(self, element):
        pass


class OneShot(given.Device):
    """Proposers 0 and 1 try once; all others are acceptors."""

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        acceptors = list(range(PROPOSERS, number_of_devices))
        network = PAXOSNetwork(index, medium, acceptors, [])
        network._majority = majority(len(acceptors))
        self._application = Value(index)
        self._proposes = index < PROPOSERS
        if self._proposes:
            self._proposer = Proposer(network, self._application)
            self._proposer._preference = index
        else:
            self._acceptor = Acceptor(network)

    def run(self):
        if self._proposes:
            self.propose()
        while True:
            message = self.medium.wait_for_message()
            if isinstance(message, PrepareMessage):
                self._acceptor.handle_prepare(message)
            else:
                self._acceptor.handle_request_accept(message)

    def propose(self):
        self._proposer.check_prepare()
        tries = 1
        while not self._proposer.done():
            message = self.medium.wait_for_message()
            if isinstance(message, PromiseMessage):
                self._proposer.handle_promise(message)
            else:
                self._proposer.handle_accept(message)
            if tries < TRIES and not self._proposer.done() and random.randrange(2):
                tries += 1
                self._proposer.check_prepare()
        self._application.consensus_reached(self._proposer._preference)
        while True:
            self.medium.wait_for_message()


def majority(acceptors):
    return (acceptors + 1) // 2
