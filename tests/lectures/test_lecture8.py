"""Lecture 8: record append in GFS, by passive replication; the bonus is a shadow master.

The records are those that clients ask to append, the replicas those to which the master gave space.
How a primary tells the others is not judged: by record, by the whole chunk, one by one or at once.
"""

import re
from collections import Counter

from emulators.check.published import attribute, carried, table
from emulators.check.words import devices as named
from emulators.grading import case

MASTER = 0
SOME = {"devices": (7, 10)}
MANY = {"devices": (20, 50), "seeds": 2}
OVERTAKING = {"types": ("async",), "latency": (0, 0.3)}
IMPATIENT = {"types": ("async",), "latency": (0, 1)}
LOSSY = {"network": {"loss": 0.05}, "max_rounds": 200, "max_time": 20}


# -- what is seen of a run


def servers(run):
    """All chunk servers, with and without a chunk."""
    asked = {message.destination for _, message in run.messages(of="AllocateChunkReqMessage")}
    return asked | {one._id for one in run.devices if attribute(one, "localchunks") is not None}


def asked(run):
    """What each client asks to append: the records in their order, with how often it asks."""
    found = {}
    for event, message in run.messages(of="RecordAppendReqMessage"):
        if event.device not in servers(run):
            found.setdefault(event.device, Counter())[str(message.data)] += 1
    return found


def answered(run):
    """How many answers but "fail" each client has received."""
    return Counter(
        event.device
        for event, message in run.messages("receive", of="RecordAppendRspMessage")
        if message.result != "fail"
    )


def replicas(run):
    """The chunk servers that were asked for space, by chunk."""
    found = {}
    for _, message in run.messages(of="AllocateChunkReqMessage"):
        found.setdefault(message.chunkhandle, {})[message.destination] = True
    return {handle: list(places) for handle, places in found.items()}


def contents(run):
    """How often each record is in the copy of each replica."""
    known = sorted({record for some in asked(run).values() for record in some}, key=len)
    pattern = "|".join(map(re.escape, reversed(known)))
    for handle, places in replicas(run).items():
        for place in places:
            chunk = table(run.devices[place], "localchunks").get(handle, "")
            text = chunk if isinstance(chunk, str) else "".join(map(str, chunk))
            yield place, Counter(re.findall(pattern, text) if pattern else [])


# -- given: the master


def there_is_one_chunk(run):
    """The master asks several chunk servers for space, and tells every client the same chunk."""
    places = replicas(run)
    if len(places) != 1:
        return f"chunk servers are asked for space for {len(places)} chunks, all clients use one"
    (planned,) = places.values()
    if len(planned) < 2:
        return f"only {named(planned)} gets the chunk: one copy is no replica"
    told = {
        event.device: message.locations
        for event, message in run.messages("receive", of="File2ChunkRspMessage")
    }
    wrong = [client for client, there in told.items() if sorted(there) != sorted(planned)]
    return f"client {wrong[0]} is told {told[wrong[0]]}" if wrong else None


@case(
    "GfsNetwork",
    given=True,
    parts=("do_allocate_request",),
    hint="follow a File2ChunkReqMessage through the master",
)
def test_clients_find_their_chunk(submission):
    """The master creates one chunk, on several servers, and tells all clients where it is."""
    submission.runs(**SOME, seeds=3).satisfy(there_is_one_chunk)


# -- task 4: passive replication


def everyone_is_answered(run):
    """Every client hears of each of its records that it is stored."""
    records = asked(run)
    if not records:
        return "no client asks for a record to be appended"
    for client, own in records.items():
        if answered(run)[client] < len(own):
            return (
                f"client {client} has {answered(run)[client]} answers when the run ends; "
                f"it has asked for {', '.join(own)}"
            )
    return None


@case("GfsNetwork", task="4", hint="who answers the client, and what must have happened before?")
def test_every_record_is_answered(submission):
    """Every client is told of each of its records that it is stored."""
    submission.runs(**SOME, seeds=5).satisfy(everyone_is_answered)


def every_replica_has_all(run):
    """Every replica has every record, once unless its client has asked twice."""
    if any(len(places) < 2 for places in replicas(run).values()):
        return "there is one copy only: the master gives the chunk to one chunk server"
    for place, there in contents(run):
        for client, own in asked(run).items():
            for record, times in own.items():
                if not there[record]:
                    return f"chunk server {place} does not have {record} of client {client}"
                if there[record] > times:
                    return (
                        f"chunk server {place} has {record} {there[record]} times; "
                        f"client {client} has asked {times} times"
                    )
    return None


@case(
    "GfsNetwork",
    points=2,
    task="4",
    needs=[test_every_record_is_answered],
    hint="who tells the replicas of a record, and where do they append it?",
)
def test_all_replicas_have_all_records(submission):
    """In the end all replicas have all records, and none of them twice."""
    submission.runs(**SOME, seeds=5).satisfy(every_replica_has_all)


@case(
    "GfsNetwork",
    points=3,
    task="4",
    needs=[test_every_record_is_answered],
    hint="two records are on their way to a replica: which one comes first, and how does it know?",
)
def test_all_replicas_have_the_same_order(submission):
    """All replicas have the records in the same order, that of the primary."""
    submission.runs(**SOME, seeds=8).satisfy("same_records")
    submission.runs(devices=(10,), seeds=5, **OVERTAKING).satisfy("same_records")


