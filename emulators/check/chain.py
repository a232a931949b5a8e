"""Blockchains (lecture 10): valid blocks, one chain for all, and no transaction lost.

Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System", 2008, sections 3 to 5. Looked at are the
published classes: a device with a ``blockchain`` is a miner; blocks have ``index``, ``hash``,
``previous_hash`` and ``transactions``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property
from emulators.check.published import attribute, field, is_a
from emulators.check.words import listed
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Chain = Sequence[Any]


def chains(run: Simulation) -> dict[int, Chain]:
    """Return the chain of each miner."""
    found = {device._id: attribute(device, "blockchain") for device in run.devices}
    return {index: list(one.chain) for index, one in found.items() if hasattr(one, "chain")}


def difficulty(run: Simulation) -> int:
    """Return how many zeros a proof of work begins with."""
    found = (attribute(device, "blockchain") for device in run.devices)
    return next((int(one.difficulty) for one in found if hasattr(one, "difficulty")), 0)


def flaw(chain: Chain, zeros: int) -> str:
    """Return what is wrong with a chain, or nothing: links, numbers and proofs of work."""
    if not chain:
        return "it has no block"
    if chain[0].index != 0:
        return f"it begins with block {chain[0].index} instead of the genesis block"
    for before, block in pairwise(chain):
        if block.index != before.index + 1:
            return f"block {before.index} is followed by block {block.index}"
        if block.previous_hash != before.hash:
            return f"block {block.index} does not carry the hash of block {before.index}"
        if not f"{int(block.hash, 16):0256b}".startswith("0" * zeros):
            return f"block {block.index} has no proof of work: its hash lacks {zeros} leading zeros"
    return ""


class ValidChains(Property):
    """Every block links to the one before and has its proof of work."""

    name = "valid_chains"
    sentence = "Every chain begins with the genesis block, and each block has its proof of work."

    def end(self, run: Simulation) -> None:
        """Check each chain from scratch."""
        zeros = difficulty(run)
        genesis = {chain[0].hash for chain in chains(run).values() if chain}
        for miner, chain in chains(run).items():
            wrong = flaw(chain, zeros)
            if wrong:
                self.violated(
                    f"the chain of miner {miner} is not valid: {wrong}",
                    hint="check every block of a foreign chain before you take it",
                )
        if len(genesis) > 1:
            self.violated("the miners do not begin with the same genesis block")


class CommonPrefix(Property):
    """Garay, Kiayias and Leonardos 2015: chains differ in their last blocks only.

    Where all miners have come to their end, not even there; in a run that a limit has stopped,
    `unsettled` blocks at the end may differ.
    """

    name = "common_prefix"
    sentence = "All miners hold the same chain, as far as the shortest goes."

    def __init__(self, unsettled: int = 2) -> None:
        super().__init__()
        self._unsettled = unsettled

    def end(self, run: Simulation) -> None:
        """Compare all chains with the longest."""
        all_chains = chains(run)
        if not all_chains:
            return
        open_blocks = self._unsettled if run.standing else 0
        first = max(all_chains, key=lambda miner: len(all_chains[miner]))
        for miner, chain in all_chains.items():
            settled = len(chain) - open_blocks
            for block, other in zip(chain[:settled], all_chains[first], strict=False):
                if block.hash != other.hash:
                    self.violated(
                        f"from block {block.index} on, the chain of miner {miner} is another one "
                        f"than that of miner {first}, which has {len(all_chains[first])} blocks",
                        hint="a tie has to end alike everywhere, and the longest chain wins",
                    )
                    break


class LongestChain(Property):
    """The longest chain rule: who was shown a longer valid chain does not keep a shorter one."""

    name = "longest_chain"
    sentence = "No miner keeps a chain that is shorter than a valid one it was shown."

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[int, list[RawEvent]] = {}
        self.longest: dict[int, int] = {}

    def on_receive(self, event: RawEvent) -> None:
        """Keep the messages that showed a longer chain than all before."""
        if not is_a(event[3], "BlockchainMessage"):
            return
        length = len(field(event[3], "chain") or ())
        if length > self.longest.get(event[2], 0):
            self.longest[event[2]] = length
            self._shown.setdefault(event[2], []).append(event)

    def end(self, run: Simulation) -> None:
        """Compare what each miner holds with the longest valid chain that it was shown."""
        zeros = difficulty(run)
        for miner, chain in chains(run).items():
            for event in reversed(self._shown.get(miner, [])):
                shown = field(event[3], "chain")
                if len(shown) > len(chain) and not flaw(shown, zeros):
                    self.violated(
                        f"miner {miner} ends with {len(chain)} blocks, and was shown a valid "
                        f"chain of {len(shown)} by device {event[3][2]}",
                        event,
                        hint="a longer valid chain takes the place of one's own",
                    )
                    break


class NoTransactionLost(Property):
    """Each transaction that a client sends gets into the longest chain once.

    In a run that a limit has stopped, or whose clients gave up, it may also wait in a miner's pool,
    or be on its way.
    """

    name = "no_transaction_lost"
    sentence = "Every transaction is in the chain exactly once, or waits for its block."

    def __init__(self) -> None:
        super().__init__()
        self.sent: set[str] = set()
        self.on_links: Counter[str] = Counter()
        self._events: dict[str, RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note a transaction."""
        if is_a(event[3], "TransactionMessage"):
            text = str(field(event[3], "transaction"))
            self.sent.add(text)
            self.on_links[text] += 1
            self._events.setdefault(text, event)

    def on_receive(self, event: RawEvent) -> None:
        """Note that it has come to a miner."""
        if is_a(event[3], "TransactionMessage"):
            self.on_links[str(field(event[3], "transaction"))] -= 1

    def end(self, run: Simulation) -> None:
        """Count each transaction in the longest chain and in the pools."""
        longest = max(chains(run).values(), key=len, default=())
        counts = Counter(str(one) for block in longest for one in block.transactions)
        pools = {
            str(one)
            for device in run.devices
            for one in getattr(attribute(device, "blockchain"), "unconfirmed_transactions", ())
        }
        for text in sorted(self.sent):
            sent = self._events[text]
            if counts[text] > 1:
                self.violated(
                    f"the transaction {text!r} is in the chain {counts[text]} times",
                    sent,
                    hint="what is in the chain already does not stay in the pool",
                )
            elif not counts[text] and text not in pools and self.on_links[text] <= 0:
                self.violated(
                    f"the transaction {text!r} is neither in the chain nor in the pool of "
                    f"miners {listed(sorted(chains(run)))}",
                    sent,
                    hint="transactions of a block that is dropped have to go back into the pool",
                )
