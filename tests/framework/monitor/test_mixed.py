"""Processes of ours and one of another make, which knows the documented format only."""

from collections import deque

import pytest

from emulators.monitor.actions import Done, Enter, Send
from emulators.monitor.protocol import Protocol
from emulators.monitor.timing import Timing
from tests.framework.monitor.original import Original
from tests.framework.monitor.wild import packed, unpacked

OTHER = 2  # the index of the process of another make


class Group:
    """Indices 0 and 1 are ours, 2 is not. Frames arrive at once and in order; time is told."""

    def __init__(self):
        self.now = 0.0
        self.dead = set()
        self.done = []
        self._queue = deque()
        self._next = 0
        timing = Timing(start=0.0)
        self.ours = [
            Protocol(index, 3, b"", 0.0, incarnation=7 + index, timing=timing) for index in (0, 1)
        ]
        self.original = Original(3, 3, lambda frame: self._queue.append((OTHER, None, frame)))
        self.settle()

    def settle(self):
        """Deliver all that is on its way, and let everybody in who may."""
        while self._act() or self._queue:
            if not self._queue:
                continue
            sender, to, frame = self._queue.popleft()
            everybody = {0, 1, OTHER} - {sender}
            for receiver in (everybody if to is None else {to}) - self.dead:
                self._deliver(sender, receiver, frame)

    def _act(self):
        """Do what the protocols want done; return whether there was something."""
        actions = [(index, one) for index, ours in enumerate(self.ours) for one in ours.take()]
        for index, action in actions:
            self._do(index, action)
        return bool(actions)

    def _deliver(self, sender, receiver, frame):
        if receiver == OTHER:
            self.original.receive(frame)
        else:
            self.ours[receiver].receive(frame, self.now, sender)

    def _do(self, index, action):
        if index in self.dead:
            return
        if isinstance(action, Send):
            self._queue.append((index, action.to, action.frame))
        elif isinstance(action, Enter):
            state = [*unpacked(action.state), self.number()]
            self.ours[index].executed(action.ticket, packed(state), self.now)
        elif isinstance(action, Done):
            assert not action.lost
            self.done.append(index)

    def number(self):
        self._next += 1
        return self._next

    def execute(self, index):
        """Let a process do a task, which appends a number to the state."""
        if index == OTHER:
            self.original.ask()
            self.settle()
            self.wait(0.5)
            assert self.original.has_token
            state = [*unpacked(self.original.state), self.number()]
            self.original.release(packed(state))
        else:
            self.ours[index].want(self.now)
        self.settle()

    def give(self):
        """Let the process of another make hand on a token that it does not use."""
        if self.original.has_token:
            self.original.release(self.original.state)
        self.settle()

    def wait(self, seconds):
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            for index in {0, 1} - self.dead:
                self.ours[index].tick(self.now)
            self.settle()

    def kill(self, index):
        self.dead.add(index)
        for other in {0, 1} - self.dead:
            self.ours[other].lost(index, self.now)
        self.settle()

    def states(self):
        return [unpacked(self.ours[index].newest.state) for index in {0, 1} - self.dead]


@pytest.fixture
def group():
    made = Group()
    made.wait(1.0)
    return made


def test_everybody_sees_what_the_others_have_done(group):
    for index in (0, OTHER, 1, OTHER, 0, 1):
        group.execute(index)
        group.give()
    assert group.states() == [[1, 2, 3, 4, 5, 6]] * 2
    assert group.done == [0, 1, 0, 1]


def test_a_request_of_the_other_make_is_served_at_once_by_an_idle_holder(group):
    group.execute(1)
    group.original.ask()
    group.settle()
    assert group.original.has_token
    assert unpacked(group.original.state) == [1]


def test_a_holder_of_ours_that_dies_is_replaced_and_the_other_make_goes_on(group):
    group.execute(OTHER)
    group.give()
    group.execute(0)
    group.give()
    assert group.ours[0].holds
    group.kill(0)
    assert group.ours[1].holds
    for index in (1, OTHER, 1):
        group.execute(index)
        group.give()
    assert group.states() == [[1, 2, 3, 4, 5]]


def test_a_request_of_the_other_make_is_not_forgotten_with_a_dead_holder(group):
    group.execute(0)
    inside = group.ours[0].want(group.now)
    group.ours[0].take()  # it is inside for ever
    group.original.ask()
    group.settle()
    assert not group.original.has_token
    group.kill(0)
    group.wait(1.0)
    assert group.original.has_token
    assert inside is not None


def test_a_holder_of_the_other_make_that_dies_costs_what_it_has_sent_to_nobody(group):
    group.execute(0)
    group.original.ask()
    group.settle()
    group.original.state = packed([1, 99])
    group.kill(OTHER)
    group.wait(1.0)
    group.execute(1)
    assert group.states() == [[1, 2], [1, 2]]


def test_a_token_at_a_silent_process_of_the_other_make_is_not_made_again(group):
    group.original.ask()
    group.settle()
    group.ours[1].want(group.now)
    group.wait(60.0)
    assert group.original.has_token
    assert not any(one.holds for one in group.ours)
    group.give()
    assert group.done == [1]


def test_a_process_of_the_other_make_that_does_not_listen_yet_gets_no_token():
    holder = Protocol(0, 2, b"", 0.0, timing=Timing(start=0.0), deaf=True)
    holder.receive(bytes.fromhex("000000000000000200000001"), 1.0, 1)
    assert holder.holds
    holder.hears(1, 2.0)
    assert not holder.holds
