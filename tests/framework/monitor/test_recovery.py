"""Processes die, freeze and come back: the token is made again once, and nothing done is undone."""

import random

import pytest

from emulators.monitor.protocol import Protocol
from emulators.monitor.timing import Timing
from tests.framework.monitor.wild import Network, World


def holder_of(world: World) -> int:
    """Run on until a living process has the token."""
    run_until(world, lambda: world.holder() is not None)
    return world.holder()


def run_until(world: World, condition) -> None:
    world.run(world.now + 100, condition)
    assert condition()


def began(number: int, seed: int, **options) -> World:
    world = World(number, 20, seed, **options)
    world.run(random.Random(seed).uniform(0.2, 0.6))
    return world


def assert_all_goes_on(world: World) -> None:
    world.run_to_the_end()
    world.run(world.now + 10)
    world.judge()


@pytest.mark.parametrize("seed", range(20))
def test_a_holder_that_dies_costs_one_new_token_and_no_task(seed):
    world = began(2 + seed % 4, seed)
    dead = holder_of(world)
    world.crash(dead)
    died = world.now
    world.run(died + 1.0)
    assert world.renewed == 1
    assert_all_goes_on(world)
    assert (world.renewed, world.lost, world.overlaps) == (1, [], 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_waiting_process_that_dies_stops_nobody(seed):
    world = began(3 + seed % 3, seed)
    waiting = next(index for index in range(5) if index != holder_of(world))
    world.crash(waiting)
    assert_all_goes_on(world)
    assert (world.lost, world.overlaps) == ([], 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_majority_goes_on_without_a_process_that_is_only_silent(seed):
    world = began(3 + seed % 3, seed, certain=False)
    world.crash(holder_of(world))
    assert_all_goes_on(world)
    assert (world.renewed, world.overlaps) == (1, 0)


def test_half_of_the_processes_does_not_go_on_without_being_certain():
    world = began(2, 1, certain=False)
    world.crash(holder_of(world))
    done = len(world.done)
    world.run(world.now + 100)
    assert (world.renewed, len(world.done)) == (0, done)


def test_half_of_the_processes_goes_on_where_a_long_silence_means_death():
    world = began(2, 1, certain=False, timing=Timing(presume=10.0))
    world.crash(holder_of(world))
    assert_all_goes_on(world)
    assert world.renewed == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_frozen_holder_finds_its_token_out_of_date_and_its_task_undone(seed):
    world = began(3 + seed % 3, seed)
    run_until(world, lambda: any(one.inside for one in world.processes))
    frozen = next(index for index, one in enumerate(world.processes) if one.inside)
    world.freeze(frozen, 6.0)
    assert_all_goes_on(world)
    assert world.renewed == 1
    assert len(world.lost) == 1
    assert len(world.done) == 20 * len(world.processes)


@pytest.mark.parametrize("seed", range(20))
def test_the_one_that_asks_for_a_census_may_die_in_it(seed):
    world = began(5, seed)
    world.crash(holder_of(world))
    run_until(world, lambda: any(one.protocol.recovery.pending for one in alive(world)))
    asking = next(one for one in alive(world) if one.protocol.recovery.pending)
    world.crash(world.processes.index(asking))
    assert_all_goes_on(world)
    assert world.overlaps == 0


def alive(world: World):
    return [one for one in world.processes if not one.dead]


@pytest.mark.parametrize("seed", range(20))
def test_a_process_that_is_started_again_takes_part_again(seed):
    world = began(3, seed)
    index = holder_of(world) if seed % 2 else seed % 3
    world.crash(index)
    world.run(world.now + random.Random(seed).choice([0.05, 0.5, 3.0]))
    world.restart(index, 5)
    assert_all_goes_on(world)
    assert world.overlaps == 0
    assert world.processes[index].wanted == 0


def test_a_process_that_asks_before_the_first_holder_was_there_makes_no_token():
    world = World(3, 5)
    world.freeze(0, 30.0)
    world.run(29.0)
    assert world.renewed == 0
    assert world.done == []
    assert_all_goes_on(world)
    assert world.renewed == 0


@pytest.mark.slow
@pytest.mark.parametrize("wild", [False, True])
@pytest.mark.parametrize("misfortune", ["crash", "two crashes", "silence", "freeze", "restart"])
def test_nothing_done_is_undone_on_80_seeds(misfortune, wild):
    for seed in range(80):
        dice = random.Random(seed)
        network = Network(0.05, 0.05, 0.1) if wild else Network()
        world = began(3 + seed % 3, seed, network=network, certain=misfortune != "silence")
        for _ in range({"two crashes": 2, "freeze": 3}.get(misfortune, 1)):
            choice = [index for index, one in enumerate(world.processes) if not one.dead]
            unlucky = holder_of(world) if dice.random() < 0.6 else dice.choice(choice)
            if misfortune == "freeze":
                world.freeze(unlucky, dice.uniform(0.5, 8))
            else:
                world.crash(unlucky)
            world.run(world.now + dice.uniform(0.0, 4.0))
            if misfortune == "restart":
                world.restart(unlucky, 5)
        assert_all_goes_on(world)
        assert world.overlaps == 0 or misfortune == "freeze"


def test_epochs_end_with_an_error():
    alone = Protocol(1, 2, b"", 0.0, timing=Timing(start=0.0))
    alone.recovery.promised = 2**20
    alone.recovery.heard_of_token(0.0)
    with pytest.raises(OverflowError, match="start all processes anew"):
        alone.tick(100.0)
