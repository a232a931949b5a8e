from typing import Dict, Tuple, Union

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class RipMessage(MessageStub):
    def __init__(self, sender: int, destination: int, table):
        super().__init__(sender, destination)
        self.table = table

    def __str__(self):
        return f"RipMessage: {self.source} -> {self.destination} : {self.table}"


class RoutableMessage(MessageStub):
    def __init__(self, sender: int, destination: int, first_node: int, last_node: int, content):
        super().__init__(sender, destination)
        self.content = content
        self.first_node = first_node
        self.last_node = last_node

    def __str__(self):
        return f"RoutableMessage: {self.source} -> {self.destination} : {self.content}"


class RipCommunication(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.neighbors = [(index + 1) % number_of_devices, (index - 1) % number_of_devices]
        # my own row is in my table, too
        self.routing_table = {index: (index, 0)}
        for neigh in self.neighbors:
            self.routing_table[neigh] = (neigh, 1)
        self.sent_it = False

    def run(self):
        for neigh in self.neighbors:
            self.medium().send(RipMessage(self.index(), neigh, self.routing_table))
        while True:
            ingoing = self.medium().receive()
            if ingoing is None:
                self.medium().wait_for_next_round()
                continue
            if type(ingoing) is RipMessage:
                new_table = self.merge_tables(ingoing.source, ingoing.table)
                if new_table is not None:
                    self.routing_table = new_table
                    for neigh in self.neighbors:
                        self.medium().send(RipMessage(self.index(), neigh, self.routing_table))
                if not self.sent_it and self.routing_table_complete():
                    self.sent_it = True
                    if self.index() == 0:
                        far = self.number_of_devices() // 2
                        hop = self.routing_table[far][0]
                        self.medium().send(RoutableMessage(0, hop, 0, far, "hello"))
            if type(ingoing) is RoutableMessage and ingoing.last_node != self.index():
                hop, _ = self.routing_table[ingoing.last_node]
                self.medium().send(
                    RoutableMessage(
                        self.index(), hop, ingoing.first_node, ingoing.last_node, ingoing.content
                    )
                )

    def merge_tables(self, src: int, table: Dict[int, Tuple[int, int]]) -> Union[Dict, None]:
        new = {k: v for k, v in self.routing_table.items()}
        changed = False
        for dst in table:
            cost = 1 + table[dst][1]
            if dst not in new.keys() or cost < new[dst][1]:
                new[dst] = (src, cost)
                changed = True
        if changed:
            return new
        return None

    def routing_table_complete(self) -> bool:
        if len(self.routing_table) < self.number_of_devices():
            return False
        return all(row[1] <= self.number_of_devices() // 2 for row in self.routing_table.values())

    def print_result(self):
        print(f"\tDevice {self.index()} has routing table: {self.routing_table}")
