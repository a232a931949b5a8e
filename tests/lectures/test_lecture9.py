"""Lecture 9: a word count by MapReduce. Client, master and mapping are given; the rest is the task.

Most runs count small books, and write their results to a folder of their own.
"""

import re
import tempfile
from collections import Counter
from contextlib import contextmanager

from emulators.check.mapreduce import independent_count
from emulators.check.published import attribute, carried
from emulators.grading import case

BOOKS = "tests/lectures/books"  # as with --set: relative to the project, and there for a replay
MASTER = 1
BRIEF = {"max_time": 5}
LONG = {"max_time": 60, "max_messages": 20_000}
OVERTAKING = {"types": ("async",), "latency": (0, 2), **LONG}
COUNTS = (3, 5, 9)  # reducers, for 12 devices


@contextmanager
def job(submission, **constants):
    """Settings for small books and a place for results, as far as the file has such constants."""
    source = submission.file.read_text(encoding="utf-8", errors="replace")
    with tempfile.TemporaryDirectory() as results:
        wanted = {"BOOKS_FOLDER": BOOKS, "RESULTS_FOLDER": results, **constants}
        yield {name: wanted[name] for name in wanted if re.search(rf"\b{name}\b", source)}


# -- what is seen of a run


def told(run, kind):
    """The devices to which the master gives a task of a kind, with the message."""
    return {message.destination: message for _, message in run.messages(of=kind)}


def job_of(run):
    """The words of the books that are to be counted, by a count of ours."""
    for _, message in run.messages(of="ClientJobStartMessage"):
        return independent_count(
            run.config.settings.get("BOOKS_FOLDER", "ex9data/books"), message.filenames
        )
    return Counter()


# -- given: who does what


def the_books_are_dealt_out(run):
    """Every book goes to one mapper, and every partition to one reducer."""
    starts = run.messages(of="ClientJobStartMessage")
    books = [book for _, start in starts for book in start.filenames]
    if not books:
        return "the client asks for no book to be counted"
    dealt = Counter(
        book for _, task in run.messages(of="MapTaskMessage") for book in task.filenames
    )
    wrong = [book for book in books if dealt[book] != 1]
    if wrong:
        return f"{wrong[0]} goes to {dealt[wrong[0]]} mappers"
    partitions = sorted(task.my_partition for task in told(run, "ReduceTaskMessage").values())
    if not partitions or partitions != list(range(len(partitions))):
        return f"reducers have the partitions {partitions}"
    return None


@case(
    "MapReduceNetwork",
    given=True,
    parts=("start_job",),
    hint="start_job of the master deals out the tasks",
)
def test_the_master_deals_out_the_tasks(submission):
    """Every book goes to one mapper, every partition to one reducer."""
    with job(submission) as settings:
        submission.runs(devices=(6, 9), seeds=2, settings=settings, **BRIEF).satisfy(
            the_books_are_dealt_out
        )


# -- task 4: the shuffle


def every_word_has_one_partition(run):
    """Each word a mapper has counted is in one partition, the same on all mappers."""
    stores = {mapper: stored(run.devices[mapper]) for mapper in told(run, "MapTaskMessage")}
    if not any(stores.values()) and results(run):
        return None  # kept in another way; the results say whether it is right
    counted, homes = Counter(), {}
    for mapper, store in stores.items():
        for partition, counts in store.items():
            counted.update(counts)
            for word in counts:
                other, home = homes.setdefault(word, (mapper, partition))
                if home != partition:
                    return (
                        f"mapper {other} has {word!r} in partition {home}, "
                        f"mapper {mapper} in partition {partition}"
                    )
    expected = job_of(run)
    for word in sorted(expected.keys() | counted.keys()):
        if counted[word] != expected[word]:
            return (
                f"the mappers have stored {word!r} {counted[word]} times in their partitions, "
                f"and it is {expected[word]} times in the books"
            )
    return None


def stored(mapper):
    """The partitions of a mapper, where it keeps them under the published name: else nothing."""
    store = attribute(mapper, "M_stored_results")
    if not isinstance(store, dict) or not all(isinstance(one, dict) for one in store.values()):
        return {}
    numbers = [count for counts in store.values() for count in counts.values()]
    return store if all(isinstance(number, int) for number in numbers) else {}


def results(run):
    """The names of the result files that the client knows."""
    return next((found for one in run.devices if (found := attribute(one, "result_files"))), [])


