"""Lecture 2: the routing information protocol (RIP).

The rules (distance vector routing)
    A device knows its neighbors. Its routing table has a row for every destination it has
    heard of: the neighbor to send to (the next hop), and the distance, counted in links.
    At first the table holds the neighbors, each at distance 1.
    A device sends its whole table to all neighbors at first, and whenever its table has changed.
    When a table comes from neighbor `src`, every row of it is an offer: the destination can be
    reached through `src`, and is one link further away from here than from `src`.
    A device takes an offer when it has no row for that destination, or a longer one.
    (The full protocol also lets the next hop itself make a row worse, sends tables regularly,
    and has an infinite distance, for links that fail: docs/lectures/02.md.)

    A RoutableMessage travels over many links: each device on the way looks up the last node
    in its routing table, and hands the message to the next hop.

Source: [CDK] section 3.3.5, pages 115 to 118 (Coulouris, Dollimore, Kindberg, Blair: Distributed
Systems, 5th edition); C. Hedrick: Routing Information Protocol, RFC 1058 (1988).

Messages
    RipMessage        table: the routing table of the sender, {destination: (next hop, distance)}
    RoutableMessage   first_node, last_node: where it starts and where it shall arrive; content
                      (source and destination are the two ends of one link, as always)

Given: both messages, exchange of tables, routing.
To do: the ring in `__init__`, `merge_tables`, then `routing_table_complete`, `use_network`
    and `may_stop`.

Run it with, for instance
    python3 exercise_runner.py --lecture 2 --algorithm RipCommunication --type async --devices 10
The tasks are in docs/lectures/02.md.
"""

from typing import Any

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

# {destination: (next hop, distance)}
Table = dict[int, tuple[int, int]]


class RipMessage(MessageStub):
    """The routing table of the sender."""

    def __init__(self, sender: int, destination: int, table: Table) -> None:
        super().__init__(sender, destination)
        self.table = table

    def __str__(self) -> str:
        return f"RipMessage {self.source} -> {self.destination}: {in_words(self.table)}"


class RoutableMessage(MessageStub):
    """A message for `last_node`, on its way from hop to hop."""

    def __init__(
        self, sender: int, destination: int, first_node: int, last_node: int, content: Any
    ) -> None:
        super().__init__(sender, destination)
        self.first_node = first_node
        self.last_node = last_node
        self.content = content

    def __str__(self) -> str:
        hop = f"RoutableMessage {self.source} -> {self.destination}"
        return f"{hop}: from {self.first_node} to {self.last_node}: {self.content}"


def in_words(table: Table) -> str:
    """The rows of a table in one line: `3 via 2 (4)` is destination 3, next hop 2, distance 4."""
    rows = [f"{destination} via {hop} ({far})" for destination, (hop, far) in sorted(table.items())]
    return ", ".join(rows)


class RipCommunication(Device):
    """A device that finds out the way to all others, and passes messages on."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        # The devices stand in a line, 0 - 1 - 2 - ... Make it a ring.
        self.neighbors = [i for i in (index - 1, index + 1) if 0 <= i < number_of_devices]
        todo("RipCommunication.__init__: close the line of devices to a ring")

        self.routing_table: Table = {neighbor: (neighbor, 1) for neighbor in self.neighbors}

    def run(self) -> None:
        self.table_changed()
        while not self.may_stop():
            message = self.medium.receive()
            if message is None:  # nothing here now: let time pass
                self.medium.wait_for_next_round()
            else:
                self.handle_ingoing(message)

    def handle_ingoing(self, message: MessageStub) -> None:
        if isinstance(message, RipMessage):
            merged = self.merge_tables(message.source, message.table)
            if merged is not None:
                self.routing_table = merged
                self.table_changed()
        elif isinstance(message, RoutableMessage):
            self.route(message)

    def table_changed(self) -> None:
        """The table is new or different: tell the neighbors, and see whether it is complete."""
        self.send_table()
        if self.routing_table_complete():
            self.use_network()

    def send_table(self) -> None:
        for neighbor in self.neighbors:
            self.medium.send(RipMessage(self.index, neighbor, self.routing_table))

    def merge_tables(self, src: int, table: Table) -> Table | None:
        """Merge `table`, which came from the neighbor `src`, into my routing table.

        Returns the new routing table if a row is new or better, and None if nothing changes.
        """
        todo("merge_tables: take over every row that is new or better")
        return None

    def routing_table_complete(self) -> bool:
        """Can I know that my table is complete? Asked whenever the table has changed."""
        todo("routing_table_complete: find a rule, and count how often it says yes")
        return False

    def use_network(self) -> None:
        """The routing table seems to be complete: the network can be used."""
        todo("use_network: send a RoutableMessage to a device that is far away")

    def may_stop(self) -> bool:
        """May this device stop? A router in the Internet never does: then a limit ends the run."""
        return False

    def route(self, message: RoutableMessage) -> None:
        """Deliver a message that is for me, hand on one that is for somebody else."""
        if message.last_node == self.index:
            self.deliver(message)
        elif message.last_node in self.routing_table:
            next_hop, _ = self.routing_table[message.last_node]
            message.source, message.destination = self.index, next_hop
            self.medium.send(message)
        else:
            self.medium.log(f"knows no way to {message.last_node}, drops: {message.content}")

    def deliver(self, message: RoutableMessage) -> None:
        """A message has arrived at its last node, which is this device."""
        self.medium.log(f"got from {message.first_node}: {message.content}")

    def print_result(self) -> None:
        known = f"{len(self.routing_table)} of {self.number_of_devices - 1}"
        print(f"Device {self.index}: knows {known} destinations: {in_words(self.routing_table)}")
