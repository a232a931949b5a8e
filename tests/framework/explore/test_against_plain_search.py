"""The searched states against every schedule run from the beginning: the same outcomes."""

import random
from typing import Any

import pytest

from emulators.Device import Device
from emulators.explore.cells import Faults
from tests.framework.explore.plain import (
    TooMany,
    network,
    outcomes_of_runs,
    outcomes_of_states,
)
from tests.framework.making import Note

STEPS = (
    "send",
    "send",
    "receive",
    "receive",
    "receive all",
    "answer all",
    "wait",
    "listen",
    "listen for a time",
    "draw",
    "reply",
    "loop",
    "poll",
    "forget",
)


class Player(Device):
    """Does what its plan says, and keeps what it got."""

    plans: Any = ()

    def run(self):
        self.got = []
        for step in self.plans[self.index]:
            getattr(self, step.replace(" ", "_"))()
        self.got.append("end")

    def outcome(self):
        return tuple(getattr(self, "got", ()))

    def other(self):
        return (self.index + 1) % self.number_of_devices

    def send(self):
        self.medium.send(Note(self.index, self.other(), len(self.got)))

    def keep(self, message):
        self.got.append(message if message is None else (message.source, message.text))

    def receive(self):
        self.keep(self.medium.receive())

    def receive_all(self):
        for message in self.medium.receive_all():
            self.keep(message)

    def answer_all(self):
        for message in self.medium.receive_all():
            self.keep(message)
            if message.text != "reply":
                self.medium.send(Note(self.index, message.source, "reply"))

    def wait(self):
        self.medium.wait_for_next_round()

    def listen(self):
        self.keep(self.medium.wait_for_message())

    def listen_for_a_time(self):
        self.keep(self.medium.wait_for_message(2))

    def draw(self):
        self.got.append(self.medium._emulator.draw(3))

    def reply(self):
        message = self.medium.receive()
        if message is not None:
            self.medium.send(Note(self.index, message.source, "reply"))

    def loop(self):
        for number in range(2):
            message = self.medium.receive()
            if message is not None:
                self.got.append((number, message.text))

    def poll(self):
        """Look again and again; what came does not matter after a while."""
        tries = 0
        while self.medium.receive() is None and tries < 2:
            tries += 1

    def forget(self):
        stale = self.medium.receive()
        self.medium.wait_for_next_round()
        stale = None
        self.medium.wait_for_next_round()
        self.got.append(stale)


def program(seed: int, devices: int, steps: int) -> Any:
    dice = random.Random(seed)
    plans = [dice.choices(STEPS, k=dice.randint(1, steps)) for _ in range(devices)]
    return type("Drawn", (Player,), {"plans": plans})


FAULTS = (Faults(), Faults(losses=1), Faults(duplicates=1), Faults(crashes=1))


def compared(seed: int, most: int) -> bool:
    """Compare one program under some rules; return whether it was small enough."""
    kind = program(seed, 2 + seed % 2, 3)
    faults, fifo = FAULTS[seed % 4], seed % 3 == 0
    try:
        expected = outcomes_of_runs(kind, 2 + seed % 2, faults, fifo, most)
    except TooMany:
        return False
    for reduced, lazy in ((False, False), (True, False), (True, True)):
        made = network(kind, 2 + seed % 2, faults, fifo, reduced, lazy)
        found = outcomes_of_states(made)
        made.close()
        assert found == expected, (seed, kind.plans, faults, fifo, reduced, lazy)
    return True


@pytest.mark.parametrize("block", range(4))
def test_small_programs_come_out_as_in_every_single_run(block):
    assert sum(compared(seed, 150) for seed in range(block * 12, block * 12 + 12)) >= 3


@pytest.mark.slow
def test_more_programs_come_out_as_in_every_single_run():
    assert sum(compared(seed, 200) for seed in range(100, 130)) >= 6


@pytest.mark.slow
def test_hundreds_of_larger_programs_come_out_the_same_reduced_and_not():
    compared_programs = 0
    for seed in range(1000, 1500):
        kind = program(seed, 3, 4)
        outcomes = []
        for reduced in (False, True):
            made = network(kind, 3, FAULTS[seed % 4], seed % 3 == 0, reduced, reduced)
            try:
                outcomes.append(outcomes_of_states(made))
            except TooMany:
                break
            finally:
                made.close()
        else:
            assert outcomes[0] == outcomes[1], (seed, kind.plans)
            compared_programs += 1
    assert compared_programs >= 300
