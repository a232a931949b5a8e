import random
import threading

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

probability_arc = 0.2


class TopologyCreator:
    __topology = None

    @classmethod
    def get_topology(cls, number_of_devices: int, probability: float):
        while cls.__topology is None:
            arcs = {i: [] for i in range(number_of_devices)}
            for i in range(number_of_devices):
                for j in range(i):
                    if random.random() < probability:
                        arcs[i] += [j]
                        arcs[j] += [i]
            seen, todo = set(), [0]
            while todo:
                i = todo.pop()
                if i not in seen:
                    seen.add(i)
                    todo += arcs[i]
            if len(seen) == number_of_devices:
                cls.__topology = arcs
        return cls.__topology


class AodvNode(Device):
    # the first route that is heard of is kept for ever: whoever told it had one already

    data_messages_received = 0
    messages_lock = threading.Lock()
    answers_for_others = False

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.neighbors = TopologyCreator.get_topology(number_of_devices, probability_arc)[index]
        self.forward_path = {}
        self.reverse_path = {}
        self.bcast_ids = []
        self.outgoing_message_cache = []
        self.saved_data = []
        self.patience = {}

    def run(self):
        last = self.index()
        while last == self.index():
            last = random.randrange(self.number_of_devices())
        self.route(DataMessage(self.index(), self.index(), last, f"{self.index()}->{last}"))
        done = False
        while not done:
            ingoing = self.medium().receive()
            if ingoing is None:
                self.ask_again()
                self.medium().wait_for_next_round()
            else:
                done = not self.handle_ingoing(ingoing)

    def next_hop(self, last: int):
        if last in self.neighbors:
            return last  # there is no need to ask
        return self.forward_path.get(last)

    def route(self, message):
        hop = self.next_hop(message.last)
        if hop is None:
            self.outgoing_message_cache.append(message)
            if message.last not in self.patience:
                self.ask(message.last)
        else:
            self.medium().send(DataMessage(self.index(), hop, message.last, message.data))

    def ask(self, last):
        self.patience[last] = 60
        bid = random.random()
        self.bcast_ids.append(bid)
        for n in self.neighbors:
            self.medium().send(AodvRreqMessage(self.index(), n, self.index(), last, bid))

    def ask_again(self):
        for last in list(self.patience):
            self.patience[last] -= 1
            if self.patience[last] == 0:
                self.ask(last)

    def handle_ingoing(self, ingoing: MessageStub):
        if type(ingoing) is AodvRreqMessage:
            if ingoing.bid in self.bcast_ids:
                return True
            self.bcast_ids.append(ingoing.bid)
            self.reverse_path[ingoing.bid] = ingoing.source
            knows = self.answers_for_others and self.next_hop(ingoing.last) is not None
            if ingoing.last == self.index() or knows:
                self.answer(ingoing)
            else:
                for n in self.neighbors:
                    self.medium().send(
                        AodvRreqMessage(self.index(), n, ingoing.first, ingoing.last, ingoing.bid)
                    )
        elif type(ingoing) is AodvRrepMessage:
            if ingoing.last != self.index():
                self.forward_path.setdefault(ingoing.last, ingoing.source)
            self.patience.pop(ingoing.last, None)
            if ingoing.first != self.index():
                self.answer(ingoing)
            cache, self.outgoing_message_cache = self.outgoing_message_cache, []
            for message in cache:
                self.route(message)
        elif type(ingoing) is DataMessage:
            if ingoing.last != self.index():
                self.route(ingoing)
            else:
                self.saved_data.append(ingoing.data)
                with AodvNode.messages_lock:
                    AodvNode.data_messages_received += 1
                    everything = AodvNode.data_messages_received == self.number_of_devices()
                if everything:
                    return self.stop()
        else:
            return self.stop()
        return True

    def answer(self, message):
        self.medium().send(
            AodvRrepMessage(
                self.index(),
                self.reverse_path[message.bid],
                message.first,
                message.last,
                message.bid,
            )
        )

    def stop(self):
        for n in self.neighbors:
            self.medium().send(QuitMessage(self.index(), n))
        return False

    def print_result(self):
        print(f"AODV node {self.index()} quits: neighbours = {self.neighbors}, {self.saved_data}")


class ImprovedAodvNode(AodvNode):
    answers_for_others = True


class QuitMessage(MessageStub):
    def __str__(self):
        return f"QUIT REQUEST {self.source} -> {self.destination}"


class AodvRreqMessage(MessageStub):
    def __init__(self, sender: int, destination: int, first: int, last: int, bid):
        super().__init__(sender, destination)
        self.first = first
        self.last = last
        self.bid = bid

    def __str__(self):
        return f"RREQ MESSAGE {self.source} -> {self.destination}: ({self.first} -> {self.last})"


class AodvRrepMessage(AodvRreqMessage):
    def __str__(self):
        return f"RREP MESSAGE {self.source} -> {self.destination}: ({self.first} -> {self.last})"


class DataMessage(MessageStub):
    def __init__(self, sender: int, destination: int, last: int, data):
        super().__init__(sender, destination)
        self.last = last
        self.data = data

    def __str__(self):
        return f"DATA MESSAGE {self.source} -> {self.destination}: ({self.data} -> {self.last})"
