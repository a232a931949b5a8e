"""A message on its way: from its sender to where it waits, and from there to its receiver."""

import math

import pytest

from emulators.diagram.journey import journey
from emulators.diagram.network import network_picture
from emulators.diagram.parts import Canvas
from emulators.diagram.plane import about
from tests.framework.diagram.rows import Device, Message, Script


def picture(*messages, last=None):
    devices = [Device(index) for index in range(4)]
    return network_picture(devices, messages, Canvas(800, 600, 16, about(16)), last=last)


def sent(source, destination):
    script = Script()
    script.send(source, destination)
    return script


@pytest.mark.parametrize("destination", [1, 2, 3])
def test_a_message_that_is_sent_goes_from_its_sender_to_where_it_waits(destination):
    after = picture(Message(1, 0, destination), last=(0, destination))
    made = journey(picture(), after, sent(0, destination).rows)
    sender = after.nodes[0]
    assert math.dist(made.after(0).center, sender.center) <= 1.2 * sender.radius
    assert math.dist(made.after(1).center, after.discs[0].center) < 6
    assert (made.serial, made.is_arrival) == (1, False)


def test_a_message_that_is_received_goes_from_where_it_waited_to_its_device():
    script = sent(0, 2)
    script.receive(1)
    before, after = picture(Message(1, 0, 2)), picture(last=(0, 2))
    made = journey(before, after, script.rows[1:])
    receiver = after.nodes[2]
    assert math.dist(made.after(0).center, before.discs[0].center) < 6
    assert math.dist(made.after(1).center, receiver.center) <= 1.5 * receiver.radius
    assert made.is_arrival
    assert made.disc.ready


def test_one_of_several_messages_at_one_place_leaves_alone():
    messages = [Message(number, 0, 2) for number in range(1, 30)]
    script = sent(0, 2)
    script.receive(1)
    made = journey(picture(*messages), picture(*messages[1:], last=(0, 2)), script.rows[1:])
    assert made.after(0.5).serials == (1,)


def test_a_message_that_is_lost_at_once_comes_half_of_the_way():
    script = sent(0, 2)
    script.outside("lose", 1)
    after = picture(last=(0, 2))
    made = journey(picture(), after, script.rows)
    middle = made.after(1).center
    from_sender, to_receiver = (math.dist(middle, after.nodes[n].center) for n in (0, 2))
    assert 0.8 < from_sender / to_receiver < 1.25


def test_a_message_to_oneself_goes_to_its_disc():
    after = picture(Message(1, 0, 0), last=(0, 0))
    made = journey(picture(), after, sent(0, 0).rows)
    assert math.dist(made.after(1).center, after.discs[0].center) < 6


def test_the_tip_points_where_the_message_goes():
    made = journey(picture(), picture(Message(1, 0, 2), last=(0, 2)), sent(0, 2).rows)
    early, late = made.after(0.2), made.after(0.4)
    assert math.dist(early.tip, late.center) < math.dist(early.center, late.center)


@pytest.mark.parametrize("destination", [None, 9, -1])
def test_a_message_to_nobody_goes_nowhere(destination):
    assert journey(picture(), picture(), sent(0, destination).rows) is None


def test_without_a_message_nothing_moves():
    script = Script()
    script.round()
    assert journey(picture(), picture(), script.rows) is None
