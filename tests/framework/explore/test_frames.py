"""Suspended in the middle of everything that Python has: nothing is merged that differs."""

import contextlib
from functools import partial
from typing import Any

import pytest

from emulators.Device import Device
from emulators.explore import stack
from emulators.explore.cells import Faults
from emulators.explore.frames import shape
from tests.framework.explore.plain import network, outcomes_of_runs, outcomes_of_states
from tests.framework.making import Note


class Suspended(Device):
    """Device 1 sends two notes; device 0 looks for them in one of many ways."""

    way: Any = None

    def run(self):
        self.got = []
        if self.index:
            self.medium.send(Note(1, 0, "a"))
            self.medium.send(Note(1, 0, "b"))
        else:
            self.way()
        self.got.append("end")

    def outcome(self):
        return tuple(self.got)

    def look(self):
        note = self.medium.receive()
        return None if note is None else note.text

    @property
    def seen(self):
        return self.look()


def for_loop(self):
    for number in range(3):
        self.got.append((number, self.look()))


def loop_that_counts_only(self):
    for _ in range(3):
        self.medium.receive()
    self.got.append("done")


def nested_loops(self):
    for outer in "xy":
        for inner in (0, 1):
            if self.look() == "a":
                self.got.append((outer, inner))


def while_loop(self):
    tries = 0
    while self.look() is None and tries < 2:
        tries += 1
    self.got.append(tries)


def with_statement(self):
    @contextlib.contextmanager
    def noted():
        self.got.append("in")
        yield
        self.got.append("out")

    with noted():
        self.got.append(self.look())
    self.got.append(self.look())


def own_context_manager(device):
    class Lock:
        def __enter__(self):
            self.first = device.look()

        def __exit__(self, *raised):
            device.got.append((self.first, device.look()))

    with Lock():
        device.look()


def try_and_finally(self):
    try:
        if self.look():
            raise ValueError("found")
        self.got.append("nothing")
    except ValueError as error:
        self.got.append((str(error), self.look()))
    finally:
        self.got.append(self.look())


def list_comprehension(self):
    self.got += [self.look() for _ in range(3)]


def dict_comprehension(self):
    self.got.append(tuple({number: self.look() for number in range(2)}.items()))


def generator_expression(self):
    self.got.append(any(self.look() == "b" for _ in range(3)))


def generator(self):
    def looks():
        before = None
        for _ in range(3):
            before, now = self.look(), before
            yield now, before

    self.got += looks()


def map_in_c(self):
    def numbered(number):
        return number, self.look()

    self.got += map(numbered, range(2))


def key_of_a_sort(self):
    self.got += sorted([1, 2, 3], key=lambda number: str(self.look()))


def recursion(self):
    def down(depth):
        found = self.look()
        if depth:
            down(depth - 1)
        self.got.append((depth, found))

    down(2)


def closure(self):
    last = None

    def remember():
        nonlocal last
        before, last = last, self.look()
        return before

    for _ in range(3):
        self.got.append(remember())


def getter(self):
    self.got.append(self.seen or self.seen)


def argument_in_the_making(self):
    self.got.append(f"{self.look()} {self.look()}")


def pair_in_the_making(self):
    self.got.append((self.look(), self.look(), self.look()))


def sum_in_the_making(self):
    self.got.append(str(self.look()) + str(self.look()))


def partial_call(self):
    look = partial(Suspended.look, self)
    self.got.append((look(), look()))


def starred_call(self):
    def keep(*things, **named):
        self.got.append((things, self.look(), *named.items()))

    keep(*[self.look()], last=self.look())


def enumerated(self):
    for number, letter in enumerate("xyz"):
        if self.look():
            self.got.append((number, letter))


def zipped(self):
    for one, other in zip("xy", "uv", strict=True):
        self.got.append((one, self.look(), other))


def dictionary_being_iterated(self):
    for name in {"x": 1, "y": 2}:
        self.got.append((name, self.look()))


def own_iterator(device):
    class Looks:
        def __init__(self):
            self.left = 3

        def __iter__(self):
            return self

        def __next__(self):
            self.left -= 1
            if not self.left:
                raise StopIteration
            return device.look()

    device.got += Looks()
    for found in Looks():
        device.got.append(found)


def comparison(device):
    class Looking:
        def __eq__(self, other):
            return device.look() == other

    device.got.append([Looking(), Looking()] == ["a", "b"])


def stale_local(self):
    note = self.look()
    self.look()
    note = self.look()
    self.got.append(note)


def shared_list(self):
    one: list[Any] = []
    other = one if self.look() else []
    self.look()
    one.append("x")
    self.got.append(len(other))


def order_of_a_dictionary(self):
    found: dict[Any, int] = {}
    for _ in range(2):
        found[self.look()] = 1
    self.look()
    self.got += found


WAYS = [
    made
    for made in list(globals().values())
    if getattr(made, "__module__", "") == __name__ and hasattr(made, "__code__")
]


@pytest.mark.parametrize("readable", [True, False], ids=["stack", "no stack"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_suspended_device_comes_out_as_in_every_single_run(way, readable, monkeypatch):
    monkeypatch.setattr(stack, "readable", lambda: readable)
    kind = type("Way", (Suspended,), {"way": way})
    expected = outcomes_of_runs(kind, 2, Faults(), False)
    for reduced in (False, True):
        made = network(kind, 2, Faults(), False, reduced, reduced)
        assert outcomes_of_states(made) == expected
        made.close()


def test_the_stack_can_be_read_in_this_python():
    assert stack.readable()


def stale(pause):
    used, unused = object(), object()
    pause(unused)
    return used


def test_a_local_that_is_never_read_again_is_not_live():
    known = shape(stale.__code__)
    call = next(
        one.offset
        for one in reversed(known.instructions)
        if one.opname in ("CALL", "CALL_FUNCTION")
    )
    assert "used" in known.live(call)
    assert "unused" not in known.live(call)


def under_super(self):
    return super().run()


def with_arguments(self):
    return self.first.second(self.third(1), key=len("four"))


@pytest.mark.parametrize(("function", "called"), [(under_super, "run"), (with_arguments, "second")])
def test_the_name_of_what_a_call_calls_is_known(function, called):
    known = shape(function.__code__)
    last = [
        one.offset
        for one in known.instructions
        if one.opname in ("CALL", "CALL_KW", "CALL_FUNCTION", "CALL_METHOD", "CALL_FUNCTION_KW")
    ][-1]
    known.check_call(last, called)
