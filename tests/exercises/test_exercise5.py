"""Lecture 5: multicast. Each class keeps its promise, the template and the solution alike."""

import importlib.util
import operator
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.limits import Limits
from emulators.MessageStub import MessageStub
from emulators.trace.events import Trace
from exercises.exercise5 import (
    BasicMulticast,
    COMulticast,
    IPMulticast,
    ISISMulticast,
    MulticastListener,
    MulticastMessage,
    Order,
    ReliableIPMulticast,
    ReliableMulticast,
    TOSEQMulticast,
    Vote,
)
from tests.running import run
from tests.solutions.exercise5 import FifoTOSEQMulticast, ReliableFifoTOSEQMulticast
from tests.solutions.exercise5 import ISISMulticast as SolvedISISMulticast

PICTURES = Path(__file__).resolve().parents[2] / "docs/lectures/pictures"
SIZES = (2, 3, 4, 5, 7)
MILD, HARSH = (0, 0.05), (0, 0.5)
SOLVED = ("FifoTOSEQMulticast", "ReliableFifoTOSEQMulticast", "ISISMulticast")


def runs(algorithm, seeds, network="async", **options):
    """Runs of one algorithm: sizes and latencies change with the seed, and all is delivered."""
    for seed in seeds:
        yield run(
            5,
            algorithm,
            network,
            devices=SIZES[seed % len(SIZES)],
            seed=seed,
            latency=HARSH if seed % 2 else MILD,
            settings={"CONTENTS": 3, "PAUSE": 0.2} | ({"LOSS": 0} if "IP" in algorithm else {}),
            max_rounds=30,
            max_time=5,
            **options,
        )


# --- what is looked at ---------------------------------------------------------------------------


def delivered(result):
    return [device._application.delivered() for device in result.devices]


def everything(result):
    return {
        f"{device.index}#{number}"
        for device in result.devices
        for number in range(1, device._application._mid + 1)
    }


def all_deliver_all_once(result):
    return all(sorted(contents) == sorted(everything(result)) for contents in delivered(result))


def nothing_twice_and_nothing_invented(result):
    return all(
        len(set(contents)) == len(contents) and set(contents) <= everything(result)
        for contents in delivered(result)
    )


def total_order(result):
    """Every device has delivered a beginning of the same sequence."""
    longest = max(delivered(result), key=len)
    return all(longest[: len(contents)] == contents for contents in delivered(result))


def fifo_order(result):
    return all(device._application.overtaken() == 0 for device in result.devices)


def causes(result):
    """For each content, what its sender had sent or delivered before it sent it."""
    before = {}
    for device in result.devices:
        seen = set()
        for event, content in device._application.history:
            if event == "send":
                before[content] = set(seen)
            seen.add(content)
    return before


def causal_order(result):
    before = causes(result)
    for contents in delivered(result):
        seen = set()
        for content in contents:
            if not before[content] <= seen:
                return False
            seen.add(content)
    return True


# --- the promises --------------------------------------------------------------------------------


GIVEN = {
    "BasicMulticast": [],
    "ReliableMulticast": [],
    "ReliableIPMulticast": [fifo_order],
    "TOSEQMulticast": [total_order],
    "ISISMulticast": [],
    "COMulticast": [fifo_order, causal_order],
}
HUNDRED = [("async", range(50)), ("sync", range(50, 100))]


@pytest.mark.parametrize(("network", "seeds"), HUNDRED)
@pytest.mark.parametrize(("algorithm", "promises"), GIVEN.items())
def test_a_given_multicast_delivers_all_once_in_the_order_it_promises(
    algorithm, promises, network, seeds
):
    for result in runs(algorithm, seeds, network):
        assert result.failures == []
        assert all_deliver_all_once(result)
        assert all(promise(result) for promise in promises)


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize(
    ("algorithm", "promises"),
    [
        ("FifoTOSEQMulticast", [total_order, fifo_order, causal_order]),
        ("ReliableFifoTOSEQMulticast", [total_order, fifo_order]),
        ("ISISMulticast", [total_order]),
    ],
)
def test_a_solved_multicast_delivers_all_once_in_the_order_it_promises(
    algorithm, promises, network
):
    for result in runs(algorithm, range(30), network, solution=True):
        assert result.failures == []
        assert all_deliver_all_once(result)
        assert all(promise(result) for promise in promises)


@pytest.mark.parametrize(
    ("algorithm", "promise"),
    [
        ("BasicMulticast", total_order),
        ("BasicMulticast", fifo_order),
        ("BasicMulticast", causal_order),
        ("ReliableMulticast", total_order),
        ("ReliableIPMulticast", causal_order),
        ("TOSEQMulticast", fifo_order),
        ("ISISMulticast", total_order),
        ("COMulticast", total_order),
        ("FifoGroupMulticast", fifo_order),
    ],
)
def test_an_order_that_is_not_promised_is_broken_by_some_run(algorithm, promise):
    assert not all(promise(result) for result in runs(algorithm, range(1, 40, 2)))


