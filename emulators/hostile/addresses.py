"""Messages that have no way to their destination: nobody is there, or it is no neighbor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from emulators.errors import Failure, place_of_frame, safe_str
from emulators.trace.envelope import RawEnvelope, opened

if TYPE_CHECKING:
    from emulators.simulation import Simulation


class Unreached:
    """Reports each wrong address once: of any sender, or of each sender that is no neighbor."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._told: set[Any] = set()

    def report(self, envelope: RawEnvelope) -> None:
        """Report where a message was sent that has no way, unless that was told before."""
        sender, address = envelope[2], repr(envelope[3])
        exists = self._exists(envelope[3])
        known = (sender, address) if exists else address
        if known in self._told:
            return
        self._told.add(known)
        problem, hint = self._no_channel(envelope) if exists else self._nobody(envelope)
        simulation = self._simulation
        simulation.report(
            Failure(
                device=sender,
                when=simulation.when(),
                problem=f"it sent a message to device {address}, which {problem}",
                place=place_of_frame(sys._getframe()),
                last_message=simulation.last_message(simulation.ports[sender]),
                hint=hint,
                fatal=False,
            )
        )

    def _exists(self, destination: Any) -> bool:
        try:
            return destination in self._simulation.ports
        except TypeError:  # not even something that could be an index
            return False

    def _nobody(self, envelope: RawEnvelope) -> tuple[str, str]:
        """Return what is wrong with an address that is nobody's, and what to try."""
        cls = envelope[4].__name__
        if "_destination" not in envelope[5]:
            hint = f"call super().__init__(sender, destination) in {cls}"
            return f"does not exist: {cls}", hint
        hint = f"there are devices 0 to {len(self._simulation.ports) - 1}"
        if isinstance(envelope[3], str):
            hint += ", and their indices are numbers, not texts"
        return f"does not exist: {safe_str(opened(envelope))}", hint

    def _no_channel(self, envelope: RawEnvelope) -> tuple[str, str]:
        """Return that two devices are no neighbors, and who are."""
        near = ", ".join(map(str, self._simulation.neighbors(envelope[2]))) or "no device"
        return (
            f"is no neighbor: {safe_str(opened(envelope))}",
            f"self.medium.neighbors has those it can reach: {near}",
        )
