import random
import threading
import time

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

NUMBER_OF_MASTERS = 1
NUMBER_OF_CHUNKSERVERS = 3

print_lock = threading.Lock()


class QuitMessage(MessageStub):
    def __init__(self, sender, destination):
        super().__init__(sender, destination)

    def __str__(self):
        return f"QUIT REQUEST {self.source} -> {self.destination}"


class AppendMessage(MessageStub):
    def __init__(self, sender, destination, filename, data):
        super().__init__(sender, destination)
        self.filename = filename
        self.data = data

    def __str__(self):
        return f"APPEND {self.source} -> {self.destination}: {self.filename} {self.data}"


class GfsNetwork:
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index < NUMBER_OF_MASTERS:
            GfsNetwork.gfsmaster.append(index)
            return GfsMaster(index, number_of_devices, medium)
        elif index < NUMBER_OF_MASTERS + NUMBER_OF_CHUNKSERVERS:
            GfsNetwork.gfschunkserver.append(index)
            return GfsChunkserver(index, number_of_devices, medium)
        else:
            return GfsClient(index, number_of_devices, medium)

    gfschunkserver = []
    gfsmaster = []


class GfsMaster(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.quits = 0

    def run(self):
        clients = self.number_of_devices - NUMBER_OF_MASTERS - NUMBER_OF_CHUNKSERVERS
        while self.quits < clients:
            for ingoing in self.medium.receive_all():
                if isinstance(ingoing, QuitMessage):
                    self.quits += 1
            self.medium.wait_for_next_round()
        for server in GfsNetwork.gfschunkserver:
            self.medium.send(QuitMessage(self.index, server))

    def print_result(self):
        print(f"Master {self.index} quits, servers {GfsNetwork.gfschunkserver}")


class GfsChunkserver(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.localchunks = {}

    def run(self):
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing):
        if type(ingoing) is QuitMessage:
            return False
        elif type(ingoing) is AppendMessage:
            self.localchunks.setdefault(ingoing.filename, []).append(ingoing.data)
            ingoing.data = None
        return True

    def print_result(self):
        for name in sorted(self.localchunks):
            print(f"Server {self.index} has {name}: {self.localchunks[name]}")


class GfsClient(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.target = random.choice(medium.ids)  # not used in the end
        self.written = []

    def run(self):
        with print_lock:
            time.sleep(random.randint(0, 2) * 0.1)
        for i in range(3):
            server = random.choice(GfsNetwork.gfschunkserver)
            data = {"client": self.index, "number": i, "at": []}
            self.medium.send(AppendMessage(self.index, server, "hello.txt", data))
            data["at"].append(time.time())
            self.written.append(data)
            self.medium.wait_for_next_round()
        self.medium.send(QuitMessage(self.index, GfsNetwork.gfsmaster[0]))
        # one too many, nobody is there
        self.medium.send(QuitMessage(self.index, self.number_of_devices))
        self.medium.send(QuitMessage(self.index, None))
