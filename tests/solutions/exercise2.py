"""Lecture 2, reference solution: RIP on a ring.

What each class shows:

    TableRip               the ring, the merge, and how often each rule says "complete"
    RipCommunication       … and every device sends a message to the opposite side of the ring
    HastyRip               … and stops as soon as it has got its own: others wait for ever
    TerminatingRip         … and stops when nobody needs it any more
    LinkFailureRip         the link between the last device and device 0 fails
    NegativeCostRip        the link between 0 and 1 costs -1: the distances sink for ever
    NegativeCostNoEchoRip  … the same, but nobody listens to an echo of its own rows
"""

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise2 import RipCommunication as Template
from exercises.exercise2 import RipMessage, RoutableMessage, Table, in_words

# The given messages belong to this file as well.
__all__ = ["RipMessage", "RoutableMessage"]


def every_destination_known(table: Table, number_of_devices: int) -> bool:
    """Rule 1: there is a row for every other device. It may still be a detour."""
    return len(table) >= number_of_devices - 1


def no_detour(table: Table, number_of_devices: int) -> bool:
    """Rule 2: rule 1, and no row is longer than half the ring.

    On a ring there are two ways to a destination, d links and n - d links. The shorter one has at
    most n / 2 links, and a way with at most n / 2 links is a shortest one. So on a ring this rule
    is exact. It uses the shape of the network, so it is of no use in the Internet.
    """
    farthest = max(distance for _, distance in table.values())
    return every_destination_known(table, number_of_devices) and farthest <= number_of_devices / 2


