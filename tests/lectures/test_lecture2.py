"""Lecture 2: routing with RIP on a ring. A router never stops, so a limit ends most runs."""

from emulators.check.liveness import Termination
from emulators.grading import case
from emulators.kernel.clock import ROUND, ticks

LONG = {"max_rounds": 100, "max_time": 20, "max_messages": 10_000}
RING = ("RipCommunication.__init__",)
TABLES = (*RING, "merge_tables")
RULE = (*TABLES, "routing_table_complete")


# -- the network, and what a device has learnt of it


def ring(devices):
    """Each device's neighbors on the ring."""
    return {i: {(i - 1) % devices, (i + 1) % devices} for i in range(devices)}


def line(devices):
    """The same after the link between the last device and device 0 has failed."""
    return {i: {i - 1, i + 1} & set(range(devices)) for i in range(devices)}


def distances(network, start):
    """Breadth-first search: how many links it is from `start` to every device."""
    found, edge = {start: 0}, [start]
    while edge:
        edge = [other for device in edge for other in network[device] if other not in found]
        links = 1 + max(found.values())
        found |= dict.fromkeys(edge, links)
    return found


def last_tables(run):
    """The table that each device has sent last, and the event; a router sends what has changed."""
    tables = {}
    for event, message in run.messages(of="RipMessage"):
        tables[event.device] = event, message.table
    return tables


def wrong_row(device, table, network):
    """What is wrong with a table, in words, or None. A row for the device itself may be there."""
    for destination, distance in distances(network, device).items():
        if destination == device:
            continue
        if destination not in table:
            return f"device {device} knows no way to device {destination}"
        hop, told = table[destination]
        if told != distance:
            return (
                f"device {device} believes that device {destination} is {told} links away; "
                f"it is {distance}"
            )
        if hop not in network[device] or distances(network, hop)[destination] != distance - 1:
            return f"device {device} sends what is for device {destination} the wrong way, to {hop}"
    return None


def wrong_tables(run, network):
    """Compare the last table of each device with breadth-first search."""
    tables = last_tables(run)
    for device in range(run.config.devices):
        if device not in tables:
            return f"device {device} sends no table at all"
        event, table = tables[device]
        wrong = wrong_row(device, table, network)
        if wrong:
            return run.wrong(wrong, event)
    return None


# -- judgements


def tables_go_around_the_ring(run):
    """Every device sends its table to its two neighbors on the ring, and to nobody else."""
    beside = ring(run.config.devices)
    heard = {device: set() for device in beside}
    for event in run.trace.of("undeliverable"):
        return run.wrong(f"device {event.device} sends to a device that does not exist", event)
    for event, message in run.messages(of="RipMessage"):
        if message.destination not in beside[event.device]:
            return leaves_the_ring(run, event, message)
        heard[event.device].add(int(message.destination))
    for device, told in heard.items():
        if told != beside[device]:
            missing = ", ".join(map(str, sorted(beside[device] - told)))
            return f"device {device} never sends its table to its neighbor {missing}"
    return None


def leaves_the_ring(run, event, message):
    return run.wrong(
        f"device {event.device} sends to device {message.destination}, "
        "which is not beside it on the ring",
        event,
    )


def tables_are_right_in_the_end(run):
    """All distances are those of the shortest ways, and the next hops lead there."""
    return wrong_tables(run, ring(run.config.devices))


def nothing_is_sent_without_a_change(run):
    """Once all tables are right, no table is sent any more."""
    sent = [event for event, _ in run.messages(of="RipMessage")]
    limits = run.config.limits
    end = limits.rounds * ROUND if limits.rounds else ticks(limits.time)
    if sent and (sent[-1].time > end / 2 or "messages" in run.ended):
        return run.wrong("tables are still sent at the end, though nothing can change", sent[-1])
    return None


def complete_in_the_end(run):
    """When the tables are right, `routing_table_complete` says so."""
    for device in run.devices:
        if not device.routing_table_complete():
            return f"device {device._id} has a complete table, and its rule says no"
    return None


def never_complete_too_early(run):
    """`routing_table_complete` says no while a distance is still wrong."""
    network = ring(run.config.devices)
    for event, message in run.messages(of="RipMessage"):
        device = run.devices[event.device]
        device.routing_table = message.table
        wrong = wrong_row(event.device, message.table, network)
        if wrong and device.routing_table_complete():
            return run.wrong(f"{wrong}, and its rule says that the table is complete", event)
    return None


def what_was_sent_far(run):
    """The first event of each message over many links: from whom, to whom, and what it says."""
    started = []
    for event, message in run.messages(of="RoutableMessage"):
        if message.first_node == event.device:
            started.append((event, message))
    return started


