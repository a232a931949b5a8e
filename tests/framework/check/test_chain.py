"""Blockchains: valid, the same for all, the longest, and with every transaction once."""

from types import SimpleNamespace
from typing import Any

import pytest

from emulators.check.chain import CommonPrefix, LongestChain, NoTransactionLost, ValidChains
from emulators.MessageStub import MessageStub
from exercises.exercise10 import Block, Blockchain
from tests.framework.check.histories import Step, device, guilty, verdict


class BlockchainMessage(MessageStub):
    """As in lecture 10."""


class TransactionMessage(MessageStub):
    """As in lecture 10."""


def mined(*blocks: list[str]) -> list[Block]:
    """A valid chain with these transactions."""
    made = Blockchain()
    for transactions in blocks:
        nonce = 0
        last = made.last_block
        while not made.add_block(Block(last.index + 1, transactions, 0, last.hash, nonce)):
            nonce += 1
    return made.chain


def miner(index: int, chain: list[Block], *pool: str) -> Any:
    blockchain = SimpleNamespace(chain=chain, difficulty=4, unconfirmed_transactions=list(pool))
    return device(index, blockchain=blockchain)


A, AB, C = mined(["a"]), mined(["a"], ["b"]), mined(["c"])


def test_a_mined_chain_is_valid() -> None:
    assert not verdict(ValidChains(), devices=[miner(0, AB), device(1)])


@pytest.mark.parametrize(
    ("damage", "answer"),
    [
        (lambda chain: chain.pop(1), "block 0 is followed by block 2"),
        (
            lambda chain: setattr(chain[2], "previous_hash", "0"),
            "block 2 does not carry the hash of",
        ),
        (lambda chain: chain.pop(0), "it begins with block 1 instead of the genesis block"),
        (lambda chain: chain.clear(), "it has no block"),
    ],
    ids=["gap", "link", "genesis", "empty"],
)
def test_what_is_wrong_with_a_chain_is_said(damage: Any, answer: str) -> None:
    chain = mined(["a"], ["b"])
    damage(chain)
    found = verdict(ValidChains(), devices=[miner(0, chain)])
    assert found.startswith("the chain of miner 0 is not valid: ")
    assert answer in found


def test_a_block_without_work_is_found() -> None:
    chain = mined(["a"])
    while chain[1].hash_binary.startswith("0000"):
        chain[1].nonce += 1
    assert "block 1 has no proof of work" in verdict(ValidChains(), devices=[miner(0, chain)])


def test_a_shorter_chain_is_a_beginning_of_the_longer_one() -> None:
    assert not verdict(CommonPrefix(), devices=[miner(0, A), miner(2, AB)])
    assert verdict(CommonPrefix(), devices=[miner(0, C), miner(2, AB)]) == (
        "from block 1 on, the chain of miner 0 is another one than that of miner 2, "
        "which has 3 blocks"
    )


def test_while_a_run_is_not_over_the_last_blocks_may_differ() -> None:
    devices = [miner(0, C), miner(2, AB)]
    assert not verdict(CommonPrefix(), devices=devices, standing={0: None})
    assert verdict(CommonPrefix(unsettled=0), devices=devices, standing={0: None})


def shown(chain: list[Block]) -> list[Step]:
    return [("receive", 2, 0, 1, {"chain": chain}, BlockchainMessage)]


def test_a_longer_valid_chain_has_to_be_taken() -> None:
    one = LongestChain()
    assert verdict(one, shown(AB), [miner(0, A), miner(2, AB)]) == (
        "miner 0 ends with 2 blocks, and was shown a valid chain of 3 by device 2"
    )
    assert guilty(one) == ["receive 0"]
    assert not verdict(LongestChain(), shown(AB), [miner(0, AB)])


def test_a_longer_chain_that_is_not_valid_has_to_be_refused() -> None:
    chain = mined(["a"], ["b"])
    chain[1].transactions.append("x")
    assert not verdict(LongestChain(), shown(chain), [miner(0, A)])


def sent(*transactions: str) -> list[Step]:
    return [
        (kind, 1, 0, number, {"transaction": text}, TransactionMessage)
        for number, text in enumerate(transactions)
        for kind in ("send", "receive")
    ]


def test_a_transaction_is_in_the_chain_or_in_a_pool() -> None:
    assert not verdict(NoTransactionLost(), sent("a", "c"), [miner(0, A, "c"), device(1)])
    one = NoTransactionLost()
    assert verdict(one, sent("a", "c"), [miner(0, A), device(1)]) == (
        "the transaction 'c' is neither in the chain nor in the pool of miners 0"
    )
    assert guilty(one) == ["send 1"]


def test_a_transaction_is_not_in_the_chain_twice() -> None:
    twice = mined(["a"], ["a"])
    assert verdict(NoTransactionLost(), sent("a"), [miner(0, twice), device(1)]) == (
        "the transaction 'a' is in the chain 2 times"
    )
