"""Lecture 8: a sketch of the Google File System (GFS), with the record append to complete.

Roles
    One master knows which chunk of which file is stored where. It holds no data.
    Chunk servers hold the data. Each chunk is stored on NUMBER_OF_REPLICAS of them.
    Clients append records to chunk 0 of the file FILENAME, all of them to the same chunk.
    Device 0 is the master, devices 1 to 4 are chunk servers, all others are clients. The more
    devices a run has, the more clients append at the same time. The minimum is 6 devices.

Rules
    1. A client asks the master for a chunk: file name and chunk index -> chunk handle and
       locations. It remembers the answer, and later talks to chunk servers only.
    2. The master creates a missing chunk: it draws the replicas, asks each of them for space, and
       answers all clients that wait when the last replica has confirmed. (given)
    3. The FIRST location of a chunk is its primary. Clients send their records there.
       Every chunk server of the chunk knows the same list, in the same order.
    4. Passive replication: the primary decides the order of the records, and all replicas store
       the same records in that order. The client is told "ok" when ALL replicas have its record.
       (to do: the handler of RecordAppendReqMessage in GfsChunkserver)
    5. A client that hears nothing for PATIENCE rounds, or that hears "fail", tries again, up to
       ATTEMPTS times. So a record is stored at least once, perhaps twice. Then it gives up.
    6. A client that is done says QuitMessage to the master. When the last one is done, the
       master says QuitMessage to the chunk servers, and the run ends.

Messages
    File2ChunkReqMessage    client -> master              where is this chunk?
    File2ChunkRspMessage    master -> client              its handle and locations; [] = no chunk
    AllocateChunkReqMessage master -> chunk server        make space for this chunk
    AllocateChunkRspMessage chunk server -> master        done
    RecordAppendReqMessage  client -> primary             append this record
    RecordAppendRspMessage  primary -> client             "ok" or "fail"
    HeartbeatMessage        chunk server -> master        I am alive
    QuitMessage             client -> master -> chunk servers

Sources
    S. Ghemawat, H. Gobioff, S.-T. Leung: The Google File System, SOSP 2003, sections 2.4 (master),
    3.1 (order of writes), 3.3 (record append).
    [CDK] Coulouris, Dollimore, Kindberg, Blair: Distributed Systems, 5th edition, sections 18.3.1
    (passive replication) and 21.5.1 (GFS).

Run it
    python3 exercise_runner.py --lecture 8 --algorithm GfsNetwork --type async --devices 7
"""

import random
import zlib
from typing import ClassVar

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

NUMBER_OF_MASTERS = 1
NUMBER_OF_CHUNKSERVERS = 4
NUMBER_OF_REPLICAS = 3

FILENAME = "log.txt"
RECORDS_PER_CLIENT = 3
PATIENCE = 40  # rounds that a client waits for an answer
ATTEMPTS = 3  # tries per record, then the client gives up
HEARTBEAT_INTERVAL = 20  # rounds between two heartbeats of a chunk server
NO_CHUNK = -1  # the handle of a chunk that does not exist


