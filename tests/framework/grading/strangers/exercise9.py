import re
from enum import Enum

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from ex9data.files import books_folder, read_counts, read_text, text_files, write_counts

# the reducers visit everybody as soon as they have their task, and a mapper keeps them waiting
# until it has read its books; then it sends its words in small portions, the last one says so

NUMBER_OF_PARTITIONS = 2
BOOKS_FOLDER = "ex9data/books"
RESULTS_FOLDER = "ex9data/results"


class Role(Enum):
    IDLE = 1
    MAPPER = 2
    REDUCER = 3


class MapReduceMaster(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.number_finished_reducers = 0
        self.number_partitions = 0
        self.result_files = []

    def run(self):
        while True:
            for ingoing in self.medium().receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.medium().wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        workers = MapReduceNetwork.workers
        if isinstance(ingoing, ClientJobStartMessage):
            self.number_partitions = p = ingoing.number_partitions
            mappers = workers[p:]  # the first ones reduce
            for i, m in enumerate(mappers):
                files = ingoing.filenames[i :: len(mappers)]
                self.medium().send(MapTaskMessage(self.index(), m, files, p))
            for i in range(p):
                self.medium().send(ReduceTaskMessage(self.index(), workers[i], i, p, len(mappers)))
        elif isinstance(ingoing, ReducingDoneMessage):
            self.number_finished_reducers += 1
            self.result_files.append(ingoing.result_filename)
            if self.number_finished_reducers == self.number_partitions:
                done = ClientJobCompletedMessage(self.index(), 0, self.result_files)
                self.medium().send(done)
        elif isinstance(ingoing, QuitMessage):
            for w in workers:
                self.medium().send(QuitMessage(self.index(), w))
            return False
        return True

    def print_result(self):
        print(f"master: {self.number_finished_reducers} reducers are done")


class ReducerVisitMapperMessage(MessageStub):
    def __init__(self, sender, destination, partition, words="", last=False):
        super().__init__(sender, destination)
        self.partition = partition
        self.words = words  # "cat=3 dog=1"
        self.last = last


class MapReduceWorker(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.role = Role.IDLE
        self.M_files_to_process = None
        self.pairs = {}
        self.visitors = []
        self.portions = {}  # mapper -> [how many came, how many there are or None]
        self.total = {}
        self.reported = False

    def mapper_partition_function(self, key):
        return sum(ord(c) for c in key) % self.number_partitions

    def run(self):
        while True:
            ingoing = self.medium().receive()
            while ingoing is not None:
                if isinstance(ingoing, QuitMessage):
                    return
                self.handle_ingoing(ingoing)
                ingoing = self.medium().receive()
            self.do_some_work()
            self.medium().wait_for_next_round()

    def handle_ingoing(self, ingoing):
        if isinstance(ingoing, MapTaskMessage):
            self.role = Role.MAPPER
            self.number_partitions = ingoing.number_partitions
            self.M_files_to_process = list(ingoing.filenames)
        elif isinstance(ingoing, ReduceTaskMessage):
            self.role = Role.REDUCER
            self.number_partitions = ingoing.number_partitions
            self.R_my_partition = ingoing.my_partition
            self.R_number_mappers = ingoing.number_mappers
            for m in MapReduceNetwork.workers[self.number_partitions :]:
                self.medium().send(ReducerVisitMapperMessage(self.index(), m, self.R_my_partition))
        elif isinstance(ingoing, ReducerVisitMapperMessage):
            if self.role == Role.REDUCER:
                self.take(ingoing)
            else:
                self.visitors.append((ingoing.source, ingoing.partition))

    def take(self, answer):
        counter = self.portions.setdefault(answer.source, [0, None])
        counter[0] += 1
        if answer.last:
            counter[1] = int(answer.words)
            counter[0] -= 1
            return
        for pair in answer.words.split():
            word, n = pair.split("=")
            self.total[word] = self.total.get(word, 0) + int(n)

    def do_some_work(self):
        if self.role == Role.MAPPER:
            if self.M_files_to_process:
                text, _ = read_text(books_folder(BOOKS_FOLDER) / self.M_files_to_process.pop())
                for word in re.findall(r"[^\W\d_]+", text.lower()):
                    self.pairs[word] = self.pairs.get(word, 0) + 1
            if not self.M_files_to_process:
                while self.visitors:
                    self.serve(*self.visitors.pop())
        elif self.role == Role.REDUCER and not self.reported:
            full = [m for m, (came, all_of_them) in self.portions.items() if came == all_of_them]
            if len(full) == self.R_number_mappers:
                self.reported = True
                name = f"my-results-{self.index()}.txt"
                write_counts(RESULTS_FOLDER, name, self.total)
                self.medium().send(ReducingDoneMessage(self.index(), 1, name))

    def serve(self, reducer, partition):
        mine = [w for w in sorted(self.pairs) if self.mapper_partition_function(w) == partition]
        size = max(3, len(mine) // 10)
        portions = [mine[i : i + size] for i in range(0, len(mine), size)]
        for words in portions:
            text = " ".join(f"{w}={self.pairs[w]}" for w in words)
            self.medium().send(ReducerVisitMapperMessage(self.index(), reducer, partition, text))
        last = ReducerVisitMapperMessage(self.index(), reducer, partition, str(len(portions)), True)
        self.medium().send(last)

    def print_result(self):
        print(f"worker {self.index()}: {self.role}, {len(self.pairs)} {len(self.total)}")


class MapReduceClient(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.result_files = None

    def run(self):
        books = text_files(books_folder(BOOKS_FOLDER))
        self.medium().send(ClientJobStartMessage(self.index(), 1, books, NUMBER_OF_PARTITIONS))
        while self.result_files is None:
            for ingoing in self.medium().receive_all():
                if isinstance(ingoing, ClientJobCompletedMessage):
                    self.result_files = ingoing.result_files
                    self.medium().send(QuitMessage(self.index(), 1))
            self.medium().wait_for_next_round()

    def print_result(self):
        for f in self.result_files or []:
            print(f, sum(read_counts(RESULTS_FOLDER, f).values()))


class MapReduceNetwork:
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == cls.client_index:
            return MapReduceClient(index, number_of_devices, medium)
        elif index == cls.master_index:
            return MapReduceMaster(index, number_of_devices, medium)
        MapReduceNetwork.workers.append(index)
        return MapReduceWorker(index, number_of_devices, medium)

    client_index = 0
    master_index = 1
    workers = []


class QuitMessage(MessageStub):
    pass


class ClientJobStartMessage(MessageStub):
    def __init__(self, sender, destination, filenames, number_partitions):
        super().__init__(sender, destination)
        self.filenames = filenames
        self.number_partitions = number_partitions


class ClientJobCompletedMessage(MessageStub):
    def __init__(self, sender, destination, result_files):
        super().__init__(sender, destination)
        self.result_files = result_files


class MapTaskMessage(MessageStub):
    def __init__(self, sender, destination, filenames, number_partitions):
        super().__init__(sender, destination)
        self.filenames = filenames
        self.number_partitions = number_partitions


class ReduceTaskMessage(MessageStub):
    def __init__(self, sender, destination, my_partition, number_partitions, number_mappers):
        super().__init__(sender, destination)
        self.my_partition = my_partition
        self.number_partitions = number_partitions
        self.number_mappers = number_mappers


class ReducingDoneMessage(MessageStub):
    def __init__(self, sender, destination, result_filename):
        super().__init__(sender, destination)
        self.result_filename = result_filename
