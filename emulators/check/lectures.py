"""Which properties there are, which a lecture has besides, and what each algorithm promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from emulators.check import broadcast, consensus
from emulators.check.chain import CommonPrefix, LongestChain, NoTransactionLost, ValidChains
from emulators.check.chord import DataFound, FewHops, KeysAtOwners, RightRing
from emulators.check.coteries import IntersectingCoteries, OldestFirst
from emulators.check.election import EveryoneKnows, OneLeader, RightLeader
from emulators.check.gossip import EveryoneKnowsAll, NothingInvented
from emulators.check.linearizable import Linearizable
from emulators.check.liveness import Deadlock, MessageBudget, Termination
from emulators.check.mapreduce import WordCounts
from emulators.check.monitor import AllCounted, AllInBuffer, OneToken
from emulators.check.mutex import EntryOrder, EveryoneEnters, Fairness, MutualExclusion
from emulators.check.order import Causal, Fifo, TotalOrder
from emulators.check.property import Property
from emulators.check.published import named_devices
from emulators.check.replication import Acknowledged, SameRecords
from emulators.check.routing import Delivery, NeighborsOnly, NoLoops, ShortestRoutes, ring_of
from emulators.check.snapshot import ChannelStates, Conservation, ConsistentCut
from emulators.check.views import CONTENTS

Constants = Mapping[str, Any]
"""The names of the exercise modules of a run."""


class Offer(NamedTuple):
    """A property that can be asked for.

    `make` makes it from the constants of the exercise, and from a number where one was given:
    `numbered` says whether it takes one, `needed` whether there must be one.
    """

    kind: type[Property]
    make: Callable[..., Property]
    numbered: bool = False
    needed: bool = False


def _plain(
    kind: type[Property], *given: Any, numbered: bool = False, needed: bool = False
) -> Offer:
    """Offer a property that needs no constant."""
    return Offer(kind, lambda constants, *number: kind(*given, *number), numbered, needed)


def _by_name(*offers: Offer) -> dict[str, Offer]:
    return {offer.kind.name: offer for offer in offers}


PROPERTIES: dict[str, Offer] = _by_name(
    _plain(MutualExclusion),
    _plain(Deadlock),
    _plain(EveryoneEnters, numbered=True),
    _plain(Fairness, numbered=True),
    _plain(EntryOrder),
    _plain(Fifo),
    _plain(Causal),
    _plain(TotalOrder),
    _plain(Termination),
    _plain(MessageBudget, numbered=True, needed=True),
    _plain(Linearizable),
)
"""Properties that need to know no algorithm: they can be asked of any program."""

# -- what the lectures have besides


def _fewest(devices: int) -> int:
    """Gossip by one-way messages: 2n - 2 are enough (docs/decisions/0014-gossip.md)."""
    return 2 * devices - 2


def _consensus(kind: Callable[..., Property], constants: Constants, **options: Any) -> Property:
    return kind(faulty=named_devices(constants, "TRAITOR"), **options)


def _integrity(constants: Constants) -> Property:
    return _consensus(consensus.ByzantineIntegrity, constants)


def _generals(constants: Constants) -> Property:
    return _consensus(consensus.ByzantineIntegrity, constants, proposers=(0,))


def _chord(kind: Callable[[int], Property]) -> Callable[[Constants], Property]:
    return lambda constants: kind(int(constants.get("address_size", 6)))


def _word_counts(constants: Constants) -> Property:
    folders = (constants.get(name) for name in ("BOOKS_FOLDER", "RESULTS_FOLDER"))
    return WordCounts(*(folder for folder in folders if isinstance(folder, str)))


_ELECTION = _by_name(_plain(EveryoneKnows), _plain(OneLeader), _plain(RightLeader))
_GROUPS = broadcast.ADDRESSED

IN_LECTURES: dict[int, dict[str, Offer]] = {
    1: _by_name(
        _plain(EveryoneKnowsAll),
        _plain(NothingInvented),
        _plain(NeighborsOnly, ring_of),
        Offer(MessageBudget, lambda constants, most=_fewest: MessageBudget(most), numbered=True),
    ),
    2: _by_name(_plain(ShortestRoutes), _plain(Delivery), _plain(NoLoops)),
    4: _ELECTION,
    5: _by_name(
        _plain(broadcast.Integrity),
        _plain(broadcast.Validity),
        _plain(broadcast.Agreement, CONTENTS, _GROUPS),
        _plain(Fifo, CONTENTS),
        _plain(Causal, CONTENTS),
        _plain(TotalOrder, CONTENTS),
    ),
    6: _by_name(
        Offer(consensus.Agreement, partial(_consensus, consensus.Agreement)),
        Offer(consensus.Validity, partial(_consensus, consensus.Validity)),
        Offer(consensus.Decision, partial(_consensus, consensus.Decision)),
        Offer(consensus.ByzantineIntegrity, _integrity),
        _plain(consensus.OneChosen),
        _plain(consensus.OwnNumbers),
    ),
    7: _ELECTION,
    8: _by_name(_plain(SameRecords), _plain(Acknowledged)),
    9: _by_name(Offer(WordCounts, _word_counts)),
    10: _by_name(
        _plain(ValidChains),
        _plain(CommonPrefix),
        _plain(LongestChain),
        _plain(NoTransactionLost),
    ),
    11: _by_name(
        *(Offer(kind, _chord(kind)) for kind in (KeysAtOwners, RightRing, FewHops, DataFound))
    ),
    12: _by_name(_plain(NeighborsOnly), _plain(NoLoops), _plain(Delivery)),
    13: _by_name(_plain(Conservation), _plain(ConsistentCut), _plain(ChannelStates)),
    14: _by_name(_plain(OneToken), _plain(AllCounted)),
    16: _by_name(_plain(IntersectingCoteries), _plain(OldestFirst)),
}
"""What only the programs of one lecture can be asked; it comes before a general property."""

IN_ALGORITHMS: dict[str, dict[str, Offer]] = {
    "SingleByzantine": _by_name(Offer(consensus.ByzantineIntegrity, _generals)),
    "BoundedBuffer": _by_name(_plain(AllInBuffer)),
}
"""What means something else for one algorithm."""

# -- what the algorithms promise

_ENTRY = ("mutual_exclusion", "deadlock", "everyone_enters", "fairness")
_LEADER = ("leader_known", "one_leader", "largest_leads", "termination")
_ONCE = ("integrity", "validity", "agreement")
_GOSSIP = ("all_secrets_known", "no_secret_invented", "termination")
_CONSENSUS = ("agreement", "validity", "termination")
_BYZANTINE = ("agreement", "byzantine_integrity", "termination")

PROMISED: dict[int, dict[str, tuple[str, ...]]] = {
    0: {"": ("termination",)},
    1: {
        "Improved": (*_GOSSIP, "message_budget"),
        "Ring": (*_GOSSIP, "neighbors_only"),
        "ImprovedRing": (*_GOSSIP, "neighbors_only", "message_budget"),
        "": _GOSSIP,
    },
    2: {
        "RipCommunication": ("shortest_routes",),
        "RoutingRip": ("shortest_routes", "delivery"),
        "TerminatingRip": ("shortest_routes", "delivery", "termination"),
        "LinkFailureRip": ("shortest_routes", "termination"),
    },
    4: {
        "Pinger": ("termination",),
        "ChangRoberts": _LEADER,
        "Bully": _LEADER,
        "RicartAgrawala": (*_ENTRY, "entry_order"),
        "Maekawa": ("mutual_exclusion",),  # as it is given, it can deadlock
        "HeartbeatTokenRing": ("mutual_exclusion", "deadlock"),
        "": _ENTRY,
    },
    5: {
        "IPMulticast": ("integrity",),
        "ReliableIPMulticast": (*_ONCE, "fifo"),
        "TOSEQMulticast": (*_ONCE, "total_order"),
        "FifoTOSEQMulticast": (*_ONCE, "fifo", "causal", "total_order"),
        "ReliableFifoTOSEQMulticast": (*_ONCE, "fifo", "total_order"),
        "ISISMulticast": (*_ONCE, "total_order"),
        "COMulticast": (*_ONCE, "fifo", "causal"),
        "FifoOverlapMulticast": (*_ONCE, "fifo"),
        "": _ONCE,
    },
    6: {
        "FResilientConsensus": _CONSENSUS,
        "CrashingFResilient": ("agreement",),
        "SingleByzantine": _BYZANTINE,
        "King": _BYZANTINE,
        "ByzantineKing": ("agreement", "byzantine_integrity"),
        "ByzantineAsyncKing": ("agreement", "byzantine_integrity"),
        "PAXOS": (*_CONSENSUS, "one_value_chosen", "own_numbers"),
    },
    7: {"BullyWithLateFailure": ("termination",), "": _LEADER},
    8: {"": ("same_records", "acknowledged_stored", "termination")},
    9: {"": ("word_counts", "termination")},
    10: {"": (*IN_LECTURES[10], "termination")},
    11: {"": (*IN_LECTURES[11], "termination")},
    12: {"": (*IN_LECTURES[12], "termination")},
    13: {"": (*IN_LECTURES[13], "termination")},
    14: {"": ("mutual_exclusion", *IN_LECTURES[14], "termination")},
    15: {"": ("linearizable",)},
    16: {"Maekawa": ("mutual_exclusion", "coteries"), "": (*_ENTRY, *IN_LECTURES[16])},
}
"""For each lecture the properties of its algorithms, by a part of their names; "" is all others."""


def properties_of(lecture: int | None, algorithm: str = "") -> dict[str, Offer]:
    """Return all properties that can be asked of a program of a lecture."""
    here = IN_LECTURES.get(lecture, {}) if lecture is not None else {}
    special = next((own for part, own in IN_ALGORITHMS.items() if part in algorithm), {})
    return {**PROPERTIES, **here, **special}


def promised(lecture: int, algorithm: str) -> tuple[str, ...]:
    """Return what an algorithm promises, found by the longest part of its name that is known."""
    known = PROMISED.get(lecture, {})
    best = max((part for part in known if part in algorithm), key=len, default="")
    return known.get(best, ())


def lectures_of(name: str) -> list[int]:
    """Return the lectures whose algorithms promise a property."""
    return [
        number
        for number, algorithms in PROMISED.items()
        if any(name in names for names in algorithms.values())
    ]
