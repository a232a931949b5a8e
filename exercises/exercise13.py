"""Lecture 13: snapshots of a bank, after Chandy and Lamport.

The idea
    The nodes of a bank send each other money. How much money is there? Whoever asks one node after
    the other may count an amount twice, or miss it while it is on its way. A snapshot is a state of
    all nodes and all channels that could have been there at one moment, taken while the bank works.

The rules (marker rules; a marker is called a token here)
    begin       The node that begins records its balance. Then, before anything else, it sends a
                token into each of its outgoing channels, and records its incoming channels.
    first token A node that gets a token of a snapshot of which it has no record does the same. The
                channel on which the token came is recorded as empty.
    money       An amount that comes on a channel that is being recorded belongs to the state of
                the channel: it left before the sender's record, and comes after the receiver's.
    next tokens The channel on which the token came is complete: nothing more is recorded there.
                With a token from each incoming channel the record of the node is complete.
    Several snapshots can be on their way at the same time. A token names its snapshot, and each
    snapshot has a record of its own.

What is needed
    FIFO channels. No message may be lost. FIFO = False shows why (--set FIFO=False).

What is promised
    The cut is consistent: what a record has seen coming, another one has seen leaving.
    The states of the channels are exactly the amounts that were on their way.
    So all balances and all channels of a snapshot together are the money of the bank.

Sources
    Chandy, Lamport: "Distributed Snapshots: Determining Global States of Distributed Systems", ACM
    TOCS 3(1), 1985. [CDK] 14.5.

Messages
    Transfer        money on its way
    SnapshotToken   the token of a snapshot
    Command, Reply  between master, observer and nodes (given, emulators/bank)

The devices: the nodes first, then the observer, which begins and collects snapshots, and last the
master. Without a script the nodes send money as they like, and SNAPSHOTS snapshots are taken
meanwhile. With --script FILE the master does what the file says, one command after the other.

Given: everything but the rules. To do: `begin_snapshot`, `receive_token`, and the half of
`receive_money` that records.

    python3 exercise_runner.py --lecture 13 --algorithm Bank --type async --devices 5
"""

from emulators.bank.master import Master
from emulators.bank.messages import Command, Reply
from emulators.bank.node import Node, Record
from emulators.bank.observer import Observer
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

__all__ = ["Bank", "BankNode", "Command", "Record", "Reply", "SnapshotToken", "Transfer"]

BALANCE = 1000  # of each node at the start
TRANSFERS = 10  # how often each node sends money
SNAPSHOTS = 3  # how many snapshots are taken
SCRIPT = ""  # the text of a script; --script FILE sets it
FIFO = True  # whether channels keep the order of messages


class Transfer(MessageStub):
    """An amount of money on its way."""

    def __init__(self, sender: int, destination: int, amount: int):
        super().__init__(sender, destination)
        self.amount = amount

    def __str__(self):
        return f"Transfer {self.source} -> {self.destination}: {self.amount}"


class SnapshotToken(MessageStub):
    """All that I have sent before this token belongs to the time before my record."""

    def __init__(self, sender: int, destination: int, snapshot: int):
        super().__init__(sender, destination)
        self.snapshot = snapshot

    def __str__(self):
        return f"SnapshotToken {self.source} -> {self.destination}: snapshot {self.snapshot}"


class BankNode(Node):
    """A node of the bank.

    self.balance            the money that is here
    self.others             the other nodes; there is a channel to each, and one from each
    self.record(snapshot)   writes down the balance, and opens all incoming channels. From then on
    self.records[snapshot]  is the record:
        .balance            the balance that was written down
        .channels[source]   the list of the amounts that were on their way from `source`
        .open               the set of the nodes whose channels are still being recorded
    """

    def send_money(self, destination: int, amount: int):
        self.balance -= amount
        self.medium.send(Transfer(self.index, destination, amount))

    def handle(self, message: MessageStub):
        """Handle what comes out of a channel."""
        if isinstance(message, Transfer):
            self.receive_money(message)
        elif isinstance(message, SnapshotToken):
            self.receive_token(message)

    def receive_money(self, message: Transfer):
        self.balance += message.amount
        # TODO: for each snapshot that still records this channel, add the amount to its record.
        todo("BankNode.receive_money: record what was on its way")

    def begin_snapshot(self, snapshot: int):
        # TODO: record, and send a SnapshotToken to each of the others.
        todo("BankNode.begin_snapshot: record the balance and send the tokens")

    def receive_token(self, message: SnapshotToken):
        # TODO: is it the first token of this snapshot? And then: which channel is complete now?
        todo("BankNode.receive_token: record at the first token, complete a channel at each")


class Bank:
    """Decides by index what a device is: the nodes, then the observer, then the master."""

    node = BankNode  # the class of the nodes

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == number_of_devices - 1:
            return Master(
                index,
                number_of_devices,
                medium,
                observer=number_of_devices - 2,
                script=SCRIPT,
                balance=BALANCE,
                transfers=TRANSFERS,
                snapshots=SNAPSHOTS,
            )
        if index == number_of_devices - 2:
            return Observer(index, number_of_devices, medium)
        return cls.node(index, number_of_devices, medium)