class GfsMaster(Device):
    """Translates file name and chunk index into chunk handle and locations."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        GfsNetwork.gfsmaster.append(index)
        # (file name, chunk index) -> (chunk handle, chunk servers that have confirmed)
        self._metadata: dict[tuple[str, int], tuple[int, list[int]]] = {}
        # (chunk handle, client that waits for it)
        self.chunks_being_allocated: list[tuple[int, int]] = []
        # chunk handle -> the chunk servers that shall hold it, the primary first
        self.planned_servers: dict[int, list[int]] = {}
        self.heartbeats: dict[int, int] = {}  # chunk server -> heartbeats so far
        self.clients_done: set[int] = set()

    def run(self) -> None:
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handle one message. False means: this was the last one, stop."""
        if isinstance(ingoing, File2ChunkReqMessage):
            self.do_file2chunk_request(ingoing)
        elif isinstance(ingoing, AllocateChunkRspMessage):
            if ingoing.result == "ok":
                self.add_chunk_to_metadata(self.chunk_of(ingoing.chunkhandle), ingoing.source)
        elif isinstance(ingoing, HeartbeatMessage):
            self.heartbeats[ingoing.source] = self.heartbeats.get(ingoing.source, 0) + 1
        elif isinstance(ingoing, QuitMessage):
            self.clients_done.add(ingoing.source)
            if len(self.clients_done) == self.number_of_clients():
                self.stop_chunkservers()
                return False
        return True

    def do_file2chunk_request(self, request: "File2ChunkReqMessage") -> None:
        """Answer at once if the chunk is ready; else create it, or say that there is none."""
        chunk = self._metadata.get((request.filename, request.chunkindex))
        if chunk is not None and self.is_ready(chunk):
            self.send_location(request.source, chunk)
        elif request.createIfNotExists:
            self.do_allocate_request(request.filename, request.chunkindex, request.source)
        else:
            self.send_location(request.source, (NO_CHUNK, []))

    def do_allocate_request(self, filename: str, chunkindex: int, requester: int) -> None:
        """Start to create a chunk, or let one more client wait for a chunk on its way."""
        key = (filename, chunkindex)
        is_new = key not in self._metadata
        if is_new:
            chunkhandle = len(self._metadata)
            self._metadata[key] = (chunkhandle, [])
            servers = GfsNetwork.gfschunkserver
            number_of_replicas = min(NUMBER_OF_REPLICAS, len(servers))
            self.planned_servers[chunkhandle] = random.sample(servers, number_of_replicas)
        chunk = self._metadata[key]
        waiting = (chunk[0], requester)
        asks_again = waiting in self.chunks_being_allocated
        if not asks_again:
            self.chunks_being_allocated.append(waiting)
        if is_new or asks_again:  # who asks again has waited long: a message may be lost
            self.send_allocate_requests(chunk)

    def send_allocate_requests(self, chunk: tuple[int, list[int]]) -> None:
        chunkhandle, locations = chunk
        planned = self.planned_servers[chunkhandle]
        for server in planned:
            if server not in locations:
                self.medium.send(AllocateChunkReqMessage(self.index, server, chunkhandle, planned))

    def add_chunk_to_metadata(self, chunk: tuple[int, list[int]], chunkserver: int) -> None:
        """A chunk server has confirmed. The last one makes the chunk known to those who wait."""
        chunkhandle, locations = chunk
        if chunkserver in locations:
            return
        locations.append(chunkserver)
        if self.is_ready(chunk):
            locations[:] = self.planned_servers[chunkhandle]  # the primary first
            for handle, client in self.chunks_being_allocated:
                if handle == chunkhandle:
                    self.send_location(client, chunk)
            self.chunks_being_allocated = [
                entry for entry in self.chunks_being_allocated if entry[0] != chunkhandle
            ]

    def is_ready(self, chunk: tuple[int, list[int]]) -> bool:
        chunkhandle, locations = chunk
        return len(locations) == len(self.planned_servers[chunkhandle])

    def chunk_of(self, chunkhandle: int) -> tuple[int, list[int]]:
        for chunk in self._metadata.values():
            if chunk[0] == chunkhandle:
                return chunk
        raise KeyError(f"no chunk has the handle {chunkhandle}")

    def send_location(self, client: int, chunk: tuple[int, list[int]]) -> None:
        chunkhandle, locations = chunk
        self.medium.send(File2ChunkRspMessage(self.index, client, chunkhandle, locations))

    def number_of_clients(self) -> int:
        servers = len(GfsNetwork.gfsmaster) + len(GfsNetwork.gfschunkserver)
        return self.number_of_devices - servers

    def stop_chunkservers(self) -> None:
        for server in GfsNetwork.gfschunkserver:
            self.medium.send(QuitMessage(self.index, server))

    def print_result(self) -> None:
        for (filename, chunkindex), (chunkhandle, locations) in self._metadata.items():
            print(
                f"Master {self.index}: {filename}, chunk {chunkindex} = handle {chunkhandle}"
                f" on chunk servers {locations}, the first is the primary"
            )


