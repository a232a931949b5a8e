"""Pictures as SVG: well-formed, complete, and no text of a message is taken for markup."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from emulators.diagram.causes import Clocks, cone
from emulators.diagram.discs import Ground
from emulators.diagram.history import History
from emulators.diagram.network import network_picture
from emulators.diagram.parts import Canvas, View
from emulators.diagram.plane import about
from emulators.diagram.spacetime import spacetime_picture
from emulators.diagram.svg import network_svg, spacetime_svg
from tests.framework.diagram.rows import Device, Message, Script, random_run

ROLES = (
    *("window", "surface", "text", "muted", "accent", "sender", "receiver", "both", "idle"),
    *("inside", "waiting", "lost", "crashed", "lane", "round_shade", "past", "future"),
    *("concurrent", "selection", "error"),
)
PALETTE = SimpleNamespace(**{role: f"#{number:06x}" for number, role in enumerate(ROLES, 1000)})
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_network():
    devices = [
        Device(0, "<b>&", color="red", shape="star"),
        Device(1, inside=True, shape="square"),
        Device(2, crashed=True, ended=True),
    ]
    messages = [Message(1, 0, 1, '"<x>"'), Message(2, 1, 0, ready=True)]
    picture = network_picture(devices, messages, Canvas(900, 600, 16, about(16)), last=(0, 1))
    svg = network_svg(picture, PALETTE)
    found = texts(svg)
    assert {"0", "1", "2", "<b>&", '"<x>"'} <= set(found)
    assert PALETTE.receiver in svg
    assert PALETTE.inside in svg


@pytest.mark.parametrize("column", [14, 0.5])
def test_a_space_time_diagram(column):
    history = History(4)
    history.extend(random_run(4, 150).rows)
    picture = spacetime_picture(
        history,
        View(900, 500, column, 80),
        cone=cone(history, 20),
        selected=20,
        clocks=Clocks(history),
        show="vector",
        measure=about(12),
    )
    svg = spacetime_svg(picture, PALETTE)
    assert {"0", "1", "2", "3"} <= set(texts(svg))
    assert PALETTE.selection in svg
    assert "None" not in svg


def test_a_partition_in_both_pictures():
    script = Script()
    script.add("partition", None, "0 | 1")
    script.send(0, 0)
    history = History(2)
    history.extend(script.rows)
    svg = spacetime_svg(spacetime_picture(history, View(900, 500, 200, 80)), PALETTE)
    assert "partition 0 | 1" in texts(svg)
    ground = Ground(splits=[[[0], [1]]])
    canvas = Canvas(900, 600, 16, about(16))
    svg = network_svg(network_picture([Device(0), Device(1)], [], canvas, ground=ground), PALETTE)
    assert PALETTE.lost in svg
