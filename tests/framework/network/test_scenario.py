import re
from dataclasses import fields
from pathlib import Path

import pytest

from emulators.network.byzantine import Liar
from emulators.network.scenario import SCENARIOS, Network, scenario_names
from emulators.network.table import key_of
from emulators.usage import UsageError

PROJECT = Path(__file__).resolve().parents[3]

MISTAKES = [
    ("loss = 2", "loss: 2 is not a probability from 0 to 1"),
    ("loss = true", "loss: True is not a probability"),
    ('loss = "much"', "loss: 'much' is not a probability"),
    ("los = 0.1", "unknown key los (did you mean loss?)"),
    ("zzz = 1", "unknown key zzz; there are title, topology, loss"),
    ("duplicate = -0.1", "duplicate: -0.1 is not a probability"),
    ('latency = "soon"', "latency: 'soon' is not a number from 0 up"),
    ("latency = -1", "latency: -1 is not a number from 0 up"),
    ('latency = "3:1"', "latency: latency: low is above high"),
    ('latency = { model = "normal", mean = 1 }', "the model normal needs the key deviation"),
    ('fifo = "yes"', "fifo: 'yes' is not true or false"),
    ("title = 3", "title: 3 is not a text"),
    ('topology = "rin"', "'rin' is not one of complete, ring"),
    ('topology = "ring:3"', "ring takes no parameter"),
    ('topology = { shape = "random", radius = 1 }', "the shape random has no key radius"),
    ("topology = { edges = [[0]] }", "[0] is no pair of two devices"),
    ("[[crash]]\ndevice = 1", "[[crash]] 1: the key at is missing"),
    ("[[crash]]\nat = 1", "[[crash]] 1: the key device is missing"),
    ('[[crash]]\ndevice = "first"\nat = 1', "[[crash]] 1, device: 'first' is not the index"),
    ("[[crash]]\ndevice = 1\nat = 1\nrecover = 2", "unknown key recover (did you mean recovery?)"),
    ('[[crash]]\ndevice = 1\nat = "5m"', "[[crash]] 1, at: '5m' is not a number"),
    ('[[crash]]\ndevice = 1\nat = 1\ninbox = "keep"', "(did you mean kept?)"),
    ("[crash]\ndevice = 1\nat = 1", "is not a list of tables, each under [[crash]]"),
    ("[[partition]]\nheal = 3", "[[partition]] 1: the key groups is missing"),
    ("[[partition]]\ngroups = [[0, 1], [1]]", "a device stands in one group only"),
    ("[[partition]]\ngroups = 2", "groups: 2 is not"),
    ("[[partition]]\ngroups = [[0]]\nhold = true", "hold needs the key heal"),
    ("[[pause]]\ndevice = 1", "[[pause]] 1: it needs the key to"),
    ("[[pause]]\ndevice = 1\nfactor = 0.5", "factor: 0.5 is not a number from 1 to 1000"),
    ("[[link]]\nfrom = 0", "[[link]] 1: it changes nothing"),
    ("[[link]]\nfrom = -1\nloss = 0.5", "[[link]] 1, from: -1 is not the index of a device"),
    ('[[corrupt]]\nmessage = "Vote"', "[[corrupt]] 1: the key probability is missing"),
    ("[[corrupt]]\nprobability = 1\nvalues = []", "[] is not a list of at least one value"),
    ("[[byzantine]]\ndevice = 1", "it needs either the key behaviour or the key class"),
    ('[[byzantine]]\ndevice = 1\nclass = "Traitor"', "'Traitor' is not a class as"),
    ('[[byzantine]]\ndevice = 1\nbehaviour = "silence"', "(did you mean silent?)"),
    ("loss = ", "net.toml is no TOML: Invalid value (at "),
]


def written(folder, text):
    file = folder / "net.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("text", "complaint"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_in_one_line_that_names_the_file(tmp_path, text, complaint):
    with pytest.raises(UsageError) as error:
        Network.load(written(tmp_path, text))
    line = str(error.value)
    assert complaint in line
    assert "net.toml" in line
    assert "\n" not in line


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match=r"cannot read the network nowhere\.toml: No such file"):
        Network.load("nowhere.toml")


def test_a_topology_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read the topology .*nowhere\.txt: No such file"):
        Network.load(written(tmp_path, 'topology = { file = "nowhere.txt" }'))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "net.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is no text in UTF-8"):
        Network.load(file)


def test_a_misspelt_scenario_has_a_hint():
    with pytest.raises(UsageError, match=r"did you mean lossy\?"):
        Network.load("lossi")


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_has_a_title_and_does_something(name):
    network = Network.load(name)
    assert network.title
    assert network
    assert Network.load(SCENARIOS / f"{name}.toml") == network


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_survives_being_recorded(name):
    network = Network.load(name)
    assert Network.parse(network.plain(), "the recording") == network


def test_a_network_with_a_title_only_does_nothing():
    assert not Network(title="calm")


def test_edges_are_read_from_a_file_beside_the_scenario(tmp_path):
    (tmp_path / "edges.txt").write_text("0 1\n1 2\n")
    network = Network.load(written(tmp_path, 'topology = { file = "edges.txt" }'))
    assert network.topology is not None
    assert network.topology.edges == ((0, 1), (1, 2))
    assert Network.parse(network.plain()) == network


def test_the_scenario_of_the_document_is_read(tmp_path):
    text = (PROJECT / "docs" / "networks.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    network = Network.load(written(tmp_path, block))
    everything = {key_of(one) for one in fields(Network)} - {"fifo", "delay_self"}  # as usual
    assert set(network.plain()) == everything
    network.check(4)


def test_a_class_is_recorded_by_its_name():
    network = Network.parse({"byzantine": [{"device": 1, "class": Liar}]})
    assert network.plain()["byzantine"][0]["class"] == "emulators.network.byzantine:Liar"
