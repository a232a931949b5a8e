"""Lecture 15, reference solution: a register on a majority, a leader, and three wrong registers.

The rules (Attiya, Bar-Noy and Dolev 1995, for several writers as in Lynch and Shvartsman 1997)
    Each node keeps a value and its stamp (counter, index of the node that wrote it). Stamps are
    compared counter first. A node that is told to store takes over what has a greater stamp than
    its own, and confirms in any case.
    Write: 1. ask all nodes for their stamps, wait for a majority;
           2. tell all to store the value with a greater stamp, wait for a majority.
    Read:  1. ask all nodes for stamp and value, wait for a majority, take the greatest;
           2. tell all to store THAT (write back), wait for a majority; then answer.
    Two majorities share a node, so phase 1 hears of all that was finished before it began. The
    second phase of a read is what keeps a later read from finding less than this one has returned.
    Who does not answer is asked again: both phases may be repeated.

The leader (`LeaderNetwork`) is the smallest node that is not silent. It makes one node serve all
requests, so the others' answers mostly agree with its own copy, and a read needs no second phase.
It is no more than a habit: two leaders do no harm, because every operation still needs a majority.
A leader that answered reads from its own copy would need to be sure that there is no other one.
"""

import exercises.exercise15 as given
from emulators.Medium import Medium
from exercises.exercise15 import (
    ClientReadRequest,
    ClientReadResponse,
    ClientWriteRequest,
    ClientWriteResponse,
    LeaderMessage,
)
from exercises.server import Request, ServerMessage, endpoint, every

ATTEMPTS = 4  # per phase: how often the nodes that do not answer are asked
PATIENCE = 12  # rounds between two of them
ALIVE_INTERVAL = 5  # rounds between two signs of life
SILENCE = 6  # so many signs of life may be missed

Stamp = tuple[int, int]


class QueryRequest(ServerMessage):
    """What is your value, and its stamp?"""


class QueryResponse(ServerMessage):
    """This value, with this stamp."""

    def __init__(self, stamp: Stamp, value: object) -> None:
        super().__init__()
        self.stamp = stamp
        self.value = value


class StoreRequest(ServerMessage):
    """Take this value unless you have one with a greater stamp."""

    def __init__(self, stamp: Stamp, value: object) -> None:
        super().__init__()
        self.stamp = stamp
        self.value = value


class StoreResponse(ServerMessage):
    """I have it, or a newer one."""


class Node(given.Node):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.stamp: Stamp = (0, 0)
        self.counter = 0  # the greatest that this node has put into a stamp

    def quorum(self) -> int:
        """How many nodes are a majority."""
        return len(self.nodes) // 2 + 1

    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse | None:
        answers = self.ask(QueryRequest(), self.quorum())
        if answers is None:
            return None
        newest = max(answers, key=lambda answer: answer.stamp)
        if self.ask(StoreRequest(newest.stamp, newest.value), self.quorum()) is None:
            return None
        return ClientReadResponse(newest.value)

    def process_write_request(self, request: ClientWriteRequest) -> ClientWriteResponse | None:
        answers = self.ask(QueryRequest(), self.quorum())
        if answers is None:
            return None
        stamp = self.next_stamp(max(answer.stamp for answer in answers))
        if self.ask(StoreRequest(stamp, request.value), self.quorum()) is None:
            return None
        return ClientWriteResponse()

    def next_stamp(self, greatest: Stamp) -> Stamp:
        """A stamp that is greater, and that no other request at this node gets."""
        self.counter = max(self.counter, greatest[0]) + 1
        return (self.counter, self.index)

    def ask(self, message: ServerMessage, count: int) -> list | None:
        """Ask all nodes until `count` have answered; return their answers, None if too few did."""
        requests: list[Request] = []

        def answers() -> dict[int, ServerMessage]:  # a node that was asked twice may answer twice
            return {one.answer.source: one.answer for one in requests if one.answer is not None}

        for _ in range(ATTEMPTS):
            silent = [node for node in self.nodes if node not in answers()]
            requests += [self.send_message(node, message) for node in silent]
            if self.wait_until(lambda: len(answers()) >= count, PATIENCE):
                return list(answers().values())
        return None

    @endpoint(QueryRequest)
    def process_query(self, request: QueryRequest) -> QueryResponse:
        return QueryResponse(self.stamp, self.value)

    @endpoint(StoreRequest)
    def process_store(self, request: StoreRequest) -> StoreResponse:
        if request.stamp > self.stamp:
            self.stamp, self.value = request.stamp, request.value
        return StoreResponse()


class ReplicationNetwork(given.ReplicationNetwork):
    """One gateway, some clients, and nodes that need a majority for everything."""

    node = Node


# -- bonus: a leader


class AliveMessage(ServerMessage):
    """I am here."""


class LeaderNode(Node):
    """Knows who is there; the smallest one leads, and says so to the gateway."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.signs = 0  # of life that this node has given
        self.heard = dict.fromkeys(self.nodes, 0)  # node -> `signs` when it last gave one

    def leader(self) -> int:
        """The smallest node that was heard of lately."""
        return min(node for node in self.nodes if self.signs - self.heard[node] <= SILENCE)

    @every(ALIVE_INTERVAL)
    def say_alive(self) -> None:
        self.signs += 1
        self.heard[self.index] = self.signs
        for node in self.nodes:
            if node != self.index:
                self.send_message(node, AliveMessage())
        if self.leader() == self.index:
            self.send_message(given.GATEWAY, LeaderMessage())

    @endpoint(AliveMessage)
    def process_alive(self, message: AliveMessage) -> None:
        self.heard[message.source] = self.signs

    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse | None:
        """As before; but what a majority has already need not be written back to it."""
        answers = self.ask(QueryRequest(), self.quorum())
        if answers is None:
            return None
        newest = max(answers, key=lambda answer: answer.stamp)
        agreed = all(answer.stamp == newest.stamp for answer in answers)
        if agreed or self.ask(StoreRequest(newest.stamp, newest.value), self.quorum()):
            return ClientReadResponse(newest.value)
        return None


class LeaderNetwork(given.ReplicationNetwork):
    """Nodes that choose a leader, for a gateway with ROUTING = "leader"."""

    node = LeaderNode


# -- wrong on purpose: what the game has to find


class WriteAllNode(Node):
    """Writes to all nodes, and reads only its own copy."""

    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse:
        return ClientReadResponse(self.value)

    def process_write_request(self, request: ClientWriteRequest) -> ClientWriteResponse | None:
        stamp = self.next_stamp(self.stamp)
        if self.ask(StoreRequest(stamp, request.value), len(self.nodes)) is None:
            return None
        return ClientWriteResponse()


class WriteAllNetwork(given.ReplicationNetwork):
    """A read may see what another one, later, does not see yet."""

    node = WriteAllNode


class WrongMajorityNode(Node):
    """Takes half of the nodes for a majority where their number is even."""

    def quorum(self) -> int:
        return (len(self.nodes) + 1) // 2


class WrongMajorityNetwork(given.ReplicationNetwork):
    """Two halves of an even number of nodes share none."""

    node = WrongMajorityNode


class NoWriteBackNode(Node):
    """Reads from a majority, and does not write back what it found."""

    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse | None:
        answers = self.ask(QueryRequest(), self.quorum())
        if answers is None:
            return None
        return ClientReadResponse(max(answers, key=lambda answer: answer.stamp).value)


class NoWriteBackNetwork(given.ReplicationNetwork):
    """While a write goes on, a read may find it, and a later one may not."""

    node = NoWriteBackNode
