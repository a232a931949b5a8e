from exercises.exercise14 import *
from exercises.exercise14 import MonitorDevice as Given
from exercises.exercise14 import BoundedBuffer as GivenBuffer


# Call style, and the vectors as dictionaries of sets: which numbers were asked, which were served.
class MonitorDevice(Given):
    def request(self):
        mine = self.index()
        self.rn[mine] = self.rn[mine] + 1
        message = MonitorRequest(mine, None, self.rn[mine])
        for j in range(self.number_of_devices()):
            if j == mine:
                continue
            message.destination = j
            self.medium().send(message)

    def handle_request(self, message):
        if message.number > self.rn[message.source]:
            self.rn[message.source] = message.number
        if self.token and not self.wanted:
            self.hand_over(self.open_requests())

    def open_requests(self):
        return [
            j for j in self.medium().ids() if self.rn[j] > self.token.ln[j] and j != self.index()
        ]

    def handle_token(self, message):
        fresh = self.state_type()
        fresh.deserialize(message.state)
        self.state = fresh
        self.token = message

    def release(self):
        if self.token is None:
            return
        served = list(self.token.ln)
        served[self.index()] = self.rn[self.index()]
        self.token.ln = served
        waiting = list(self.token.queue)
        waiting += [j for j in self.open_requests() if j not in waiting]
        self.hand_over(waiting)

    def hand_over(self, waiting):
        if not waiting:
            return
        self.token.queue = waiting[1:]
        self.send_token(waiting[0])


class BoundedBuffer(MonitorDevice, GivenBuffer):
    pass


class Book:
    def __init__(self):
        self.names = []

    def serialize(self):
        return ",".join(self.names).encode()

    def deserialize(self, data):
        self.names = [name for name in data.decode().split(",") if name]


class ReadersWriters(MonitorDevice):
    # a writer enters itself as well, and writes without the token; waiting writers go first
    state_type = Book

    def program(self):
        kind = "r" if self.index() % 2 else "w"
        name = f"{kind}{self.index()}"
        for _ in range(ENTRIES):
            if kind == "w":
                self.execute(
                    lambda book: "w" not in "".join(book.names), lambda b: b.names.append(name)
                )
                self.execute(
                    lambda book: book.names == [name], lambda b: self.medium().log("writes")
                )
            else:
                self.execute(
                    lambda book: "w" not in "".join(book.names),
                    lambda b: (b.names.append(name), self.medium().log("reads")),
                )
            self.think()
            self.execute(lambda book: True, lambda b: self.away(b, name))

    def away(self, book, name):
        self.medium().log("has read" if self.index() % 2 else "has written")
        book.names.remove(name)
