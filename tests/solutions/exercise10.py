"""Reference solution of lecture 10: the longest chain rule, and signed transactions as the extra.

The longest chain rule, as section 5 of Nakamoto's paper has it, and what it leaves to us:

1. Nodes accept a block only if it is valid. So a chain is checked from its genesis block on, before
   anything else: index, hash of the block before, proof of work.
2. Nodes consider the longest chain to be the right one, and work on extending it. So a valid chain
   that is longer takes the place of one's own.
3. With two chains of the same length, Bitcoin keeps the one that came first; the next block breaks
   the tie. Here mining stops when no transaction waits, and the next block may never come. So the
   tie is broken at once, and by all miners alike: the smaller hash of the last block wins.
4. The transactions of dropped blocks go back into the pool, unless the new chain has them too;
   what the new chain has leaves the pool. So no transaction is lost, and none is mined twice.

What follows: "better" (longer, then smaller hash) is a total order, and each new chain goes to all
miners; when all messages have arrived, all miners hold the best chain that was ever found. Miners
that leave early hold a prefix of it.
"""

import random
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

import exercises.exercise10 as given
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise10 import Block, Blockchain, TransactionMessage


class BlockchainMiner(given.BlockchainMiner):
    """A miner that keeps the best valid chain it has seen."""

    def consider_chain(self, chain: list[Block]) -> None:
        if self.is_valid(chain) and self.is_better(chain):
            self.adopt(chain)

    def is_valid(self, chain: list[Block]) -> bool:
        """Rule 1: build the chain anew, block by block."""
        rebuilt = Blockchain()
        if not chain or chain[0].hash != rebuilt.last_block.hash:
            return False
        return all(rebuilt.add_block(block) for block in chain[1:])

    def is_better(self, chain: list[Block]) -> bool:
        """Rules 2 and 3: longer, or of the same length with a smaller last hash."""
        mine = self.blockchain.chain
        if len(chain) != len(mine):
            return len(chain) > len(mine)
        return chain[-1].hash < mine[-1].hash

    def adopt(self, chain: list[Block]) -> None:
        """Rule 4: change the chain, and keep every transaction that the new one does not have."""
        waiting = transactions_of(self.blockchain.chain) + self.blockchain.unconfirmed_transactions
        in_new_chain = transactions_of(chain)
        self.blockchain.chain = chain
        self.blockchain.unconfirmed_transactions = [
            transaction for transaction in waiting if transaction not in in_new_chain
        ]


def transactions_of(chain: list[Block]) -> list:
    return [transaction for block in chain for transaction in block.transactions]


class BlockchainNetwork(given.BlockchainNetwork):
    """The network of the template, with the miner of this solution."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index % 2 == 0:
            return BlockchainMiner(index, number_of_devices, medium)
        return given.BlockchainClient(index, number_of_devices, medium, my_miner=index - 1)


# ------------------------------------------------------------------- extra: signed transactions


@dataclass(frozen=True)
class SignedTransaction:
    """A text, and the proof that the owner of the key wrote it. The public key is the identity."""

    text: str
    public_key: bytes
    signature: bytes

    @staticmethod
    def sign(text: str, key: Ed25519PrivateKey) -> "SignedTransaction":
        public_key = key.public_key().public_bytes_raw()
        return SignedTransaction(text, public_key, key.sign(text.encode()))

    def is_genuine(self) -> bool:
        try:
            public_key = Ed25519PublicKey.from_public_bytes(self.public_key)
            public_key.verify(self.signature, self.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.text} signed {self.signature.hex()} by {self.public_key.hex()}"


class SignedBlockchainMiner(BlockchainMiner):
    """Takes no transaction without a genuine signature: from no client, and in no chain."""

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, TransactionMessage) and not is_genuine(ingoing.transaction):
            return True
        return super().handle_ingoing(ingoing)

    def is_valid(self, chain: list[Block]) -> bool:
        return super().is_valid(chain) and all(map(is_genuine, transactions_of(chain)))


def is_genuine(transaction: object) -> bool:
    return isinstance(transaction, SignedTransaction) and transaction.is_genuine()


class SignedBlockchainClient(given.BlockchainClient):
    """Signs its transactions with a key of its own."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium, my_miner: int):
        super().__init__(index, number_of_devices, medium, my_miner)
        # A run shall be repeatable, so the key is drawn like everything else. In earnest it comes
        # from Ed25519PrivateKey.generate(), which nobody can repeat.
        self.key = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))

    def new_transaction(self) -> SignedTransaction:
        return SignedTransaction.sign(super().new_transaction(), self.key)


class SignedBlockchainNetwork(given.BlockchainNetwork):
    """Miners and clients with signed transactions."""

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index % 2 == 0:
            return SignedBlockchainMiner(index, number_of_devices, medium)
        return SignedBlockchainClient(index, number_of_devices, medium, my_miner=index - 1)