@pytest.mark.parametrize(
    ("multicast", "agreed"), [(ISISMulticast, 7), (SolvedISISMulticast, (7, 0))]
)
def test_isis_proposes_a_larger_number_than_any_that_was_agreed(multicast, agreed):
    script = [((0, 1), "a"), Order((0, 1), agreed), ((0, 2), "b")]

    def kind(index, number_of_devices, medium):
        if index == 0:
            messages = [MulticastMessage(0, 1, content) for content in script]
            return Sends(index, number_of_devices, medium, messages)
        return multicast(index, number_of_devices, medium, application=Notebook())

    trace = Trace()
    emulator = AsyncEmulator(
        2, kind, seed=1, fifo=True, quiet=True, limits=Limits(time=1), observers=[trace]
    )
    emulator.run()
    votes = [event.message for event in trace.of("send") if isinstance(event.message, Vote)]
    assert [vote.order() for vote in votes] == [(1, 1), (8, 1)]


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize(("algorithm", "promises"), [*GIVEN.items(), ("FifoGroupMulticast", [])])
def test_fifty_devices_keep_the_promise_too(algorithm, promises, network):
    result = run(5, algorithm, network, devices=50, seed=1, max_time=1, max_messages=20_000)
    assert result.failures == []
    assert nothing_twice_and_nothing_invented(result)
    assert sum(map(len, delivered(result))) > 50
    assert all(promise(result) for promise in promises)


# --- groups that overlap ------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["async", "sync"])
def test_solved_overlapping_groups_keep_fifo_order_and_lose_nothing(network):
    for result in runs("FifoOverlapMulticast", range(30), network, solution=True):
        assert result.failures == []
        assert fifo_order(result)
        assert every_member_delivers(result)


@pytest.mark.parametrize(("network", "seeds"), HUNDRED)
def test_each_given_group_keeps_fifo_order_and_loses_nothing(network, seeds):
    for result in runs("FifoGroupMulticast", seeds, network):
        assert result.failures == []
        assert every_member_delivers(result)
        assert each_group_in_fifo_order(result)


def sends(result):
    """Receiver, group and content of each message."""
    for event in result.trace.of("send"):
        group, _, content = event.message.content()
        yield event.message.destination, group, content


def every_member_delivers(result):
    sent = Counter((device, content) for device, _, content in sends(result))
    got = Counter((device, each) for device, some in enumerate(delivered(result)) for each in some)
    return sent == got


def each_group_in_fifo_order(result):
    group_of = {content: group for _, group, content in sends(result)}
    for contents in delivered(result):
        numbers = {}
        for content in contents:
            sender, number = map(int, content.split("#"))
            numbers.setdefault((sender, group_of[content]), []).append(number)
        if any(each != sorted(each) for each in numbers.values()):
            return False
    return True


# --- losses and crashes -------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["async", "sync"])
def test_lost_messages_are_asked_for_and_sent_again(network):
    for seed in range(10):
        result = run(
            5,
            "ReliableIPMulticast",
            network,
            devices=4,
            seed=seed,
            max_rounds=120,
            max_time=12,
            settings={"LOSS": 0.3},
        )
        kinds = Counter(type(event.message).__name__ for event in result.trace if event.message)
        assert kinds["NACK"] > 0
        assert kinds["Resend"] > 0
        assert fifo_order(result)
        for contents in delivered(result):
            by_sender = Counter(content.split("#")[0] for content in contents)
            assert min(by_sender[str(sender)] for sender in range(4)) >= 10


def test_ip_multicast_leaves_gaps():
    contents = delivered(run(5, "IPMulticast", "sync", devices=4, seed=1))
    assert not all(set(one) == set(contents[0]) for one in contents)


class Notebook(MulticastListener):
    """An application that sends nothing and writes down what it is given."""

    def __init__(self):
        self.delivered = []
        self.forwarded = []

    def deliver(self, content):
        self.delivered.append(content)

    def forward(self, message):
        self.forwarded.append(message)


class Sends(Device):
    """Sends some messages, then stops."""

    def __init__(self, index, number_of_devices, medium, messages):
        super().__init__(index, number_of_devices, medium)
        self._messages = messages

    def run(self):
        for message in self._messages:
            self.medium.send(message)


def delivered_after_crash(multicast, receiver, content):
    """What devices 0 to 3 deliver when device 4 crashed after it had sent to one receiver."""

    def kind(index, number_of_devices, medium):
        if index == 4:
            message = MulticastMessage(index, receiver, content)
            return Sends(index, number_of_devices, medium, [message])
        return multicast(index, number_of_devices, medium, application=Notebook())

    return notebooks(kind, devices=5)


def notebooks(kind, devices):
    emulator = AsyncEmulator(devices, kind, seed=1, quiet=True, limits=Limits(time=2))
    emulator.run()
    assert emulator.failures == []
    return [
        device._application.delivered
        for device in emulator.devices
        if hasattr(device, "_application")
    ]


