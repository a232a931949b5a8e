"""Gossip: nobody invents a secret, and in the end everybody knows everything (lecture 1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property, frozen
from emulators.check.published import attribute, field, is_a
from emulators.check.words import listed
from emulators.trace.events import RawEvent

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


class NothingInvented(Property):
    """What a device passes on, it has heard; but for one secret, its own."""

    name = "no_secret_invented"
    sentence = "Nobody passes on a secret that it does not know."

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[int, set[Hashable]] = {}
        self.own: dict[int, Hashable] = {}

    def on_receive(self, event: RawEvent) -> None:
        """Note what a device hears."""
        self.heard.setdefault(event[2], set()).update(_secrets(event))

    def on_send(self, event: RawEvent) -> None:
        """Compare with what the device has heard; of the rest, one may be its own."""
        device = event[2]
        unheard = _secrets(event) - self.heard.get(device, set())
        if device not in self.own and unheard:
            self.own[device] = device if device in unheard else min(unheard, key=repr)
        invented = unheard - {self.own.get(device)}
        if invented:
            self.violated(
                f"device {device} passes on {listed(sorted(map(repr, invented)))} "
                f"{self.when(event)}, and has not heard of it",
                event,
                hint="a message carries what its sender knows at that moment, and no more",
            )


def _secrets(event: RawEvent) -> set[Hashable]:
    """Return the secrets that a message passes on."""
    found = field(event[3], "secrets") if is_a(event[3], "GossipMessage") else None
    if found is None:
        return set()
    return set(map(frozen, found)) if isinstance(found, (set, frozenset, list, tuple)) else set()
