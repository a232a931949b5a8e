import random

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

# passive replication by state transfer: the primary sends the whole chunk to the backups, a longer
# chunk replaces a shorter one, and a client is answered when all backups are as long as its record
# reaches. The shadow pulls a copy of the table of the master every few rounds.

NUMBER_OF_MASTERS = 1
NUMBER_OF_CHUNKSERVERS = 4
NUMBER_OF_REPLICAS = 3


class GfsMaster(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._metadata = {}
        self.chunks_being_allocated = []
        self.servers = {}
        self.quits = 0
        GfsNetwork.gfsmaster.append(index)

    def run(self):
        while True:
            ingoing = self.medium().receive()
            if ingoing is None:
                self.medium().wait_for_next_round()
            elif not self.handle_ingoing(ingoing):
                return

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, File2ChunkReqMessage):
            chunk = self._metadata.get((ingoing.filename, ingoing.chunkindex))
            if chunk is not None:
                self.answer(ingoing.source, chunk)
            elif ingoing.createIfNotExists:
                self.do_allocate_request(ingoing.filename, ingoing.chunkindex, ingoing.source)
            else:
                self.answer(ingoing.source, (-1, []))
        elif isinstance(ingoing, AllocateChunkRspMessage):
            self.one_more(ingoing.chunkhandle, ingoing.source)
        elif isinstance(ingoing, TableMessage):
            self.medium().send(TableMessage(self.index(), ingoing.source, dict(self._metadata)))
        elif isinstance(ingoing, QuitMessage):
            self.quits += 1
            if (
                self.quits
                == self.number_of_devices() - len(GfsNetwork.gfsmaster) - NUMBER_OF_CHUNKSERVERS
            ):
                for s in GfsNetwork.gfschunkserver:
                    self.medium().send(QuitMessage(self.index(), s))
                return False
        return True

    def do_allocate_request(self, filename, chunkindex: int, requester: int):
        for name, waiting in self.chunks_being_allocated:
            if name == (filename, chunkindex):
                waiting.append(requester)
                return
        self.chunks_being_allocated.append(((filename, chunkindex), [requester]))
        handle = 17 + len(self.servers)
        places = random.sample(GfsNetwork.gfschunkserver, NUMBER_OF_REPLICAS)
        self.servers[handle] = ((filename, chunkindex), places, set())
        for s in places:
            self.medium().send(AllocateChunkReqMessage(self.index(), s, handle, places))

    def one_more(self, handle, server):
        name, places, ready = self.servers[handle]
        ready.add(server)
        if len(ready) == len(places):
            self._metadata[name] = (handle, places)
            for other, waiting in self.chunks_being_allocated:
                if other == name:
                    for client in waiting:
                        self.answer(client, (handle, places))
            self.chunks_being_allocated = [x for x in self.chunks_being_allocated if x[0] != name]

    def answer(self, client, chunk):
        self.medium().send(File2ChunkRspMessage(self.index(), client, chunk[0], chunk[1]))

    def print_result(self):
        print(f"master {self.index()} has {self._metadata}")


