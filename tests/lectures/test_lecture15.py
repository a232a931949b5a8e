"""Lecture 15: the replication game. Judged is what the clients see: reads, writes and answers.

The networks are those of the levels, and harder ones that make a mistake show within few runs.
"""

from collections import Counter
from typing import NamedTuple

from emulators.check.published import is_a
from emulators.errors import UsageError
from emulators.grading import case
from emulators.kernel.clock import ROUND
from emulators.network.scenario import Network
from emulators.program import load
from emulators.runner import RunConfig

GATEWAY = 0
CLIENTS = 3
FIRST = GATEWAY + CLIENTS + 1  # the first node
CRASH = 40  # the round in which a node crashes
CALM = 150  # rounds after which whoever takes over has done so


def level(number):
    """What the scenario of a level says."""
    return Network.load(f"game-{number}").plain()


def late(rounds, probability=0.5):
    """A latency: some messages are in flight so many rounds, the others one."""
    return {
        "model": "sometimes",
        "delay": f"{rounds}r",
        "probability": probability,
        "otherwise": "1r",
    }


PROMPT = {"from": GATEWAY, "both": True, "latency": "0.5r:1r", "loss": 0}
VERY_LATE = {"latency": late(40), "delay_self": False, "link": [PROMPT]}
ONE_IS_SLOW = {
    "latency": "1r:3r",
    "delay_self": False,
    "link": [{"from": FIRST, "to": "all", "latency": late(30, 0.8)}, PROMPT],
}
LOSSY = {"latency": "1r:2r", "loss": 0.3, "delay_self": False, "link": [PROMPT]}


def crash_of_any(devices, seed):
    """Level 4, but on every seed another node crashes."""
    node = FIRST + seed % (devices - FIRST)
    return {**level(4), "crash": [{"device": node, "at": f"{CRASH}r"}]}


def each_is_cut_off(devices, seed):
    """One node after the other is cut off for a while, and comes back."""
    everybody = set(range(devices))
    cuts = [
        {"groups": [[node], sorted(everybody - {node})], "start": f"{at}r", "heal": f"{at + 80}r"}
        for at, node in zip(range(60, 1000, 120), range(FIRST, devices), strict=False)
    ]
    return {"latency": late(10), "delay_self": False, "link": [PROMPT], "partition": cuts}


def known(submission, algorithm, **constants):
    """Settings, as far as the files of the submission have such constants."""
    config = RunConfig(15, submission.name_of(algorithm), devices=8, exercises=submission.folder)
    try:
        loader, _, _ = load(config)
    except UsageError:
        return {}  # the runs say what is wrong
    modules = loader.modules()
    return {name: constants[name] for name in constants if any(hasattr(m, name) for m in modules)}


# -- what is seen of a run


class Seen(NamedTuple):
    """An operation of a client: its events, and what was written or read."""

    call: object
    answer: object
    is_read: bool
    value: object


def operations(run):
    """The operations of all clients in the order of their beginnings."""
    found, last = [], {}
    for event in run.trace.of("invoke", "respond"):
        if event.kind == "invoke":
            last[event.device] = len(found)
            asked = event.subject
            found.append(Seen(event, None, asked.name == "read", asked.argument))
        else:
            one = found[last[event.device]]
            value = event.subject if one.is_read else one.value
            found[last[event.device]] = one._replace(answer=event, value=value)
    return found


def moment(event):
    """When an event happens, in words."""
    return f"round {event.time / ROUND:.1f}"


def answered(run, is_read, since=0):
    """Of the reads or writes that begin after a round: how many there are and are answered."""
    some = [one for one in operations(run) if one.is_read == is_read]
    some = [one for one in some if one.call.time >= since * ROUND]
    return len(some), sum(one.answer is not None for one in some)


