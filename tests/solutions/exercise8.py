"""Reference solution of lecture 8: record append with passive replication, and a shadow master.

Passive replication, as section 18.3.1 of [CDK] has it, with the names of GFS:

1. Request: the client sends its record to the primary. (Another replica hands it on.)
2. Coordination: the primary gives the record the next serial number of the chunk and remembers
   which replicas still have to confirm.
3. Execution: the primary appends the record to its own copy.
4. Agreement: the primary sends record and serial number to all other replicas. Each appends the
   records in the order of their serial numbers, whatever order they arrive in, and confirms what
   it has appended. The primary repeats what is not confirmed after a while.
5. Response: when ALL replicas have confirmed, the primary tells the client "ok".

What follows: all replicas hold the same records in the same order; a record that was acknowledged
is on every replica. A client that lost patience asks again, so a record may be there twice: at
least once. The answer names the record, so that a late answer to an earlier try cannot pass for
the answer to the next record.

The bonus is `GfsShadowNetwork`: see `ShadowMaster`.
"""

import random
from dataclasses import dataclass

import exercises.exercise8 as given
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise8 import (
    File2ChunkReqMessage,
    File2ChunkRspMessage,
    RecordAppendReqMessage,
    RecordAppendRspMessage,
)

RESEND_INTERVAL = 10  # rounds after which the primary repeats what is not confirmed
READ_INTERVAL = 10  # rounds after which a reader asks again
NUMBER_OF_SHADOWS = 1
MASTER_CRASHES_AT = float("inf")  # rounds (sync) or virtual seconds (async); bonus task only


class ForwardedAppendMessage(MessageStub):
    """Replica to primary: a client sent me this record."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, data: str, client: int):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.data = data
        self.client = client

    def __str__(self) -> str:
        return (
            f"ForwardedAppend {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} {self.data} of client {self.client}"
        )


class ReplicateMessage(MessageStub):
    """Primary to replica: the record with this serial number of the chunk is this one."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, serial: int, data: str):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.serial = serial
        self.data = data

    def __str__(self) -> str:
        return (
            f"Replicate {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} number {self.serial} {self.data}"
        )


class ReplicatedMessage(MessageStub):
    """Replica to primary: I have appended the record with this serial number."""

    def __init__(self, sender: int, destination: int, chunkhandle: int, serial: int):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle
        self.serial = serial

    def __str__(self) -> str:
        return (
            f"Replicated {self.source} -> {self.destination}:"
            f" handle {self.chunkhandle} number {self.serial}"
        )


class StoredMessage(RecordAppendRspMessage):
    """An "ok" that says which record it is about."""

    def __init__(self, sender: int, destination: int, data: str):
        super().__init__(sender, destination, "ok")
        self.data = data

    def __str__(self) -> str:
        return f"Stored {self.source} -> {self.destination}: {self.data}"


@dataclass
class PendingAppend:
    """What the primary remembers of a record until all replicas have it."""

    client: int
    data: str
    missing: list[int]  # the replicas that have not confirmed
    age: int = 0  # in rounds


