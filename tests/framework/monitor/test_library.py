"""The library between threads and sockets of one process; more processes: test_processes.py."""

import logging
import socket
import struct
import threading
from contextlib import ExitStack, contextmanager
from queue import Queue

import pytest
import zmq

from emulators.monitor import DistributedMonitor, MonitorClosed, MonitorError
from tests.framework.monitor.original import Original

PATIENCE = 30.0  # seconds until a test gives up; nothing here takes so long


class Numbers:
    """A list of numbers."""

    def __init__(self):
        self.values = []

    def serialize(self):
        return struct.pack(f">{len(self.values)}i", *self.values)

    def deserialize(self, data):
        self.values = list(struct.unpack(f">{len(data) // 4}i", data))


def addresses(count):
    """Addresses on this computer that nobody uses."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"localhost:{one.getsockname()[1]}" for one in sockets]


@contextmanager
def monitors(count, **options):
    """Monitors of one group, which live in this process."""
    where = addresses(count)
    with ExitStack() as stack:
        yield [
            stack.enter_context(DistributedMonitor(Numbers, index, where, **options))
            for index in range(count)
        ]


def appending(number):
    return lambda state: state.values.append(number)


def values(state):
    return list(state.values)


def in_threads(*tasks):
    """Do everything at the same time; return what came out, and raise what was raised."""
    outcomes = Queue()

    def outcome(task):
        try:
            outcomes.put((task(), None))
        except BaseException as error:
            outcomes.put((None, error))

    for task in tasks:
        threading.Thread(target=outcome, args=(task,), daemon=True).start()
    found = [outcomes.get(timeout=PATIENCE) for _ in tasks]
    for _, error in found:
        if error is not None:
            raise error
    return [value for value, _ in found]


# -- executing


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_one_process_has_done_the_next_one_sees(count):
    with monitors(count) as group:
        for index, monitor in enumerate(group):
            monitor.execute(None, appending(index))
        assert group[0].execute(None, values) == list(range(count))


def test_execute_returns_what_the_task_returns():
    with monitors(1) as (alone,):
        assert alone.execute(None, lambda state: "result") == "result"


def test_a_with_statement_is_a_task():
    with monitors(2) as (one, other):
        with one.when() as state:
            state.values.append(5)
        with other.when(lambda state: state.values == [5]) as state:
            assert state.values == [5]


def test_a_task_waits_until_its_predicate_is_true():
    with monitors(2) as (producer, consumer):
        (taken, _) = sorted(
            in_threads(
                lambda: consumer.execute(lambda s: s.values, lambda s: s.values.pop()),
                lambda: producer.execute(None, appending(7)) or 99,
            )
        )
        assert taken == 7


def test_threads_of_one_process_wait_for_each_other():
    with monitors(1) as (alone,):
        in_threads(
            *[lambda: alone.execute(lambda s: len(s.values) < 3, appending(1))] * 9,
            *[lambda: alone.execute(lambda s: len(s.values) > 0, lambda s: s.values.pop())] * 9,
        )
        assert alone.execute(None, values) == []


def test_threads_of_several_processes_lose_no_update():
    with monitors(3) as group:

        def work(monitor):
            for _ in range(30):
                monitor.execute(None, appending(1))

        in_threads(*[lambda monitor=monitor: work(monitor) for monitor in group * 2])
        assert len(group[0].execute(None, values)) == 180


def test_a_predicate_that_is_false_is_not_asked_all_the_time():
    asked = []
    with monitors(2) as (one, other):
        waiting = threading.Thread(
            target=lambda: one.execute(lambda s: asked.append(1) or s.values, values)
        )
        waiting.start()
        for _ in range(20):
            other.execute(lambda s: True, lambda s: None)
        before = len(asked)
        other.execute(None, appending(1))
        waiting.join(PATIENCE)
    assert before <= 20
    assert len(asked) - before <= 2


# -- what goes wrong in a task


def failing(state):
    state.values.append(13)
    raise KeyError("in the task")


def test_an_exception_in_a_task_is_raised_and_the_token_is_free():
    with monitors(2) as (one, other):
        one.execute(None, appending(1))
        with pytest.raises(KeyError, match="in the task"):
            one.execute(None, failing)
        assert other.execute(None, values) == [1]


def test_what_a_failed_task_has_changed_is_undone_in_its_own_process_too():
    with monitors(1) as (alone,):
        with pytest.raises(KeyError, match="in the task"):
            alone.execute(None, failing)
        assert alone.execute(None, values) == []


def test_an_exception_in_a_predicate_is_raised_and_the_token_is_free():
    with monitors(2) as (one, other):
        with pytest.raises(ZeroDivisionError):
            one.execute(lambda state: 1 / 0, values)
        other.execute(None, appending(1))


def test_a_task_may_not_execute_another_one():
    with monitors(1) as (alone,):
        with pytest.raises(MonitorError, match="must not wait for the monitor"):
            alone.execute(None, lambda state: alone.execute(None, values))
        assert alone.execute(None, values) == []


def test_a_state_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("emulators.monitor.library.LARGEST_FRAME", 100)
    with monitors(1) as (alone,):
        with pytest.raises(MonitorError, match="a state of 80 bytes; 50 are the most"):
            alone.execute(None, lambda state: state.values.extend(range(20)))
        assert alone.execute(None, values) == []


# -- beginning and end


def test_after_the_end_nobody_may_execute():
    with monitors(1) as (alone,):
        alone.die()
        alone.die()
        with pytest.raises(MonitorClosed):
            alone.execute(None, values)


def test_who_waits_when_the_monitor_is_closed_is_told():
    with monitors(1) as (alone,):
        asked = threading.Event()
        outcome = Queue()

        def wait():
            try:
                alone.execute(lambda state: asked.set(), values)
            except MonitorClosed as error:
                outcome.put(error)

        threading.Thread(target=wait).start()
        assert asked.wait(PATIENCE)
        alone.die()
        assert "closed" in str(outcome.get(timeout=PATIENCE))


def test_a_process_that_leaves_hands_on_the_token_at_once():
    with monitors(2, finish_timeout=PATIENCE) as (one, other):
        one.execute(None, appending(1))
        one.die()
        assert other.execute(None, values) == [1]


def test_sockets_and_the_thread_are_closed():
    where = addresses(2)
    before = threading.active_count()
    for _ in range(3):  # the addresses are free again each time
        with DistributedMonitor(Numbers, 0, where, 0.0, 0.0):
            pass
    assert threading.active_count() == before


def test_one_that_starts_late_takes_part():
    where = addresses(2)
    with DistributedMonitor(Numbers, 0, where, start_delay=0.0) as first:
        first.execute(None, appending(1))
        with DistributedMonitor(Numbers, 1, where) as late:
            assert late.execute(None, values) == [1]


def test_index_0_that_is_started_again_makes_no_second_token():
    where = addresses(2)
    with DistributedMonitor(Numbers, 1, where) as lasting:
        with DistributedMonitor(Numbers, 0, where) as first:
            first.execute(None, appending(1))
            lasting.execute(None, appending(2))
        with DistributedMonitor(Numbers, 0, where) as again:
            again.execute(None, appending(3))
        assert lasting.execute(None, values) == [1, 2, 3]


# -- what is refused


@pytest.mark.parametrize(
    ("index", "where", "reason"),
    [
        (2, ["localhost:1", "localhost:2"], "index 2 of 2 addresses"),
        (-1, ["localhost:1"], "index -1 of 1 addresses"),
        (0, ["localhost"], "'localhost' is no address"),
        (0, ["localhost:http"], "is no address"),
        (0, ["localhost:99999"], "is no address"),
        (0, ["localhost:1", "localhost:1"], "the same address"),
        (0, ["localhost:1", "192.0.2.1:2"], "192.0.2.1:2 is not on this computer"),
        (0, ["0.0.0.0:1"], "0.0.0.0:1 is not on this computer"),
        (0, ["no.such.host.invalid:1"], "is not known"),
    ],
)
def test_wrong_addresses_are_refused_in_one_line(index, where, reason):
    with pytest.raises(MonitorError, match=reason) as refused:
        DistributedMonitor(Numbers, index, where)
    assert "\n" not in str(refused.value)


def test_an_address_in_use_is_refused_in_one_line():
    with monitors(1) as (alone,), pytest.raises(MonitorError, match="cannot be used"):
        DistributedMonitor(Numbers, 0, [alone.addresses[0]])


def test_keys_come_together_and_for_everybody():
    public, secret = zmq.curve_keypair()
    with pytest.raises(MonitorError, match="give both or none"):
        DistributedMonitor(Numbers, 0, ["localhost:1"], secret_key=secret)
    with pytest.raises(MonitorError, match="1 public keys for 2 addresses"):
        DistributedMonitor(
            Numbers, 0, ["localhost:1", "localhost:2"], secret_key=secret, public_keys=[public]
        )


def test_without_pyzmq_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "zmq", None)
    with pytest.raises(MonitorError, match="pip install pyzmq"):
        DistributedMonitor(Numbers, 0, ["localhost:1"])


# -- on the wire


class Wire:
    """The sockets of process 1 (of 2) of another make: it sees every byte that process 0 sends."""

    def __init__(self, where, curve=None):
        self.context = zmq.Context()
        self.publisher = self.context.socket(zmq.PUB)
        self.heard = self.context.socket(zmq.SUB)
        self.heard.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        if curve:
            curve(self.publisher, self.heard)
        for topic in (struct.pack(">i", 0), struct.pack(">i", 2)):
            self.heard.setsockopt(zmq.SUBSCRIBE, topic)
        self.publisher.bind(f"tcp://127.0.0.1:{where[1].rpartition(':')[2]}")
        self.heard.connect(f"tcp://127.0.0.1:{where[0].rpartition(':')[2]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=0)

    def ask(self, frame):
        """Publish a frame again and again until something comes; return that."""
        for _ in range(int(PATIENCE * 10)):
            self.publisher.send(frame)
            if self.heard.poll(100):
                return self.heard.recv()
        raise AssertionError("nothing has come")


def test_an_idle_holder_answers_a_request_with_the_documented_token():
    where = addresses(2)
    with Wire(where) as wire, DistributedMonitor(Numbers, 0, where, 0.0, 0.0) as monitor:
        monitor.execute(None, appending(7))
        token = wire.ask(bytes.fromhex("000000000000000200000001"))
        assert token.hex(" ", 4) == "00000002 00000000 00000000 00000000 00000007"


def test_a_request_is_the_documented_one_and_is_repeated():
    where = addresses(2)
    with Wire(where) as wire, DistributedMonitor(Numbers, 0, where, 0.0, 0.0) as monitor:
        wire.ask(bytes.fromhex("000000000000000200000001"))
        threading.Thread(target=lambda: monitor.execute(None, appending(8)), daemon=True).start()
        requests = [wire.heard.recv() for _ in range(3)]
        assert {request.hex(" ", 4) for request in requests} == {"00000000 00000001 00000001"}
        back = bytes.fromhex("00000001 00000000 00000000 00000001 00000005".replace(" ", ""))
        wire.publisher.send(back)
        while monitor.execute(None, values) != [5, 8]:
            pass


def test_frames_that_are_none_are_dropped_and_logged(caplog):
    where = addresses(2)
    with (
        caplog.at_level(logging.WARNING, "emulators.monitor"),
        Wire(where) as wire,
        DistributedMonitor(Numbers, 0, where, 0.0, 0.0),
    ):
        wire.ask(bytes.fromhex("000000000000000200000001"))
        wire.publisher.send(b"\0\0\0\0\0")
        for _ in range(100):
            if "dropped a frame of 5 bytes: 5 bytes are too few" in caplog.text:
                break
            wire.heard.poll(50)
        assert "dropped a frame of 5 bytes" in caplog.text


def test_a_process_of_another_make_takes_part():
    """It appends 100, 101, …, one at each turn; ours appends 0, 1, … at the same time."""
    where = addresses(2)
    with Wire(where) as wire, DistributedMonitor(Numbers, 0, where, 0.0, 0.5) as monitor:
        original = Original(2, 2, wire.publisher.send)
        original.receive(wire.ask(bytes.fromhex("000000000000000200000001")))
        original.rn[1] = 1
        result = Queue()

        def work():
            for number in range(20):
                monitor.execute(None, appending(number))
            result.put(monitor.execute(lambda state: len(state.values) == 40, values))

        threading.Thread(target=work, daemon=True).start()
        for number in range(100, 120):
            original.ask()
            while not original.has_token or wire.heard.poll(0):
                original.receive(wire.heard.recv())
            original.release(original.state + struct.pack(">i", number))
        while result.empty():
            if wire.heard.poll(20):
                original.receive(wire.heard.recv())
            if original.has_token:
                original.release(original.state)
    found = result.get()
    assert sorted(found) == [*range(20), *range(100, 120)]
    assert [one for one in found if one < 100] == list(range(20))


def keyed(own, servers):
    """Return what gives the sockets of a wire their keys."""
    public, secret = own

    def curve(publisher, heard):
        for one in (publisher, heard):
            one.setsockopt(zmq.CURVE_PUBLICKEY, public)
            one.setsockopt(zmq.CURVE_SECRETKEY, secret)
        publisher.setsockopt(zmq.CURVE_SERVER, 1)
        heard.setsockopt(zmq.CURVE_SERVERKEY, servers[0])

    return curve


def test_with_keys_the_frames_are_the_same():
    where = addresses(2)
    pairs = [zmq.curve_keypair() for _ in range(2)]
    public = [key for key, _ in pairs]
    with (
        Wire(where, keyed(pairs[1], public)) as wire,
        DistributedMonitor(Numbers, 0, where, 0.0, 0.0, secret_key=pairs[0][1], public_keys=public),
    ):
        token = wire.ask(bytes.fromhex("000000000000000200000001"))
        assert token.hex(" ", 4) == "00000002 00000000 00000000 00000000"


def test_with_keys_monitors_work_together():
    where = addresses(2)
    pairs = [zmq.curve_keypair() for _ in range(2)]
    public = [key for key, _ in pairs]
    one, other = (
        DistributedMonitor(Numbers, index, where, secret_key=pair[1], public_keys=public)
        for index, pair in enumerate(pairs)
    )
    with one, other:
        one.execute(None, appending(1))
        assert other.execute(None, values) == [1]


def test_an_unknown_key_is_refused_and_logged(caplog):
    where = addresses(2)
    pairs = [zmq.curve_keypair() for _ in range(2)]
    public = [key for key, _ in pairs]
    stranger = zmq.curve_keypair()
    with (
        caplog.at_level(logging.WARNING, "emulators.monitor"),
        Wire(where, keyed(stranger, public)) as wire,
        DistributedMonitor(
            Numbers, 0, where, 0.0, 0.0, secret_key=pairs[0][1], public_keys=public
        ) as monitor,
    ):
        for _ in range(100):
            wire.publisher.send(bytes.fromhex("000000000000000200000001"))
            if "its key is not known" in caplog.text:
                break
            wire.heard.poll(50)
        assert "refused a process at 127.0.0.1" in caplog.text
        assert not wire.heard.poll(200)
        monitor.execute(None, appending(1))
