"""Lecture 15: the replication game. Nodes keep copies of one value; the network is against them.

Roles
    Device 0 is the gateway, devices 1 to NUMBER_OF_CLIENTS are clients, all others are nodes.
    Clients read and write ONE value (a register). They know only the gateway.
    The gateway hands each request to a node, and the node's answer back to the client. (given)
    Nodes keep the value, each a copy of its own. (to do: class Node)

Rules of the game
    1. Each client does OPERATIONS_PER_CLIENT operations, one after the other, each a read or a
       write of a value that was never written before. If there is no answer for CLIENT_TIMEOUT
       rounds, it goes on with the next one. A write without an answer may have happened, or not.
    2. The gateway takes one node after the other (ROUTING = "round-robin"), or always the node that
       has sent it a LeaderMessage (ROUTING = "leader"). It never repeats a request.
    3. Nodes may send each other whatever they like, and any number of them may crash.
    4. `level` says how hostile the network is: 1 no faults, 2 delays, 3 loss, 4 a crash,
       5 partitions, 6 all of it, and messages that come twice.
    5. The score: are the operations LINEARIZABLE, that is, is there one order of all of them in
       which every read returns what was written last, and in which each operation has its place
       between its request and its answer? If not, you have lost. If so: how many operations were
       answered (points out of 100), how fast, and how many messages did it take?

Messages
    ClientReadRequest    client -> gateway -> node      what is the value?
    ClientReadResponse   node -> gateway -> client      this
    ClientWriteRequest   client -> gateway -> node      this is the new value
    ClientWriteResponse  node -> gateway -> client      it is written
    LeaderMessage        node -> gateway                send requests to me
    QuitMessage          client -> gateway -> node      the game is over
    QuitAnswer           and back

How a node works is in server.py: endpoints, threads, send_message, wait, wait_any, wait_all, every.

Sources
    H. Attiya, A. Bar-Noy, D. Dolev: Sharing memory robustly in message-passing systems, JACM 1995.
    M. Herlihy, J. Wing: Linearizability: a correctness condition for concurrent objects, 1990.
    [CDK] Coulouris, Dollimore, Kindberg, Blair: Distributed Systems, 5th edition, 18.2.1.

Run it
    python3 exercise_runner.py --lecture 15 --algorithm ReplicationNetwork --type async --devices 8
"""

import random
from typing import Any, ClassVar

from emulators.check.score import Score
from emulators.Medium import Medium
from emulators.operations import invoke, respond
from emulators.todo import todo
from exercises.server import Server, ServerMessage, endpoint, every, wait_all, wait_any  # noqa: F401

level = 1
LEVELS = {
    1: "no faults",
    2: "delays",
    3: "loss",
    4: "a crash",
    5: "partitions",
    6: "everything at once",
}

NUMBER_OF_CLIENTS = 3
OPERATIONS_PER_CLIENT = 30
SHARE_OF_READS = 0.7
LONGEST_BREAK = 2  # rounds between two operations of a client
ROUTING = "round-robin"  # or "leader"
CLIENT_TIMEOUT = 80  # rounds
GATEWAY_TIMEOUT = 70
FAREWELLS = 12  # how often QuitMessage is sent to those who do not answer it
FAREWELL_TIMEOUT = 5

GATEWAY = 0


class ClientReadRequest(ServerMessage):
    """What is the value?"""


class ClientReadResponse(ServerMessage):
    """The value that was read."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class ClientWriteRequest(ServerMessage):
    """This is the new value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class ClientWriteResponse(ServerMessage):
    """It is written."""


class LeaderMessage(ServerMessage):
    """From a node to the gateway: send all requests to me (if ROUTING is "leader")."""


class QuitMessage(ServerMessage):
    """From a client: I am done. From the gateway: the game is over."""


class QuitAnswer(ServerMessage):
    """I have heard it."""