class Shadow(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._table = {}
        GfsNetwork.gfsmaster.append(index)

    def run(self):
        for n in range(100000):
            if n % 15 == 0:
                self.medium().send(TableMessage(self.index(), GfsNetwork.gfsmaster[0], None))
            for ingoing in self.medium().receive_all():
                if isinstance(ingoing, TableMessage):
                    self._table = ingoing.table
                elif isinstance(ingoing, File2ChunkReqMessage):
                    handle, places = self._table.get(
                        (ingoing.filename, ingoing.chunkindex), (-1, [])
                    )
                    self.medium().send(
                        File2ChunkRspMessage(self.index(), ingoing.source, handle, places)
                    )
            self.medium().wait_for_next_round()

    def print_result(self):
        print(f"shadow {self.index()} has {self._table}")


class GfsChunkserver(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        GfsNetwork.gfschunkserver.append(index)
        self.localchunks = {}
        self.chunkservers = {}
        self.waiting = []  # [handle, length, client] in the order of the chunk
        self.known = {}  # (handle, server) -> how long the copy there is, as far as I know

    def run(self):
        n = 0
        while True:
            for ingoing in self.medium().receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            n += 1
            if n % 12 == 0:
                for handle in {h for h, _, _ in self.waiting}:
                    self.copy(handle)
            self.medium().wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, AllocateChunkReqMessage):
            self.do_allocate_chunk(ingoing.chunkhandle, ingoing.chunkservers)
            self.medium().send(
                AllocateChunkRspMessage(self.index(), ingoing.source, ingoing.chunkhandle, "ok")
            )
        elif isinstance(ingoing, RecordAppendReqMessage):
            handle = ingoing.chunkhandle
            primary = self.chunkservers[handle][0]
            if primary != self.index():
                ingoing.destination = primary
                self.medium().send(ingoing)
                return True
            self.localchunks[handle] += ingoing.data
            self.waiting.append([handle, len(self.localchunks[handle]), ingoing.source])
            self.copy(handle)
        elif isinstance(ingoing, ChunkMessage):
            handle = ingoing.handle
            if ingoing.content is not None:
                if len(ingoing.content) > len(self.localchunks[handle]):
                    self.localchunks[handle] = ingoing.content
                back = ChunkMessage(
                    self.index(), ingoing.source, handle, None, len(self.localchunks[handle])
                )
                self.medium().send(back)
            else:
                key = (handle, ingoing.source)
                self.known[key] = max(self.known.get(key, 0), ingoing.length)
                self.answer_clients(handle)
        elif isinstance(ingoing, ReadMessage):
            lines = self.localchunks[ingoing.handle].split("\n")
            self.medium().send(ReadMessage(self.index(), ingoing.source, ingoing.handle, lines))
        elif isinstance(ingoing, QuitMessage):
            return False
        return True

    def copy(self, handle):
        for s in self.chunkservers[handle][1:]:
            self.medium().send(ChunkMessage(self.index(), s, handle, self.localchunks[handle], 0))

    def answer_clients(self, handle):
        there = min(self.known.get((handle, s), 0) for s in self.chunkservers[handle][1:])
        for one in list(self.waiting):
            if one[0] == handle and one[1] <= there:
                self.waiting.remove(one)
                self.medium().send(RecordAppendRspMessage(self.index(), one[2], "ok"))

    def do_allocate_chunk(self, chunkhandle: int, servers: list):
        if chunkhandle not in self.localchunks:
            self.localchunks[chunkhandle] = ""
            self.chunkservers[chunkhandle] = servers

    def print_result(self):
        print(f"chunk server {self.index()}: {self.localchunks}")


class GfsClient(Device):
    # all records at once, to any replica, and then wait for as many answers
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.left = 2
        self.lines = None

    def run(self):
        self.medium().send(
            File2ChunkReqMessage(self.index(), GfsNetwork.gfsmaster[0], "myfile.txt", 0, True)
        )
        while self.left > 0:
            for ingoing in self.medium().receive_all():
                self.handle_ingoing(ingoing)
            self.medium().wait_for_next_round()
        if len(GfsNetwork.gfsmaster) > 1:
            self.read()
        for i in GfsNetwork.gfsmaster:
            self.medium().send(QuitMessage(self.index(), i))

    def read(self):
        n = 0
        while self.lines is None:
            if n % 10 == 0:
                shadow = GfsNetwork.gfsmaster[1]
                self.medium().send(File2ChunkReqMessage(self.index(), shadow, "myfile.txt", 0))
            n += 1
            for ingoing in self.medium().receive_all():
                if isinstance(ingoing, File2ChunkRspMessage) and ingoing.locations:
                    s = random.choice(ingoing.locations)
                    self.medium().send(ReadMessage(self.index(), s, ingoing.chunkhandle, None))
                elif isinstance(ingoing, ReadMessage):
                    self.lines = ingoing.lines
            self.medium().wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, File2ChunkRspMessage):
            for n in range(self.left):
                server = random.choice(ingoing.locations)
                data = f"hello number {n} from client number {self.index()}\n"
                self.medium().send(
                    RecordAppendReqMessage(self.index(), server, ingoing.chunkhandle, data)
                )
        elif isinstance(ingoing, RecordAppendRspMessage):
            self.left -= 1
        return True

    def print_result(self):
        print(f"client {self.index()}: {self.left} left, has read {self.lines}")


class GfsNetwork:
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index < NUMBER_OF_MASTERS:
            return GfsMaster(index, number_of_devices, medium)
        elif index < NUMBER_OF_MASTERS + NUMBER_OF_CHUNKSERVERS:
            return GfsChunkserver(index, number_of_devices, medium)
        return GfsClient(index, number_of_devices, medium)

    gfsmaster = []
    gfschunkserver = []


class GfsShadowNetwork(GfsNetwork):
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == 0:
            return GfsMaster(index, number_of_devices, medium)
        if index == 1:
            return Shadow(index, number_of_devices, medium)
        if index < 2 + NUMBER_OF_CHUNKSERVERS:
            return GfsChunkserver(index, number_of_devices, medium)
        return GfsClient(index, number_of_devices, medium)


class QuitMessage(MessageStub):
    pass


class TableMessage(MessageStub):
    def __init__(self, sender, destination, table):
        super().__init__(sender, destination)
        self.table = table


class ChunkMessage(MessageStub):
    def __init__(self, sender, destination, handle, content, length):
        super().__init__(sender, destination)
        self.handle = handle
        self.content = content
        self.length = length


class ReadMessage(MessageStub):
    def __init__(self, sender, destination, handle, lines):
        super().__init__(sender, destination)
        self.handle = handle
        self.lines = lines


class File2ChunkReqMessage(MessageStub):
    def __init__(self, sender, destination, filename, chunkindex, createIfNotExists=False):
        super().__init__(sender, destination)
        self.filename = filename
        self.chunkindex = chunkindex
        self.createIfNotExists = createIfNotExists


class File2ChunkRspMessage(MessageStub):
    def __init__(self, sender, destination, chunkhandle, locations):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.locations = locations


class AllocateChunkReqMessage(MessageStub):
    def __init__(self, sender, destination, chunkhandle, chunkservers):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.chunkservers = chunkservers


class AllocateChunkRspMessage(MessageStub):
    def __init__(self, sender, destination, chunkhandle, result):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.result = result


class RecordAppendReqMessage(MessageStub):
    def __init__(self, sender, destination, chunkhandle, data):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.data = data


class RecordAppendRspMessage(MessageStub):
    def __init__(self, sender, destination, result):
        super().__init__(sender, destination)
        self.result = result