@case(
    "MapReduceNetwork",
    points=2,
    task="4",
    parts=("mapper_shuffle",),
    hint="what is in M_cached_results and in M_stored_results before and after each book?",
)
def test_the_shuffle_gives_each_word_its_partition(submission):
    """The shuffle puts every word that a mapper has counted into its partition, once."""
    with job(submission) as settings:
        submission.runs(devices=(6, 9), seeds=3, settings=settings, **BRIEF).satisfy(
            every_word_has_one_partition
        )


# -- task 4: the reducers


def every_reducer_visits_every_mapper(run):
    """Every reducer asks every mapper by a message, and gets an answer."""
    sent = [(event.device, message.destination) for event, message in run.messages()]
    for reducer in told(run, "ReduceTaskMessage"):
        for mapper in told(run, "MapTaskMessage"):
            if (reducer, mapper) not in sent:
                return f"reducer {reducer} never visits mapper {mapper}"
            visit = sent.index((reducer, mapper))
            if (mapper, reducer) not in sent[visit:]:
                return f"mapper {mapper} does not answer the visit of reducer {reducer}"
    return None


def words_come_by_visits(run):
    """The words go from mappers to reducers by messages, and not through the master."""
    words = job_of(run)
    for event, _ in run.messages("receive"):
        found = [text for text in texts(event) if text in words]
        if event.device == MASTER and found:
            return run.wrong(f"the master is sent words of the books: {found[0]!r}", event)
    reducers = told(run, "ReduceTaskMessage")
    brought = {
        text
        for event, _ in run.messages("receive")
        if event.device in reducers
        for text in texts(event)
    }
    everything = " ".join(brought)
    for word in words:
        if word not in brought and word not in everything:
            return f"no message brings the word {word!r} to a reducer"
    return None


def texts(event):
    """All texts in a message."""
    return [part for part in carried(event.subject) if isinstance(part, str)]


@case(
    "MapReduceNetwork",
    points=2,
    task="4",
    parts=("do_some_work", "handle_ingoing"),
    hint="draw the messages between one reducer and two mappers",
)
def test_reducers_visit_the_mappers(submission):
    """Every reducer visits every mapper: it asks by a message, and is answered by a message."""
    with job(submission) as settings:
        submission.runs(devices=(6, 9), seeds=2, settings=settings, **LONG).satisfy(
            every_reducer_visits_every_mapper
        )


@case(
    "MapReduceNetwork",
    points=3,
    task="4",
    needs=[
        test_the_shuffle_gives_each_word_its_partition,
        test_reducers_visit_the_mappers,
    ],
    hint="when is a mapper visited, what does it answer, and when has a reducer got everything?",
)
def test_every_word_is_counted_once(submission):
    """Every word of every book is counted, and counted once."""
    with job(submission) as settings:
        submission.runs(devices=(6, 7, 9), seeds=5, settings=settings, **LONG).satisfy(
            "word_counts"
        )


@case(
    "MapReduceNetwork",
    task="4",
    needs=[test_every_word_is_counted_once],
    hint="no other device may look into the disk of a mapper",
)
def test_words_travel_by_visits_only(submission):
    """The words come to the reducers by messages from the mappers, and not through the master."""
    with job(submission) as settings:
        submission.runs(devices=(6, 9), seeds=2, settings=settings, **LONG).satisfy(
            words_come_by_visits
        )


@case(
    "MapReduceNetwork",
    points=2,
    task="4",
    needs=[test_every_word_is_counted_once],
    hint="which message can reach a reducer before its ReduceTaskMessage?",
)
def test_messages_may_overtake_each_other(submission):
    """The counts are right though messages overtake each other by far."""
    with job(submission) as settings:
        submission.runs(devices=(6, 9), seeds=10, settings=settings, **OVERTAKING).satisfy(
            "word_counts"
        )


@case(
    "MapReduceNetwork",
    task="4",
    needs=[test_every_word_is_counted_once],
    hint="count the words of ex9data/books without MapReduce, and compare",
)
def test_the_books_are_counted(submission):
    """The words of the 20 books in ex9data/books are counted right."""
    with job(submission, BOOKS_FOLDER="ex9data/books") as settings:
        submission.runs(devices=(8,), seeds=1, settings=settings, **LONG).satisfy("word_counts")


# -- task 5: other numbers


@case(
    "MapReduceNetwork",
    points=2,
    task="5",
    needs=[test_every_word_is_counted_once],
    hint="where does your code know how many mappers or reducers there are, or which?",
)
def test_any_number_of_mappers_and_reducers(submission):
    """The counts are right with any number of reducers, and with more mappers than books."""
    for reducers in COUNTS:
        with job(submission, NUMBER_OF_PARTITIONS=reducers) as settings:
            submission.runs(devices=(12, 20), seeds=2, settings=settings, **LONG).satisfy(
                "word_counts"
            )
