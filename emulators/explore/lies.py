"""What byzantine devices may say in a search: values that honest devices have been seen to send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from emulators.network.byzantine import ANYTHING, Byzantine
from emulators.network.scenario import Network
from emulators.program import RunConfig
from emulators.runner import prepared
from emulators.stepping.stepper import silent
from emulators.trace.events import Observer, RawEvent
from emulators.usage import UsageError

_RUNS = 8
_MOST_MESSAGES = 2000
_MOST_VALUES = 3
"""Runs in which values are looked for, messages of each, and values of a field that are kept."""
_ENDS = ("_source", "_destination")

Values = dict[str, dict[object, object]]


class _Collector(Observer):
    """Remembers the first values of each field that are sent: numbers, texts, yes and no."""

    def __init__(self) -> None:
        self.values: Values = {}

    def on_send(self, event: RawEvent) -> None:
        """Look at the fields of a message."""
        cls, fields = event[3][4], event[3][5]
        for name, value in fields.items():
            if name not in _ENDS and type(value) in (bool, int, float, str):
                known = self.values.setdefault(f"{cls.__name__}.{name}", {})
                if len(known) < _MOST_VALUES:
                    known.setdefault((type(value), value), value)


def liars(config: RunConfig, devices: Collection[int]) -> RunConfig:
    """Return the configuration with byzantine devices that may say anything, or nothing.

    Raises `UsageError` for a device that does not exist.
    """
    for index in devices:
        if index not in range(config.devices):
            raise UsageError(
                f"--byzantine: there is no device {index}; there are 0 to {config.devices - 1}"
            )
    if not devices:
        return config
    values = _values_seen(config)
    lying = tuple(Byzantine(one, behaviour=ANYTHING, values=values) for one in sorted(devices))
    network = config.network or Network()
    others = tuple(one for one in network.byzantine if one.device not in devices)
    return replace(config, network=replace(network, byzantine=(*others, *lying)))


def _values_seen(config: RunConfig) -> tuple[tuple[str, tuple[object, ...]], ...]:
    """Return the values of each field in some runs in which all are honest."""
    seen = _Collector()
    for seed in range(_RUNS):
        honest = replace(config, seed=seed, checks=(), max_messages=_MOST_MESSAGES)
        with silent(), prepared(honest, quiet=True, observers=[seen]) as run:
            run.go()
    return tuple((name, tuple(known.values())) for name, known in sorted(seen.values.items()))