class GfsChunkserver(given.GfsChunkserver):
    """A chunk server with record append: a primary for some chunks, a replica for others."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        # chunk handle -> how many records are appended here; also the next serial number
        self.number_of_records: dict[int, int] = {}
        # as primary: (chunk handle, serial number) -> append under way
        self.pending: dict[tuple[int, int], PendingAppend] = {}
        # as replica: (chunk handle, serial number) -> record that arrived before its turn
        self.early: dict[tuple[int, int], str] = {}

    def do_allocate_chunk(self, chunkhandle: int, servers: list[int]) -> None:
        super().do_allocate_chunk(chunkhandle, servers)
        self.number_of_records.setdefault(chunkhandle, 0)

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, RecordAppendReqMessage):
            self.do_append_request(ingoing.chunkhandle, ingoing.data, ingoing.source)
        elif isinstance(ingoing, ForwardedAppendMessage):
            self.do_append_request(ingoing.chunkhandle, ingoing.data, ingoing.client)
        elif isinstance(ingoing, ReplicateMessage):
            self.do_replicate(ingoing)
        elif isinstance(ingoing, ReplicatedMessage):
            self.do_confirm(ingoing)
        else:
            return super().handle_ingoing(ingoing)
        return True

    # -- the primary

    def do_append_request(self, chunkhandle: int, data: str, client: int) -> None:
        """Request, coordination and execution; a replica hands the request to the primary."""
        if chunkhandle not in self.chunkservers:
            self.medium.send(RecordAppendRspMessage(self.index, client, "fail"))
            return
        primary, *others = self.chunkservers[chunkhandle]
        if self.index != primary:
            forwarded = ForwardedAppendMessage(self.index, primary, chunkhandle, data, client)
            self.medium.send(forwarded)
            return
        key = (chunkhandle, self.number_of_records[chunkhandle])
        self.pending[key] = PendingAppend(client, data, others)
        self.append(chunkhandle, data)
        self.send_to_missing(key)
        self.answer_if_complete(key)  # at once if there is no other replica

    def send_to_missing(self, key: tuple[int, int]) -> None:
        """Agreement: tell the replicas that have not confirmed."""
        chunkhandle, serial = key
        pending = self.pending[key]
        for replica in pending.missing:
            message = ReplicateMessage(self.index, replica, chunkhandle, serial, pending.data)
            self.medium.send(message)

    def do_confirm(self, ingoing: ReplicatedMessage) -> None:
        key = (ingoing.chunkhandle, ingoing.serial)
        if key in self.pending and ingoing.source in self.pending[key].missing:
            self.pending[key].missing.remove(ingoing.source)
            self.answer_if_complete(key)

    def answer_if_complete(self, key: tuple[int, int]) -> None:
        """Response: all replicas have the record."""
        if not self.pending[key].missing:
            pending = self.pending.pop(key)
            self.medium.send(StoredMessage(self.index, pending.client, pending.data))

    def do_each_round(self) -> None:
        super().do_each_round()
        for key, pending in self.pending.items():
            pending.age += 1
            if pending.age % RESEND_INTERVAL == 0:
                self.send_to_missing(key)

    # -- the other replicas

    def do_replicate(self, ingoing: ReplicateMessage) -> None:
        """Append what has its turn, and confirm it. A repeated record is only confirmed."""
        chunkhandle = ingoing.chunkhandle
        if ingoing.serial < self.number_of_records[chunkhandle]:
            self.confirm(ingoing.source, chunkhandle, ingoing.serial)
            return
        self.early[(chunkhandle, ingoing.serial)] = ingoing.data
        while (turn := (chunkhandle, self.number_of_records[chunkhandle])) in self.early:
            self.append(chunkhandle, self.early.pop(turn))
            self.confirm(ingoing.source, *turn)

    def confirm(self, primary: int, chunkhandle: int, serial: int) -> None:
        self.medium.send(ReplicatedMessage(self.index, primary, chunkhandle, serial))

    def append(self, chunkhandle: int, data: str) -> None:
        self.localchunks[chunkhandle] += data
        self.number_of_records[chunkhandle] += 1


class GfsClient(given.GfsClient):
    """Ignores a late answer about an earlier record."""

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, StoredMessage) and ingoing.data != self.present_record():
            return True
        return super().handle_ingoing(ingoing)


class GfsNetwork(given.GfsNetwork):
    """The network of the template, with the classes of this solution."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index < given.NUMBER_OF_MASTERS:
            return given.GfsMaster(index, number_of_devices, medium)
        if index < given.NUMBER_OF_MASTERS + given.NUMBER_OF_CHUNKSERVERS:
            return GfsChunkserver(index, number_of_devices, medium)
        return GfsClient(index, number_of_devices, medium)


# ---------------------------------------------------------------------------------- bonus: shadows


class MetadataMessage(MessageStub):
    """Master to shadow: this chunk is complete."""

    def __init__(
        self,
        sender: int,
        destination: int,
        key: tuple[str, int],
        chunk: tuple[int, list[int]],
    ):
        super().__init__(sender, destination)
        self.key = key
        self.chunk = chunk

    def __str__(self) -> str:
        filename, chunkindex = self.key
        chunkhandle, locations = self.chunk
        return (
            f"Metadata {self.source} -> {self.destination}: {filename}, chunk {chunkindex} ="
            f" handle {chunkhandle} on {locations}"
        )