class GfsChunkserver(Device):
    """Holds chunks. The record append is to be completed."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        GfsNetwork.gfschunkserver.append(index)
        self.localchunks: dict[int, str] = {}  # chunk handle -> content
        self.chunkservers: dict[int, list[int]] = {}  # chunk handle -> replicas, primary first
        self.rounds = 0

    def run(self) -> None:
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.do_each_round()
            self.medium.wait_for_next_round()

    def do_each_round(self) -> None:
        """What a chunk server does unasked, once per round."""
        if self.rounds % HEARTBEAT_INTERVAL == 0:
            for master in GfsNetwork.gfsmaster:
                self.medium.send(HeartbeatMessage(self.index, master))
        self.rounds += 1

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handle one message. False means: this was the last one, stop."""
        if isinstance(ingoing, AllocateChunkReqMessage):
            self.do_allocate_chunk(ingoing.chunkhandle, ingoing.chunkservers)
            answer = AllocateChunkRspMessage(self.index, ingoing.source, ingoing.chunkhandle, "ok")
            self.medium.send(answer)
        elif isinstance(ingoing, RecordAppendReqMessage):
            # TODO: passive replication.
            # You know: self.chunkservers[ingoing.chunkhandle] (the replicas, the primary first),
            # self.localchunks[ingoing.chunkhandle] (the content here), and ingoing.source (the
            # client). Invent the messages that the primary and the other replicas need, and
            # handle them here, each in an `elif` of its own. When all replicas have the record,
            # send RecordAppendRspMessage with the result "ok" to the client.
            todo("store the record on all replicas in the primary's order, then answer the client")
        elif isinstance(ingoing, QuitMessage):
            return False
        return True

    def do_allocate_chunk(self, chunkhandle: int, servers: list[int]) -> None:
        """Make space for a chunk. A second request for the same chunk changes nothing."""
        self.localchunks.setdefault(chunkhandle, "")
        self.chunkservers.setdefault(chunkhandle, servers)

    def print_result(self) -> None:
        if not self.localchunks:
            print(f"Chunk server {self.index}: no chunk")
        for chunkhandle, content in self.localchunks.items():
            checksum = zlib.crc32(content.encode())
            shown = content if len(content) <= 60 else content[:57] + "..."
            print(
                f"Chunk server {self.index}: chunk {chunkhandle}, {len(content)} characters,"
                f" checksum {checksum:08x}: {shown or 'empty'}"
            )


