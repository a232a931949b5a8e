"""Files as strangers wrote them for the course, of both generations, run unchanged."""

import io
import itertools
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.limits import Limits
from emulators.SyncEmulator import SyncEmulator
from emulators.virtual.loader import Loader
from tests.framework.making import both, run

DATA = Path(__file__).parent / "data"
SEEDS = range(5)


def started(generation, file, kind, emulator, devices, seed=1, **limits):
    """Run a device class of a student's file; return the run and the module."""
    module = Loader(DATA / generation).load(file)
    enough = Limits(**{"rounds": 300, "time": 60.0, "messages": 20_000, **limits})
    return run(emulator, getattr(module, kind), devices, seed, enough), module


def printed(ran):
    output = io.StringIO()
    with redirect_stdout(output):
        ran.simulation.print_result()
    return output.getvalue().strip().split("\n")


ALL = [
    ("calls", "exercise1", "Gossip", 4),
    ("calls", "exercise1", "RingGossip", 4),
    ("calls", "exercise1", "PollingGossip", 4),
    ("calls", "exercise4", "Centralised", 4),
    ("calls", "exercise4", "Grid", 4),
    ("calls", "exercise5", "BasicMulticast", 3),
    ("calls", "exercise5", "ReliableMulticast", 3),
    ("calls", "exercise6", "FResilientConsensus", 3),
    ("calls", "exercise6", "Pings", 3),
    ("properties", "exercise1", "Gossip", 4),
    ("properties", "exercise1", "Busy", 4),
    ("properties", "exercise8", "GfsNetwork", 6),
    ("properties", "exercise10", "BlockchainNetwork", 3),
    ("properties", "exercise11", "ChordNetwork", 5),
]
NEVER_END = {"Centralised", "BasicMulticast", "ReliableMulticast"}
POLLS = {"PollingGossip", "Busy"}
NEEDS_ROUNDS = {"FResilientConsensus"}


@pytest.mark.parametrize(
    ("emulator", "generation", "file", "kind", "devices"),
    [
        (emulator, *one)
        for emulator, wrong in ((SyncEmulator, POLLS), (AsyncEmulator, NEEDS_ROUNDS))
        for one in ALL
        if one[2] not in wrong
    ],
)
def test_a_students_file_runs_to_its_end(emulator, generation, file, kind, devices):
    for seed in SEEDS:
        ran, _ = started(generation, file, kind, emulator, devices, seed)
        fatal = [failure.text for failure in ran.simulation.failures if failure.fatal]
        assert fatal == []
        assert ran.simulation.all_terminated == (kind not in NEVER_END)


@both
@pytest.mark.parametrize(("generation", "file", "kind", "devices"), ALL)
def test_a_students_file_gives_the_same_trace_for_the_same_seed(
    emulator, generation, file, kind, devices
):
    one, _ = started(generation, file, kind, emulator, devices, time=5.0)
    other, _ = started(generation, file, kind, emulator, devices, time=5.0)
    assert one.events == other.events
    assert printed(one) == printed(other)


@pytest.mark.parametrize(
    ("generation", "kind"), [("calls", "PollingGossip"), ("properties", "Busy")]
)
def test_files_that_never_wait_are_told_so_in_rounds(generation, kind):
    ran, _ = started(generation, "exercise1", kind, SyncEmulator, 3)
    assert ran.simulation.stopped_by == "polling"
    assert "without calling wait_for_next_round()" in ran.problems[0]


# -- what came of it


@both
@pytest.mark.parametrize("generation", ["calls", "properties"])
def test_everybody_knows_every_secret_after_gossip(emulator, generation):
    for seed in SEEDS:
        ran, _ = started(generation, "exercise1", "Gossip", emulator, 5, seed)
        assert [made._secrets for made in ran.devices] == [{0, 1, 2, 3, 4}] * 5


@both
def test_gossip_around_in_a_circle_reaches_everybody_in_two_turns(emulator):
    ran, _ = started("calls", "exercise1", "RingGossip", emulator, 4)
    assert [made._secrets for made in ran.devices] == [{0, 1, 2, 3}] * 4
    assert [made.far for made in ran.devices] == [2, 3, 0, 1]


def test_files_that_never_wait_make_progress_without_rounds():
    for generation, kind in (("calls", "PollingGossip"), ("properties", "Busy")):
        ran, _ = started(generation, "exercise1", kind, AsyncEmulator, 4)
        assert [made._secrets for made in ran.devices] == [{0, 1, 2, 3}] * 4


