"""The lectures: which file each uses, what it is about, and what a run of it needs by default."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from emulators.limits import Limits

Requirement = Callable[[str, int, ModuleType], str]
Constant = Callable[[str, Any], Any]
"""Returns a constant of the exercise by its name, or else the second argument."""


def _anything(algorithm: str, devices: int, module: ModuleType) -> str:
    return ""


def _gfs(algorithm: str, devices: int, module: ModuleType) -> str:
    masters = getattr(module, "NUMBER_OF_MASTERS", 1)
    servers = getattr(module, "NUMBER_OF_CHUNKSERVERS", 4)
    least = masters + servers + 1
    if devices >= least:
        return ""
    return (
        f"{algorithm} needs at least {least} devices: {masters} master, {servers} chunk servers "
        "and a client"
    )


def _map_reduce(algorithm: str, devices: int, module: ModuleType) -> str:
    workers = max(4, getattr(module, "NUMBER_OF_PARTITIONS", 1) + 1)
    if devices >= workers + 2:
        return ""
    return (
        f"{algorithm} needs at least {workers + 2} devices: "
        f"a client, a master and {workers} workers"
    )


def _blockchain(algorithm: str, devices: int, module: ModuleType) -> str:
    if devices % 2 == 0:
        return ""
    return f"{algorithm} needs an even number of devices: every client has a miner of its own"


def _chord(algorithm: str, devices: int, module: ModuleType) -> str:
    most = 2 ** getattr(module, "address_size", 6) + 1
    if devices > most:
        return f"{algorithm} has addresses for at most {most} devices (--set address_size=…)"
    if devices >= 4:
        return ""
    return f"{algorithm} needs at least 4 devices: a client, one that joins, two nodes of the ring"


def _devices_of_script(script: str) -> int:
    from emulators.bank.script import nodes

    return nodes(script) + 2


def _bank(algorithm: str, devices: int, module: ModuleType) -> str:
    script = getattr(module, "SCRIPT", "")
    least = _devices_of_script(script) if script else 4
    if devices >= least:
        return ""
    return (
        f"{algorithm} needs at least {least} devices: {least - 2} nodes, an observer and a master"
    )


def _usual_network(constant: Constant) -> dict[str, Any]:
    return {}


def _bank_channels(constant: Constant) -> dict[str, Any]:
    return {"fifo": bool(constant("FIFO", True))}


def _late_now_and_then(constant: Constant) -> dict[str, Any]:
    late = {
        "model": "sometimes",
        "delay": f"{constant('DELAY', 3)}r",
        "probability": constant("DELAY_PROBABILITY", 0.5),
        "otherwise": "1r",
    }
    return {"latency": late, "delay_self": False}


def _replication(algorithm: str, devices: int, module: ModuleType) -> str:
    clients = getattr(module, "NUMBER_OF_CLIENTS", 3)
    if not 1 <= clients <= 5:
        return f"{algorithm} has 1 to 5 clients (--set NUMBER_OF_CLIENTS=…), not {clients}"
    if devices >= clients + 2:
        return ""
    return f"{algorithm} needs at least {clients + 2} devices: a gateway, {clients} clients, a node"


def _of_the_level(constant: Constant) -> dict[str, Any]:
    from emulators.network.scenario import Network

    level = constant("level", 1)
    return Network.load(f"game-{level}").plain()


_USUAL = Limits(rounds=1000, time=100.0, messages=100_000)


class Lecture(NamedTuple):
    """One lecture. `file` is the exercise file without its ending, empty where there is none.

    `limits` stop a run that does not end by itself. `requires` returns what is wrong with a number
    of devices, or nothing; it is asked for the `networks` only. `network` returns what is special
    in the lecture's network, as in a scenario file; what the command line asks for comes first.
    `needs_of_script` returns how many devices a script needs, where a lecture has scripts.
    """

    number: int
    file: str
    title: str
    limits: Limits = _USUAL
    networks: tuple[str, ...] = ()
    requires: Requirement = _anything
    network: Callable[[Constant], dict[str, Any]] = _usual_network
    needs_of_script: Callable[[str], int] | None = None

    def __str__(self) -> str:
        return f"lecture {self.number}"


_SHORT = Limits(rounds=200, time=20.0, messages=100_000)
_MEDIUM = Limits(rounds=500, time=50.0, messages=1_000_000)
_GAME = Limits(rounds=5000, time=500.0, messages=1_000_000)
_LONG = Limits(rounds=10_000, time=1000.0, messages=1_000_000)

LECTURES = {
    lecture.number: lecture
    for lecture in (
        Lecture(0, "demo", "A first look: ping and pong"),
        Lecture(1, "exercise1", "Gossip"),
        Lecture(
            2, "exercise2", "Routing with RIP", Limits(rounds=200, time=20.0, messages=100_000)
        ),
        Lecture(3, "", "Time and network types"),
        Lecture(4, "exercise4", "Mutual exclusion and election", _SHORT),
        Lecture(5, "exercise5", "Multicast", _SHORT),
        Lecture(6, "exercise6", "Consensus", Limits(rounds=200, time=100.0, messages=1_000_000)),
        Lecture(7, "exercise7", "Replication: the Bully algorithm", _MEDIUM),
        Lecture(8, "exercise8", "GFS", _LONG, ("GfsNetwork",), _gfs),
        Lecture(9, "exercise9", "MapReduce", _MEDIUM, ("MapReduceNetwork",), _map_reduce),
        Lecture(10, "exercise10", "Blockchain", _LONG, ("BlockchainNetwork",), _blockchain),
        Lecture(11, "exercise11", "Chord", _LONG, ("ChordNetwork",), _chord),
        Lecture(12, "exercise12", "Routing in wireless networks with AODV", _MEDIUM),
        Lecture(
            13,
            "exercise13",
            "Snapshots of a bank (Chandy and Lamport)",
            Limits(rounds=20_000, time=2000.0, messages=1_000_000),
            ("Bank",),
            _bank,
            _bank_channels,
            _devices_of_script,
        ),
        Lecture(
            14,
            "exercise14",
            "A distributed monitor",
            Limits(rounds=2000, time=200.0, messages=1_000_000),
        ),
        Lecture(
            15,
            "exercise15",
            "The replication game",
            _GAME,
            ("ReplicationNetwork",),
            _replication,
            _of_the_level,
        ),
        Lecture(
            16,
            "exercise16",
            "Mutual exclusion with coteries (Sanders)",
            _SHORT,
            network=_late_now_and_then,
        ),
    )
}
