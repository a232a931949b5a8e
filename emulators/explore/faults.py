"""What may go wrong as moves: a message is lost or doubled, a device crashes, at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulators.explore.cells import GONE, Cells, Edge, Faults, State

if TYPE_CHECKING:
    from emulators.explore.network import Network


def moves_of_faults(
    network: Network, state: State, own: list[tuple[int, Edge]]
) -> Iterator[tuple[int, Edge, Faults]]:
    """Return what may go wrong in a state, and what then is left of the faults.

    `own` are the moves of the devices there: a device may crash in the middle of one.
    """
    left, where = network.rests[state[-1]][0], network.rules.where
    for device in range(network.devices):
        cells = network.cells[device]
        local, inbox = cells.contents[state[device]]
        if local == GONE or network.automata[device].is_over(local):
            continue
        for message in dict.fromkeys(inbox):
            place, sender = inbox.index(message), network.mail.senders[message]
            if left.losses and where.may("lose", sender, device):
                fewer = cells.number(local, inbox[:place] + inbox[place + 1 :])
                edge = _of_message(network, "lose", device, message, fewer)
                yield device, edge, left._replace(losses=left.losses - 1)
            if left.duplicates and where.may("duplicate", sender, device):
                more = cells.add(state[device], message)
                edge = _of_message(network, "duplicate", device, message, more)
                yield device, edge, left._replace(duplicates=left.duplicates - 1)
        if left.crashes and where.may_crash(device):
            after = left._replace(crashes=left.crashes - 1)
            for edge in _crashes(network, cells, device, own):
                yield device, edge, after


def _of_message(network: Network, kind: str, device: int, message: int, cell: int) -> Edge:
    seen = ((kind, device, message),) if kind in network.monitors.kinds else ()
    return Edge(cell, (), seen, -1, (kind, message))


def _crashes(
    network: Network, cells: Cells, device: int, own: list[tuple[int, Edge]]
) -> Iterator[Edge]:
    """Return the ways in which a device may crash: now, or after some messages of its next move."""
    gone = cells.number(GONE, ())
    crash = (("crash", device, None),) if "crash" in network.monitors.kinds else ()
    yield Edge(gone, (), crash, -1, ("crash", (), 0))
    for mover, edge in own:
        if mover == device and edge.label[0] == "run":
            sends = [i for i, output in enumerate(edge.happens) if output.kind == "send"]
            for number, place in enumerate(sends[1:], start=1):
                happens = edge.happens[:place]
                seen = (*cells.seen(happens), *crash)
                label = ("crash", edge.label[1], number)
                yield Edge(gone, tuple(cells.puts(happens)), seen, -1, label, happens)