@both
def test_one_at_a_time_works_under_a_coordinator(emulator):
    for seed in SEEDS:
        ran, _ = started("calls", "exercise4", "Centralised", emulator, 4, seed)
        assert ran.problems == []
        assert sum(made.done for made in ran.devices[1:]) > 10
        inside = [event.kind for event in ran.trace.of("enter", "leave")]
        assert all(one != other for one, other in itertools.pairwise(inside))


@both
def test_a_voting_set_is_computed_from_calls(emulator):
    ran, _ = started("calls", "exercise4", "Grid", emulator, 9)
    assert ran.devices[4]._voting_set == {1, 3, 4, 5, 7}


@both
@pytest.mark.parametrize("kind", ["BasicMulticast", "ReliableMulticast"])
def test_one_message_sent_again_and_again_reaches_everybody_unspoilt(emulator, kind):
    ran, module = started("calls", "exercise5", kind, emulator, 3)
    said = sorted((index, number) for index in range(3) for number in range(3))
    for made in ran.devices:
        assert sorted(made._application.heard) == said
    assert module.Multicaster is type(ran.devices[0]._application)


def test_a_shared_class_variable_starts_clean_in_each_run():
    for seed in SEEDS:
        ran, module = started("calls", "exercise6", "FResilientConsensus", SyncEmulator, 4, seed)
        assert ran.problems == []
        assert module.SimpleRequester._some is True
        assert module.SimpleRequester._consensus in ("special", "no")


@both
def test_bare_stubs_are_messages_and_those_to_nobody_are_counted(emulator):
    ran, _ = started("calls", "exercise6", "Pings", emulator, 3)
    assert ran.simulation.statistics.undeliverable == 6
    assert ran.simulation.statistics.received == 3
    assert len(ran.problems) == 2
    got = [pair for made in ran.devices for pair in made.got]
    assert all(type(source) is type(destination) is int for source, destination in got)


@both
def test_a_network_gives_each_index_its_own_kind_of_device(emulator):
    ran, module = started("properties", "exercise8", "GfsNetwork", emulator, 6)
    kinds = [type(made).__name__ for made in ran.devices]
    assert kinds == ["GfsMaster"] + ["GfsChunkserver"] * 3 + ["GfsClient"] * 2
    assert module.GfsNetwork.gfschunkserver == [1, 2, 3]


@both
def test_what_a_client_changes_after_sending_stays_with_the_client(emulator):
    ran, _ = started("properties", "exercise8", "GfsNetwork", emulator, 6)
    arrived = [
        data
        for server in ran.devices[1:4]
        for chunk in server.localchunks.values()
        for data in chunk
    ]
    assert all(data["at"] == [] for data in arrived)
    assert all(len(data["at"]) == 1 for made in ran.devices[4:] for data in made.written)


@both
def test_miners_in_threads_agree_on_valid_chains(emulator):
    ran, _ = started("properties", "exercise10", "BlockchainNetwork", emulator, 3)
    assert all("valid True, born 2024" in line for line in printed(ran))
    assert all(len(made.chain) >= 6 for made in ran.devices)


@both
def test_a_ring_that_the_first_constructor_decides_holds_every_key(emulator):
    ran, module = started("properties", "exercise11", "ChordNetwork", emulator, 5)
    nodes = [*ran.devices[:-1], ran.devices[-1].node]
    stored = {key: node for node in nodes for key in node.saved_data}
    assert sorted(stored) == list(range(0, 2**module.address_size, 7))
    for key, node in stored.items():
        routing = node.routing
        assert module.in_between(key, routing.prev.chord_id, routing.chord_id)


def test_a_miner_may_pickle_its_chain_in_a_run_by_the_runner():
    from tests.running import run as run_lecture

    result = run_lecture(10, "Exporter", "async", 2, exercises=DATA / "properties")
    assert result.failures == []
    assert [len(made.imported) >= 6 for made in result.devices] == [True, True]


def test_a_miner_may_pickle_its_chain_in_a_run_that_is_walked_through():
    from emulators.runner import RunConfig, in_steps

    config = RunConfig(10, "Exporter", "async", 2, 1, DATA / "properties")
    _, stepper = in_steps(config)
    stepper.finish()
    assert stepper.emulator.failures == []
    assert [len(made.imported) >= 6 for made in stepper.emulator.devices] == [True, True]
