"""A network as plain data: from a TOML file, a shipped scenario, options, or a script."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emulators.network.byzantine import Byzantine
from emulators.network.corruption import Corrupt
from emulators.network.crash import Crash, Pause
from emulators.network.latency import Latency, latency
from emulators.network.link import LinkRule
from emulators.network.partition import Partition
from emulators.network.table import Table, entry, flag, probability, several, text
from emulators.network.topology import Topology, read_edges, topology
from emulators.usage import UsageError, closest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCENARIOS = Path(__file__).resolve().parent / "scenarios"
"""The folder of the shipped scenarios."""


@dataclass(frozen=True)
class Network(Table):
    """Everything that a network does to a run; without values, nothing.

    `loss` and `duplicate` are probabilities for each message, `latency` None is the usual one.
    Messages of a device to itself take the same time unless `delay_self` is False, and suffer
    nothing else. What happens at moments stands in `partitions`, `crashes` and `pauses`.
    """

    title: str = entry(text, "")
    topology: Topology | None = entry(topology, None)
    loss: float = entry(probability, 0.0)
    duplicate: float = entry(probability, 0.0)
    latency: Latency | None = entry(latency, None)
    fifo: bool = entry(flag, False)
    delay_self: bool = entry(flag, True)
    links: tuple[LinkRule, ...] = entry(several(LinkRule.read, "link"), (), key="link")
    corruptions: tuple[Corrupt, ...] = entry(several(Corrupt.read, "corrupt"), (), key="corrupt")
    partitions: tuple[Partition, ...] = entry(
        several(Partition.read, "partition"), (), key="partition"
    )
    crashes: tuple[Crash, ...] = entry(several(Crash.read, "crash"), (), key="crash")
    pauses: tuple[Pause, ...] = entry(several(Pause.read, "pause"), (), key="pause")
    byzantine: tuple[Byzantine, ...] = entry(several(Byzantine.read, "byzantine"), ())

    @classmethod
    def parse(cls, mapping: Mapping[str, Any], where: str = "the network") -> Network:
        """Return a network from keys and values as in a TOML file. Raises `UsageError`."""
        return cls.read(mapping, where)

    @classmethod
    def load(cls, path: Path | str) -> Network:
        """Return a network from a TOML file, or a shipped scenario by its name.

        Raises `UsageError` with the file, the key, the value and what is allowed.
        """
        file = _file(str(path))
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"cannot read the network {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path} is no text in UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path} is no TOML: {error}") from None
        shape = given.get("topology")
        if isinstance(shape, dict) and set(shape) == {"file"}:
            given["topology"] = read_edges(file.parent / str(shape["file"]))
        return cls.parse(given, str(path))

    def check(self, devices: int) -> None:
        """Raise `UsageError` where the network names a device that does not exist."""
        for where, named in self._named():
            beyond = max(named, default=0)
            if beyond >= devices:
                raise UsageError(
                    f"{where} names device {beyond}; there are devices 0 to {devices - 1}"
                )

    def _named(self) -> Iterator[tuple[str, list[int]]]:
        """Return the devices that are named by their index, and where."""
        edges = self.topology.edges if self.topology is not None else ()
        yield "the topology", [device for edge in edges for device in edge]
        single: dict[str, Sequence[Crash | Pause | Byzantine]] = {
            "crash": self.crashes,
            "pause": self.pauses,
            "byzantine": self.byzantine,
        }
        for name, tables in single.items():
            chosen = [table.device for table in tables]
            yield f"[[{name}]]", [device for device in chosen if isinstance(device, int)]
        for name, rules in (("link", self.links), ("corrupt", self.corruptions)):
            for rule in rules:
                yield f"[[{name}]]", [*(rule.source or ()), *(rule.destination or ())]
        for partition in self.partitions:
            if not isinstance(partition.groups, str):
                yield "[[partition]]", [device for group in partition.groups for device in group]

    def __bool__(self) -> bool:
        """Return whether the network does anything at all."""
        return replace(self, title="") != _CALM


_CALM = Network()


def in_order(fifo: bool, network: Network | None) -> bool | str:
    """Return whether channels are FIFO: all, none, or (``links``) those that a network names."""
    if network is None or fifo or network.fifo:
        return fifo or (network is not None and network.fifo)
    return "links" if any(rule.fifo for rule in network.links) else False


def _file(name: str) -> Path:
    """Return the file that a path or the name of a shipped scenario means."""
    path = Path(name)
    shipped = SCENARIOS / f"{name}.toml"
    if path.is_file() or path.suffix == ".toml" or path.parent != Path():
        return path
    if shipped.is_file():
        return shipped
    names = scenario_names()
    hint = closest(name, names)
    raise UsageError(
        f"there is no file and no scenario {name}; "
        + (f"did you mean {hint}?" if hint else f"there are {', '.join(names)}")
    )


def scenario_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))