class Node(Server):
    """Keeps a copy of the value. To be completed: what it does with a read and with a write."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.value: Any = None
        self.nodes = list(range(1 + NUMBER_OF_CLIENTS, number_of_devices))  # this one included

    @endpoint(ClientReadRequest)
    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse | None:
        """Return the answer to a client, or None if there cannot be one."""
        # TODO: find out the value. You know: self.value (the copy here), self.nodes (all nodes).
        # Invent the messages that nodes send each other (classes that extend ServerMessage) and
        # write an endpoint for each. To ask all nodes and wait for three answers:
        #     requests = [self.send_message(node, MyRequest(), 20) for node in self.nodes]
        #     answers = wait_any(requests, 3)
        todo("find out the value, with the help of the other nodes, and return it")
        return None

    @endpoint(ClientWriteRequest)
    def process_write_request(self, request: ClientWriteRequest) -> ClientWriteResponse | None:
        """Return the answer to a client, or None if it is not certain that the value is written."""
        # TODO: make request.value the new value, on as many nodes as are needed. Remember that a
        # node handles several requests at the same time, and that messages overtake each other.
        todo("write the value, here and on other nodes, and return that it is written")
        return None

    @endpoint(QuitMessage)
    def process_quit(self, message: QuitMessage) -> QuitAnswer:
        self.stop()
        return QuitAnswer()

    def print_result(self) -> None:
        print(f"Node {self.index}: {self.value}")

    def appearance(self) -> dict[str, str]:
        return {"text": str(self.value)}


class Gateway(Server):
    """Hands requests to nodes and answers to clients. Prints the score."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.nodes = list(range(1 + NUMBER_OF_CLIENTS, number_of_devices))
        self.leader: int | None = None
        self.forwarded = 0
        self.clients_done: set[int] = set()
        self.score = Score.of(self, ignored=(QuitMessage, QuitAnswer))

    def next_node(self) -> int:
        if ROUTING == "leader" and self.leader is not None:
            return self.leader
        self.forwarded += 1
        return self.nodes[self.forwarded % len(self.nodes)]

    @endpoint(ClientReadRequest)
    def process_read_request(self, request: ClientReadRequest) -> ClientReadResponse | None:
        forwarded = self.send_message(self.next_node(), ClientReadRequest(), GATEWAY_TIMEOUT)
        answer = forwarded.wait()
        return None if answer is None else ClientReadResponse(answer.value)

    @endpoint(ClientWriteRequest)
    def process_write_request(self, request: ClientWriteRequest) -> ClientWriteResponse | None:
        message = ClientWriteRequest(request.value)
        forwarded = self.send_message(self.next_node(), message, GATEWAY_TIMEOUT)
        return None if forwarded.wait() is None else ClientWriteResponse()

    @endpoint(LeaderMessage)
    def process_leader(self, message: LeaderMessage) -> None:
        self.leader = message.source

    @endpoint(QuitMessage)
    def process_quit(self, message: QuitMessage) -> QuitAnswer:
        self.clients_done.add(message.source)
        if len(self.clients_done) == NUMBER_OF_CLIENTS:
            self.start(self.say_goodbye)
        return QuitAnswer()

    def say_goodbye(self) -> None:
        """Tell the nodes that the game is over, several times if need be, and end."""
        left = self.nodes
        for _ in range(FAREWELLS):
            requests = {
                node: self.send_message(node, QuitMessage(), FAREWELL_TIMEOUT) for node in left
            }
            wait_all(requests.values())
            left = [node for node, request in requests.items() if request.answer is None]
            if not left:
                break
        self.stop()

    def print_result(self) -> None:
        if level in LEVELS:
            print(f"Level {level}: {LEVELS[level]}")
        for line in self.score.lines():
            print(line)

    def appearance(self) -> dict[str, str]:
        return {"text": "gateway", "shape": "diamond"}


class Client(Server):
    """Reads and writes, one operation after the other."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.writes = 0
        self.answered = 0
        self.last = "nothing yet"

    def work(self) -> None:
        for _ in range(OPERATIONS_PER_CLIENT):
            self.pause(random.randint(0, LONGEST_BREAK))
            if random.random() < SHARE_OF_READS:
                self.read()
            else:
                self.write()
        self.say_goodbye()

    def read(self) -> None:
        self.last = "reads …"
        invoke(self, "read")
        answer = self.send_message(GATEWAY, ClientReadRequest(), CLIENT_TIMEOUT).wait()
        if answer is None:
            self.last = "read: no answer"
        else:
            respond(self, answer.value)
            self.answered += 1
            self.last = f"read {answer.value}"

    def write(self) -> None:
        self.writes += 1
        value = 100 * self.index + self.writes  # nobody else writes this one
        self.last = f"writes {value} …"
        invoke(self, "write", value)
        answer = self.send_message(GATEWAY, ClientWriteRequest(value), CLIENT_TIMEOUT).wait()
        if answer is None:
            self.last = f"write {value}: no answer"
        else:
            respond(self)
            self.answered += 1
            self.last = f"wrote {value}"

    def say_goodbye(self) -> None:
        for _ in range(FAREWELLS):
            if self.send_message(GATEWAY, QuitMessage(), FAREWELL_TIMEOUT).wait():
                break
        self.stop()

    def print_result(self) -> None:
        print(
            f"Client {self.index}: {self.answered} of {OPERATIONS_PER_CLIENT} operations answered,"
            f" the last: {self.last}"
        )

    def appearance(self) -> dict[str, str]:
        return {"text": self.last, "shape": "square"}


class ReplicationNetwork:
    """Decides by index what a device is. A subclass can have another class of nodes."""

    node: ClassVar[type[Node]] = Node

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == GATEWAY:
            return Gateway(index, number_of_devices, medium)
        if index <= NUMBER_OF_CLIENTS:
            return Client(index, number_of_devices, medium)
        return cls.node(index, number_of_devices, medium)