class ReadReqMessage(MessageStub):
    """Client to any replica: what is in this chunk?"""

    def __init__(self, sender: int, destination: int, chunkhandle: int):
        super().__init__(sender, destination)
        self.chunkhandle = chunkhandle

    def __str__(self) -> str:
        return f"ReadReq {self.source} -> {self.destination}: handle {self.chunkhandle}"


class ReadRspMessage(MessageStub):
    """The content of the chunk."""

    def __init__(self, sender: int, destination: int, content: str):
        super().__init__(sender, destination)
        self.content = content

    def __str__(self) -> str:
        return f"ReadRsp {self.source} -> {self.destination}: {len(self.content)} characters"


class LoggingMaster(given.GfsMaster):
    """A master that tells its shadows of each change. It can crash, to see what they are for."""

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if self.medium.now >= MASTER_CRASHES_AT:
            return False
        return super().handle_ingoing(ingoing)

    def add_chunk_to_metadata(self, chunk: tuple[int, list[int]], chunkserver: int) -> None:
        super().add_chunk_to_metadata(chunk, chunkserver)
        if self.is_ready(chunk):
            for shadow in GfsNetwork.gfsmaster[1:]:
                key = next(key for key, known in self._metadata.items() if known is chunk)
                self.medium.send(MetadataMessage(self.index, shadow, key, chunk))


class ShadowMaster(given.GfsMaster):
    """Read-only: it answers with what it knows, which may be a little behind, and creates nothing.

    It also counts the clients that are done, so that the run ends when the master has crashed.
    """

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, MetadataMessage):
            chunkhandle, locations = ingoing.chunk
            self.planned_servers[chunkhandle] = locations
            self._metadata[ingoing.key] = ingoing.chunk
            return True
        if isinstance(ingoing, File2ChunkReqMessage):
            ingoing.createIfNotExists = False
        return super().handle_ingoing(ingoing)


class ReadableChunkserver(GfsChunkserver):
    """A chunk server that shows what it has. Some of it may not be acknowledged yet."""

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, ReadReqMessage):
            content = self.localchunks.get(ingoing.chunkhandle, "")
            self.medium.send(ReadRspMessage(self.index, ingoing.source, content))
            return True
        return super().handle_ingoing(ingoing)


class ReadingClient(GfsClient):
    """Appends its records like the others. Then it reads the file with the help of a shadow."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.content: str | None = None

    def run(self) -> None:
        self.append_records()
        self.read_file()
        self.say_goodbye()

    def read_file(self) -> None:
        for waited in range(given.PATIENCE):
            if waited % READ_INTERVAL == 0:
                shadow = GfsNetwork.gfsmaster[-1]
                self.medium.send(File2ChunkReqMessage(self.index, shadow, given.FILENAME, 0))
            for ingoing in self.medium.receive_all():
                self.handle_ingoing(ingoing)
            if self.content is not None:
                return
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, ReadRspMessage):
            self.content = ingoing.content
        elif isinstance(ingoing, File2ChunkRspMessage) and self.is_done():
            if ingoing.locations:
                replica = random.choice(ingoing.locations)
                self.medium.send(ReadReqMessage(self.index, replica, ingoing.chunkhandle))
        else:
            return super().handle_ingoing(ingoing)
        return True

    def print_result(self) -> None:
        super().print_result()
        if self.content is None:
            print(f"Client {self.index}: could not read")
        else:
            print(f"Client {self.index}: read {len(self.content)} characters")


class GfsShadowNetwork(given.GfsNetwork):
    """One master, its shadows, the chunk servers, and clients that also read: 7 devices or more."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        masters = given.NUMBER_OF_MASTERS + NUMBER_OF_SHADOWS
        if index < given.NUMBER_OF_MASTERS:
            return LoggingMaster(index, number_of_devices, medium)
        if index < masters:
            return ShadowMaster(index, number_of_devices, medium)
        if index < masters + given.NUMBER_OF_CHUNKSERVERS:
            return ReadableChunkserver(index, number_of_devices, medium)
        return ReadingClient(index, number_of_devices, medium)
