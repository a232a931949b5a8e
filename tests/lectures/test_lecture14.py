"""Lecture 14: a distributed monitor on the token of Suzuki and Kasami.

`execute`, the programs and the end are given. The task is the four methods that ask for the token
and hand it on. What is judged: the token is one, everybody gets in, the state knows every task, and
an entry costs no more than it must.
"""

import re
from collections import Counter, defaultdict

from emulators.check.liveness import Termination
from emulators.check.mutex import MutualExclusion
from emulators.grading import case

ASK = ("MonitorDevice.request", "MonitorDevice.handle_request")
HAND_ON = ("MonitorDevice.handle_token", "MonitorDevice.release")
ALL = (*ASK, *HAND_ON)
LONG = {"max_rounds": 5000, "max_time": 500}
SLOW = {"types": ("async",), "latency": (0, 0.6), "settings": {"FINISH_ROUNDS": 400}, **LONG}
BUSY = {"settings": {"ENTRIES": 8, "THINKING": 0}, **LONG}


def asks_everybody(run):
    """Whoever needs the token asks each other device once, with the number 1 at first."""
    for device in range(1, run.config.devices):
        first = {}
        for event, message in run.messages(of="MonitorRequest"):
            if event.device == device:
                first.setdefault(message.destination, message.number)
        others = set(range(run.config.devices)) - {device}
        if set(first) != others:
            return f"device {device} asks {sorted(first)}; it has to ask {sorted(others)}"
        if set(first.values()) != {1}:
            return f"the first request of device {device} has the numbers {sorted(first.values())}"
    return None


@case(
    "MonitorDevice",
    points=1,
    task="2",
    parts=("MonitorDevice.request",),
    hint="self.medium.ids are all devices, this one included",
)
def test_who_needs_the_token_asks_all_others(submission):
    """Whoever needs the token asks every other device, and numbers its requests."""
    submission.runs(devices=(2, 3, 5), seeds=3, max_rounds=60, max_time=6).satisfy(asks_everybody)


def gives_it_away(run):
    """Device 0, which has the token and is done, gives it to one that asks."""
    if not any(run.messages(of="MonitorToken")):
        return "device 0 is asked for the token, does not use it, and sends it to nobody"
    return None


@case(
    "MonitorDevice",
    points=1,
    task="2",
    parts=ASK,
    needs=[test_who_needs_the_token_asks_all_others],
    hint="the token is here, not wanted, and the request is open: why wait?",
)
def test_a_token_that_is_not_used_is_given_away(submission):
    """Who has the token and does not use it gives it to a device that asks."""
    submission.runs(devices=(2, 3), seeds=5, max_rounds=60, max_time=6).satisfy(
        "one_token", gives_it_away
    )


@case(
    ("MonitorDevice", "BoundedBuffer"),
    points=1,
    task="3",
    parts=ALL,
    needs=[test_a_token_that_is_not_used_is_given_away],
    hint="who has sent the token has it no more",
)
def test_never_two_are_inside(submission):
    """{algorithm}: there is one token, and at most one device is inside."""
    submission.runs(devices=(2, 3, 5), seeds=5, **LONG).satisfy(MutualExclusion, "one_token")
    submission.runs(devices=(3, 5), seeds=5, **SLOW).satisfy(MutualExclusion, "one_token")


@case(
    ("MonitorDevice", "BoundedBuffer"),
    points=2,
    task="3",
    parts=ALL,
    needs=[test_never_two_are_inside],
    hint="who waits, and in whose rn is its request? An open request is in ln one behind rn",
)
def test_everybody_gets_in(submission):
    """{algorithm}: every device executes all its tasks, and the run ends by itself."""
    submission.runs(devices=(2, 3, 5), seeds=6, **LONG).satisfy(Termination)
    submission.runs(devices=(3, 8), seeds=4, **SLOW).satisfy(Termination)


@case(
    "MonitorDevice",
    points=1,
    task="3",
    parts=ALL,
    needs=[test_everybody_gets_in],
    hint="all ask all the time now: whom does the holder forget, and who is asked in vain?",
)
def test_everybody_gets_in_when_all_want_to(submission):
    """Every device gets in, also when all want to all the time."""
    submission.runs(devices=(2, 5, 12), seeds=4, **BUSY).satisfy(Termination, "no_task_lost")


def nothing_twice(run):
    """Every item is consumed once: the numbers 1 to 20."""
    received = [
        int(number)
        for text in run.results
        for found in re.findall(r"received \[([^\]]*)\]", text)
        for number in re.findall(r"\d+", found)
    ]
    if sorted(received) != list(range(1, 21)):
        missing = sorted(set(range(1, 21)) - set(received))
        twice = [number for number, count in Counter(received).items() if count > 1]
        return f"missing are {missing}, received twice {twice}"
    return None


