"""The base classes of all devices. What a device does is up to the student's subclass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emulators.errors import NotInitialised
from emulators.generations import CallableFlag, CallableInt, uses_calls
from emulators.Medium import Medium, callable_medium


class Device:
    """One of the devices of a distributed system.

    A subclass writes `run`, ordinary blocking code that is usually a loop, and `print_result`.
    """

    __slots__ = {
        "_id": "The number of this device, from 0 to `number_of_devices` - 1.",
        "_number_of_devices": "How many devices there are.",
        "_medium": "What connects this device with the others.",
        "_finished": "Whether `run` has returned.",
        "__dict__": "What a subclass adds.",
        "__weakref__": "",
    }
    _calls = False
    stable: Sequence[str] = ()
    """Names of attributes that survive a crash, as on a disk: the next life begins with them."""

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

    if TYPE_CHECKING:  # while running, these are other names of the slots: see below

        @property
        def index(self) -> int:
            """The number of this device, from 0 to `number_of_devices` - 1."""

        @property
        def number_of_devices(self) -> int:
            """How many devices there are."""

        @property
        def medium(self) -> Medium:
            """What connects this device with the others."""

    # -- hooks, all optional

    def appearance(self) -> dict[str, str]:
        """Return how a window shows this device: any of ``text``, ``color``, ``shape``."""
        return {}

    def before_round(self) -> None:
        """Do something at the beginning of each synchronous round."""

    def after_round(self) -> None:
        """Do something at the end of each synchronous round."""


_PUBLIC = {"index": "_id", "number_of_devices": "_number_of_devices", "medium": "_medium"}
for _name, _slot in _PUBLIC.items():
    setattr(Device, _name, vars(Device)[_slot])
"""Slots, not properties: they are asked for at every message, and a slot is read without a call."""


def not_initialised(error: BaseException) -> BaseException:
    """Return an error, or a clearer one where `__init__` of the base class was not called."""
    if not isinstance(error, AttributeError) or not isinstance(error.obj, Device):
        return error
    if error.name not in {*_PUBLIC, *_PUBLIC.values(), "_finished", "_has_work"}:
        return error
    return NotInitialised(
        f"{type(error.obj).__name__}.__init__ does not call the one of Device",
        "begin it with: super().__init__(index, number_of_devices, medium)",
    ).with_traceback(error.__traceback__)


_CALLABLE = {
    "index": property(lambda self: CallableInt(self._id)),
    "number_of_devices": property(lambda self: CallableInt(self._number_of_devices)),
}
"""What files with calls see instead: numbers that can be called."""


class WorkerDevice(Device):
    """A device that has work to do now and then, in a critical section."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium) -> None:
        super().__init__(index, number_of_devices, medium)
        self._has_work = False

    @property
    def has_work(self) -> bool:
        """Whether there is work to do; drawn anew until there is, then true until it is done."""
        if not self._has_work and self._medium._emulator.draw(2) == 1:
            self.ask_to_work()
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

    def ask_to_work(self) -> None:
        """Have work to do from now on, for a device that decides itself when it wants to enter."""
        if not self._has_work:
            self._has_work = True
            self._medium._emulator.ask(self._id)

    def begin_work(self) -> None:
        """Enter the critical section and return at once, for a device that listens inside.

        Raises `MutualExclusionViolated` when another device is inside.
        """
        self._medium._emulator.enter(self._id)

    def end_work(self) -> None:
        """Leave the critical section that `begin_work` entered."""
        self._medium._emulator.leave(self._id)
        self._has_work = False


def __mro_entries__(bases: tuple[Any, ...]) -> tuple[type, ...]:
    """Let ``from emulators import Device`` and then ``class Gossip(Device)`` work too."""
    return (Device,)