def share(least, since=0):
    """Demand that a share of the reads and of the writes is answered, from a round on."""

    def enough(run):
        for is_read, name in ((True, "reads"), (False, "writes")):
            number, good = answered(run, is_read, since)
            if good < least * number or not number:
                after = f" after round {since}" if since else ""
                return f"{good} of {number} {name}{after} are answered"
        return None

    enough.__doc__ = f"At least {least:.0%} of the reads and of the writes are answered."
    return enough


def nothing_stale_is_read(run):
    """What is read was written, and was not replaced before the read began."""
    everything = operations(run)
    writes = {one.value: one for one in everything if not one.is_read}
    done = [one for one in writes.values() if one.answer is not None]
    for read in (one for one in everything if one.is_read and one.answer is not None):
        old = writes.get(read.value)
        if old is None and read.value is not None:
            return run.wrong(
                f"client {read.call.device} reads {read.value}: nobody wrote it", read.answer
            )
        if old is not None and old.call.time > read.answer.time:
            return run.wrong(
                f"client {read.call.device} reads {read.value} before it is written", read.answer
            )
        end = -1 if old is None else (old.answer.time if old.answer else None)
        for new in done if end is not None else ():
            if end < new.call.time and new.answer.time < read.call.time:
                reader = read.call.device
                return run.wrong(
                    f"client {reader} reads {read.value} in {moment(read.answer)}, though "
                    f"{new.value} was written after it, and answered in {moment(new.answer)}",
                    *([old.answer] if old else []),
                    new.call,
                    new.answer,
                    read.call,
                    read.answer,
                )
    return None


# -- given: gateway and clients


def every_request_goes_to_a_node(run):
    """The gateway hands every request that it gets to one node."""
    kinds = ("ClientReadRequest", "ClientWriteRequest")
    came = Counter()
    for event in run.trace.of("receive", "send"):
        if event.device == GATEWAY and is_a(event.subject, *kinds):
            came[event.kind] += 1
            if event.kind == "send" and not event.subject[3] >= FIRST:
                return run.wrong(f"the gateway sends a request to device {event.subject[3]}", event)
    if not came["receive"]:
        return "no client sends a request"
    if came["send"] != came["receive"]:
        return f"the gateway gets {came['receive']} requests and hands on {came['send']}"
    return None


@case(
    "ReplicationNetwork",
    given=True,
    parts=("next_node",),
    hint="the gateway is given: each request goes to one node, once",
)
def test_the_gateway_hands_on_requests(submission):
    """The gateway hands every request of a client to one node."""
    submission.runs(devices=(7, 8), seeds=1, network=level(1)).satisfy(every_request_goes_to_a_node)


# -- the register

GAME = "ReplicationNetwork"


def played(submission, number, algorithm=GAME, **options):
    """Runs on a level."""
    settings = known(submission, algorithm, level=number)
    return submission.runs(network=level(number), settings=settings, **options)


@case(GAME, task="1", hint="what does an endpoint return, and when?")
def test_without_faults_clients_are_answered(submission):
    """Without faults, reads and writes are answered."""
    played(submission, 1, devices=(7, 8), seeds=2).satisfy(share(0.9))


@case(
    GAME,
    points=2,
    task="2",
    needs=[test_without_faults_clients_are_answered],
    hint="a value is written at one node and read at another: how does it get there?",
)
def test_what_is_written_can_be_read_everywhere(submission):
    """Without faults, a read finds what was written before, whatever node is asked."""
    played(submission, 1, devices=(7, 8), seeds=2).satisfy(nothing_stale_is_read)


@case(
    GAME,
    points=3,
    task="3",
    needs=[test_what_is_written_can_be_read_everywhere],
    hint="which nodes have the last value, and does every read ask one of them?",
)
def test_no_read_misses_a_finished_write(submission):
    """When messages are late and overtake each other, a read finds the last write that is done."""
    submission.runs(devices=(8,), seeds=6, network=VERY_LATE).satisfy(nothing_stale_is_read)
    played(submission, 2, devices=(9,), seeds=1).satisfy(nothing_stale_is_read)


