"""Lecture 10: a blockchain. The task is the rule for the chains of other miners.

Mining, the clients and the end are given. Signed transactions are the extra task.
"""

import copy
import re
from collections import Counter, defaultdict
from itertools import count

from emulators.check.chain import chains, difficulty, flaw
from emulators.check.published import parts
from emulators.grading import case
from emulators.network.byzantine import Liar

LONG = {"max_rounds": 600, "max_time": 60}
FORKS = {"settings": {"difficulty": 2}, **LONG}  # easy blocks are found at the same time
SLOW = {"types": ("async",), "latency": (0, 0.5), **LONG}  # and so are those that nobody heard of
SIGNED = "SignedBlockchainNetwork"


def a_transaction_waits(run):
    """In the end every transaction is in the longest chain."""
    longest = max(chains(run).values(), key=len)
    there = Counter(str(one) for block in longest for one in block.transactions)
    for event, message in run.messages(of="TransactionMessage"):
        if not there[str(message.transaction)]:
            return run.wrong(
                f"the transaction “{message.transaction}” is not in the longest chain", event
            )
    return None


def work_is_done(run):
    """Blocks are found, and clients send transactions."""
    if not any(run.messages(of="TransactionMessage")):
        return "no client sends a TransactionMessage"
    if all(len(chain) < 2 for chain in chains(run).values()):
        return "no miner has found a block"
    return None


# -- chains that are lies

FORGED = 123456.0  # the time stamp of forged blocks
ZEROS = "0" * 4


def block_after(before, transactions, *, work=True):
    """A forged block on top of another one; without `work` surely without a proof of work."""
    make = type(before)
    for nonce in count():
        block = make(before.index + 1, transactions, FORGED, before.hash, nonce)
        bits = f"{int(block.hash, 16):0256b}"
        if bits.startswith(ZEROS) if work else bits.startswith("1"):
            return block


def without_work(chain):
    """Longer by two blocks, and nobody has worked for the first of them."""
    one = block_after(chain[-1], ["all to me"], work=False)
    return [*chain, one, block_after(one, [])]


def rewritten(chain):
    """The first block is exchanged for another, and nothing of what stands on it fits any more."""
    if len(chain) < 2:
        return without_work(chain)
    first = block_after(chain[0], ["all to me"])
    return [chain[0], first, *chain[2:], block_after(chain[-1], [])]


def with_another_beginning(chain):
    """All is right, and longer, but it does not begin with the block that everyone knows."""
    made = [type(chain[0])(0, ["all to me"], FORGED, "0")]
    for _ in chain:
        made.append(block_after(made[-1], []))
    return made


class LyingMiner(Liar):
    """Sends a forged chain after each true one."""

    lies = (without_work, rewritten, with_another_beginning)

    def sends(self, message):
        """Return the message, and where it is for a miner, a lie."""
        if not getattr(message, "chain", None) or message.destination % 2:
            return [message]
        forged = copy.copy(message)
        forged.chain = self.lies[self.choices.below(len(self.lies))](message.chain)
        return [message, forged]


def one_lies(kind):
    """A scenario: miner 2 lies in this way."""
    return lambda devices, seed: {"byzantine": [{"device": 2, "class": kind}]}


def nothing_forged_is_taken(run):
    """No miner takes a block of a forged chain."""
    for miner, chain in chains(run).items():
        forged = {block.hash for block in chain if block.timestamp == FORGED}
        if not forged:
            continue
        wrong = flaw(chain, difficulty(run)) or "one of its transactions is forged"
        if chain[0].timestamp == FORGED:
            wrong = "it does not begin with the genesis block"
        shown = [
            event
            for event, message in run.messages("receive", of="BlockchainMessage")
            if event.device == miner and forged & {block.hash for block in message.chain}
        ]
        return run.wrong(f"miner {miner} has taken a chain that is a lie: {wrong}", *shown[:1])
    return None


# -- the cases


@case("BlockchainNetwork", given=True, hint="what a miner does without other miners is given")
def test_one_miner_alone_puts_everything_into_its_chain(submission):
    """One miner alone finds valid blocks, and puts each transaction into one."""
    submission.runs(devices=(2,), seeds=5, **LONG).satisfy(
        "valid_chains", "no_transaction_lost", work_is_done
    )


@case("BlockchainNetwork", task="3", hint="when is a chain better than one's own?")
def test_a_longer_chain_is_taken(submission):
    """A miner that is shown a longer valid chain does not keep its own."""
    submission.runs(devices=(4, 6), seeds=6, **LONG).satisfy("longest_chain", work_is_done)


@case(
    "BlockchainNetwork",
    points=2,
    task="3",
    needs=[test_a_longer_chain_is_taken],
    hint="what makes a chain valid? Check it from its first block to its last",
)
def test_a_chain_that_is_not_valid_is_not_taken(submission):
    """A miner takes no chain without proofs of work, links, and the genesis block."""
    submission.runs(devices=(4, 6), seeds=8, network=one_lies(LyingMiner), **LONG).satisfy(
        nothing_forged_is_taken
    )


@case(
    "BlockchainNetwork",
    points=2,
    task="3",
    needs=[test_a_longer_chain_is_taken],
    hint="two chains of the same length, and no transaction waits: who mines the next block?",
)
def test_all_miners_have_the_same_chain_in_the_end(submission):
    """After every fork all miners agree: in the end their chains are the same."""
    same = ("valid_chains", "common_prefix", work_is_done)
    submission.runs(devices=(4, 6, 10), seeds=6, **LONG).satisfy(*same)
    submission.runs(devices=(6, 10), seeds=6, **FORKS).satisfy(*same)
    submission.runs(types=("sync",), devices=(20,), seeds=3, **LONG).satisfy(*same)


