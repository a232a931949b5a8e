"""How a device stops for good, and begins anew: by a person's hand or as a scenario has it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from heapq import heapify
from typing import TYPE_CHECKING, Any

from emulators.errors import StudentError
from emulators.kernel.tasks import Task
from emulators.port import Afterlife, Port

if TYPE_CHECKING:
    from emulators.simulation import Simulation


class Lives:
    """The lives of the devices of a run.

    A device that crashes does nothing more: its tasks are ended, and what they do on their way out
    reaches nobody. What its class declares as `stable` is kept for the next life.
    """

    def __init__(self, simulation: Simulation, number_of_devices: int) -> None:
        self._simulation = simulation
        self._life = [0] * number_of_devices
        self._stable: dict[int, dict[str, Any]] = {}

    def call(self, index: int, callback: Callable[[], Any]) -> Callable[[], Any]:
        """Return what calls `callback` unless device `index` has crashed in the meantime."""
        life = self._life[index]
        return lambda: callback() if self._life[index] == life else None

    def crash(self, port: Port) -> None:
        """Stop a device that is running."""
        simulation = self._simulation
        simulation.leave_round(port)
        self._keep_stable(port)
        port.unplug(Afterlife(simulation))
        port.ended, port.main = True, None  # so that the end of its task is not its own end
        port.waiters = []
        for task in [task for task in simulation.scheduler.tasks if task.owner is port]:
            simulation.scheduler.kill(task)
        self._forget_the_dead()
        self._life[port.index] += 1
        simulation.leave_critical_section(port.index)
        simulation.emit("crash", port.index)

    def restart(self, port: Port, stable: bool = True) -> None:
        """Build a device anew, that has stopped, and let it run from its beginning."""
        simulation = self._simulation
        if simulation.hazards is not None:
            simulation.hazards.came_up(port)
        port.plug()
        port.ended = False
        simulation.build_again(port)
        kept = self._stable.pop(port.index, {})
        if port.ended:
            return
        if stable:
            for name, value in kept.items():
                setattr(port.device, name, value)
        simulation.emit("restart", port.index)
        port.main = simulation.scheduler.spawn(port.work, f"device {port.index}", port)
        simulation.join_round(port)

    def _keep_stable(self, port: Port) -> None:
        kept = self._stable[port.index] = {}
        for name in stable_names(port.device):
            try:
                kept[name] = copy.deepcopy(getattr(port.device, name))
            except Exception:
                unfit = unfit_for_storage(port.device, name)
                self._simulation.report_lost_storage(port, unfit)

    def _forget_the_dead(self) -> None:
        """Resume nobody who was killed while it waited for its time."""
        scheduler = self._simulation.scheduler
        queued = [item for _, _, item in scheduler.timers] + [*scheduler.ready]
        dead = {item for item in queued if isinstance(item, Task) and not item.alive}
        if dead:
            scheduler.timers[:] = [entry for entry in scheduler.timers if entry[2] not in dead]
            heapify(scheduler.timers)
            alive = [item for item in scheduler.ready if item not in dead]
            scheduler.ready.clear()
            scheduler.ready.extend(alive)


def stable_names(device: Any) -> list[str]:
    """Return the attributes of a device that its class declares as `stable`."""
    names = getattr(type(device), "stable", ())
    if not isinstance(names, (list, tuple)):
        return []
    return [name for name in names if isinstance(name, str) and hasattr(device, name)]


def unfit_for_storage(device: Any, name: str) -> StudentError:
    """Return that an attribute cannot be kept over a crash."""
    kind = type(getattr(device, name)).__name__
    return StudentError(
        f"its stable attribute {name!r} holds a {kind}, which cannot be kept over a crash",
        "keep only data in stable storage: numbers, text, lists, dictionaries",
    )