@case(
    ("MonitorDevice", "BoundedBuffer"),
    points=2,
    task="3",
    parts=ALL,
    needs=[test_everybody_gets_in],
    hint="where does the state come from when the token arrives?",
)
def test_no_task_is_lost(submission):
    """{algorithm}: the state in the token knows every task that was executed."""
    submission.runs(devices=(2, 3, 5), seeds=6, **LONG).satisfy("no_task_lost")
    submission.runs(devices=(3, 6), seeds=4, **SLOW).satisfy("no_task_lost")


@case(
    "BoundedBuffer",
    points=1,
    task="3",
    parts=ALL,
    needs=[test_no_task_is_lost],
    hint="the state must be made from the token's bytes, and sent as it is now",
)
def test_every_item_is_consumed_once(submission):
    """Every item that is produced is consumed once."""
    submission.runs(devices=(2, 3, 6), seeds=6, **LONG).satisfy(nothing_twice)


def one_request_for_an_entry(run):
    """An entry costs at most one request to each other device, and one token."""
    others = run.config.devices - 1
    for device in range(run.config.devices):
        entries = sum(event.device == device for event in run.trace.of("enter"))
        asked = sum(event.device == device for event, _ in run.messages(of="MonitorRequest"))
        if asked > others * entries:
            return f"device {device} has sent {asked} requests for {entries} entries"
    tokens = sum(1 for _ in run.messages(of="MonitorToken"))
    entries = sum(1 for _ in run.trace.of("enter"))
    if tokens > entries:
        return f"the token was sent {tokens} times for {entries} entries"
    return None


@case(
    "MonitorDevice",
    points=1,
    task="3",
    parts=ALL,
    needs=[test_everybody_gets_in],
    hint="a request that was served, or comes late, must not be answered again",
)
def test_an_entry_costs_no_more_than_it_must(submission):
    """An entry costs nothing, or a request to each other device and the token."""
    submission.runs(devices=(2, 3, 5), seeds=5, **LONG).satisfy(one_request_for_an_entry)
    submission.runs(devices=(5,), seeds=4, **SLOW).satisfy(one_request_for_an_entry)


def who_gets_the_token_has_asked(run):
    """The token is sent to a device whose request was received and is not served yet."""
    heard = Counter()  # sender and receiver of a request -> its largest number
    served = defaultdict(int)  # device -> the largest number that was known when it got the token
    for event in run.trace.of("receive", "send"):
        name, message = event.subject[4].__name__, event.message
        if event.kind == "receive" and name == "MonitorRequest":
            pair = message.source, event.device
            heard[pair] = max(heard[pair], message.number)
        elif event.kind == "send" and name == "MonitorToken":
            to = message.destination
            number = max(heard[to, holder] for holder in range(run.config.devices))
            if number <= served[to]:
                return run.wrong(
                    f"device {event.device} sends the token to device {to}, "
                    "which has no request that is not served",
                    event,
                )
            served[to] = number
    return None


def nobody_is_forgotten(run):
    """Whoever hands the token on has queued all that wait and that it has heard of before."""
    heard = {}  # receiver and sender of a request -> its largest number, and when it came
    for event in run.trace.of("receive", "send"):
        name, message = event.subject[4].__name__, event.message
        if event.kind == "receive" and name == "MonitorRequest":
            pair = event.device, message.source
            heard[pair] = max(heard.get(pair, (0, 0)), (message.number, event.time))
        elif event.kind == "send" and name == "MonitorToken":
            served = {message.destination, *message.queue}
            for other, last in enumerate(message.ln):
                number, time = heard.get((event.device, other), (0, 0))
                if number > last and other not in served and time < event.time:
                    return run.wrong(
                        f"device {event.device} hands the token on and does not queue device "
                        f"{other}, of which it has heard request {number}; {last} are served",
                        event,
                    )
    return None


@case(
    "MonitorDevice",
    points=1,
    task="3",
    parts=ALL,
    needs=[test_no_task_is_lost],
    hint="an old request may come after a newer one, or when it is served already: see rn and ln",
)
def test_late_requests_do_no_harm(submission):
    """Requests that come late change nothing: the token goes only to devices that wait for it."""
    late = {"link": [{"from": 1, "to": 2, "latency": "0s:4s"}]}
    for thinking in (3, 20):
        settings = {"FINISH_ROUNDS": 400, "THINKING": thinking, "ENTRIES": 8}
        options = {"types": ("async",), "devices": (3, 4), "settings": settings, **LONG}
        submission.runs(seeds=8, network=late, **options).satisfy(
            who_gets_the_token_has_asked, nobody_is_forgotten, Termination, "no_task_lost"
        )