class TableRip(Template):
    """RIP on a ring, for links that all cost 1 and never fail."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        Device.__init__(self, index, number_of_devices, medium)  # not the line of the template
        left, right = (index - 1) % number_of_devices, (index + 1) % number_of_devices
        self.neighbors = sorted({left, right})  # a set: with two devices both are the same
        self.routing_table = {i: (i, self.cost(i)) for i in self.neighbors}
        self.complete_by_rule_1 = 0  # how often the table appeared to be complete
        self.complete_by_rule_2 = 0

    def cost(self, neighbor: int) -> int:
        """What the link to this neighbor costs."""
        return 1

    def merge_tables(self, src: int, table: Table) -> Table | None:
        """Every row is an offer: the destination through `src`, at its distance and this link.

        I take it when I have no row for the destination, or a longer one. Distances only ever
        sink, so a table that was overtaken on its way does no harm.
        """
        merged = dict(self.routing_table)
        for destination, (_, distance) in table.items():
            offer = distance + self.cost(src)
            if destination == self.index:
                continue
            if destination not in merged or offer < merged[destination][1]:
                merged[destination] = (src, offer)
        return merged if merged != self.routing_table else None

    def routing_table_complete(self) -> bool:
        if every_destination_known(self.routing_table, self.number_of_devices):
            self.complete_by_rule_1 += 1
        if no_detour(self.routing_table, self.number_of_devices):
            self.complete_by_rule_2 += 1
            return True
        return False

    def use_network(self) -> None:
        self.medium.log("routing table is complete")

    def print_result(self) -> None:
        counts = f"{self.complete_by_rule_1} times by rule 1, {self.complete_by_rule_2} by rule 2"
        print(f"Device {self.index}: complete {counts}: {in_words(self.routing_table)}")


class RipCommunication(TableRip):
    """A message to the opposite side of the ring, once the table is complete.

    The other devices may not be ready yet. The message arrives all the same: the next hop made the
    offer, so it has a row, and rows never go away.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self.received: list[RoutableMessage] = []  # messages that were for me

    def use_network(self) -> None:
        opposite = (self.index + self.number_of_devices // 2) % self.number_of_devices
        self.send_far(opposite, "hello")

    def send_far(self, last_node: int, content: str) -> None:
        self.route(RoutableMessage(self.index, self.index, self.index, last_node, content))

    def deliver(self, message: RoutableMessage) -> None:
        super().deliver(message)
        self.received.append(message)


class HastyRip(RipCommunication):
    """Stops right after its own message. What it should have passed on stays in its inbox."""

    def may_stop(self) -> bool:
        return len(self.received) > 0


class QuitMessage(MessageStub):
    """Everybody is done: pass this on, and stop."""

    def __str__(self) -> str:
        return f"QuitMessage {self.source} -> {self.destination}"


class TerminatingRip(RipCommunication):
    """Stops when no device needs this one any more.

    1. A device whose table is complete and whose message has come reports "done" to device 0.
    2. Device 0 counts. With n reports, all tables are complete and no RoutableMessage is under way.
    3. Then device 0 sends a QuitMessage to its neighbors and stops. Who gets a QuitMessage passes
       it on and stops too.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self.ready = False  # my table is complete
        self.greeted = False  # my message has come
        self.reports = 0  # only device 0 counts
        self.quit = False

    def use_network(self) -> None:
        super().use_network()
        self.ready = True
        self.report_when_done()

    def deliver(self, message: RoutableMessage) -> None:
        super().deliver(message)
        if message.content == "done":
            self.count_report()
        else:
            self.greeted = True
            self.report_when_done()

    def report_when_done(self) -> None:
        if self.ready and self.greeted:
            self.send_far(0, "done")

    def count_report(self) -> None:
        self.reports += 1
        if self.reports == self.number_of_devices:
            self.stop_and_pass_on()

    def handle_ingoing(self, message: MessageStub) -> None:
        if isinstance(message, QuitMessage):
            self.stop_and_pass_on()
        else:
            super().handle_ingoing(message)

    def stop_and_pass_on(self) -> None:
        self.quit = True
        for neighbor in self.neighbors:
            self.medium.send(QuitMessage(self.index, neighbor))

    def may_stop(self) -> bool:
        return self.quit


class LinkFailureRip(TableRip):
    """The link between the last device and device 0 fails after a while. The ring becomes a line.

    Rows can get worse now, so the full protocol is needed:
    1. A device whose link fails sets all rows through it to infinity, and sends its table.
    2. The next hop of a row knows better: its offer is taken even if it is worse.
    3. Tables are sent regularly as well. Else a table that was overtaken on its way could undo
       rule 2, and nobody would ever put it right.
    4. A row that leads back to me is no offer, it counts as infinite. Else two devices could send
       a message to and fro, each in the belief that the other one knows a way.
    5. Infinity is n: no way without a circle has more than n - 1 links.
    """

    PERIOD = 5  # rounds between two regular tables

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self.infinity = number_of_devices
        self.failure = 2 * number_of_devices + 10  # the round in which the link fails
        self.lifetime = self.failure + 4 * number_of_devices + 20

    def run(self) -> None:
        self.table_changed()
        for now in range(1, self.lifetime):
            self.medium.wait_for_next_round()
            for message in self.medium.receive_all():
                if message.source in self.neighbors:  # else it was on the link that failed
                    self.handle_ingoing(message)
            if now == self.failure:
                self.first_link_fails()
            if now % self.PERIOD == 0:
                self.send_table()

    def first_link_fails(self) -> None:
        ends = {0: self.number_of_devices - 1, self.number_of_devices - 1: 0}
        if self.index in ends and self.number_of_devices > 2:
            self.lose_neighbor(ends[self.index])

    def lose_neighbor(self, lost: int) -> None:
        self.neighbors.remove(lost)
        for destination, (next_hop, _) in self.routing_table.items():
            if next_hop == lost:
                self.routing_table[destination] = (lost, self.infinity)
        self.send_table()

    def merge_tables(self, src: int, table: Table) -> Table | None:
        merged = dict(self.routing_table)
        for destination, (next_hop, distance) in table.items():
            if destination == self.index:
                continue
            if next_hop == self.index:
                distance = self.infinity
            offer = min(distance + self.cost(src), self.infinity)
            known_hop, known_distance = merged.get(destination, (src, self.infinity))
            if offer < known_distance or known_hop == src:
                merged[destination] = (src, offer)
        return merged if merged != self.routing_table else None


class NegativeCostRip(TableRip):
    """The link between devices 0 and 1 costs -1, all others cost 1.

    To go over this link and back costs -2, and makes every way "shorter". Each of the two devices
    takes the other one's rows, which are its own rows with -1: the tables never converge.
    """

    def cost(self, neighbor: int) -> int:
        return -1 if {self.index, neighbor} == {0, 1} else 1

    def use_network(self) -> None:
        """Rule 2 says nothing useful here: distances are no numbers of links any more."""


class NegativeCostNoEchoRip(NegativeCostRip):
    """The same link, but a row that leads back to me is no offer ([CDK]: `Rr.link ≠ n`).

    No way turns around on the spot any more. A circle can only go around the whole ring, which
    costs (n - 1) - 1, and that is positive from three devices on: the tables converge. With two
    devices there is nothing to learn. With a cost below -(n - 1) they would not converge either.
    """

    def merge_tables(self, src: int, table: Table) -> Table | None:
        offers = {to: row for to, row in table.items() if row[0] != self.index}
        return super().merge_tables(src, offers)
