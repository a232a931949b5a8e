import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.kernel.choices import Seeded
from emulators.network.scenario import Network
from emulators.network.topology import Topology, read_edges, topology
from emulators.usage import UsageError


def graph(text, devices, seed=1):
    return topology(text).graph(devices, Seeded(seed))


def reached(made, start=0):
    """Return the devices that can be reached over channels."""
    seen, todo = {start}, [start]
    while todo:
        new = set(made.neighbors[todo.pop()]) - seen
        seen |= new
        todo += new
    return seen


def test_a_complete_network_needs_no_graph():
    assert graph("complete", 5) is None


@pytest.mark.parametrize(
    ("shape", "edges"),
    [
        ("line", [(0, 1), (1, 2), (2, 3), (3, 4)]),
        ("ring", [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]),
        ("star", [(0, 1), (0, 2), (0, 3), (0, 4)]),
        ("tree", [(0, 1), (0, 2), (1, 3), (1, 4)]),
        ("tree:3", [(0, 1), (0, 2), (0, 3), (1, 4)]),
        ("grid", [(0, 1), (0, 3), (1, 2), (1, 4), (3, 4)]),
    ],
)
def test_a_shape_has_its_channels(shape, edges):
    made = graph(shape, 5)
    assert sorted(made.edges) == sorted(edges)


def test_a_grid_of_nine_has_the_middle_with_four_neighbors():
    assert graph("grid", 9).neighbors[4] == [1, 3, 5, 7]


def test_a_ring_of_two_has_one_channel():
    assert graph("ring", 2).edges == ((0, 1),)


@given(
    st.sampled_from(["line", "ring", "star", "tree", "tree:4", "grid", "random:0", "random:0.3"]),
    st.integers(2, 40),
    st.integers(0, 99),
)
def test_all_devices_are_connected(shape, devices, seed):
    made = graph(shape, devices, seed)
    assert reached(made) == set(range(devices))
    assert len(set(made.edges)) == len(made.edges)


@given(st.integers(2, 30), st.integers(0, 99))
def test_neighbors_are_sorted_and_mutual(devices, seed):
    made = graph("random:0.4", devices, seed)
    for one, near in made.neighbors.items():
        assert near == sorted(near)
        assert all(one in made.neighbors[other] for other in near)


def test_a_random_graph_has_its_share_of_the_channels():
    devices = 100
    pairs = devices * (devices - 1) / 2
    assert len(graph("random:0.3", devices).edges) == pytest.approx(0.3 * pairs, rel=0.05)


def test_devices_of_a_geometric_graph_reach_those_within_the_radius():
    made = graph("geometric:0.3", 30)
    for one, (x, y) in enumerate(made.positions):
        near = [
            other
            for other, (a, b) in enumerate(made.positions)
            if other != one and (x - a) ** 2 + (y - b) ** 2 <= 0.09
        ]
        assert made.neighbors[one] == near


def test_a_file_has_a_channel_in_each_line(tmp_path):
    file = tmp_path / "net.txt"
    file.write_text("# three in a row\n0 1\n\n1 2  # the last\n")
    assert read_edges(file) == Topology("edges", edges=((0, 1), (1, 2)))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0 1\n0\n", "net.txt, line 2: '0' is no channel"),
        ("0 1 2\n", "net.txt, line 1"),
        ("a b\n", "net.txt, line 1: 'a b' is no channel"),
        ("1 1\n", "net.txt, line 1: [1, 1]: a device has no channel to itself"),
        ("", "needs the key edges"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path, text, complaint):
    file = tmp_path / "net.txt"
    file.write_text(text)
    with pytest.raises(UsageError) as error:
        read_edges(file)
    assert complaint in str(error.value)


def test_a_channel_of_a_device_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="the topology names device 7; there are devices 0 to 2"):
        Network(topology=Topology("edges", edges=((0, 7),))).check(3)


@pytest.mark.parametrize("shape", ["line", "star", "tree", "tree:3", "grid", "geometric:1"])
@pytest.mark.parametrize("devices", [2, 3, 7, 16])
def test_each_device_has_a_place_of_its_own_in_a_picture(shape, devices):
    places = graph(shape, devices).places
    assert len({(round(x, 9), round(y, 9)) for x, y in places}) == devices
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)


def test_the_others_stand_in_a_circle():
    assert graph("ring", 5).places == graph("random:0.5", 5).places == ()
