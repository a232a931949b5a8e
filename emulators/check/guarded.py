"""A property whose own mistakes do not become those of the device that it watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.trace.events import CALL, KINDS, Observer, RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


class Guarded(Observer):
    """Tells a property of the events of a run.

    What it raises is kept as its `fault`: in the middle of a run it would look as if the device had
    raised it. After that, and after a violation, it is told no more.
    """

    def __init__(self, judge: Property) -> None:
        self.judge = judge
        self.name = judge.name
        self.fault: Exception | None = None
        for name in ("on_event", *(f"on_{kind}" for kind in (*KINDS, CALL))):
            method = getattr(judge, name, None)
            if method is not None:
                setattr(self, name, self._guarded(method))

    @property
    def violation(self) -> Any:
        """The first violation, or None."""
        return self.judge.violation

    def _guarded(self, method: Callable[[RawEvent], Any]) -> Callable[[RawEvent], None]:
        def hear(event: RawEvent) -> None:
            if self.fault is None and self.judge.violation is None:
                try:
                    method(event)
                except Exception as error:
                    self.fault = error

        return hear

    def begin(self, number_of_devices: int) -> None:
        """Get the property ready."""
        self.judge.begin(number_of_devices)

    def end(self, run: Simulation) -> None:
        """Let the property judge the end of the run."""
        try:
            if self.fault is None and self.judge.violation is None:
                self.judge.end(run)
        except Exception as error:
            self.fault = error