@case(
    "BlockchainNetwork",
    points=2,
    task="3",
    needs=[test_a_longer_chain_is_taken],
    hint="a block of yours is dropped: what was in it? What of your pool is in the new chain?",
)
def test_no_transaction_is_lost_in_a_fork(submission):
    """In the end every transaction of every client is in the chain, and none is there twice."""
    kept = ("no_transaction_lost", a_transaction_waits)
    submission.runs(devices=(4, 6, 10), seeds=6, **LONG).satisfy(*kept)
    submission.runs(devices=(6, 10), seeds=6, **FORKS).satisfy(*kept)
    submission.runs(devices=(4, 6), seeds=4, **SLOW).satisfy(*kept)


# -- bonus: signed transactions


def leaves(value):
    """All texts, numbers and bytes of a transaction, whatever it is made of."""
    return {one for one in parts(value) if isinstance(one, (str, int, float, bytes))}


def altered(value, kind=str):
    """A copy in which all values of a kind are changed, but not what looks like a key."""
    if type(value) is kind:
        return ALTER[kind](value)
    if isinstance(value, (list, tuple)):
        items = [altered(one, kind) for one in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {key: altered(one, kind) for key, one in value.items()}
    if hasattr(value, "__dict__") and not isinstance(value, type):
        made = copy.copy(value)
        made.__dict__.update(altered(vars(value), kind))
        return made
    return value


ALTER = {
    str: lambda text: re.sub(
        r"[\w+/=-]{40,}|\d", lambda found: found[0] if len(found[0]) > 1 else f"7{found[0]}7", text
    ),
    int: lambda number: number + 700_000,
    bytes: lambda code: code[:-1] + bytes([code[-1] ^ 1]) if code else b"7",
}


def forged_like(transaction):
    """Another transaction with the same signature: its text says something else."""
    for kind in ALTER:
        made = altered(transaction, kind)
        if leaves(made) != leaves(transaction):
            return made
    return "all to me"


class Forger(Liar):
    """Sends a forged transaction before each true one."""

    def sends(self, message):
        """Return the message; before a transaction one with the same signature."""
        if not hasattr(message, "transaction"):
            return [message]
        forged = copy.copy(message)
        forged.transaction = forged_like(message.transaction)
        return [forged, message]


def with_a_forged_transaction(chain):
    """Longer by two blocks with proofs of work; the first has a forged transaction."""
    known = [one for block in chain for one in block.transactions] or ["all to me"]
    one = block_after(chain[-1], [forged_like(known[-1])])
    return [*chain, one, block_after(one, [])]


class ForgingMiner(LyingMiner):
    """Sends a chain with a forged transaction after each true one."""

    lies = (with_a_forged_transaction,)


def clients_forge(devices, seed):
    """A scenario: before each transaction of a client somebody sends a forged one."""
    return {"byzantine": [{"device": one, "class": Forger} for one in range(1, devices, 2)]}


def in_chains(run):
    """The leaves of each transaction in each chain, with the miner."""
    for miner, chain in chains(run).items():
        for block in chain:
            for transaction in block.transactions:
                yield miner, leaves(transaction)


def everything_signed_is_in_the_chain(run):
    """Every transaction that a client has signed is in the longest chain."""
    everywhere = defaultdict(list)
    for miner, found in in_chains(run):
        everywhere[miner].append(found)
    longest = max(everywhere.values(), key=len, default=[])
    for event, message in run.messages(of="TransactionMessage"):
        if not any(leaves(message.transaction) <= found for found in longest):
            return run.wrong(f"a transaction of client {event.device} is in no block", event)
    return None


def no_forged_transaction_is_taken(run):
    """What somebody has altered is in no chain."""
    sent = defaultdict(list)
    for event, message in run.messages(of="TransactionMessage"):
        sent[event.device].append((event, message))
    for client, messages in sent.items():
        for (event, forged), (_, true) in zip(messages[::2], messages[1::2], strict=False):
            lie = leaves(forged.transaction) - leaves(true.transaction)
            for miner, found in in_chains(run):
                if lie & found:
                    return run.wrong(
                        f"a transaction of client {client} was altered on its way, and is in the "
                        f"chain of miner {miner}",
                        event,
                    )
    return None


@case(SIGNED, bonus=True, task="5", hint="does a block keep the signatures of its transactions?")
def test_signed_transactions_get_into_the_chain(submission):
    """SignedBlockchainNetwork: every signed transaction gets into the chain; all miners agree."""
    submission.runs(devices=(2, 4, 6), seeds=4, **LONG).satisfy(
        "valid_chains", "common_prefix", work_is_done, everything_signed_is_in_the_chain
    )


@case(
    SIGNED,
    bonus=True,
    points=2,
    task="5",
    needs=[test_signed_transactions_get_into_the_chain],
    hint="what does the signature cover, and who verifies it before the pool?",
)
def test_no_forged_transaction_is_taken_from_a_client(submission):
    """SignedBlockchainNetwork: a transaction that was altered after it was signed gets nowhere."""
    submission.runs(devices=(2, 4), seeds=4, network=clients_forge, **LONG).satisfy(
        work_is_done, no_forged_transaction_is_taken
    )


@case(
    SIGNED,
    bonus=True,
    points=2,
    task="5",
    needs=[test_no_forged_transaction_is_taken_from_a_client],
    hint="a miner can lie, too: what do you verify before you take its chain?",
)
def test_no_chain_with_a_forged_transaction_is_taken(submission):
    """SignedBlockchainNetwork: a chain with a forged transaction is not taken, long as it is."""
    submission.runs(devices=(4, 6), seeds=5, network=one_lies(ForgingMiner), **LONG).satisfy(
        nothing_forged_is_taken
    )