def test_only_reliable_multicast_survives_a_sender_that_crashes_half_way():
    message = ((4, 1), "last")
    assert delivered_after_crash(ReliableMulticast, 2, message) == [["last"]] * 4
    assert delivered_after_crash(BasicMulticast, 2, message) == [[], [], [message], []]


def test_fifo_total_order_is_reliable_over_reliable_multicast_only():
    message = ((4, 1), "last")
    assert delivered_after_crash(FifoTOSEQMulticast, 0, message) == [["last"], [], [], []]
    relayed = ((4, 1), message)
    assert delivered_after_crash(ReliableFifoTOSEQMulticast, 0, relayed) == [["last"]] * 4


# --- layers --------------------------------------------------------------------------------------


LAYERS = [
    BasicMulticast,
    ReliableMulticast,
    ReliableIPMulticast,
    TOSEQMulticast,
    ISISMulticast,
    COMulticast,
]


@pytest.mark.parametrize("multicast", LAYERS)
def test_an_application_can_be_passed_in(multicast, monkeypatch):
    monkeypatch.setattr(IPMulticast, "LOSS", 0)

    def kind(index, number_of_devices, medium):
        device = multicast(index, number_of_devices, medium, application=Notebook())
        device.send(f"hello from {index}")
        return device

    for contents in notebooks(kind, devices=3):
        assert sorted(contents) == ["hello from 0", "hello from 1", "hello from 2"]


@pytest.mark.parametrize("multicast", LAYERS)
def test_a_message_of_an_unknown_kind_is_forwarded_to_the_application(multicast):
    def kind(index, number_of_devices, medium):
        if index == 0:
            return Sends(index, number_of_devices, medium, [MessageStub(0, 1)])
        return multicast(index, number_of_devices, medium, application=Notebook())

    emulator = AsyncEmulator(2, kind, seed=1, quiet=True, limits=Limits(time=1))
    emulator.run()
    forwarded = emulator.devices[1]._application.forwarded
    assert [str(message) for message in forwarded] == ["MessageStub 0 -> 1"]


# --- what is left to do --------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize(
    ("algorithm", "todo"),
    [
        ("FifoTOSEQMulticast", "total order that is FIFO order too"),
        ("FifoOverlapMulticast", "FIFO order between groups that overlap"),
        ("ISISMulticast", "ISIS: what if two messages get the same number?"),
    ],
)
def test_the_template_runs_to_its_limit_and_says_what_is_missing(algorithm, todo, network):
    result = run(5, algorithm, network, devices=4, seed=2)
    assert result.todos == [todo]
    assert result.ended.startswith("limit")
    assert result.output.count("Not implemented yet") == 1


@pytest.mark.parametrize("algorithm", [*SOLVED, "FifoOverlapMulticast"])
def test_the_solution_leaves_nothing_to_do(algorithm):
    result = run(5, algorithm, "async", devices=4, seed=2, solution=True)
    assert result.todos == []


def test_each_device_says_in_one_line_what_it_delivered():
    result = run(5, "TOSEQMulticast", "sync", devices=3, seed=1)
    lines = [line for line in result.output.splitlines() if ": sent " in line]
    assert [line.split(":")[0] for line in lines] == ["Device 0", "Device 1", "Device 2"]


# --- the picture ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures():
    """The module that draws the clock exercise."""
    spec = importlib.util.spec_from_file_location(
        "make_clock_exercise", PICTURES / "make_clock_exercise.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_a_vector_clock_is_smaller_exactly_where_there_is_a_path(pictures, seed):
    points = pictures.points_of_run(seed)
    pictures.set_clocks(points)
    reached = {}
    last = {}
    for point in points:
        before = [cause for cause in (last.get(point.device), point.cause) if cause]
        past = set().union(*(reached[cause.name] | {cause.name} for cause in before))
        reached[point.name] = past
        last[point.device] = point
        assert point.lamport > max((cause.lamport for cause in before), default=0)
        assert past == {
            other.name
            for other in points
            if other is not point and all(map(operator.le, other.vector, point.vector))
        }


def test_the_pictures_of_a_seed_are_always_the_same(pictures):
    first, second = (pictures.points_of_run(3) for _ in range(2))
    assert pictures.draw(first, solution=False) == pictures.draw(second, solution=False)


def test_exercise_and_solution_show_the_same_run():
    exercise, solution = (
        ET.parse(PICTURES / f"{name}.svg").getroot()
        for name in ("clock_exercise", "clock_exercise_solution")
    )
    for tag in ("circle", "line"):
        shapes = [
            [shape.attrib for shape in picture.iter(f"{{http://www.w3.org/2000/svg}}{tag}")]
            for picture in (exercise, solution)
        ]
        assert shapes[0] == shapes[1]
        assert len(shapes[0]) > 8
