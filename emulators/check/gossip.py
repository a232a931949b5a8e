"""Gossip: in the end everybody knows everything (lecture 1)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.check.published import attribute

if TYPE_CHECKING:
    from emulators.simulation import Simulation


def secrets_of(device: Any) -> Collection[Any]:
    """Return the published attribute `_secrets` of a device."""
    found = attribute(device, "secrets")
    return found if isinstance(found, Collection) else ()


class EveryoneKnowsAll(Property):
    """Each device has one secret at first; `known` returns those that a device knows in the end."""

    name = "all_secrets_known"
    sentence = "In the end every device knows the secrets of all."

    def __init__(self, known: Callable[[Any], Collection[Any]] = secrets_of) -> None:
        super().__init__()
        self._known = known

    def end(self, run: Simulation) -> None:
        """Count what each device knows."""
        for device in run.devices:
            secrets = set(self._known(device))
            if len(secrets) < self.number_of_devices:
                missing = sorted(set(run.ids) - secrets) if secrets <= set(run.ids) else []
                self.violated(
                    f"device {device._id} knows {len(secrets)} of {self.number_of_devices} "
                    f"secrets" + (f"; those of {missing} are missing" if missing else ""),
                    hint=f"who should have told device {device._id}, and did it know by then?",
                )
