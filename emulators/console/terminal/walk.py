"""What a person can do to a run in a terminal, and what is said about it.

Here: one method for each thing to do. They print, and raise `UsageError` for what cannot be done.
Messages, rounds and actions are printed by the run itself as they happen. Not here: how a person
asks for it.
"""

from __future__ import annotations

import linecache
import os
from pathlib import Path

from emulators.errors import Place, UsageError, safe_str
from emulators.kernel.clock import seconds
from emulators.runner import RunConfig, save
from emulators.stepping.predicates import parse
from emulators.stepping.stepper import Stepper
from emulators.SteppingEmulator import Waiting

_CONTEXT = 2
_MOST_SHOWN = 50
OVER = "The run is over"


class Walk:
    """A person's way through a run. `left` is set when the person leaves it."""

    def __init__(self, config: RunConfig, stepper: Stepper) -> None:
        self.config = config
        self.stepper = stepper
        self.left = False

    # -- moving

    def step(self) -> bool:
        """Make one step; return whether there was one to make."""
        moved = self.stepper.step()
        if not moved:
            print(f"{OVER}; back goes back, exit shows the results")
        elif self.stepper.ended:
            print(OVER)
        return moved and not self.stepper.ended

    def back(self) -> None:
        """Go one step back."""
        if not self.stepper.back():
            raise UsageError("this is the beginning")
        self._say_where("Back to")

    def go_to(self, step: int) -> None:
        """Go to a step of the present branch, or to its end."""
        backwards = step < self.stepper.position
        self.stepper.go_to(step)
        if backwards or self.stepper.position != step:
            self._say_where("Now at")

    def until(self, condition: str) -> None:
        """Go on until a condition holds."""
        predicate = parse(condition)
        emulator = self.stepper.emulator
        predicate.check(emulator)
        held = self.stepper.run_until(lambda event: predicate(emulator, event))
        trouble = predicate.trouble(emulator)
        if held and not predicate.broken:
            self._say_where(f"{predicate.text} holds at")
        elif predicate.broken:
            raise UsageError(f"{predicate.text} cannot be worked out: {trouble}")
        else:
            where = OVER if self.stepper.ended else f"Step {self.stepper.position}"
            print(f"{where}: {predicate.text} never held" + (f"; {trouble}" if trouble else ""))

    def leave(self) -> None:
        """Leave stepping: the run goes on to its end by itself."""
        self.left = True

    def _say_where(self, how: str) -> None:
        stepper = self.stepper
        last = stepper.last
        at = f"step {stepper.position}" if stepper.position else "the beginning"
        what = OVER if stepper.ended else stepper.emulator.when()
        if last is not None and not stepper.ended:
            what += f": {last.kind.capitalize()} {safe_str(last.message)}"
        print(f"{how} {at}, {what}" if stepper.position else f"{how} {at}")

    # -- messages in transit

    def queue(self, device: int | None = None) -> None:
        """Show the messages in transit, or those to one device."""
        if device is not None:
            self._check_device(device)
        waiting = [
            one for one in self.stepper.waiting() if device in (None, one.envelope.destination)
        ]
        whose = "" if device is None else f" to device {device}"
        if not waiting:
            print(f"No message is in transit{whose}")
            return
        print(f"Messages in transit{whose}: {len(waiting)}")
        for one in waiting[:_MOST_SHOWN]:
            print(f"{one.serial:6}  {safe_str(one.envelope.open())}  ({self._fate(one)})")
        if len(waiting) > _MOST_SHOWN:
            print(f"        and {len(waiting) - _MOST_SHOWN} more")

    def _fate(self, one: Waiting) -> str:
        emulator = self.stepper.emulator
        if emulator.ports[one.envelope.destination].ended:
            return "its device has ended"
        if one.ready:
            return "has arrived"
        if emulator.synchronous:
            return "arrives with the next round"
        return f"arrives at {seconds(one.envelope.arrives):.6g} virtual seconds"

    def first_waiting(self) -> int:
        """Return the number of the message that comes first by default."""
        living = [
            one.serial
            for one in self.stepper.waiting()
            if not self.stepper.emulator.ports[one.envelope.destination].ended
        ]
        if not living:
            raise UsageError("no message is in transit")
        return living[0]

    def pick(self, message: int | None = None) -> None:
        """Let a message, by default the first, be the next that is received."""
        self.stepper.act("pick", self.first_waiting() if message is None else message)

    def act(self, kind: str, subject: int = 0) -> None:
        """Drop, duplicate or delay a message, crash or restart a device, swap the network type."""
        self.stepper.act(kind, subject)

    # -- devices

    def state(self, device: int) -> None:
        """Show the attributes of a device and the line at which it stands."""
        self._check_device(device)
        stepper = self.stepper
        place = None if stepper.emulator.ports[device].ended else stepper.place(device)
        if stepper.emulator.ports[device].ended:
            print(f"Device {device} has ended")
        elif place is None:
            print(f"Device {device} has not begun")
        else:
            print(f"Device {device} stands at {place}")
            for line in source_in_context(place):
                print(line)
        for name, value in stepper.state(device).items():
            print(f"  {name} = {value}")

    def acting_device(self) -> int:
        """Return the device that sent or received last."""
        last = self.stepper.last
        return last.device if last is not None and last.device is not None else 0

    def _check_device(self, device: int) -> None:
        ids = self.stepper.emulator.ids
        if device not in ids:
            raise UsageError(f"there is no device {device}; there are 0 to {len(ids) - 1}")

    # -- files

    def save(self, file: str) -> None:
        """Write the run as far as it was walked, for ``--replay``."""
        path = Path(file).expanduser()
        save(self.config, self.stepper, path)
        print(f"Saved {path}; --replay {path} runs it again, with --type stepping in steps")


def source_in_context(place: Place) -> list[str]:
    """Return a line of source code and those around it, with their numbers."""
    lines = linecache.getlines(os.path.abspath(place.file))
    first = max(1, place.line - _CONTEXT)
    return [
        f"  {'>' if number == place.line else ' '} {number:4}  {lines[number - 1].rstrip()}"
        for number in range(first, min(len(lines), place.line + _CONTEXT) + 1)
    ]
