"""Lecture 1: gossip on a complete graph and on a ring, with as few messages as possible."""

from emulators.check.liveness import Termination
from emulators.grading import case

LONG = {"max_rounds": 2000, "max_time": 200}


# -- what is learnt, from the messages alone


def learnt(run):
    """What each device can know in the end: its own secret, and all that it has received."""
    known = [{index} for index in range(run.config.devices)]
    for event, message in run.messages("receive", of="GossipMessage"):
        known[event.device] |= set(message.secrets)
    return known


def everybody_learns_everything(run):
    """Every device receives the secret of every other device."""
    for index, known in enumerate(learnt(run)):
        missing = sorted(set(range(run.config.devices)) - known)
        if missing:
            secrets = ", ".join(map(str, missing))
            return f"device {index} never received the secret of device {secrets}"
    return None


def nobody_invents_secrets(run):
    """A device passes on only secrets that it knows at that moment."""
    known = [{index} for index in range(run.config.devices)]
    for event in run.trace.of("send", "receive"):
        secrets = set(getattr(event.message, "secrets", ()))
        if event.kind == "receive":
            known[event.device] |= secrets
        elif secrets - known[event.device]:
            invented = ", ".join(map(str, sorted(secrets - known[event.device], key=str)))
            return run.wrong(
                f"device {event.device} passes on the secret of device {invented}, "
                "which it has not received",
                event,
            )
    return None


def everybody_says_so(run):
    """What a device prints in the end names every secret."""
    for index, text in enumerate(run.results):
        if not all(str(secret) in text for secret in range(run.config.devices)):
            return f"device {index} prints “{text.strip()}”, which does not name every secret"
    return None


def only_neighbors_talk(run):
    """A device sends to its left and its right neighbor only."""
    for event in run.trace.of("undeliverable"):
        return run.wrong(f"device {event.device} sends to a device that does not exist", event)
    for event, message in run.messages():
        apart = (message.destination - event.device) % run.config.devices
        if apart not in (1, run.config.devices - 1):
            return run.wrong(
                f"device {event.device} sends to device {message.destination}, "
                "which is not beside it on the ring",
                event,
            )
    return None


# -- how many messages


def calls_of(run):
    """How many telephone calls were made, or None where a message is not part of any.

    A call is a message and its answer: what the next message between the two is.
    """
    open_calls, calls = set(), 0
    for event, message in run.messages():
        ends = (event.device, message.destination)
        if ends[::-1] in open_calls:
            open_calls.remove(ends[::-1])
            calls += 1
        elif ends in open_calls:
            return None
        else:
            open_calls.add(ends)
    return None if open_calls else calls


def as_few_as_possible(run):
    """2n - 2 messages, or 2n - 4 telephone calls: a message and its answer."""
    devices, sent = run.config.devices, run.statistics.sent
    if sent <= 2 * devices - 2:
        return None
    calls = calls_of(run)
    if calls is not None and calls <= (2 * devices - 4 if devices >= 4 else 2 * devices - 3):
        return None
    return f"{sent} messages were sent among {devices} devices; {2 * devices - 2} are enough"


def fewer_than_everybody_to_everybody(run):
    """Fewer messages than when everybody tells everybody."""
    devices, sent = run.config.devices, run.statistics.sent
    if sent < devices * (devices - 1):
        return None
    return f"{sent} messages were sent, as many as when everybody tells everybody"


# -- the cases


@case("Gossip", points=2, task="1", hint="who has not told whom, and who has stopped listening?")
def test_everybody_knows_everything(submission):
    """Every device learns every secret."""
    submission.runs(devices=(2, 3, 5, 10), seeds=10, **LONG).satisfy(everybody_learns_everything)
    submission.runs(types=("async",), devices=(3, 7), seeds=10, latency=(0, 1.0), **LONG).satisfy(
        everybody_learns_everything
    )


@case(
    "Gossip",
    task="1",
    needs=[test_everybody_knows_everything],
    hint="what a device sends is what it knows at that moment, and it knows its index at first",
)
def test_no_secret_comes_from_nowhere(submission):
    """A device passes on only what it knows, and prints what it has learnt."""
    submission.runs(devices=(3, 6), seeds=10, **LONG).satisfy(
        nobody_invents_secrets, everybody_says_so
    )


@case(
    "Gossip",
    task="1",
    needs=[test_everybody_knows_everything],
    hint="when has a device heard enough, and when does nobody need it any more?",
)
def test_every_run_returns(submission):
    """Every `run` returns, and nobody is left waiting."""
    submission.runs(devices=(2, 3, 5, 10), seeds=10, **LONG).satisfy(Termination)


@case(
    "Gossip",
    task="1",
    needs=[test_every_run_returns],
    hint="does the number of messages or of rounds explode?",
)
def test_fifty_devices(submission):
    """It works among 50 devices as well."""
    submission.runs(devices=(50,), types=("async",), seeds=2, **LONG).satisfy(
        everybody_learns_everything, Termination
    )


@case("ImprovedGossip", task="2", hint="one device could collect all secrets first")
def test_improved_everybody_knows_everything(submission):
    """ImprovedGossip: every device learns every secret, and returns."""
    submission.runs(devices=(2, 3, 5, 10), seeds=10, **LONG).satisfy(
        everybody_learns_everything, nobody_invents_secrets, Termination
    )


@case(
    "ImprovedGossip",
    task="2",
    needs=[test_improved_everybody_knows_everything],
    hint="count the messages that tell their receiver nothing new",
)
def test_improved_sends_fewer_messages(submission):
    """ImprovedGossip: fewer messages than everybody to everybody."""
    submission.runs(devices=(4, 10), seeds=5, **LONG).satisfy(fewer_than_everybody_to_everybody)


@case(
    "ImprovedGossip",
    points=2,
    task="3",
    needs=[test_improved_sends_fewer_messages],
    hint="each device but one must send before anybody knows everything; what must follow then?",
)
def test_improved_is_optimal(submission):
    """ImprovedGossip: no more messages than are needed."""
    submission.runs(devices=(2, 3, 4, 5, 8, 13), seeds=5, **LONG).satisfy(as_few_as_possible)


@case("RingGossip", task="1", hint="(index - 1) and (index + 1), both modulo the number of devices")
def test_the_ring_is_respected(submission):
    """RingGossip: a device sends to its left and its right neighbor only."""
    submission.runs(devices=(2, 3, 6), seeds=5, **LONG).satisfy(only_neighbors_talk)


@case(
    "RingGossip",
    task="1",
    needs=[test_the_ring_is_respected],
    hint="news must go on around the ring: who has stopped before they came by?",
)
def test_everybody_on_the_ring_knows_everything(submission):
    """RingGossip: every device learns every secret, and returns."""
    submission.runs(devices=(2, 3, 4, 7, 12), seeds=10, **LONG).satisfy(
        everybody_learns_everything, nobody_invents_secrets, Termination
    )


@case(
    "ImprovedRingGossip",
    bonus=True,
    points=2,
    task="3",
    needs=[test_everybody_on_the_ring_knows_everything],
    hint="what does one message know that goes once around the ring?",
)
def test_the_ring_is_optimal(submission):
    """ImprovedRingGossip: on the ring as well, no more messages than are needed."""
    submission.runs(devices=(2, 3, 4, 5, 9), seeds=5, **LONG).satisfy(
        only_neighbors_talk, everybody_learns_everything, nobody_invents_secrets, as_few_as_possible
    )
