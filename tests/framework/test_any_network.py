"""Whatever devices do and whatever a network does to them: what holds in every run.

Programs are those of test_any_schedule.py; a network is drawn as a TOML file would describe it.
"""

from __future__ import annotations

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.kernel.choices import Recording, Replayed, Seeded
from emulators.kernel.tasks import Scheduler
from emulators.limits import Limits
from emulators.network.scenario import Network
from emulators.SteppingEmulator import SteppingEmulator
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Ran
from tests.framework.soundness import watched
from tests.framework.test_any_schedule import PROGRAMS, Schedule, played

CHANCES = st.sampled_from([0, 0.1, 0.5, 1.0])
MOMENTS = st.sampled_from([0, 1, 3, "2r", "0.05s", "0.25s", "7r"])
DEVICES = st.sampled_from(["any", "last", 0])
LATENCIES = st.sampled_from(
    [
        1,
        "1:3",
        "0.1s:0.4s",
        {"model": "exponential", "mean": "2r"},
        {"model": "normal", "mean": "1r", "deviation": "1r"},
        {"model": "sometimes", "delay": 3, "probability": 0.5, "otherwise": 1},
    ]
)


def tables(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Any:
    """Return lists of at most two tables with these keys."""
    return st.lists(st.fixed_dictionaries(required, optional=optional or {}), max_size=2)


LINKS = tables(
    {"from": st.sampled_from([0, "all"]), "loss": CHANCES},
    {"both": st.booleans(), "duplicate": CHANCES, "latency": LATENCIES, "fifo": st.booleans()},
)
PARTITIONS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"groups": st.sampled_from(["halves", "random", [[0]]]), "heal": MOMENTS},
            optional={"start": MOMENTS, "hold": st.booleans()},
        ),
        st.fixed_dictionaries({"groups": st.just("halves"), "start": MOMENTS}),
    ),
    max_size=2,
)
CRASHES = tables(
    {"device": DEVICES, "at": MOMENTS},
    {"recovery": MOMENTS, "inbox": st.sampled_from(["lost", "kept"])},
)
PAUSES = tables(
    {"device": DEVICES, "to": MOMENTS},
    {"from": MOMENTS, "factor": st.sampled_from([1, 2, 3.5])},
)
LIARS = tables(
    {
        "device": DEVICES,
        "behaviour": st.sampled_from(["silent", "equivocate", "corrupt", "anything"]),
    },
    {"probability": CHANCES},
)
NETWORKS = st.fixed_dictionaries(
    {},
    optional={
        "topology": st.sampled_from(["ring", "line", "star", "random:0.2", "geometric:0.5"]),
        "loss": CHANCES,
        "duplicate": CHANCES,
        "latency": LATENCIES,
        "fifo": st.booleans(),
        "delay_self": st.booleans(),
        "link": LINKS,
        "corrupt": tables({"probability": CHANCES}),
        "partition": PARTITIONS,
        "crash": CRASHES,
        "pause": PAUSES,
        "byzantine": LIARS,
    },
).map(Network.parse)
SCHEDULES = st.builds(
    Schedule,
    emulator=st.sampled_from([SyncEmulator, AsyncEmulator, SteppingEmulator]),
    seed=st.integers(0, 2**32),
    fifo=st.just(False),
    latency=st.sampled_from([(0.0, 0.05), (0.0, 2.0)]),
)
SHORT = Limits(rounds=60, time=20.0)


def play(program: Any, schedule: Schedule, network: Network, **options: Any) -> Ran:
    ran, _ = played(program, schedule, limits=SHORT, network=network, **options)
    return ran


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_every_message_is_accounted_for(program, schedule, network):
    with watched() as faults:
        ran = play(program, schedule, network)
    counted = ran.simulation.statistics
    event(f"stopped by {ran.simulation.stopped_by or 'nothing'}")
    in_transit = len(ran.simulation.in_transit())
    assert counted.sent + counted.duplicated == (
        counted.received + counted.lost + counted.undeliverable + in_transit
    )
    assert counted.in_flight == in_transit
    assert faults == []


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_a_message_is_received_or_lost_at_most_once(program, schedule, network):
    ran = play(program, schedule, network)
    known, gone = set(), set()
    for one in ran.trace.of("send", "duplicate", "receive", "lose", "undeliverable"):
        serial = one.envelope.serial
        if one.kind in ("send", "duplicate", "undeliverable"):
            assert serial not in known
            known.add(serial)
        else:
            assert serial in known - gone
            gone.add(serial)


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_what_was_decided_can_be_played_again(program, schedule, network):
    recording = Recording(Seeded(schedule.seed))
    one = play(program, schedule, network, scheduler=Scheduler(recording))
    decisions = iter(recording.taken)
    other = play(program, schedule, network, scheduler=Scheduler(Replayed(decisions.__next__)))
    assert one.events == other.events
    assert list(decisions) == []


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_nothing_crosses_a_partition(program, schedule, network):
    ran = play(program, schedule, network)
    standing: list[Any] = []
    since: list[int] = []
    for one in ran.trace:
        if one.kind == "partition":
            standing.append(one.subject)
            since.append(one.time)
        elif one.kind == "heal":
            at = standing.index(one.subject)
            del standing[at], since[at]
        elif one.kind == "receive":
            for groups, begun in zip(standing, since, strict=True):
                ends = {one.envelope.sender, one.device}
                if one.envelope.arrives > begun:
                    assert any(ends <= set(group) for group in groups)


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_a_device_that_is_down_does_nothing(program, schedule, network):
    ran = play(program, schedule, network)
    down = set()
    for one in ran.trace:
        if one.kind == "crash":
            assert one.device not in down
            down.add(one.device)
        elif one.kind == "restart":
            down.remove(one.device)
        elif one.kind in ("send", "receive", "end", "log", "enter"):
            assert one.device not in down


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_a_message_reaches_neighbors_only(program, schedule, network):
    ran = play(program, schedule, network)
    for one in ran.trace.of("send"):
        sender, to = one.envelope.sender, int(one.envelope.destination)
        assert to == sender or to in ran.simulation.neighbors(sender)


@given(PROGRAMS, SCHEDULES, NETWORKS)
def test_a_fifo_channel_keeps_the_order_of_its_messages(program, schedule, network):
    ran = play(program, schedule, Network.parse({**network.plain(), "fifo": True, "link": []}))
    latest: dict[Any, int] = {}
    for one in ran.trace.of("receive"):
        channel = (one.envelope.sender, one.device)
        assert one.envelope.serial > latest.get(channel, 0)
        latest[channel] = one.envelope.serial


@given(NETWORKS)
def test_a_network_written_as_plain_values_is_read_back(network):
    assert Network.parse(network.plain()) == network


@given(PROGRAMS, SCHEDULES)
def test_a_network_that_does_nothing_changes_nothing(program, schedule):
    calm = play(program, schedule, Network(title="calm"))
    assert calm.events == played(program, schedule, limits=SHORT)[0].events
