"""Lecture 9: MapReduce, and the word count that everybody explains it with.

The idea
    A job over many files is split into two kinds of tasks that a programmer can write without
    a thought for the network: map (file -> pairs of key and value) and reduce (all values of
    a key -> one result). The master gives tasks to workers, and tells those that need to know.
    Here a key is a word, a value is how often it comes, and a result is its total.

The rules
    map        A mapper takes one of its files per round and counts the words in it.
    partition  Each word belongs to one of R partitions: a hash of the word modulo R. Every
               mapper must come to the same partition for the same word.
    shuffle    A mapper sorts its counts by partition and keeps them in its own storage (a local
               disk in the paper, `M_stored_results` here). Nothing is sent yet.
    visit      When a mapper has finished, the master tells every reducer. Reducer r visits the
               mapper, that is, asks it for partition r by a message, and gets an answer.
    reduce     A reducer that has been to all mappers adds up the counts, writes them to a result
               file, and reports the name of the file to the master.
    end        When all R results are there, the master tells the client.

Source: J. Dean, S. Ghemawat: MapReduce: Simplified Data Processing on Large Clusters, OSDI 2004,
sections 3.1 and 4.1; [CDK] section 21.6.1.

Who is who
    device 0    the client: looks for books, starts the job, ends the run
    device 1    the master
    device 2 …  the workers: the last NUMBER_OF_PARTITIONS of them reduce, all others map

Messages
    ClientJobStartMessage      client -> master: count these files
    MapTaskMessage             master -> mapper: these are your files
    ReduceTaskMessage          master -> reducer: this is your partition, so many mappers are there
    MappingDoneMessage         mapper -> master: I have finished; master -> reducer: `mapper` has
    ReducerVisitMapperMessage  reducer -> mapper, and back: what it carries is for you to decide
    ReducingDoneMessage        reducer -> master: the result is in this file
    ClientJobCompletedMessage  master -> client: the results are in these files
    QuitMessage                client -> master -> workers: the run is over

Given: the client, the master, mapping, the partition function. To do: `mapper_shuffle`,
ReducerVisitMapperMessage, and all that a reducer does.

Run it with, for instance (6 devices: client, master, 2 mappers, 2 reducers)
    python3 exercise_runner.py --lecture 9 --algorithm MapReduceNetwork --type async --devices 6
The tasks are in docs/lectures/09.md. The books are unpacked by the first run.
"""

import re
import zlib
from collections import Counter
from enum import Enum
from typing import ClassVar

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo
from ex9data.files import books_folder, read_counts, read_text, text_files, write_counts

NUMBER_OF_PARTITIONS = 2  # also the number of reducers
NUMBER_OF_BOOKS = 0  # how many books to count; 0 means all
BOOKS_FOLDER = "ex9data/books"  # any folder with .txt files will do
RESULTS_FOLDER = "ex9data/results"  # in a read-only project, a temporary folder takes its place

WORD = re.compile(r"[^\W\d_]+")  # letters, with or without accents


class Role(Enum):
    """What a worker has been told to do."""

    IDLE = 1
    MAPPER = 2
    REDUCER = 3


class MapReduceMaster(Device):
    """Gives tasks to the workers and keeps track. No word of any book passes through it."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.number_partitions = 0
        self.number_finished_reducers = 0
        self.result_files: list[str] = []
        self.mappers: list[int] = []
        self.reducers: list[int] = []

    def run(self):
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handles one message. False means that the run is over."""
        if isinstance(ingoing, ClientJobStartMessage):
            self.start_job(ingoing.filenames, ingoing.number_partitions)
        elif isinstance(ingoing, MappingDoneMessage):
            self.tell_reducers(ingoing.source)
        elif isinstance(ingoing, ReducingDoneMessage):
            self.collect(ingoing.result_filename)
        elif isinstance(ingoing, QuitMessage):
            for worker in MapReduceNetwork.workers:
                self.medium.send(QuitMessage(self.index, worker))
            return False
        return True

    def start_job(self, filenames: list[str], number_partitions: int):
        """Makes the last workers reducers and all others mappers, and deals out the files."""
        check_size(len(MapReduceNetwork.workers), number_partitions)
        self.number_partitions = number_partitions
        self.mappers = MapReduceNetwork.workers[:-number_partitions]
        self.reducers = MapReduceNetwork.workers[-number_partitions:]
        for position, mapper in enumerate(self.mappers):
            share = filenames[position :: len(self.mappers)]
            self.medium.send(MapTaskMessage(self.index, mapper, share, number_partitions))
        for partition, reducer in enumerate(self.reducers):
            self.medium.send(
                ReduceTaskMessage(
                    self.index, reducer, partition, number_partitions, len(self.mappers)
                )
            )

    def tell_reducers(self, mapper: int):
        """Passes on that a mapper has finished, so that the reducers can visit it."""
        for reducer in self.reducers:
            message = MappingDoneMessage(self.index, reducer)
            message.mapper = mapper
            self.medium.send(message)

    def collect(self, result_filename: str):
        """Notes a result; the job is complete when every reducer has sent one."""
        self.number_finished_reducers += 1
        self.result_files.append(result_filename)
        if self.number_finished_reducers == self.number_partitions:
            self.medium.send(
                ClientJobCompletedMessage(
                    self.index, MapReduceNetwork.client_index, sorted(self.result_files)
                )
            )

    def print_result(self):
        print(
            f"Master {self.index}: {len(self.mappers)} mappers, {len(self.reducers)} reducers, "
            f"{self.number_finished_reducers} of them have finished"
        )