def the_network_is_used(run):
    """Somebody sends a RoutableMessage to a device that is not a neighbor; all arrive."""
    started = what_was_sent_far(run)
    network = ring(run.config.devices)
    if all(message.last_node in network[message.first_node] for _, message in started):
        return "no RoutableMessage is sent to a device that is not a neighbor"
    return all_arrive(run)


def all_arrive(run):
    """Every RoutableMessage goes from neighbor to neighbor, and arrives at its last node."""
    network = ring(run.config.devices)
    for event, message in run.messages(of="RoutableMessage"):
        if message.destination not in {event.device, *network[event.device]}:
            return leaves_the_ring(run, event, message)
    arrived = [
        (message.first_node, message.last_node, str(message.content))
        for event, message in run.messages("receive", of="RoutableMessage")
        if message.last_node == event.device
    ]
    for event, message in what_was_sent_far(run):
        ends = (message.first_node, message.last_node, str(message.content))
        if ends not in arrived and message.first_node != message.last_node:
            return run.wrong(
                f"the message of device {ends[0]} for device {ends[1]} does not arrive", event
            )
    return None


def the_line_is_known(run):
    """After the link has failed, all distances are those of the line that is left."""
    return wrong_tables(run, line(run.config.devices))


# -- the cases


@case(
    "RipCommunication",
    task="1",
    parts=RING,
    hint="the neighbors of the first and of the last device: modulo the number of devices",
)
def test_the_devices_form_a_ring(submission):
    """Every device talks to its two neighbors on the ring, and to nobody else."""
    submission.runs(devices=(3, 4, 10), seeds=3, **LONG).satisfy(tables_go_around_the_ring)


@case(
    "RipCommunication",
    points=3,
    task="2",
    needs=[test_the_devices_form_a_ring],
    parts=TABLES,
    hint="an offer is one link longer than it is told; when is it new, when is it better?",
)
def test_the_tables_are_right(submission):
    """In the end every table has the shortest ways, as breadth-first search finds them."""
    submission.runs(devices=(3, 4, 7, 10), seeds=8, **LONG).satisfy(tables_are_right_in_the_end)
    submission.runs(types=("async",), devices=(10,), seeds=5, latency=(0, 0.5), **LONG).satisfy(
        tables_are_right_in_the_end
    )


@case(
    "RipCommunication",
    task="2",
    needs=[test_the_tables_are_right],
    parts=TABLES,
    hint="does merge_tables return None when nothing changes, and leave the old table as it was?",
)
def test_no_table_is_sent_without_a_change(submission):
    """A table is sent only when it has changed: the messages come to an end."""
    submission.runs(devices=(3, 10), seeds=5, **LONG).satisfy(nothing_is_sent_without_a_change)


@case(
    "RipCommunication",
    task="4",
    needs=[test_the_tables_are_right],
    parts=RULE,
    hint="a table has a row for every other device; a row for the device itself may be there too",
)
def test_the_rule_says_when_a_table_is_complete(submission):
    """`routing_table_complete` says yes when the table is complete."""
    submission.runs(devices=(3, 4, 10), seeds=3, **LONG).satisfy(complete_in_the_end)


@case(
    "RipCommunication",
    bonus=True,
    task="4",
    needs=[test_the_rule_says_when_a_table_is_complete],
    parts=RULE,
    hint="rule 1 counts rows; what does rule 2 know of a ring?",
)
def test_the_rule_never_says_so_too_early(submission):
    """`routing_table_complete` says no while a distance is still wrong (rule 2)."""
    submission.runs(
        types=("async",), devices=(4, 5, 10), seeds=10, latency=(0, 0.5), **LONG
    ).satisfy(never_complete_too_early)


@case(
    "RipCommunication",
    points=2,
    task="5",
    needs=[test_the_rule_says_when_a_table_is_complete],
    hint="give the message to self.route: it looks up the next hop",
)
def test_messages_reach_far_devices(submission):
    """A RoutableMessage goes over several links and arrives at its last node."""
    submission.runs(devices=(4, 7, 10), seeds=5, **LONG).satisfy(the_network_is_used)


@case(
    "TerminatingRip",
    bonus=True,
    points=2,
    task="6",
    hint="whose messages would be stranded when this device stops?",
)
def test_all_stop_and_no_message_is_stranded(submission):
    """TerminatingRip: every device stops, and every RoutableMessage has arrived before."""
    submission.runs(devices=(3, 4, 10), seeds=8, **LONG).satisfy(
        tables_go_around_the_ring, all_arrive, Termination
    )


@case(
    "LinkFailureRip",
    bonus=True,
    points=3,
    task="8",
    hint="a worse offer counts when it comes from the next hop of the row",
)
def test_a_failed_link_is_routed_around(submission):
    """LinkFailureRip: after the link between 0 and the last device has failed, all go the long way.

    The tables are those of a line in the end.
    """
    submission.runs(devices=(4, 6, 10), seeds=5, **LONG).satisfy(the_line_is_known)