class GfsClient(Device):
    """Appends RECORDS_PER_CLIENT records to the file, one after the other."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.chunkhandle = NO_CHUNK
        self.locations: list[int] = []
        self.records_stored = 0
        self.attempts = 0  # for the present record
        self.rounds_waited = 0

    def run(self) -> None:
        self.append_records()
        self.say_goodbye()

    def append_records(self) -> None:
        self.try_to_append()
        while not self.is_done():
            for ingoing in self.medium.receive_all():
                self.handle_ingoing(ingoing)
            self.medium.wait_for_next_round()
            self.rounds_waited += 1
            if self.rounds_waited >= PATIENCE:
                self.try_to_append()

    def say_goodbye(self) -> None:
        for master in GfsNetwork.gfsmaster:
            self.medium.send(QuitMessage(self.index, master))

    def is_done(self) -> bool:
        return self.records_stored == RECORDS_PER_CLIENT or self.has_given_up()

    def has_given_up(self) -> bool:
        return self.attempts > ATTEMPTS

    def present_record(self) -> str:
        """The record that is to be stored next, such as [6.2]: the second one of client 6."""
        return f"[{self.index}.{self.records_stored + 1}]"

    def try_to_append(self) -> None:
        """Start one attempt for the present record, with a question to the master."""
        self.attempts += 1
        self.rounds_waited = 0
        if not self.has_given_up():
            master = GfsNetwork.gfsmaster[0]
            self.medium.send(File2ChunkReqMessage(self.index, master, FILENAME, 0, True))

    def send_record(self) -> None:
        primary = self.locations[0]
        self.medium.send(
            RecordAppendReqMessage(self.index, primary, self.chunkhandle, self.present_record())
        )

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, File2ChunkRspMessage):
            self.chunkhandle = ingoing.chunkhandle
            self.locations = ingoing.locations
            if self.locations and not self.is_done():
                self.send_record()
        elif isinstance(ingoing, RecordAppendRspMessage):
            if ingoing.result == "fail":
                self.try_to_append()
            else:
                self.go_to_next_record()
        return True

    def go_to_next_record(self) -> None:
        if self.is_done():
            return
        self.records_stored += 1
        self.attempts = 1
        self.rounds_waited = 0
        if not self.is_done():
            self.send_record()

    def print_result(self) -> None:
        text = f"Client {self.index}: {self.records_stored} of {RECORDS_PER_CLIENT} records stored"
        if self.has_given_up():
            asked = f"chunk server {self.locations[0]}" if self.locations else "the master"
            text += f"; gave up on {self.present_record()}: no useful answer from {asked}"
        print(text)


class GfsNetwork:
    """Decides by index what a device is. Masters and chunk servers enter themselves here."""

    gfsmaster: ClassVar[list[int]] = []
    gfschunkserver: ClassVar[list[int]] = []

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index < NUMBER_OF_MASTERS:
            return GfsMaster(index, number_of_devices, medium)
        if index < NUMBER_OF_MASTERS + NUMBER_OF_CHUNKSERVERS:
            return GfsChunkserver(index, number_of_devices, medium)
        return GfsClient(index, number_of_devices, medium)


class QuitMessage(MessageStub):
    """From a client: I am done. From the master: the run is over."""

    def __str__(self) -> str:
        return f"Quit {self.source} -> {self.destination}"


class File2ChunkReqMessage(MessageStub):
    """Which chunk is this, and who holds it?"""

    def __init__(
        self,
        sender: int,
        destination: int,
        filename: str,
        chunkindex: int,
        createIfNotExists: bool = False,
    ):
        super().__init__(sender, destination)
        self.filename = filename
        self.chunkindex = chunkindex
        self.createIfNotExists = createIfNotExists

    def __str__(self) -> str:
        create = ", create it if missing" if self.createIfNotExists else ""
        return (
            f"File2ChunkReq {self.source} -> {self.destination}:"
            f" {self.filename}, chunk {self.chunkindex}{create}"
        )


class File2ChunkRspMessage(MessageStub):
    """The handle of the chunk and its locations, the primary first; [] if there is none."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, locations: list):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.locations = locations

    def __str__(self) -> str:
        return (
            f"File2ChunkRsp {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} on {self.locations}"
        )


class AllocateChunkReqMessage(MessageStub):
    """Make space for a chunk; these are all its replicas, the primary first."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, chunkservers: list[int]):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.chunkservers = chunkservers

    def __str__(self) -> str:
        return (
            f"AllocateChunkReq {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} on {self.chunkservers}"
        )


class AllocateChunkRspMessage(MessageStub):
    """The answer to AllocateChunkReqMessage: "ok" or "fail"."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, result: str):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.result = result

    def __str__(self) -> str:
        return (
            f"AllocateChunkRsp {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} {self.result}"
        )


class RecordAppendReqMessage(MessageStub):
    """Append this record to the chunk."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, data: str):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.data = data

    def __str__(self) -> str:
        return (
            f"RecordAppendReq {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} {self.data}"
        )


class RecordAppendRspMessage(MessageStub):
    """The answer to RecordAppendReqMessage: "ok" or "fail"."""

    def __init__(self, sender: int, destination: int, result: str):
        super().__init__(sender, destination)
        self.result = result

    def __str__(self) -> str:
        return f"RecordAppendRsp {self.source} -> {self.destination}: {self.result}"


class HeartbeatMessage(MessageStub):
    """I am alive."""

    def __str__(self) -> str:
        return f"Heartbeat {self.source} -> {self.destination}"
