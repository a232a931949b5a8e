"""A network as the options of a command line describe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulators.network.crash import Crash
from emulators.network.latency import Latency
from emulators.network.scenario import SCENARIOS, Network, scenario_names
from emulators.network.table import Unfit, device, shown, time
from emulators.network.topology import SHAPES, Topology, read_edges, topology
from emulators.usage import UsageError


def network_given(
    network: str | None = None,
    topology: str | None = None,
    loss: float | None = None,
    duplicate: float | None = None,
    rounds: tuple[float, float] | None = None,
    crashes: Sequence[str] = (),
) -> Network | None:
    """Return a scenario with what the other options change in it; None where nothing is given.

    `rounds` is a latency in rounds. Raises `UsageError` that names the option.
    """
    made = Network() if network is None else Network.load(network)
    changes: dict[str, Any] = {"loss": loss, "duplicate": duplicate}
    changes = {name: value for name, value in changes.items() if value is not None}
    if topology is not None:
        changes["topology"] = topology_given(topology)
    if rounds is not None:
        changes["latency"] = Latency("uniform", low=rounds[0], high=rounds[1])
    if crashes:
        changes["crashes"] = (*made.crashes, *map(crash_given, crashes))
    if not changes and network is None:
        return None
    return replace(made, **changes)


def topology_given(text: str) -> Topology:
    """Return the topology of ``--topology``: a shape, or a file with a channel in each line."""
    path = Path(text)
    if path.is_file() or (path.suffix and text.partition(":")[0] not in SHAPES):
        return read_edges(path)
    try:
        return topology(text)
    except Unfit as error:
        raise UsageError(f"--topology: {shown(text)} is not {error}, nor a file") from None


def crash_given(text: str) -> Crash:
    """Return the crash of ``--crash DEVICE@WHEN[:RECOVERY]``."""
    who, at, when = text.partition("@")
    moment, colon, recovery = when.partition(":")
    try:
        if not at:
            raise Unfit("DEVICE@WHEN[:RECOVERY]")
        return Crash(
            device(int(who) if who.isdecimal() else who),
            _time(moment),
            _time(recovery) if colon else None,
        )
    except Unfit:
        raise UsageError(
            f"--crash: {shown(text)} is not DEVICE@WHEN[:RECOVERY], as in 2@5 (device 2 in round "
            "5, or after 5 virtual seconds), 2@0.5s, 2@5:10 (back after 10)"
        ) from None


def _time(text: str) -> Any:
    try:
        return time(float(text))
    except ValueError:
        return time(text)


def print_scenarios() -> None:
    """Print the names and titles of the shipped scenarios."""
    names = scenario_names()
    width = max(map(len, names), default=0)
    for name in names:
        print(f"{name:{width}}  {Network.load(SCENARIOS / f'{name}.toml').title}")
