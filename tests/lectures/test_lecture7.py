"""Lecture 7: the Bully algorithm chooses a new primary. All of it is the bonus task."""

from emulators.check.liveness import Termination
from emulators.grading import case

LONG = {"max_rounds": 1000, "max_time": 100}


def the_largest_fails(devices, seed):
    """A scenario: the largest device has failed from the start."""
    return {"crash": [{"device": devices - 1, "at": "0r"}]}


def two_fail(devices, seed):
    """A scenario: … and the next largest fails when it has answered, and before it leads."""
    late = {"device": devices - 2, "at": f"{6 + seed % 8}r"}
    return {"crash": [{"device": devices - 1, "at": "0r"}, late]}


def announced(run):
    """Who was announced as leader, to each device; None where nobody was."""
    leaders = dict.fromkeys(range(run.config.devices))
    for event, message in run.messages("receive", of="Vote"):
        if message.decided():
            leaders[event.device] = message.vote()
    return leaders


def all_follow(run, living, leaders):
    """What is wrong unless all `living` devices follow one and the same of `leaders`."""
    for event, message in run.messages(of="Vote"):
        if message.decided() and message.vote() not in leaders:
            return run.wrong(
                f"device {event.device} announces device {message.vote()} as leader", event
            )
    found = {device: run.number_printed(device) for device in living}
    wrong = [device for device in living if found[device] not in leaders]
    if wrong:
        text = run.results[wrong[0]].strip()
        wanted = " or ".join(map(str, sorted(leaders)))
        return f"device {wrong[0]} prints “{text}”; the leader is device {wanted}"
    if len(set(found.values())) > 1:
        return f"the devices follow different leaders: {found}"
    told = announced(run)
    for device in living:
        if told[device] is None and device not in leaders:
            return f"nobody announces a leader to device {device}"
    return None


def the_largest_wins(run):
    """All devices hear of the largest index as leader, and follow it."""
    largest = run.config.devices - 1
    return all_follow(run, range(run.config.devices), {largest})


def the_largest_alive_wins(run):
    """All devices that are alive follow the largest index that is alive."""
    largest = run.config.devices - 2
    return all_follow(run, range(run.config.devices - 1), {largest})


def the_living_agree(run):
    """All devices that are alive follow one leader: the one that failed late, or the next."""
    devices = run.config.devices
    return all_follow(run, range(devices - 2), {devices - 2, devices - 3})


@case(
    "Bully",
    bonus=True,
    points=2,
    task="3",
    hint="who is asked, who answers, and who announces itself?",
)
def test_the_largest_becomes_the_leader(submission):
    """All devices follow the one with the largest index."""
    submission.runs(devices=(2, 3, 5, 9), seeds=8, **LONG).satisfy(the_largest_wins)


@case(
    "Bully",
    bonus=True,
    task="3",
    needs=[test_the_largest_becomes_the_leader],
    hint="what does a device still wait for when it knows its leader?",
)
def test_every_election_ends(submission):
    """Every device comes to an end when it knows its leader."""
    submission.runs(devices=(2, 5, 8), seeds=5, **LONG).satisfy(Termination)


@case(
    "Bully",
    bonus=True,
    task="3",
    needs=[test_the_largest_becomes_the_leader],
    hint="how long is silence to last until it means “failed”?",
)
def test_the_largest_alive_becomes_the_leader(submission):
    """When the largest device has failed, all others follow the largest that is alive."""
    submission.runs(devices=(3, 5, 8), seeds=4, network=the_largest_fails, **LONG).satisfy(
        the_largest_alive_wins
    )


@case(
    "Bully",
    bonus=True,
    task="3",
    needs=[test_the_largest_alive_becomes_the_leader],
    hint="a larger device has answered, and then nothing comes: what may have happened?",
)
def test_a_leader_that_fails_in_the_election(submission):
    """When a device fails that was about to lead, the others elect the next."""
    submission.runs(devices=(3, 4, 6), seeds=8, network=two_fail, **LONG).satisfy(the_living_agree)