@case(
    GAME,
    points=3,
    task="4",
    needs=[test_no_read_misses_a_finished_write],
    hint="a write is under way, one read finds it: what must hold before this read is answered?",
)
def test_the_register_is_linearizable(submission):
    """All operations fit one order, also while writes are slow: linearizable."""
    submission.runs(devices=(7,), seeds=7, network=ONE_IS_SLOW).satisfy("linearizable")
    played(submission, 2, devices=(8,), seeds=2).satisfy("linearizable")


@case(
    GAME,
    points=2,
    task="3",
    needs=[test_what_is_written_can_be_read_everywhere],
    hint="how many answers do you wait for, and how many can there be after a crash?",
)
def test_a_node_may_crash(submission):
    """When one node crashes, whichever, reads and writes go on."""
    submission.runs(devices=(8,), seeds=4, network=crash_of_any).satisfy(
        share(0.2, since=CALM), nothing_stale_is_read
    )


@case(
    GAME,
    points=2,
    task="5",
    needs=[test_no_read_misses_a_finished_write],
    hint="who has not answered can be asked again: what does that change for a node?",
)
def test_lost_messages_are_sent_again(submission):
    """When every third message between nodes is lost, many operations are still answered."""
    submission.runs(devices=(8,), seeds=4, network=LOSSY).satisfy(share(0.4))


@case(
    GAME,
    points=2,
    task="5",
    needs=[test_the_register_is_linearizable],
    hint="what do you do when too few nodes have answered?",
)
def test_all_levels_are_linearizable(submission):
    """With loss, a crash, partitions and doubled messages, too, it is linearizable."""
    for number in (3, 4, 5, 6):
        played(submission, number, devices=(8,), seeds=2).satisfy("linearizable")


# -- bonus: a leader

LEADER = "LeaderNetwork"


def led(submission):
    """Settings for a network with a leader."""
    return known(submission, LEADER, ROUTING="leader")


def one_node_gets_all(run):
    """A node makes itself known to the gateway as leader, and gets the requests."""
    if not any(event.device == GATEWAY for event, _ in run.messages("receive", of="LeaderMessage")):
        return "no LeaderMessage reaches the gateway"
    kinds = ("ClientReadRequest", "ClientWriteRequest")
    sent = [
        event.subject[3]
        for event in run.trace.of("send")
        if event.device == GATEWAY and is_a(event.subject, *kinds)
    ]
    later = Counter(sent[len(sent) // 2 :])
    if len(later) > 1:
        return f"without faults, the later requests go to nodes {sorted(later)}, not to one leader"
    return None


@case(LEADER, bonus=True, task="6", hint="who decides that it is the leader, and who hears of it?")
def test_a_leader_gets_the_requests(submission):
    """A leader tells the gateway so, and answers the clients."""
    submission.runs(devices=(7, 8), seeds=2, network=level(1), settings=led(submission)).satisfy(
        one_node_gets_all, share(0.8)
    )


@case(
    LEADER,
    bonus=True,
    points=2,
    task="6",
    needs=[test_a_leader_gets_the_requests],
    hint="how do the others learn that the leader has crashed, and who tells the gateway?",
)
def test_another_leader_takes_over(submission):
    """When a node crashes, the leader or another, reads and writes go on."""
    submission.runs(devices=(8,), seeds=4, network=crash_of_any, settings=led(submission)).satisfy(
        share(0.3, since=CALM)
    )


@case(
    LEADER,
    bonus=True,
    points=2,
    task="6",
    needs=[test_a_leader_gets_the_requests],
    hint="a leader was cut off and comes back: what does it know, and what does it believe?",
)
def test_two_leaders_do_no_harm(submission):
    """Though leaders are cut off and come back, it is linearizable."""
    settings = led(submission)
    for network, seeds in ((each_is_cut_off, 4), (level(5), 1)):
        submission.runs(devices=(8,), seeds=seeds, network=network, settings=settings).satisfy(
            "linearizable"
        )