# -- bonus: readers and writers

READERS = "ReadersWriters"
ENTRIES = 4
READING = {"settings": {"ENTRIES": ENTRIES, "THINKING": 8}, **LONG}


def writers_are_alone(run):
    """While a device writes, no other one reads or writes."""
    at_work = {}
    for event in run.trace.of("log"):
        said, others = str(event.subject), sorted(set(at_work) - {event.device})
        if said in ("reads", "writes"):
            at_work[event.device] = said
            bad = [one for one in others if "writes" in (said, at_work[one])]
            if bad:
                return run.wrong(
                    f"device {event.device} {said} while device {bad[0]} {at_work[bad[0]]}", event
                )
        elif said in ("has read", "has written"):
            at_work.pop(event.device, None)
    return None


def all_read_and_write(run):
    """Devices with an odd index read, and the others write, ENTRIES times each."""
    said = Counter((event.device, str(event.subject)) for event in run.trace.of("log"))
    for device in range(run.config.devices):
        for words in ("reads", "has read") if device % 2 else ("writes", "has written"):
            if said[device, words] != ENTRIES:
                return (
                    f"device {device} logs “{words}” {said[device, words]} times, "
                    f"and not {ENTRIES} times"
                )
    return None


@case(READERS, bonus=True, task="5", hint="a writer waits until the number of readers is 0")
def test_a_writer_is_alone(submission):
    """ReadersWriters: all read and write, and a writer is alone."""
    submission.runs(devices=(2, 3, 6), seeds=5, **READING).satisfy(
        "mutual_exclusion", writers_are_alone, all_read_and_write
    )


@case(
    READERS,
    bonus=True,
    task="5",
    needs=[test_a_writer_is_alone],
    hint="a reader does not keep the token while it reads: it counts itself, reads, and leaves",
)
def test_readers_work_at_the_same_time(submission):
    """ReadersWriters: there are several readers at the same time."""
    runs = submission.runs(types=("sync",), devices=(4, 10), seeds=10, **READING)
    for run in runs:
        reading = set()
        for event in run.trace.of("log"):
            if str(event.subject) == "reads":
                reading.add(event.device)
            elif str(event.subject) == "has read":
                reading.discard(event.device)
            if len(reading) > 1:
                return
    raise runs.blame(run, violation=run.wrong("there is never more than one reader at a time"))


# -- bonus: failures

SAFE = "SafeMonitorDevice"
REPAIRED = {"settings": {"ENTRIES": 6}, "max_rounds": 3000, "max_time": 300}


def crash(devices, seed):
    """Another device fails on every seed, at another moment."""
    return {"crash": [{"device": seed % devices, "at": f"{0.3 + 0.17 * seed:.2f}s"}]}


def those_that_live_are_done(run):
    """Every device that has not failed executes all its tasks."""
    failed = {event.device for event in run.trace.of("crash")}
    entries = Counter(event.device for event in run.trace.of("enter"))
    for device in set(range(run.config.devices)) - failed:
        if entries[device] < 6:
            return f"device {device} has executed {entries[device]} of 6 tasks"
    return None


def the_counter_is_right(run):
    """The largest counter that a living device prints has all additions of the living devices."""
    gone = {event.device for event in run.trace.of("crash")}
    living = [text for index, text in enumerate(run.results) if index not in gone]
    printed = [int(value) for text in living for value in re.findall(r"counter\D{0,3}(\d+)", text)]
    least = 6 * len(living)
    most = sum(1 for _ in run.trace.of("enter"))
    if printed and least <= max(printed) <= most:
        return None
    found = max(printed) if printed else "none"
    return (
        f"the largest counter that is printed is {found}; the living devices have added {least}, "
        f"and there were {most} tasks together"
    )


@case(SAFE, bonus=True, points=1, task="6", hint="a request can be repeated: its number stays")
def test_lost_messages_stop_nobody(submission):
    """With lost messages every device executes all its tasks."""
    submission.runs(devices=(3, 4), seeds=3, network={"loss": 0.05}, **REPAIRED).satisfy(
        MutualExclusion, those_that_live_are_done, the_counter_is_right
    )


@case(
    SAFE,
    bonus=True,
    points=2,
    task="6",
    hint="who finds out that the token is lost, and what if two do so at the same time?",
)
def test_a_device_that_fails_stops_nobody(submission):
    """When a device fails, with the token or without it, the others go on, one at a time."""
    submission.runs(devices=(3, 5), seeds=6, network=crash, **REPAIRED).satisfy(
        MutualExclusion, those_that_live_are_done, the_counter_is_right
    )
