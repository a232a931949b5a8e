"""The geometry of the network: nothing lies upon anything else at any size."""

import itertools
import math

import pytest

from emulators.diagram.discs import Ground
from emulators.diagram.network import disc_at, network_picture, node_at, positions
from emulators.diagram.parts import Canvas
from emulators.diagram.plane import Point, about, around
from tests.framework.diagram.rows import Device, Message, random_run, waiting

TEXTS = ["leader 2", "waiting for 3 votes of the coterie", "", "token", "a"]
SHAPES = ["", "square", "diamond", "star", "triangle"]


def picture(count, messages=(), width=1280, height=690, **more):
    devices = [Device(n, TEXTS[n % 5], shape=SHAPES[n % 5], inside=n == 1) for n in range(count)]
    return network_picture(devices, messages, Canvas(width, height, 16, about(16)), **more)


SIZES = pytest.mark.parametrize(
    ("count", "width", "height"),
    [
        (3, 1280, 690),
        (10, 1280, 690),
        (40, 1280, 690),
        (3, 500, 400),
        (40, 640, 640),
        (1000, 900, 600),
    ],
)


@SIZES
def test_labels_overlap_neither_each_other_nor_a_device(count, width, height):
    found = picture(count, width=width, height=height)
    labels = [node.label.box for node in found.nodes if node.label]
    bodies = [around(node.center, node.radius) for node in found.nodes]
    for one, other in itertools.combinations(labels, 2):
        assert not one.meets(other)
    for label, body in itertools.product(labels, bodies):
        assert not label.meets(body)
    for label in labels:
        assert label.x >= 0
        assert label.y >= 0
        assert label.x + label.width <= width
        assert label.y + label.height <= height


@SIZES
def test_devices_do_not_touch(count, width, height):
    nodes = picture(count, width=width, height=height).nodes
    assert len(nodes) == count
    closest = min(math.dist(a.center, b.center) for a, b in itertools.combinations(nodes, 2))
    assert closest > 2 * nodes[0].radius or nodes[0].radius <= 2


@pytest.mark.parametrize("count", [3, 10, 40])
def test_discs_cover_neither_each_other_nor_a_device(count):
    found = picture(count, waiting(random_run(count, 60)))
    assert found.discs
    for one, other in itertools.combinations(found.discs, 2):
        assert math.dist(one.center, other.center) >= 1.9 * one.radius
    for disc, node in itertools.product(found.discs, found.nodes):
        assert math.dist(disc.center, node.center) >= disc.radius + node.radius


def test_every_message_is_on_exactly_one_disc():
    messages = [Message(n, n % 3, (n + 1 + n % 2) % 3) for n in range(1, 200)]
    found = picture(3, messages)
    serials = [serial for disc in found.discs for serial in disc.serials]
    assert sorted(serials) == [message.serial for message in messages]
    assert len(found.discs) <= 6 * 6


def test_ready_messages_are_nearer_to_their_destination():
    found = picture(3, [Message(1, 0, 1, ready=True), Message(2, 0, 1), Message(3, 0, 1)])
    goal = found.nodes[1].center
    order = sorted(found.discs, key=lambda disc: math.dist(disc.center, goal))
    assert order[0].serials == (1,)


def test_messages_to_devices_that_do_not_exist_are_left_out():
    assert picture(3, [Message(1, 0, 7), Message(2, -1, 0)]).discs == ()


@pytest.mark.parametrize(
    ("last", "roles"),
    [
        (None, ["", "", ""]),
        ((0, 2), ["sender", "", "receiver"]),
        ((1, 1), ["", "both", ""]),
        ((0, -1), ["sender", "", ""]),
    ],
)
def test_roles_of_the_last_message(last, roles):
    assert [node.role for node in picture(3, last=last).nodes] == roles


def test_a_color_of_its_own_comes_before_the_role():
    devices = [Device(0, color="#123456"), Device(1, color="Red"), Device(2, color="no colour")]
    found = network_picture(devices, (), Canvas(500, 500, 16, about(16)), last=(2, 0))
    assert [node.fill for node in found.nodes] == ["#123456", "#e5484d", "sender"]
    assert found.nodes[0].role == "receiver"


def test_a_long_text_is_shortened_and_kept_whole():
    devices = [Device(0, "x" * 500), Device(1), Device(2)]
    label = network_picture(devices, (), Canvas(500, 500, 16, about(16))).nodes[0].label
    assert label.text.endswith("…")
    assert len(label.whole) == 500


def test_what_lies_at_a_point():
    found = picture(4, [Message(5, 0, 2)])
    assert node_at(found, found.nodes[3].center) == 3
    assert node_at(found, Point(1, 1)) is None
    assert disc_at(found, found.discs[0].center).serials == (5,)
    assert disc_at(found, Point(1, 1)) is None


def test_a_person_can_put_a_device_elsewhere():
    assert picture(4, moved={2: Point(0.5, 0.5)}).nodes[2].center == Point(640, 345)


@pytest.mark.parametrize("layout", ["circle", "line", "star", "grid", "unknown"])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 12])
def test_layouts_stay_in_the_unit_square(layout, count):
    places = positions(count, layout)
    assert len(places) == count
    assert len(set(places)) == count
    assert all(-1e-9 <= part <= 1 + 1e-9 for place in places for part in place)


def kinds(found):
    return {(channel.source, channel.destination): channel.kind for channel in found.channels}


def test_only_the_channels_of_the_topology_are_drawn():
    found = picture(4, ground=Ground(edges=[(0, 1), (1, 2)]))
    assert kinds(found) == {(0, 1): "quiet", (1, 2): "quiet"}


def test_a_channel_between_two_sides_of_a_partition_is_cut():
    found = picture(3, ground=Ground(splits=[[[0, 1], [2]]]))
    assert kinds(found) == {(0, 1): "quiet", (0, 2): "cut", (1, 2): "cut"}


def test_devices_stand_where_the_topology_has_them_unless_a_layout_is_asked_for():
    places = [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]
    ground = Ground(places=places)
    one, two, three = (node.center for node in picture(3, layout="", ground=ground).nodes)
    assert one.y == two.y < three.y
    assert one.x < three.x < two.x
    in_a_line = picture(3, layout="line", ground=ground).nodes
    assert len({node.center.y for node in in_a_line}) == 1
