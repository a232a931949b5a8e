"""The algorithm by itself: who gets the token, with which state, and what it costs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.monitor.actions import Done, Enter, Note, Send
from emulators.monitor.protocol import Protocol
from emulators.monitor.timing import Timing
from emulators.monitor.wire import Beat, Request, Token, decoded, frame_of_control
from tests.framework.monitor.wild import Network, World, packed, unpacked


def frames(actions, kind):
    """The documented frames of a kind that are to be sent."""
    found = [decoded(one.frame, 3, 99) for one in actions if isinstance(one, Send)]
    return [frame for frame in found if isinstance(frame, kind)]


def ready(me=0, number=3, **timing) -> Protocol:
    """A protocol among processes of another make, which never answer; it has begun."""
    made = Protocol(me, number, b"", 0.0, timing=Timing(start=0.0, **timing))
    made.take()
    return made


def request(sender: int, number: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in (0, sender + 1, number))


def execute(protocol: Protocol, state: bytes, now: float = 1.0):
    """Execute a task where the token is here; return what is to be done after it."""
    ticket = protocol.want(now)
    assert any(isinstance(one, Enter) for one in protocol.take())
    protocol.executed(ticket, state, now)
    return protocol.take()


# -- one process, frame by frame


def test_index_0_has_the_token_and_enters_without_a_frame():
    actions = execute(ready(), b"x")
    assert [type(one) for one in actions if not isinstance(one, Send)] == [Done]
    assert frames(actions, Request) == frames(actions, Token) == []


def test_an_idle_holder_serves_a_request_at_once():
    holder = ready()
    holder.receive(request(1, 1), 1.0)
    (token,) = frames(holder.take(), Token)
    assert (token.recipient, token.body.queue, token.body.ln) == (1, (), (0, 0, 0))


def test_a_holder_that_is_inside_serves_a_request_when_it_leaves():
    holder = ready()
    ticket = holder.want(1.0)
    holder.take()
    holder.receive(request(2, 1), 1.0)
    assert frames(holder.take(), Token) == []
    holder.executed(ticket, b"new", 1.1)
    (token,) = frames(holder.take(), Token)
    assert (token.recipient, token.body.state) == (2, b"new")


def test_those_who_wait_are_queued_in_the_order_of_their_indices():
    holder = ready(1)
    holder.want(1.0)
    holder.receive(token_for(1), 1.0)
    holder.take()
    for sender in (2, 0):
        holder.receive(request(sender, 1), 1.0)
    holder.executed(holder._inside, b"", 1.0)
    (token,) = frames(holder.take(), Token)
    assert (token.recipient, token.body.queue) == (0, (2,))


def token_for(index: int, queue=(), ln=(0, 0, 0), state: bytes = b"") -> bytes:
    numbers = [index + 1, len(queue), *(one + 1 for one in queue), *ln]
    return b"".join(number.to_bytes(4, "big") for number in numbers) + state


def test_a_queue_that_was_received_comes_before_newer_requests():
    holder = ready(1)
    ticket = holder.want(1.0)
    holder.receive(request(0, 1), 1.0)
    holder.receive(token_for(1, queue=(2,)), 1.0)
    holder.take()
    holder.executed(ticket, b"", 1.0)
    (token,) = frames(holder.take(), Token)
    assert (token.recipient, token.body.queue) == (2, (0,))


def test_a_request_that_was_served_is_not_served_again():
    holder = ready()
    holder.receive(request(1, 1), 1.0)
    holder.receive(token_for(0, ln=(0, 1, 0)), 2.0)
    holder.take()
    holder.receive(request(1, 1), 3.0)
    assert frames(holder.take(), Token) == []


def test_who_needs_the_token_asks_with_the_next_number():
    asker = ready(1)
    asker.want(1.0)
    assert frames(asker.take(), Request) == [Request(1, 1)]


def test_a_request_without_an_answer_is_repeated_with_the_same_number():
    asker = ready(1)
    asker.want(1.0)
    asker.take()
    asker.tick(asker.deadline())
    asker.tick(1.3)
    assert frames(asker.take(), Request) == [Request(1, 1)]


def test_a_token_that_comes_twice_counts_once():
    holder = ready(1)
    ticket = holder.want(1.0)
    holder.receive(token_for(1, ln=(3, 0, 0)), 1.0)
    holder.receive(request(0, 4), 1.0)
    holder.executed(ticket, b"new", 1.0)
    holder.receive(token_for(1, ln=(3, 0, 0)), 2.0)
    assert not holder.holds


def test_a_token_for_somebody_else_is_kept_as_a_copy():
    other = ready(2)
    other.receive(token_for(1, ln=(1, 0, 0), state=b"seen"), 1.0)
    assert (other.newest.state, other.holds) == (b"seen", False)


def test_a_predicate_that_is_false_hands_the_token_on():
    holder = ready()
    ticket = holder.want(1.0)
    holder.receive(request(1, 1), 1.0)
    holder.take()
    holder.refused(ticket, 1.0)
    (token,) = frames(holder.take(), Token)
    assert token.recipient == 1


def test_a_predicate_that_is_false_with_nobody_waiting_is_not_asked_again_at_once():
    holder = ready(patience=1.0)
    ticket = holder.want(1.0)
    holder.take()
    holder.refused(ticket, 1.0)
    for step in range(9):
        holder.tick(1.0 + step / 10)
    assert not [one for one in holder.take() if isinstance(one, Enter)]
    holder.tick(2.0)
    assert [one.ticket for one in holder.take() if isinstance(one, Enter)] == [ticket]


def test_a_predicate_that_was_false_is_asked_again_when_the_state_has_changed():
    asker = ready(1)
    asker.receive(token_for(1), 1.0)
    ticket = asker.want(1.0)
    asker.receive(request(0, 1), 1.0)
    asker.refused(ticket, 1.0)
    assert frames(asker.take(), Request) == []
    asker.receive(token_for(2, ln=(1, 0, 0), state=b"changed"), 1.1)
    assert frames(asker.take(), Request) == [Request(1, 2)]


def test_a_frame_that_is_malformed_is_dropped_with_a_note():
    protocol = ready()
    protocol.receive(b"\0\0", 1.0, 1)
    (note,) = [one for one in protocol.take() if isinstance(one, Note)]
    assert (note.warning, note.text) == (True, "dropped a frame of 2 bytes: 2 bytes are too few")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [(request(2, 1), "process 2, and comes from 1"), (request(0, 1), "from this process")],
    ids=["of another", "of ours"],
)
def test_a_frame_under_a_false_name_is_dropped(frame, reason):
    protocol = ready()
    protocol.receive(frame, 1.0, 1)
    (note,) = [one for one in protocol.take() if isinstance(one, Note)]
    assert reason in note.text
    assert protocol.rn == [0, 0, 0]


def test_a_token_that_was_not_used_does_not_leave_as_it_came():
    idle = ready(1)
    idle.receive(token_for(1, ln=(1, 0, 0)), 1.0)
    idle.take()
    idle.receive(request(2, 1), 2.0)
    (token,) = frames(idle.take(), Token)
    assert token.body.age > 1


def test_a_process_begins_when_all_others_of_ours_have_answered():
    starting = Protocol(1, 3, b"", 0.0)
    for other in (0, 2):
        assert not starting.ready
        beat = Beat(other, 1, 0, other == 0, False)
        starting.receive(frame_of_control(beat), 0.1, other)
    assert starting.ready


def test_a_process_begins_without_those_that_do_not_answer_in_time():
    starting = Protocol(1, 3, b"", 0.0, timing=Timing(start=5.0))
    starting.tick(4.9)
    assert not starting.ready
    starting.tick(5.0)
    assert starting.ready


def test_index_0_gives_up_its_first_token_if_the_others_have_seen_one_already():
    again = Protocol(0, 2, b"", 0.0)
    again.receive(frame_of_control(Beat(1, 5, 0, False, True)), 0.1, 1)
    assert (again.ready, again.holds) == (True, False)


def test_the_numbers_of_requests_end_with_an_error():
    asker = ready(1)
    asker.rn[1] = 2**31 - 1
    with pytest.raises(OverflowError, match="start all processes anew"):
        asker.want(1.0)


# -- several processes


@pytest.mark.parametrize("number", [1, 2, 3, 5, 10])
def test_every_process_executes_all_its_tasks_one_at_a_time(number):
    world = World(number, 20)
    world.run_to_the_end()
    world.judge()
    assert (len(world.done), world.lost, world.overlaps) == (20 * number, [], 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32), st.floats(0, 0.15), st.floats(0, 0.3))
def test_loss_copies_and_overtaking_do_no_harm(number, seed, loss, copies):
    world = World(number, 10, seed, Network(0.05, loss, copies))
    world.run_to_the_end()
    world.judge()
    assert (len(world.done), world.lost, world.overlaps) == (10 * number, [], 0)


def test_no_token_is_made_again_where_nobody_fails():
    for seed in range(30):
        world = World(2 + seed % 4, 20, seed, Network(0.05, 0.02, 0.1))
        world.run_to_the_end()
        assert world.renewed == 0


def test_a_state_goes_from_hand_to_hand_as_it_was_left():
    world = World(3, 10)
    world.run_to_the_end()
    assert sorted(world.newest()) == sorted(world.done)


def test_producers_and_consumers_wait_for_each_other_without_asking_in_vain_all_the_time():
    """Index 0 executes when there is an even number of entries, the others when it is odd."""
    world = World(3, 20, predicate=lambda index, state: len(state) % 2 == (index != 0))
    world.processes[0].wanted = 40
    world.run_to_the_end()
    world.judge()
    assert world.asked_in_vain < 3 * len(world.done)


def test_nobody_asks_while_the_state_stays_as_it_is():
    world = World(4, 5, predicate=lambda index, state: False, timing=Timing(patience=1e9))
    world.run(5.0)
    asked = world.asked_in_vain
    world.run(60.0)
    assert world.asked_in_vain == asked


@pytest.mark.slow
def test_hours_of_virtual_time_lose_nothing():
    timing = Timing(start=60.0, beat=15.0, detection=60.0, repeat=10.0)
    world = World(4, 3_000, network=Network(2.0), timing=timing)
    world.keep = 1000
    world.run_to_the_end(limit=1e9)
    assert world.now > 2 * 3600
    assert (len(world.done), world.lost, world.overlaps) == (12_000, [], 0)


def test_a_process_that_leaves_hands_the_token_to_another_one():
    world = World(3, 0)
    world.run(1.0)
    assert world.holder() == 0
    world.processes[0].protocol.leave(world.now)
    world.run(2.0)
    assert world.processes[0].protocol.finished
    assert world.holder() == 1


def test_the_last_process_may_leave_with_the_token():
    alone = World(1, 0).processes[0].protocol
    alone.leave(1.0)
    assert alone.finished


def test_packing_of_these_tests_is_right():
    assert unpacked(packed([1, 70000, -1])) == [1, 70000, -1]
