"""Lecture 13, reference solution: the marker rules.

Chandy and Lamport, ACM TOCS 3(1), 1985, section 3.2, in the words of the lecture:

    sending     A node that has recorded its balance sends a token into each outgoing channel,
                before it sends anything else there.
    receiving   A token comes from a node. Who has no record yet records now, and this channel as
                empty. Who has one closes the channel: its state is what came between the record
                and the token.

Why the cut is consistent: an amount that a node sends after its record goes behind its token, and
channels are FIFO. So the receiver has recorded, at the latest when the token came, before the
amount comes. Nothing that was sent after a record is received before one.

Why channel states are exact: what a node sent before its record goes before its token. If it comes
after the receiver's record, it is in the list, else it is in the receiver's balance: never in both,
and never in none.

Why each record is completed: a token goes into every channel, and channels lose nothing.

Without FIFO an amount can overtake the token before it: it is in the balance of the receiver, and
also in that of the sender. Money is made. Or a token overtakes an amount: that money is gone.
"""

import exercises.exercise13 as template
from exercises.exercise13 import SnapshotToken, Transfer

FIFO = template.FIFO
SCRIPT = template.SCRIPT


class BankNode(template.BankNode):
    """A node that keeps the marker rules."""

    def receive_money(self, message: Transfer):
        self.balance += message.amount
        for record in self.records.values():
            if message.source in record.open:
                record.channels[message.source].append(message.amount)

    def begin_snapshot(self, snapshot: int):
        self.record(snapshot)
        for other in self.others:
            self.medium.send(SnapshotToken(self.index, other, snapshot))

    def receive_token(self, message: SnapshotToken):
        if message.snapshot not in self.records:
            self.begin_snapshot(message.snapshot)
        self.records[message.snapshot].open.discard(message.source)


class Bank(template.Bank):
    """The bank of the template, with these nodes."""

    node = BankNode