class ReducerVisitMapperMessage(MessageStub):
    """A reducer visits a mapper to fetch its partition.

    TODO: what must the mapper know to answer, and what does the answer carry? Give the constructor
    more parameters (and a second class for the answer, if you like that better).
    """

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)


class MapReduceWorker(Device):
    """Waits for a role. Names of mappers' attributes begin with M_, of reducers' with R_."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.role = Role.IDLE
        self.number_partitions = 0

        self.M_files_to_process: list[str] = []
        self.M_cached_results: Counter[str] = Counter()  # counted, not yet sorted
        self.M_stored_results: dict[int, Counter[str]] = {}  # partition -> word -> count
        self.M_number_files = 0  # processed so far
        self.M_finished = False  # and the master knows it

        self.R_my_partition = -1
        self.R_number_mappers = 0

    # -- what a mapper does

    def mapper_process_file(self, filename: str) -> Counter[str]:
        """Map: counts the words of one book. What is wrong with a file is reported."""
        text, complaint = read_text(books_folder(BOOKS_FOLDER) / filename)
        if complaint:
            self.medium.log(complaint)
        return Counter(WORD.findall(text.lower()))

    def mapper_partition_function(self, key: str) -> int:
        """The partition of a word: 0 to number_partitions - 1, the same on every device.

        Python's own hash() of a string will not do: it differs from process to process.
        """
        return zlib.crc32(key.encode("utf-8")) % self.number_partitions

    def mapper_shuffle(self):
        """Moves all of M_cached_results to M_stored_results, each word to its partition."""
        todo("mapper_shuffle: move the cached counts to the partitions they belong to")

    def map_one_file(self):
        """The work of a mapper in one round. It reports to the master after its last file."""
        if self.M_files_to_process:
            filename = self.M_files_to_process.pop(0)
            self.M_cached_results.update(self.mapper_process_file(filename))
            self.mapper_shuffle()
            self.M_number_files += 1
        if not self.M_files_to_process and not self.M_finished:
            self.M_finished = True
            self.medium.send(MappingDoneMessage(self.index, MapReduceNetwork.master_index))

    # -- what every worker does

    def do_some_work(self):
        """The work of one round, after all messages of the round have been handled."""
        if self.role is Role.MAPPER:
            self.map_one_file()
        elif self.role is Role.REDUCER:
            # reducer_write_result, below, writes the file.
            todo(
                "do_some_work, reducer: visit the mappers that have finished; after the last "
                "answer, write the result and report to the master"
            )

    def run(self):
        while True:
            for ingoing in self.medium.receive_all():
                if self.handle_ingoing(ingoing) is False:
                    return
            self.do_some_work()
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handles one message. False means that the run is over."""
        if isinstance(ingoing, MapTaskMessage):
            self.role = Role.MAPPER
            self.number_partitions = ingoing.number_partitions
            self.M_files_to_process = ingoing.filenames
        elif isinstance(ingoing, ReduceTaskMessage):
            self.role = Role.REDUCER
            self.number_partitions = ingoing.number_partitions
            self.R_my_partition = ingoing.my_partition
            self.R_number_mappers = ingoing.number_mappers
        elif isinstance(ingoing, MappingDoneMessage):
            # Careful: this message may overtake the ReduceTaskMessage.
            todo("handle_ingoing, reducer: remember that ingoing.mapper can be visited")
        elif isinstance(ingoing, ReducerVisitMapperMessage):
            todo("handle_ingoing, mapper: answer a reducer's visit; reducer: take the answer")
        elif isinstance(ingoing, QuitMessage):
            return False
        return True

    def reducer_write_result(self, counts: Counter[str]) -> str:
        """Writes the result of this reducer; returns the file's name, like counts-0-of-2.txt."""
        filename = f"counts-{self.R_my_partition}-of-{self.number_partitions}.txt"
        write_counts(RESULTS_FOLDER, filename, counts)
        return filename

    def print_result(self):
        if self.role is Role.MAPPER:
            words = sum(len(counts) for counts in self.M_stored_results.values())
            print(
                f"Mapper {self.index}: files: {self.M_number_files}, "
                f"different words: {words}, partitions: {len(self.M_stored_results)}"
            )
        elif self.role is Role.REDUCER:
            print(
                f"Reducer {self.index}: partition {self.R_my_partition}, "
                f"to be fetched from {self.R_number_mappers} mappers"
            )
        else:
            print(f"Worker {self.index}: no task")


