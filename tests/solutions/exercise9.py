"""Lecture 9, reference solution: the shuffle, the visits, and the reducers.

The rules, after Dean and Ghemawat, OSDI 2004, section 3.1:

    shuffle   "Periodically, the buffered pairs are written to local disk, partitioned into R
              regions by the partitioning function."                               (step 4)
    visit     A reducer that hears from the master where a mapper's data lies reads its own
              region from there. It need not wait for the other mappers.           (step 5)
    reduce    When it has read all regions, it brings equal keys together and writes one
              output file.                                                         (steps 5, 6)

In the paper a reducer reads a mapper's disk by remote procedure call. Here the call is a pair of
messages: ReducerVisitMapperMessage goes to the mapper empty and comes back with the counts.

Two things can go wrong, because messages overtake each other and might come twice:
    - The news of a finished mapper may reach a reducer before its task does. It is remembered,
      and used once the role is known.
    - An answer that comes twice must not count twice: answers are kept by mapper.
"""

from collections import Counter

import exercises.exercise9 as template
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise9 import (
    BOOKS_FOLDER,
    NUMBER_OF_BOOKS,
    NUMBER_OF_PARTITIONS,
    RESULTS_FOLDER,
    MappingDoneMessage,
    ReducingDoneMessage,
    Role,
)


class ReducerVisitMapperMessage(MessageStub):
    """A visit. On the way to the mapper `counts` is None, on the way back it is the answer."""

    def __init__(
        self, sender: int, destination: int, partition: int, counts: Counter[str] | None = None
    ):
        super().__init__(sender, destination)
        self.partition = partition
        self.counts = counts

    def __str__(self):
        what = "please" if self.counts is None else f"{len(self.counts)} words"
        return (
            f"ReducerVisitMapperMessage {self.source} -> {self.destination}: "
            f"partition {self.partition}, {what}"
        )


class MapReduceWorker(template.MapReduceWorker):
    """A worker that can shuffle and reduce."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.R_to_visit: list[int] = []  # mappers that have finished, not visited yet
        self.R_answers: dict[int, Counter[str]] = {}  # mapper -> its counts of my partition
        self.R_result: Counter[str] = Counter()
        self.R_finished = False

    def mapper_shuffle(self):
        # Step 4: each cached pair goes to the region of its partition; the cache is empty again.
        for word, count in self.M_cached_results.items():
            partition = self.mapper_partition_function(word)
            self.M_stored_results.setdefault(partition, Counter())[word] += count
        self.M_cached_results.clear()

    def do_some_work(self):
        if self.role is Role.REDUCER:
            self.reduce()
        else:
            super().do_some_work()

    def reduce(self):
        """The work of a reducer in one round."""
        # Step 5: read my region from each mapper that has finished.
        for mapper in self.R_to_visit:
            self.medium.send(ReducerVisitMapperMessage(self.index, mapper, self.R_my_partition))
        self.R_to_visit.clear()
        # Step 6: with the regions of all mappers, bring equal words together.
        if len(self.R_answers) == self.R_number_mappers and not self.R_finished:
            self.R_finished = True
            for counts in self.R_answers.values():
                self.R_result.update(counts)
            filename = self.reducer_write_result(self.R_result)
            self.medium.send(
                ReducingDoneMessage(self.index, template.MapReduceNetwork.master_index, filename)
            )

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, MappingDoneMessage):
            self.R_to_visit.append(ingoing.mapper)
        elif isinstance(ingoing, ReducerVisitMapperMessage):
            self.handle_visit(ingoing)
        else:
            return super().handle_ingoing(ingoing)
        return True

    def handle_visit(self, visit: ReducerVisitMapperMessage):
        """A mapper answers with its counts of the partition, a reducer keeps the answer."""
        if visit.counts is None:
            counts = self.M_stored_results.get(visit.partition, Counter())
            self.medium.send(
                ReducerVisitMapperMessage(self.index, visit.source, visit.partition, counts)
            )
        else:
            self.R_answers[visit.source] = visit.counts

    def print_result(self):
        if self.role is Role.REDUCER:
            print(
                f"Reducer {self.index}: partition {self.R_my_partition}, "
                f"different words: {len(self.R_result)}, all words: {self.R_result.total()}, "
                f"fetched from {len(self.R_answers)} of {self.R_number_mappers} mappers"
            )
        else:
            super().print_result()


class MapReduceNetwork(template.MapReduceNetwork):
    """The network of the template, with these workers."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index == cls.client_index:
            hand_on_constants()
        if index in (cls.client_index, cls.master_index):
            return super().__new__(cls, index, number_of_devices, medium)
        cls.workers.append(index)
        return MapReduceWorker(index, number_of_devices, medium)


def hand_on_constants():
    """What `--set` has changed in this file holds for the given parts too."""
    template.BOOKS_FOLDER = BOOKS_FOLDER
    template.NUMBER_OF_BOOKS = NUMBER_OF_BOOKS
    template.NUMBER_OF_PARTITIONS = NUMBER_OF_PARTITIONS
    template.RESULTS_FOLDER = RESULTS_FOLDER
