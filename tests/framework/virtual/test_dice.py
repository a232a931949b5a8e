"""``random``, ``secrets`` and ``uuid`` are drawn through the choices of the run."""

import random
import secrets
import uuid
from random import choice, randint, shuffle

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.choices import Recording, Seeded
from emulators.kernel.tasks import Scheduler
from tests.framework.making import both, device, run

REAL = [random.Random]  # where no stand-in takes its place


def of(function, seed=1):
    """Return what a function returns within a run."""

    class Kind(Device):
        def run(self):
            self.result = function()

    (made,) = run(AsyncEmulator, Kind, 1, seed).devices
    return made.result


DRAWS = {
    "random": lambda: random.random(),
    "randint": lambda: randint(1, 10**6),
    "randrange": lambda: random.randrange(0, 10**6, 5),
    "uniform": lambda: random.uniform(0, 1),
    "gauss": lambda: random.gauss(0, 1),
    "expovariate": lambda: random.expovariate(1),
    "choice": lambda: choice(range(10**6)),
    "choices": lambda: random.choices(range(10**6), k=3),
    "sample": lambda: random.sample(range(10**6), 3),
    "shuffle": lambda: shuffled(list(range(50))),
    "getrandbits": lambda: random.getrandbits(100),
    "randbytes": lambda: random.randbytes(8),
    "Random": lambda: random.Random().random(),
    "SystemRandom": lambda: random.SystemRandom().random(),
    "many alternatives": lambda: random.randrange(10**40),
    "token_hex": lambda: secrets.token_hex(),
    "token_bytes": lambda: secrets.token_bytes(5),
    "secrets.choice": lambda: secrets.choice(range(10**6)),
    "randbelow": lambda: secrets.randbelow(10**6),
    "uuid4": lambda: uuid.uuid4(),
    "uuid1": lambda: uuid.uuid1(),
}


def shuffled(items):
    shuffle(items)
    return items


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_seed_of_the_run_decides_every_draw(draw):
    assert of(draw, seed=1) == of(draw, seed=1)
    assert of(draw, seed=1) != of(draw, seed=2)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_outside_a_run_draws_are_real(draw):
    of(draw)
    assert draw() != draw()


def test_draws_of_devices_come_from_one_generator():
    @device
    def kind(self):
        self.drawn = random.random()

    drawn = {made.drawn for made in run(AsyncEmulator, kind, 10).devices}
    assert len(drawn) == 10


@both
def test_draws_in_constructors_are_decided_by_the_seed_too(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.leader = random.choice(medium.ids)
            self.value = random.random()

        def run(self):
            pass

    first, second = (run(emulator, Kind, 5).devices for _ in range(2))
    assert [made.value for made in first] == [made.value for made in second]
    assert [made.leader for made in first] == [made.leader for made in second]


def test_a_draw_is_a_decision_that_can_be_recorded():
    recording = Recording(Seeded(1))

    @device
    def kind(self):
        self.drawn = random.randrange(1000), random.random(), random.getrandbits(5)

    ran = run(AsyncEmulator, kind, 1, scheduler=Scheduler(recording))
    assert list(ran.devices[0].drawn) == recording.taken


def test_a_seed_of_the_students_own_is_honoured():
    def seeded():
        random.seed(42)
        return [randint(1, 6) for _ in range(20)] + [random.random(), shuffled([1, 2, 3, 4])]

    def real():
        generator = REAL[0](42)
        drawn = [generator.randint(1, 6) for _ in range(20)] + [generator.random()]
        items = [1, 2, 3, 4]
        generator.shuffle(items)
        return [*drawn, items]

    assert of(seeded, seed=1) == of(seeded, seed=2) == real()


def test_without_a_seed_draws_come_from_the_run_again():
    def seeded():
        random.seed(42)
        random.seed()
        return random.random()

    assert of(seeded, seed=1) != of(seeded, seed=2)


def test_a_generator_with_a_seed_is_the_real_thing():
    assert of(lambda: random.Random(7).random()) == REAL[0](7).random()


def test_a_seed_in_a_constructor_holds_for_run():
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            random.seed(index)

        def run(self):
            self.drawn = random.random()

    assert run(AsyncEmulator, Kind, 1, seed=5).devices[0].drawn == REAL[0](0).random()


def test_draws_are_even():
    def counted():
        return [sum(randint(1, 6) == face for _ in range(6000)) for face in range(1, 7)]

    assert all(800 < count < 1200 for count in of(counted))


@pytest.mark.parametrize("wrong", [lambda: choice([]), lambda: randint(2, 1)])
def test_impossible_draws_raise_as_usual(wrong):
    def tried():
        with pytest.raises((IndexError, ValueError)):
            wrong()
        return True

    assert of(tried)
