"""What may go wrong as moves: a message is lost or doubled, a device crashes, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from emulators.explore.cells import GONE, Cells, Edge, Faults

if TYPE_CHECKING:
    from emulators.explore.network import Network


def faults_of(
    network: Network, device: int, cell: int, rest: int, own: Iterable[Edge]
) -> Iterator[tuple[Edge, Faults]]:
    """Return what may go wrong with a device in a cell, and what then is left of the faults.

    `own` are the moves of the device there: it may crash in the middle of one.
    """
    left, where = network.rests[rest][0], network.rules.where
    cells = network.cells[device]
    local, inbox = cells.contents[cell]
    if local == GONE or network.automata[device].is_over(local):
        return
    for message in dict.fromkeys(inbox):
        place, sender = inbox.index(message), network.mail.senders[message]
        if left.losses and where.may("lose", sender, device):
            fewer = cells.number(local, inbox[:place] + inbox[place + 1 :])
            edge = _of_message(network, "lose", device, message, fewer)
            yield edge, left._replace(losses=left.losses - 1)
        if left.duplicates and where.may("duplicate", sender, device):
            more = cells.add(cell, message)
            edge = _of_message(network, "duplicate", device, message, more)
            yield edge, left._replace(duplicates=left.duplicates - 1)
    if left.crashes and where.may_crash(device):
        after = left._replace(crashes=left.crashes - 1)
        for edge in _crashes(network, cells, device, own):
            yield edge, after


def _of_message(network: Network, kind: str, device: int, message: int, cell: int) -> Edge:
    seen = ((kind, device, message),) if kind in network.monitors.kinds else ()
    return Edge(cell, (), seen, -1, (kind, message))


def _crashes(network: Network, cells: Cells, device: int, own: Iterable[Edge]) -> Iterator[Edge]:
    """Return the ways in which a device may crash: now, or after some messages of its next move."""
    gone = cells.number(GONE, ())
    crash = (("crash", device, None),) if "crash" in network.monitors.kinds else ()
    yield Edge(gone, (), crash, -1, ("crash", (), 0))
    for edge in own:
        if edge.label[0] == "run":
            sends = [i for i, output in enumerate(edge.happens) if output.kind == "send"]
            for number, place in enumerate(sends[1:], start=1):
                happens = edge.happens[:place]
                seen = (*cells.seen(happens), *crash)
                label = ("crash", edge.label[1], number)
                yield Edge(gone, tuple(cells.puts(happens)), seen, -1, label, happens)
