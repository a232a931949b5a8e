"""Lecture 12, reference solution: route request and route reply of AODV.

The rules, after Perkins and Royer, WMCSA 1999, section 2.1.

    request   Each device numbers its requests (broadcast id). The pair (first, broadcast id)
              names a request in the whole network. A request that was seen is dropped; so each
              device sends it on once at most. The neighbor from which it came first is the
              way back. These ways back form a tree with root `first`: no loop.
    reply     `last` numbers its replies (sequence number). A reply counts its hops, so each
              device on the way learns how far it is from `last`.
    route     The cost of a route is (age of the reply, number of hops), smaller is better. A
              device changes its next hop only for a smaller cost.
    no loop   Who learns a route from a neighbor has a greater cost than this neighbor (same
              reply, one hop more), and the neighbor's cost never grows again. So at each moment
              the cost falls along the next hops: they form no circle. It falls along the way of
              data, too, which therefore arrives. (While data is on its way a newer reply may turn
              the route; the data can then come back to a device, where the cost is smaller now.)
"""

import exercises.exercise12 as template
from emulators.Medium import Medium


class AodvNode(template.AodvNode):
    """A device that finds routes."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.broadcast_id = 0  # of my last request
        self.sequence_number = 0  # of my last reply
        self.bcast_ids: list[tuple[int, int]] = []  # (first, broadcast id)
        self.reverse_path: dict[tuple[int, int], int] = {}  # (first, broadcast id) -> neighbor
        self.cost: dict[int, tuple[int, int]] = {}  # last -> cost of the forward path

    def next_hop(self, last: int) -> int | None:
        return self.forward_path.get(last)

    # ---- route request

    def send_route_request(self, last: int) -> None:
        self.broadcast_id += 1
        self.bcast_ids.append((self.index, self.broadcast_id))
        for neighbor in self.neighbors:
            request = AodvRreqMessage(self.index, neighbor, self.index, last, self.broadcast_id)
            self.medium.send(request)

    def handle_route_request(self, ingoing: "AodvRreqMessage") -> None:
        name = (ingoing.first, ingoing.broadcast_id)
        if name in self.bcast_ids:
            return
        self.bcast_ids.append(name)
        self.reverse_path[name] = ingoing.source
        if not self.reply(ingoing):
            self.send_on(ingoing)

    def reply(self, request: "AodvRreqMessage") -> bool:
        """Answer the request if it is for me."""
        if request.last != self.index:
            return False
        self.sequence_number += 1
        self.send_reply(request, self.sequence_number, 0)
        return True

    def send_reply(self, request: "AodvRreqMessage", sequence_number: int, hops: int) -> None:
        self.medium.send(
            AodvRrepMessage(
                self.index,
                request.source,
                request.first,
                request.last,
                request.broadcast_id,
                sequence_number,
                hops,
            )
        )

    def send_on(self, request: "AodvRreqMessage") -> None:
        """To all neighbors except the one that sent it."""
        came_from = request.source
        request.source = self.index
        for neighbor in self.neighbors:
            if neighbor != came_from:
                request.destination = neighbor
                self.medium.send(request)

    # ---- route reply

    def handle_route_reply(self, ingoing: "AodvRrepMessage") -> None:
        ingoing.hops += 1
        self.learn_route(ingoing)
        if ingoing.first == self.index:
            self.send_waiting_data(ingoing.last)
        else:
            ingoing.destination = self.reverse_path[(ingoing.first, ingoing.broadcast_id)]
            ingoing.source = self.index
            self.medium.send(ingoing)

    def learn_route(self, reply: "AodvRrepMessage") -> None:
        cost = (-reply.sequence_number, reply.hops)  # newer first, then shorter
        if reply.last not in self.cost or cost < self.cost[reply.last]:
            self.cost[reply.last] = cost
            self.forward_path[reply.last] = reply.source

    def send_waiting_data(self, last: int) -> None:
        ready = [message for message in self.outgoing_message_cache if message.last == last]
        self.outgoing_message_cache = [
            message for message in self.outgoing_message_cache if message.last != last
        ]
        for message in ready:
            self.send_data(message)


class ImprovedAodvNode(AodvNode):
    """Bonus: whoever knows a route to `last` answers in its place, and the flood ends there.

    The answer has the cost of the own route, so the rule "one hop more, greater cost" still holds.
    """

    def reply(self, request: "AodvRreqMessage") -> bool:
        if request.last in self.cost:
            age, hops = self.cost[request.last]
            self.send_reply(request, -age, hops)
            return True
        return super().reply(request)


class AodvRreqMessage(template.AodvRreqMessage):
    """Route request number `broadcast_id` of `first`."""

    def __init__(self, sender: int, destination: int, first: int, last: int, broadcast_id: int):
        super().__init__(sender, destination, first, last)
        self.broadcast_id = broadcast_id

    def __str__(self):
        return f"{super().__str__()}, id {self.broadcast_id}"


class AodvRrepMessage(template.AodvRrepMessage):
    """Reply to that request: the sender is `hops` hops from `last`."""

    def __init__(
        self,
        sender: int,
        destination: int,
        first: int,
        last: int,
        broadcast_id: int,
        sequence_number: int,
        hops: int,
    ):
        super().__init__(sender, destination, first, last)
        self.broadcast_id = broadcast_id
        self.sequence_number = sequence_number
        self.hops = hops

    def __str__(self):
        return f"{super().__str__()}, sequence number {self.sequence_number}, hops {self.hops}"
