"""Lecture 12: AODV. Route request and route reply are the tasks; the network and the end are given.

Judged are the messages: who asks whom, where data goes, and whether it arrives.
"""

from collections import Counter

from emulators.check.liveness import Termination
from emulators.grading import case
from emulators.grading.verdict import Failed

LONG = {"max_rounds": 300, "max_time": 60}
SMALL = {"max_messages": 20_000, **LONG}
LARGE = {"max_messages": 200_000, **LONG}
SLOW = {"types": ("async",), "latency": (0, 2), "max_messages": 20_000, "max_time": 200}
REQUEST = ("send_route_request", "handle_route_request")
COPIES = 5  # of one request, over one link: nobody has to look so often


def requests(run):
    """Route requests as they leave their first device: event, first and last."""
    for event, message in run.messages(of="AodvRreqMessage"):
        if event.device == message.first:
            yield event, int(message.first), int(message.last)


def requests_arrive(run):
    """Every route request reaches its last device, unless another one answers in its place."""
    known = {
        (message.first, message.last)
        for event, message in run.messages("receive", of="AodvRreqMessage")
        if event.device == message.last
    }
    known |= {(m.first, m.last) for _, m in run.messages(of="AodvRrepMessage")}
    for event, first, last in requests(run):
        if (first, last) not in known:
            return run.wrong(
                f"the request of {first} for {last} does not reach device {last}", event
            )
    return None


def floods_end(run):
    """Devices ask for routes, and none sends one request to one neighbor again and again."""
    if run.config.devices > 5 and not any(requests(run)):
        return "no device sends an AodvRreqMessage with its own index as `first`"
    copies = Counter()
    for event, message in run.messages(of="AodvRreqMessage"):
        link = (event.device, message.destination, message.first, message.last)
        copies[link] += 1
        if copies[link] > COPIES:
            return run.wrong(
                f"device {event.device} has sent the request of device {message.first} for device "
                f"{message.last} to its neighbor {message.destination} {copies[link]} times",
                event,
            )
    return None


def all_data_arrives(run):
    """The data of every device arrives at the device that it is for."""
    arrived = {
        (message.last, message.data)
        for event, message in run.messages("receive", of="DataMessage")
        if event.device == message.last
    }
    missing = run.config.devices - len(arrived)
    if missing <= 0:
        return None
    left = {event.device for event, _ in run.messages(of="DataMessage")}
    silent = [(event, first) for event, first, _ in requests(run) if first not in left]
    if silent:
        event, first = silent[0]
        return run.wrong(f"device {first} asks for a route, and its data never leaves it", event)
    return f"{missing} of {run.config.devices} pieces of data do not arrive"


def somebody_else_answers(run):
    """Whether a reply begins at a device that is not the last one of the path."""
    heard = {
        (event.device, message.first, message.last)
        for event, message in run.messages("receive", of="AodvRrepMessage")
    }
    return any(
        event.device != message.last and (event.device, message.first, message.last) not in heard
        for event, message in run.messages(of="AodvRrepMessage")
    )


ARRIVES = ("delivery", all_data_arrives)


# -- task 2


@case(
    "AodvNode",
    task="2",
    parts=REQUEST,
    hint="how does a device know that it has seen a request before?",
)
def test_a_flood_ends(submission):
    """Requests are sent, and no device sends one on that it has seen: the flood ends."""
    submission.runs(devices=(5, 10, 20), seeds=4, **SMALL).satisfy(floods_end)


@case(
    "AodvNode",
    points=2,
    task="2",
    parts=REQUEST,
    needs=[test_a_flood_ends],
    hint="who gets a request for the first time sends it on to its neighbors",
)
def test_a_request_reaches_its_last_device(submission):
    """A route request goes from neighbor to neighbor until it reaches the device that it is for."""
    submission.runs(devices=(2, 5, 10, 20), seeds=4, **SMALL).satisfy(requests_arrive)


# -- task 3


@case(
    "AodvNode",
    points=3,
    task="3",
    needs=[test_a_request_reaches_its_last_device],
    hint="the reply goes back on the reverse path; what does each device on it learn?",
)
def test_all_data_arrives(submission):
    """The data of every device arrives, whatever the network looks like."""
    submission.runs(devices=(2, 5, 10, 20), seeds=6, **SMALL).satisfy(*ARRIVES)
    submission.runs(types=("async",), devices=(10,), seeds=6, latency=(0, 0.5), **SMALL).satisfy(
        *ARRIVES
    )


@case(
    "AodvNode",
    task="3",
    needs=[test_all_data_arrives],
    hint="a route has many hops; what is told by `source` is one of them only",
)
def test_every_device_sends_to_its_neighbors_only(submission):
    """No message goes to a device that is out of range."""
    submission.runs(devices=(5, 10, 20), seeds=4, **SMALL).satisfy("neighbors_only")


@case(
    "AodvNode",
    task="3",
    needs=[test_all_data_arrives],
    hint="a run ends when all data has arrived; is a piece of data lost, or sent twice?",
)
def test_the_run_ends_by_itself(submission):
    """When all data has arrived every device stops, also in a network of 50."""
    submission.runs(devices=(2, 5, 10), seeds=4, **SMALL).satisfy(Termination)
    submission.runs(devices=(50,), seeds=1, **LARGE).satisfy(*ARRIVES, Termination)


# -- bonus


@case(
    "AodvNode",
    bonus=True,
    points=2,
    task="4",
    needs=[test_all_data_arrives],
    hint="a reply arrives late: is what it says newer, or nearer, than what is known?",
)
def test_no_route_leads_in_a_circle(submission):
    """Also when replies overtake each other, no data goes around in a circle."""
    arcs = {"settings": {"probability_arc": 0.3}}
    submission.runs(devices=(12, 16), seeds=25, **arcs, **SLOW).satisfy("no_loops")


@case(
    "ImprovedAodvNode",
    bonus=True,
    task="5",
    hint="what must a device know to answer for another one, and how does it say so?",
)
def test_others_may_answer(submission):
    """ImprovedAodvNode: who knows a route answers, and all data arrives as before."""
    submission.runs(devices=(2, 5, 10, 20), seeds=4, **SMALL).satisfy(
        "neighbors_only", *ARRIVES, Termination
    )
    slow = submission.runs(types=("async",), devices=(20,), seeds=8, latency=(0, 0.5), **SMALL)
    answered = [somebody_else_answers(run) for run in slow]
    if not any(answered):
        raise Failed(
            "in 8 runs no device has answered a request in the place of the last device",
            hint="who knows a route to `last`, and when?",
        )


@case(
    "ImprovedAodvNode",
    bonus=True,
    task="5",
    needs=[test_others_may_answer],
    hint="how old is the route that is told, and how many hops is it from here?",
)
def test_answers_of_others_lead_in_no_circle(submission):
    """ImprovedAodvNode: no data goes around in a circle."""
    arcs = {"settings": {"probability_arc": 0.3}}
    submission.runs(devices=(12, 16), seeds=25, **arcs, **SLOW).satisfy("no_loops")