@case(
    "GfsNetwork",
    points=3,
    task="4",
    needs=[test_all_replicas_have_all_records],
    hint="what must the primary have heard, and from whom, before it answers?",
)
def test_ok_means_stored_everywhere(submission):
    """A client is told ok when all replicas have its record, and not before."""
    submission.runs(**SOME, seeds=5).satisfy("acknowledged_stored")
    submission.runs(devices=(10,), seeds=5, **OVERTAKING).satisfy("acknowledged_stored")


@case(
    "GfsNetwork",
    task="4",
    needs=[test_ok_means_stored_everywhere],
    hint="who keeps silent may be alive, and may have nothing",
)
def test_ok_means_stored_though_messages_are_lost(submission):
    """Whatever is lost: what a client was told to be stored is on all replicas."""
    submission.runs(devices=(9,), seeds=5, **LOSSY).satisfy("acknowledged_stored")


# -- task 5: many clients


@case(
    "GfsNetwork",
    points=2,
    task="5",
    needs=[test_all_replicas_have_the_same_order, test_ok_means_stored_everywhere],
    hint="several records are under way at the same time: what do you remember of each?",
)
def test_many_clients_append_at_the_same_time(submission):
    """With 45 clients, too, all records are on all replicas, in the same order."""
    submission.runs(**MANY).satisfy("same_records", everyone_is_answered, every_replica_has_all)


@case(
    "GfsNetwork",
    task="5",
    needs=[test_all_replicas_have_the_same_order, test_ok_means_stored_everywhere],
    hint="a client asks again, and its first request is still under way: are these one or two?",
)
def test_impatient_clients_do_no_harm(submission):
    """When clients lose patience and ask again, order and promises hold (at least once)."""
    submission.runs(devices=(9,), seeds=6, **IMPATIENT).satisfy(
        "same_records", "acknowledged_stored"
    )


# -- bonus: a shadow master

SHADOW = "GfsShadowNetwork"
DOWN = 3.5  # virtual seconds: the chunk is there for long, and clients still append
SLOW = {"latency": "2r:4r"}


def master_down(devices, seed):
    """A slow network in which the master crashes while the clients append."""
    return {**SLOW, "crash": [{"device": MASTER, "at": f"{DOWN}s"}]}


def clients_read(run):
    """Every client gets the places of the chunk from a shadow, then all that it has stored."""
    if not asked(run):
        return "no client asks for a record to be appended"
    for client, own in asked(run).items():
        shown = [
            (event, message.locations)
            for event, message in run.messages("receive", of="File2ChunkRspMessage")
            if event.device == client and message.source != MASTER and message.locations
        ]
        if not shown:
            return f"no shadow has told client {client} where the chunk is"
        first, places = shown[0]
        if set(places) not in map(set, replicas(run).values()):
            return run.wrong(f"a shadow tells client {client} that the chunk is on {places}", first)
        text = "\n".join(received(run, client, first.time))
        missing = [record for record in list(own)[: answered(run)[client]] if record not in text]
        if missing:
            return f"client {client} has stored {', '.join(missing)}, and has not read it"
    return None


def received(run, client, since):
    """All texts in the messages that a client has received since a moment."""
    for event, _ in run.messages("receive"):
        if event.device == client and event.time >= since:
            yield from (part for part in carried(event.subject) if isinstance(part, str))


def only_the_master_creates(run):
    """Only the first master asks chunk servers for space."""
    for event, _ in run.messages(of="AllocateChunkReqMessage"):
        if event.device != MASTER:
            return run.wrong(f"device {event.device} creates a chunk", event)
    return None


@case(SHADOW, bonus=True, task="6", hint="do all devices have the role that their index says?")
def test_records_are_stored_as_before(submission):
    """With a shadow master the records are stored as without it."""
    submission.runs(devices=(8, 10), seeds=3).satisfy(
        "same_records", "acknowledged_stored", everyone_is_answered
    )


@case(
    SHADOW,
    bonus=True,
    points=2,
    task="6",
    needs=[test_records_are_stored_as_before],
    hint="how does the shadow learn what the master knows, and what do clients ask a replica?",
)
def test_clients_read_with_the_help_of_the_shadow(submission):
    """The clients find the file with the help of the shadow, and read it."""
    submission.runs(devices=(8, 10), seeds=4).satisfy(clients_read)


@case(
    SHADOW,
    bonus=True,
    points=2,
    task="6",
    needs=[test_clients_read_with_the_help_of_the_shadow],
    hint="whom does the shadow ask, and whom do the clients?",
)
def test_clients_read_while_the_master_is_down(submission):
    """When the master has failed, clients still find the file, and read it."""
    submission.runs(
        devices=(8, 10), seeds=4, network=master_down, max_rounds=300, max_time=30
    ).satisfy(clients_read)


@case(
    SHADOW,
    bonus=True,
    task="6",
    needs=[test_clients_read_with_the_help_of_the_shadow],
    hint="a client asks the shadow for a chunk that is not there, or not there yet",
)
def test_the_shadow_is_read_only(submission):
    """The shadow creates no chunks, whatever it is asked."""
    submission.runs(devices=(8, 10), seeds=4).satisfy(only_the_master_creates)