class MapReduceClient(Device):
    """Wants to know how often each word comes in the books."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.books: list[str] = []
        self.result_files: list[str] = []

    def scan_for_books(self) -> list[str]:
        """The file names of the books."""
        folder = books_folder(BOOKS_FOLDER)
        books = text_files(folder)
        if not books:
            self.medium.log(f"no .txt files in {folder}")
        return books[:NUMBER_OF_BOOKS] if NUMBER_OF_BOOKS else books

    def run(self):
        self.books = self.scan_for_books()
        self.medium.send(
            ClientJobStartMessage(
                self.index, MapReduceNetwork.master_index, self.books, NUMBER_OF_PARTITIONS
            )
        )
        while True:
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handles one message. False means that the client has what it wanted."""
        if isinstance(ingoing, ClientJobCompletedMessage):
            self.result_files = ingoing.result_files
            self.medium.send(QuitMessage(self.index, MapReduceNetwork.master_index))
            return False
        return True

    def print_result(self):
        if not self.result_files:
            print(f"Client {self.index}: no results")
            return
        try:
            counts = Counter()
            for filename in self.result_files:
                counts.update(read_counts(RESULTS_FOLDER, filename))
        except (OSError, ValueError):
            print(f"Client {self.index}: the results are in {', '.join(self.result_files)}")
            return
        often = ", ".join(f"{word} {count}" for word, count in counts.most_common(3))
        print(
            f"Client {self.index}: {len(self.books)} books, {counts.total()} words, "
            f"{len(counts)} different ones ({often} …), in {', '.join(self.result_files)}"
        )


class MapReduceNetwork:
    """Decides what each device is: device 0 the client, device 1 the master, workers from 2 on."""

    client_index = 0
    master_index = 1
    workers: ClassVar[list[int]] = []

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == cls.client_index:
            check_size(number_of_devices - 2, NUMBER_OF_PARTITIONS)
            cls.workers.clear()
            return MapReduceClient(index, number_of_devices, medium)
        if index == cls.master_index:
            return MapReduceMaster(index, number_of_devices, medium)
        cls.workers.append(index)
        return MapReduceWorker(index, number_of_devices, medium)


def check_size(number_of_workers: int, number_partitions: int):
    """Each partition needs a reducer, and there must be a mapper too."""
    if not 1 <= number_partitions < number_of_workers:
        raise ValueError(
            f"{number_partitions} partitions do not fit {number_of_workers} workers: at least one "
            "partition is needed, and one worker more than partitions. Client and master come on "
            f"top, so {max(number_partitions, 1) + 3} devices would do."
        )


class QuitMessage(MessageStub):
    """The run is over."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)


class ClientJobStartMessage(MessageStub):
    """Count the words of these files, in so many partitions."""

    def __init__(self, sender: int, destination: int, filenames: list, number_partitions: int):
        super().__init__(sender, destination)
        self.filenames = filenames
        self.number_partitions = number_partitions

    def __str__(self):
        return (
            f"ClientJobStartMessage {self.source} -> {self.destination}: "
            f"{len(self.filenames)} files, {self.number_partitions} partitions"
        )


class ClientJobCompletedMessage(MessageStub):
    """The job is done, the results are in these files."""

    def __init__(self, sender: int, destination: int, result_files: list):
        super().__init__(sender, destination)
        self.result_files = result_files

    def __str__(self):
        return (
            f"ClientJobCompletedMessage {self.source} -> {self.destination}: "
            f"{', '.join(self.result_files)}"
        )


class MapTaskMessage(MessageStub):
    """Be a mapper, and process these files."""

    def __init__(self, sender: int, destination: int, filenames: list, number_partitions: int):
        super().__init__(sender, destination)
        self.filenames = filenames
        self.number_partitions = number_partitions

    def __str__(self):
        return (
            f"MapTaskMessage {self.source} -> {self.destination}: "
            f"{len(self.filenames)} files, {self.number_partitions} partitions"
        )


class MappingDoneMessage(MessageStub):
    """The mapper has processed all its files. The master passes this on to the reducers."""

    def __init__(self, sender: int, destination: int):
        super().__init__(sender, destination)
        self.mapper = sender  # the master sets it to the mapper that has finished

    def __str__(self):
        return f"MappingDoneMessage {self.source} -> {self.destination}: mapper {self.mapper}"


class ReduceTaskMessage(MessageStub):
    """Be a reducer, and take care of this partition of so many mappers."""

    def __init__(
        self,
        sender: int,
        destination: int,
        my_partition: int,
        number_partitions: int,
        number_mappers: int,
    ):
        super().__init__(sender, destination)
        self.my_partition = my_partition
        self.number_partitions = number_partitions
        self.number_mappers = number_mappers

    def __str__(self):
        return (
            f"ReduceTaskMessage {self.source} -> {self.destination}: partition "
            f"{self.my_partition} of {self.number_partitions}, {self.number_mappers} mappers"
        )


class ReducingDoneMessage(MessageStub):
    """The reducer has written its result."""

    def __init__(self, sender: int, destination: int, result_filename: str):
        super().__init__(sender, destination)
        self.result_filename = result_filename

    def __str__(self):
        return f"ReducingDoneMessage {self.source} -> {self.destination}: {self.result_filename}"
