"""Takes snapshots of a run: how its devices look, what is in transit. No Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emulators.errors import Unresponsive, safe_str
from emulators.gui.patience import Patience
from emulators.gui.rows import Rows
from emulators.gui.snapshot import BranchView, DeviceView, EventRow, MessageInTransit, Snapshot
from emulators.stepping.stepper import Stepper
from emulators.SteppingEmulator import Waiting

MOST_INSPECTED = 64
"""Up to so many devices the state of all is shown, beyond that of the selected or last one."""
State = tuple[tuple[str, str], ...]


class Looks:
    """Makes snapshots, and remembers what the states were before the last move."""

    def __init__(self, patience: Patience) -> None:
        self.inspected = -1
        self._closest: int | None = -1
        self._patience = patience
        self._position = -1
        self._before: dict[int, State] = {}
        self._now: dict[int, State] = {}
        self._transit: dict[int, MessageInTransit] = {}

    def snapshot(
        self, stepper: Stepper, rows: Rows, kept: int, new: tuple[EventRow, ...], output: str
    ) -> Snapshot:
        """Return where a run stands; `new` are the rows after the first `kept` ones."""
        emulator = stepper.emulator
        last = stepper.last
        self._closest = last.device if self.inspected < 0 and last is not None else self.inspected
        if stepper.position != self._position or new:
            self._position = stepper.position
            self._before, self._now = self._now, {}
        return Snapshot(
            position=stepper.position,
            ended=stepper.ended,
            time=emulator.scheduler.now,
            round=emulator.number_of_rounds,
            synchronous=emulator.synchronous,
            when=emulator.when(),
            kept=kept,
            events=new,
            devices=self._devices(stepper, rows),
            waiting=self._in_transit(stepper, rows),
            failures=tuple(failure.text for failure in emulator.failures),
            branches=_branches(stepper),
            branch=stepper.branch.number,
            output=output,
            seed=stepper.branch.seed,
            edges=None if emulator.graph is None else emulator.graph.edges,
            places=() if emulator.graph is None else emulator.graph.places,
            splits=_splits(stepper),
        )

    # -- devices

    def _devices(self, stepper: Stepper, rows: Rows) -> tuple[DeviceView, ...]:
        crashed, failed = rows.marked("crashed"), rows.marked("failed")
        inside = rows.marked("inside") - crashed
        return tuple(
            replace(
                self._device(stepper, index),
                inside=index in inside,
                crashed=index in crashed,
                failed=index in failed and stepper.emulator.ports[index].ended,
            )
            for index in stepper.emulator.ports
        )

    def _device(self, stepper: Stepper, index: int) -> DeviceView:
        port = stepper.emulator.ports[index]
        looks = self._appearance(port.device)
        closely = len(stepper.emulator.ports) <= MOST_INSPECTED or index == self._closest
        state = self._now.get(index, ())
        if closely and not state:
            state = self._now[index] = self._state(stepper, index)
        return DeviceView(
            index=index,
            text=looks.get("text", str(index)),
            color=looks.get("color", ""),
            shape=looks.get("shape", ""),
            ended=port.ended,
            crashed=False,
            inside=False,
            place=None if port.ended or not closely else stepper.place(index),
            state=state,
            changed=_changed(self._before.get(index), state),
        )

    def _appearance(self, device: Any) -> dict[str, str]:
        """Return what a device says about its looks, as far as it makes sense."""
        if device is None:
            return {}
        try:
            said = self._patience.ask(type(device), "appearance", device.appearance)
            names = ("text", "color", "shape")
            return {name: safe_str(said[name]) for name in names if said.get(name)}
        except (Exception, Unresponsive) as error:
            return {"text": f"appearance(): {safe_str(error)}"}

    def _state(self, stepper: Stepper, index: int) -> State:
        kind = type(stepper.emulator.ports[index].device)
        try:
            state = self._patience.ask(kind, "state", lambda: stepper.state(index))
        except Unresponsive as error:
            return (("", f"the state cannot be shown: {error}"),)
        return tuple(state.items())

    # -- messages

    def _in_transit(self, stepper: Stepper, rows: Rows) -> tuple[MessageInTransit, ...]:
        known, self._transit = self._transit, {}
        for one in stepper.waiting():
            before = known.get(one.serial)
            if before is None or before.ready != one.ready:
                before = _message(one, rows)
            self._transit[one.serial] = before
        return tuple(self._transit.values())


def _message(one: Waiting, rows: Rows) -> MessageInTransit:
    envelope = one.envelope
    row = rows.sent.get(one.serial)
    return MessageInTransit(
        one.serial,
        envelope.sender,
        int(envelope.destination),
        envelope.cls.__name__,
        "" if row is None else row.text,
        one.ready,
    )


def _changed(before: State | None, now: State) -> frozenset[str]:
    if before is None or before is now:
        return frozenset()
    old = dict(before)
    return frozenset(name for name, value in now if old.get(name) != value)


def _splits(stepper: Stepper) -> tuple[tuple[tuple[int, ...], ...], ...]:
    hazards = stepper.emulator.hazards
    splits = [] if hazards is None else hazards.splits
    return tuple(tuple(map(tuple, groups)) for groups in splits)


def _branches(stepper: Stepper) -> tuple[BranchView, ...]:
    return tuple(
        BranchView(
            branch.number,
            0 if branch.parent is None else branch.parent.number,
            branch.at,
            branch.steps,
            branch.title,
        )
        for branch in stepper.branches()
    )
