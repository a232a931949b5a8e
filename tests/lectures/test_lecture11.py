"""Lecture 11: Chord. The tasks are the routing of PUT and GET, and as a bonus the JOIN of device 1.

Finger tables and client are given. Routing is judged in a ring that nobody joins.
"""

from emulators.check.chord import saved
from emulators.grading import case

LIMITS = {"max_messages": 20_000}
ALONE = {"network": {"crash": [{"device": 1, "at": "0r"}]}, **LIMITS}  # device 1 never joins
SLOW = {"types": ("async",), "latency": (0, 0.2), **LIMITS}
ROUTING = ("is_request_for_me", "next_hop")
PUT = (*ROUTING, "handle_put")
GET = (*PUT, "handle_get")


def puts_of_the_client(run):
    """The first PUT of each guid: event and message."""
    for event, message in run.messages(of="PutMessage"):
        if event.device == 0:
            yield event, message


def everything_is_stored(run):
    """What the client PUTs is saved by a node."""
    stored = {guid for device in run.devices[1:] for guid, _ in saved(device)}
    sent = list(puts_of_the_client(run))
    for event, message in sent:
        if message.guid not in stored:
            return run.wrong(f"the data for {message.guid} is not saved by any node", event)
    return None if sent else "the client sends no PutMessage"


def the_client_gets_answers(run):
    """The client asks for what it has stored, and is answered."""
    if not any(event.device == 0 for event, _ in run.messages("receive", of="GetRspMessage")):
        return "no GetRspMessage reaches the client"
    return None


def device_1_joins(run):
    """Device 1 says that it has joined, has a place in the ring, and all data is found then."""
    done = [event for event, _ in run.messages("receive", of="JoinDoneMessage")]
    if not done:
        return "no JoinDoneMessage reaches the client"
    if run.devices[1].routing_data is None:
        return run.wrong("device 1 says that it has joined, and has no routing data", done[0])
    later = [
        event
        for event, _ in run.messages("receive", of="GetRspMessage")
        if event.device == 0 and event.time > done[0].time
    ]
    if not later:
        return run.wrong("after the JOIN no GetRspMessage reaches the client", done[0])
    return None


# -- task 3: routing


@case(
    "ChordNetwork",
    points=3,
    task="3",
    parts=PUT,
    hint="which ends of the interval from prev to the own id belong to a node, and what of 0?",
)
def test_a_put_ends_at_the_owner(submission):
    """What the client stores is saved by the node that owns its guid."""
    submission.runs(devices=(4, 5, 10), seeds=8, **ALONE).satisfy(
        "keys_at_owners", everything_is_stored
    )
    submission.runs(devices=(30,), seeds=3, **ALONE).satisfy("keys_at_owners", everything_is_stored)


@case(
    "ChordNetwork",
    points=2,
    task="3",
    parts=GET,
    needs=[test_a_put_ends_at_the_owner],
    hint="who asked first: is that the one from which the message came?",
)
def test_the_client_finds_all_data(submission):
    """The client finds all that it has stored."""
    submission.runs(devices=(4, 5, 10, 20), seeds=4, **ALONE).satisfy(
        "data_found", the_client_gets_answers
    )


@case(
    "ChordNetwork",
    points=2,
    task="3",
    parts=PUT,
    needs=[test_a_put_ends_at_the_owner],
    hint="which finger comes closest to the guid, and is not past it?",
)
def test_a_request_takes_few_hops(submission):
    """Also in a large ring a request takes at most one hop for each finger."""
    submission.runs(devices=(20, 40), seeds=4, **ALONE).satisfy("few_hops")


# -- bonus: JOIN


@case(
    "ChordNetwork",
    bonus=True,
    points=2,
    task="4",
    needs=[test_the_client_finds_all_data],
    hint="who can tell device 1 its place, and how does device 1 learn that all is done?",
)
def test_device_1_joins(submission):
    """JOIN: device 1 gets a place in the ring, and the client finds all data once more."""
    submission.runs(devices=(4, 5, 10), seeds=5, **LIMITS).satisfy("data_found", device_1_joins)


@case(
    "ChordNetwork",
    bonus=True,
    points=1,
    task="4",
    needs=[test_device_1_joins],
    hint="what does device 1 own from now on, and who had it until now?",
)
def test_data_moves_to_the_new_node(submission):
    """JOIN: the data that device 1 owns moves to it, all other data stays."""
    submission.runs(devices=(4, 5, 10), seeds=8, **LIMITS).satisfy(
        "keys_at_owners", everything_is_stored
    )


@case(
    "ChordNetwork",
    bonus=True,
    points=2,
    task="4",
    needs=[test_device_1_joins],
    hint="whose prev, successor and fingers are others now? Is each of them told?",
)
def test_the_ring_is_right_after_the_join(submission):
    """JOIN: every prev and every finger is right when device 1 says that it has joined."""
    submission.runs(devices=(4, 5, 10, 20), seeds=5, **LIMITS).satisfy("right_ring")


@case(
    "ChordNetwork",
    bonus=True,
    points=1,
    task="4",
    needs=[test_data_moves_to_the_new_node, test_the_ring_is_right_after_the_join],
    hint="messages overtake each other: which step must not begin before another one is done?",
)
def test_a_slow_network_breaks_no_join(submission):
    """JOIN: ring and data are right also when messages are slow and overtake each other."""
    submission.runs(devices=(4, 10), seeds=10, **SLOW).satisfy(
        "right_ring", "keys_at_owners", "data_found", device_1_joins
    )
