"""The base classes of all devices. What a device does is up to the student's subclass."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from emulators.errors import NotInitialised
from emulators.generations import CallableFlag, CallableInt, uses_calls
from emulators.Medium import Medium, callable_medium


class _MadeByInit:
    """Stands for what `__init__` of the base class makes, and says so where it was not called.

    Not `__getattr__`, which would slow down every attribute of every device.
    """

    def __get__(self, device: Any, kind: Any = None) -> Any:
        if device is None:
            return self
        raise NotInitialised(
            f"{type(device).__name__}.__init__ does not call the one of Device",
            "begin it with: super().__init__(index, number_of_devices, medium)",
        )


class Device:
    """One of the devices of a distributed system.

    A subclass writes `run`, ordinary blocking code that is usually a loop, and `print_result`.
    """

    _calls = False
    _id: Any = _MadeByInit()
    _number_of_devices: Any = _MadeByInit()
    _medium: Any = _MadeByInit()
    _finished: Any = _MadeByInit()

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        self._id = index
        self._number_of_devices = number_of_devices
        self._medium = callable_medium(medium) if self._calls else medium
        self._finished = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._calls = uses_calls(cls)
        if cls._calls:
            for name, getter in _CALLABLE.items():
                if getattr(cls, name) is getattr(Device, name):
                    setattr(cls, name, getter)

    def run(self) -> None:
        """Work. Called once; what it returns is ignored."""
        raise NotImplementedError(f"{type(self).__name__} has no method run(self)")

    def print_result(self) -> None:
        """Print what came out, after the run."""

    # attrgetter: these are asked for at every message, and need no call of a Python function.

    index = property(
        attrgetter("_id"), doc="The number of this device, from 0 to `number_of_devices` - 1."
    )
    number_of_devices = property(
        attrgetter("_number_of_devices"), doc="How many devices there are."
    )
    medium = property(attrgetter("_medium"), doc="What connects this device with the others.")

    # -- hooks, all optional

    def appearance(self) -> dict[str, str]:
        """Return how a window shows this device: any of ``text``, ``color``, ``shape``."""
        return {}

    def before_round(self) -> None:
        """Do something at the beginning of each synchronous round."""

    def after_round(self) -> None:
        """Do something at the end of each synchronous round."""


_CALLABLE = {
    "index": property(lambda self: CallableInt(self._id)),
    "number_of_devices": property(lambda self: CallableInt(self._number_of_devices)),
}
"""What files with calls see instead: numbers that can be called."""


class WorkerDevice(Device):
    """A device that has work to do now and then, in a critical section."""

    _has_work: Any = _MadeByInit()

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self._has_work = False

    @property
    def has_work(self) -> bool:
        """Whether there is work to do; drawn anew until there is, then true until it is done."""
        if not self._has_work:
            self._has_work = self._medium._emulator.draw(2) == 1
        has_work: Any = self._has_work
        return CallableFlag(has_work) if self._calls else has_work  # type: ignore[return-value]

    def do_work(self) -> None:
        """Work in the critical section for 1 to 4 rounds.

        Raises `MutualExclusionViolated` when another device is inside.
        """
        emulator = self._medium._emulator
        emulator.enter(self._id)
        try:
            for _ in range(1 + emulator.draw(4)):
                self._medium.wait_for_next_round()
        finally:
            emulator.leave(self._id)
        self._has_work = False


def __mro_entries__(bases: tuple[Any, ...]) -> tuple[type, ...]:
    """Let ``from emulators import Device`` and then ``class Gossip(Device)`` work too."""
    return (Device,)
