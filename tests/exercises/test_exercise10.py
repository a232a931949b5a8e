"""Lecture 10: the given parts of the blockchain, the template as it is, the reference solution."""

import hashlib
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exercises import exercise10 as given
from tests.running import run
from tests.solutions import exercise10 as solution

KINDS = ["sync", "async"]
SIZES = [2, 4, 6, 10, 50]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def seeds(count: int) -> list[tuple[str, int, int]]:
    """Return (kind, devices, seed): `count` seeds, spread over kinds and sizes."""
    return [(KINDS[seed % 2], SIZES[seed // 2 % 5], seed) for seed in range(count)]


def miners(result):
    return result.devices[::2]


def clients(result):
    return result.devices[1::2]


def hashes(miner) -> list[str]:
    return [block.hash for block in miner.blockchain.chain]


def assert_valid(chain) -> None:
    """Check a chain from scratch, without the code under test."""
    for before, block in pairwise(chain):
        digest = hashlib.sha256(block.to_string().encode()).digest()
        assert block.index == before.index + 1
        assert block.previous_hash == hashlib.sha256(before.to_string().encode()).hexdigest()
        assert digest[0] < 2 ** (8 - given.Blockchain.difficulty)


def mined(chain, transactions):
    """Return the chain with one more block that has its proof of work."""
    blockchain = given.Blockchain()
    blockchain.chain = list(chain)
    last = blockchain.last_block
    nonce = 0
    while True:
        block = given.Block(last.index + 1, transactions, 1.5, last.hash, nonce)
        if blockchain.add_block(block):
            return blockchain.chain
        nonce += 1


class Outbox:
    """A medium for a device that is tested alone: keeps what it sends."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)


@pytest.fixture
def miner():
    yield solution.BlockchainMiner(0, 4, Outbox())
    given.BlockchainNetwork.miners.clear()


@pytest.fixture
def signed_miner():
    yield solution.SignedBlockchainMiner(0, 4, Outbox())
    given.BlockchainNetwork.miners.clear()


GENESIS = given.Blockchain().chain


# -- blocks and chains


def test_the_hash_of_a_block_covers_every_field():
    fields = {"index": 1, "transactions": ["a"], "timestamp": 0.5, "previous_hash": "x", "nonce": 7}
    changes = {
        "index": 2,
        "transactions": ["b"],
        "timestamp": 0.6,
        "previous_hash": "y",
        "nonce": 8,
    }
    original = given.Block(**fields)
    changed = [given.Block(**{**fields, name: value}) for name, value in changes.items()]
    assert len({original.hash} | {block.hash for block in changed}) == 6


def test_both_forms_of_the_hash_are_the_same_number():
    block = given.Block(1, [], 0, "0")
    assert len(block.hash) == 64
    assert len(block.hash_binary) == 256
    assert int(block.hash, 16) == int(block.hash_binary, 2)


def test_a_block_without_proof_of_work_is_refused():
    blockchain = given.Blockchain()
    refused = 0
    for nonce in range(200):
        block = given.Block(1, ["a"], 0, GENESIS[0].hash, nonce)
        zeros = block.hash_binary.startswith("0000")
        assert blockchain.proof_of_work(block) == zeros
        assert blockchain.add_block(block) == zeros
        blockchain.create_genesis_block()
        refused += not zeros
    assert 150 < refused < 200


def test_a_block_that_does_not_fit_is_refused_in_spite_of_its_work():
    _, block = mined(GENESIS, ["a"])
    blockchain = given.Blockchain()
    assert blockchain.add_block(block)
    assert not blockchain.add_block(block)
    assert len(blockchain.chain) == 2


def test_all_begin_with_the_same_genesis_block():
    assert given.Blockchain().last_block.hash == given.Blockchain().last_block.hash


def test_a_chain_can_be_read():
    assert given.Blockchain().to_string() == "block 0 [] at 0 after 0 nonce 0"


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [4, 50])
def test_the_template_ends_and_says_what_is_missing(kind, devices):
    result = run(10, "BlockchainNetwork", kind, devices=devices, seed=1)
    assert result.ended == "done"
    assert result.failures == []
    assert len(result.todos) == 1
    assert "chain of another miner" in result.todos[0]


@pytest.mark.slow
def test_every_miner_of_the_template_mines_the_transactions_of_its_client():
    for kind, devices, seed in seeds(100):
        result = run(10, "BlockchainNetwork", kind, devices=devices, seed=seed)
        assert (result.ended, result.failures) == ("done", [])
        for own_miner, client in zip(miners(result), clients(result), strict=True):
            assert_valid(own_miner.blockchain.chain)
            in_chain = [t for block in own_miner.blockchain.chain for t in block.transactions]
            assert sorted(in_chain) == client.sent


def test_one_miner_alone_needs_no_rule_for_foreign_chains():
    result = run(10, "BlockchainNetwork", "sync", devices=2, seed=1)
    assert result.todos == []


def test_timestamps_are_virtual_time():
    result = run(10, "BlockchainNetwork", "async", devices=4, seed=1)
    stamps = [block.timestamp for block in result.devices[0].blockchain.chain[1:]]
    assert stamps == sorted(stamps)
    again = run(10, "BlockchainNetwork", "async", devices=4, seed=1)
    assert stamps == [block.timestamp for block in again.devices[0].blockchain.chain[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_more_zeros_take_more_rounds(kind):
    def last_event(difficulty):
        settings = {"difficulty": difficulty}
        result = run(10, "BlockchainNetwork", kind, devices=2, seed=1, settings=settings)
        assert result.ended == "done"
        return result.trace[-1].time

    assert last_event(8) > last_event(1)


def test_a_client_gives_up_only_when_the_chain_has_not_changed_for_long():
    client = given.BlockchainClient(1, 2, Outbox(), 0)
    client.rounds_without_news = 20 * 2**given.Blockchain.difficulty
    assert not client.has_given_up()
    client.rounds_without_news *= 2
    assert client.has_given_up()
    client.handle_ingoing(given.BlockchainMessage(0, 1, GENESIS))
    assert not client.has_given_up()


# -- the reference solution


@pytest.mark.slow
def test_all_chains_agree_and_hold_every_transaction_once():
    forks = 0
    for kind, devices, seed in seeds(60):
        result = run(10, "BlockchainNetwork", kind, devices=devices, seed=seed, solution=True)
        assert (result.ended, result.failures, result.todos) == ("done", [], [])
        longest = max((hashes(one) for one in miners(result)), key=len)
        for one in miners(result):
            assert_valid(one.blockchain.chain)
            assert hashes(one) == longest[: len(hashes(one))]
        chain = max((one.blockchain.chain for one in miners(result)), key=len)
        in_chain = [transaction for block in chain for transaction in block.transactions]
        sent = [transaction for client in clients(result) for transaction in client.sent]
        assert len(sent) == 3 * len(clients(result))
        assert sorted(in_chain) == sorted(sent)
        forks += sum(one.blocks_mined for one in miners(result)) > len(chain) - 1
    assert forks > 5


def test_a_longer_valid_chain_is_taken(miner):
    chain = mined(GENESIS, ["a"])
    miner.consider_chain(chain)
    assert hashes(miner) == [block.hash for block in chain]


def test_a_shorter_chain_is_not_taken(miner):
    longer = mined(mined(GENESIS, ["a"]), ["b"])
    miner.consider_chain(longer)
    miner.consider_chain(mined(GENESIS, ["c"]))
    assert hashes(miner) == [block.hash for block in longer]


def test_a_tie_ends_alike_whatever_comes_first(miner):
    one, two = mined(GENESIS, ["a"]), mined(GENESIS, ["b"])
    ends = []
    for order in ([one, two], [two, one]):
        miner.blockchain = given.Blockchain()
        for chain in order:
            miner.consider_chain(chain)
        ends.append(hashes(miner))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("damage", ["transaction", "work", "genesis", "gap", "empty"])
def test_a_longer_chain_that_is_not_valid_is_refused(miner, damage):
    chain = mined(mined(GENESIS, ["a"]), ["b"])
    if damage == "transaction":
        chain[1].transactions = ["all to me"]
    elif damage == "work":
        while miner.blockchain.proof_of_work(chain[2]):
            chain[2].nonce += 1
    elif damage == "genesis":
        chain = mined([given.Block(0, ["all to me"], 0, "0")], ["a"])
    elif damage == "gap":
        del chain[1]
    else:
        chain = []
    miner.consider_chain(chain)
    assert len(miner.blockchain.chain) == 1


def test_transactions_of_dropped_blocks_wait_again_and_those_of_new_blocks_no_more(miner):
    miner.blockchain.chain = mined(GENESIS, ["a", "b"])
    miner.blockchain.unconfirmed_transactions = ["c", "d"]
    miner.consider_chain(mined(mined(GENESIS, ["b"]), ["d"]))
    assert miner.blockchain.unconfirmed_transactions == ["a", "c"]


def rounds_until_it_stops(miner) -> int:
    return next(count for count in range(1, 1000) if miner.may_stop())


def test_a_miner_stays_for_a_while_at_the_end_and_longer_when_its_chain_changes(miner):
    miner.handle_ingoing(given.QuitMessage(1, 0))
    alone = rounds_until_it_stops(miner)
    assert alone > given.LINGER
    miner.consider_chain(mined(GENESIS, ["a"]))
    assert rounds_until_it_stops(miner) == alone


def test_a_miner_does_not_stop_before_the_other_clients_are_done_and_its_pool_is_empty(miner):
    given.BlockchainNetwork.miners.append(2)
    miner.handle_ingoing(given.QuitMessage(1, 0))
    assert [message.destination for message in miner.medium.sent] == [2]
    assert not any(miner.may_stop() for _ in range(100))
    miner.handle_ingoing(given.TransactionMessage(1, 0, "a"))
    miner.handle_ingoing(given.QuitMessage(2, 0))
    assert not any(miner.may_stop() for _ in range(100))
    miner.blockchain.unconfirmed_transactions.clear()
    assert miner.may_stop()


# -- the extra task: signed transactions


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 4, 10])
def test_signed_transactions_all_get_into_the_chain(kind, devices):
    result = run(10, "SignedBlockchainNetwork", kind, devices=devices, seed=3, solution=True)
    assert (result.ended, result.failures) == ("done", [])
    chain = max((one.blockchain.chain for one in miners(result)), key=len)
    in_chain = [transaction for block in chain for transaction in block.transactions]
    assert len(in_chain) == 3 * len(clients(result))
    assert all(transaction.is_genuine() for transaction in in_chain)
    assert len({transaction.public_key for transaction in in_chain}) == len(clients(result))


def test_a_signature_does_not_fit_another_text_or_key():
    signed = solution.SignedTransaction.sign("1 pays 3", KEY)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    forged = [
        solution.SignedTransaction("1 pays 9", signed.public_key, signed.signature),
        solution.SignedTransaction(signed.text, other, signed.signature),
        solution.SignedTransaction(signed.text, b"no key", signed.signature),
    ]
    assert signed.is_genuine()
    assert not any(transaction.is_genuine() for transaction in forged)


def test_a_miner_takes_no_transaction_without_a_genuine_signature(signed_miner):
    signed = solution.SignedTransaction.sign("1 pays 3", KEY)
    forged = solution.SignedTransaction("1 pays 9", signed.public_key, signed.signature)
    for transaction in (forged, "1 pays 3", signed):
        signed_miner.handle_ingoing(given.TransactionMessage(1, 0, transaction))
    assert signed_miner.blockchain.unconfirmed_transactions == [signed]


def test_a_miner_takes_no_chain_with_a_forged_transaction(signed_miner):
    signed = solution.SignedTransaction.sign("1 pays 3", KEY)
    forged = solution.SignedTransaction("1 pays 9", signed.public_key, signed.signature)
    signed_miner.consider_chain(mined(GENESIS, [forged]))
    assert len(signed_miner.blockchain.chain) == 1
    signed_miner.consider_chain(mined(GENESIS, [signed]))
    assert len(signed_miner.blockchain.chain) == 2
