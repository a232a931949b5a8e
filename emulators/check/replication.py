"""Replication of chunks in GFS (lecture 8): same records, same order, and nothing promised in vain.

Ghemawat, Gobioff and Leung, "The Google File System", SOSP 2003, sections 3.1 and 3.3. Looked at
are the published messages and the attributes ``localchunks`` and ``chunkservers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.check.published import carried, field, is_a, table
from emulators.check.words import devices
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


Content = Sequence[Any]
"""What a chunk holds: a text, as published, or a list of records."""


def replicas(run: Simulation) -> Iterator[tuple[Any, dict[int, Content]]]:
    """Return for each chunk its content on each server, the primary first where it is known."""
    servers = {device._id: device for device in run.devices}
    handles = {handle for device in run.devices for handle in table(device, "localchunks")}
    for handle in sorted(handles, key=str):
        holders = [one for one in servers if handle in table(servers[one], "localchunks")]
        order = (
            next((table(servers[one], "chunkservers").get(handle) for one in holders), None)
            or holders
        )
        holders.sort(key=lambda one: order.index(one) if one in order else len(order))
        yield handle, {one: _content(table(servers[one], "localchunks")[handle]) for one in holders}


def _content(found: Any) -> Content:
    return found if isinstance(found, (str, list, tuple)) else str(found)


class SameRecords(Property):
    """All replicas of a chunk begin alike: one may lack the last records, none another order."""

    name = "same_records"
    sentence = "All replicas of a chunk hold the same records in the primary's order."

    def end(self, run: Simulation) -> None:
        """Compare each replica with the primary."""
        for handle, contents in replicas(run):
            (primary, model), *others = contents.items()
            for server, content in others:
                short = min(len(model), len(content))
                if model[:short] != content[:short]:
                    self._report(handle, primary, model, server, content)

    def _report(
        self, handle: Any, primary: int, model: Content, server: int, content: Content
    ) -> None:
        place = next(
            number for number, (a, b) in enumerate(zip(model, content, strict=False)) if a != b
        )
        start = max(0, place - 8)
        unit = "character" if isinstance(model, str) else "record"
        self.violated(
            f"chunk {handle} differs from {unit} {place + 1} on: the primary {primary} holds "
            f"…{model[start : start + 24]!r}, device {server} …{content[start : start + 24]!r}",
            hint="the primary decides the order; a replica waits for what comes before",
        )


class Acknowledged(Property):
    """A record counts as stored when its client is told ``ok``.

    At that moment all replicas must have got it, and the primary must have heard so: the clocks of
    Fidge and Mattern say whether it can know. In the end it must be in every replica. An ``ok``
    that names no record answers a request of its client that is stored, if there is one, or else
    the oldest.
    """

    name = "acknowledged_stored"
    sentence = "A client is told ok only when every replica has its record."

    def __init__(self) -> None:
        super().__init__()
        self.servers: dict[Any, tuple[int, ...]] = {}
        self.open: dict[int, list[tuple[Any, Any]]] = {}
        self.records: set[Any] = set()
        self.stored: list[tuple[Any, Any, int]] = []
        self.clocks: dict[int, dict[int, int]] = {}
        self.has: dict[tuple[int, Any], int] = {}
        self.stamps: dict[int, dict[int, int]] = {}
        self._events: dict[tuple[Any, Any, int], tuple[RawEvent, RawEvent]] = {}
        self._asked: dict[tuple[int, Any], RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note requests, and judge answers."""
        device, envelope = event[2], event[3]
        self._step(device)
        self.stamps[envelope[1]] = dict(self.clocks[device])
        if is_a(envelope, "AllocateChunkReqMessage"):
            servers = field(envelope, "chunkservers") or ()
            self.servers[field(envelope, "chunkhandle")] = tuple(servers)
        elif is_a(envelope, "RecordAppendReqMessage"):
            self._ask(event)
        elif is_a(envelope, "RecordAppendRspMessage") and field(envelope, "result") == "ok":
            self._answer(event)

    def on_receive(self, event: RawEvent) -> None:
        """Note who has which record, and who knows of it."""
        device, envelope = event[2], event[3]
        clock = self._step(device)
        for other, steps in self.stamps.get(envelope[1], {}).items():
            clock[other] = max(steps, clock.get(other, 0))
        texts = [part for part in carried(envelope) if isinstance(part, str)]
        for record in self.records:  # alone, or within the whole chunk
            if any(str(record) in text for text in texts):
                self.has.setdefault((device, record), clock[device])

    def _step(self, device: int) -> dict[int, int]:
        clock = self.clocks.setdefault(device, {})
        clock[device] = clock.get(device, 0) + 1
        return clock

    def _ask(self, event: RawEvent) -> None:
        envelope = event[3]
        record, handle = field(envelope, "data"), field(envelope, "chunkhandle")
        client = event[2]
        if event[2] in self.servers.get(handle, ()):  # a server that passes a request on
            return
        self.records.add(record)
        self.open.setdefault(client, []).append((handle, record))
        self._asked.setdefault((client, record), event)

    def _answer(self, event: RawEvent) -> None:
        server, envelope = event[2], event[3]
        client, named = envelope[3], field(envelope, "data")
        waiting = self.open.get(client, [])
        possible = [one for one in waiting if named in (None, one[1])]
        if not possible:
            return
        stored = (one for one in possible if not self._doubt(server, *one))
        handle, record = request = next(stored, possible[0])
        waiting.remove(request)
        self.stored.append((handle, record, client))
        asked = self._asked[client, record]
        self._events[handle, record, client] = (asked, event)
        doubt = self._doubt(server, handle, record)
        if doubt:
            answer = f"device {server} tells client {client} ok for {record} {self.when(event)}"
            self.violated(
                f"{answer}; {doubt}",
                asked,
                event,
                hint="count the confirmations before the answer; who must confirm?",
            )

    def _doubt(self, server: int, handle: Any, record: Any) -> str:
        """Return why a server cannot know that all replicas have a record, or nothing."""
        clock = self.clocks[server]
        for replica in self.servers.get(handle, ()):
            got = self.has.get((replica, record))
            if got is None:
                return f"device {replica} has not received it"
            if clock.get(replica, 0) < got:
                return f"it has not heard that device {replica} has it"
        return ""

    def end(self, run: Simulation) -> None:
        """Look for every record that was acknowledged in every replica."""
        contents = dict(replicas(run))
        for handle, record, client in self.stored:
            for server, content in contents.get(handle, {}).items():
                if not (record in content or str(record) in str(content)):
                    self.violated(
                        f"client {client} was told ok for {record}, "
                        f"but {devices([server])} does not hold it in chunk {handle}",
                        *self._events[handle, record, client],
                        hint=f"what did device {server} do when the record reached it?",
                    )
