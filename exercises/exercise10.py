"""Lecture 10: a blockchain like that of Bitcoin, with real proofs of work.

Roles
    Devices with an even index are miners, devices with an odd index are clients. Client i talks
    to miner i - 1 only. So the number of devices must be even: a miner without a client would
    wait for ever for the word that its client is done.

Rules
    1. A client sends TRANSACTIONS_PER_CLIENT transactions to its miner. A transaction is any text.
       Now and then it asks for the chain. It is done when all its transactions are in the chain.
    2. A miner collects transactions in a pool. It packs the pool into a block, and tries
       NONCES_PER_STEP nonces per round. The proof of work: the SHA-256 hash of the block, as 256
       bits, begins with `Blockchain.difficulty` zeros. Each bit more doubles the work.
    3. A miner that finds a block appends it to its chain, and sends the whole chain to all others.
    4. The longest chain rule: a miner that gets a longer VALID chain takes it in place of its own.
       (to do: BlockchainMiner.consider_chain)
    5. Two miners can find a block at the same time: a fork. One of the two blocks will be dropped.
       Its transactions must not be lost.
    6. A client that is done says QuitMessage to its miner, and the miner passes it on. A miner
       stops when the clients of all miners are done, its pool is empty, and its chain has not
       changed for LINGER rounds. A client gives up when the chain that it is shown has not
       changed in PATIENCE times the rounds that one block should take.

Valid is a chain that begins with the genesis block, where each block has the next index, carries
the hash of the block before, and has its proof of work. Blockchain.add_block checks one block.

Time: mining is real computation, but virtual time passes only when a miner waits for the next
round. More nonces per step is a faster miner. Timestamps are virtual time.

Messages
    TransactionMessage        client -> miner           please put this into the chain
    BlockchainRequestMessage  client -> miner           show me the chain
    BlockchainMessage         miner -> client, miners   this is my chain
    QuitMessage               client -> miner -> miners my client is done

Sources
    S. Nakamoto: Bitcoin: A Peer-to-Peer Electronic Cash System, 2008, sections 3 to 5.
    M. van Steen, A. S. Tanenbaum: Distributed Systems, 4th edition, on blockchain architectures.

Run it
    python3 exercise_runner.py --lecture 10 --algorithm BlockchainNetwork --type async --devices 4
"""

import hashlib
import random
import time
from typing import ClassVar

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

TRANSACTIONS_PER_CLIENT = 3
NONCES_PER_STEP = 1  # the speed of a miner
REQUEST_INTERVAL = 10  # rounds between two questions of a client
PATIENCE = 25  # a client gives up after so many times the rounds that one block should take
LINGER = 20  # rounds that a miner stays at the end


class Block:
    """One block of the chain. Not a device."""

    def __init__(
        self, index: int, transactions: list, timestamp: float, previous_hash: str, nonce: int = 0
    ):
        self.index = index
        self.transactions = transactions
        self.timestamp = timestamp
        self.previous_hash = previous_hash
        self.nonce = nonce

    def to_string(self) -> str:
        """Everything that the hash covers: a change of anything changes the hash."""
        transactions = ", ".join(str(transaction) for transaction in self.transactions)
        return (
            f"block {self.index} [{transactions}] at {self.timestamp}"
            f" after {self.previous_hash} nonce {self.nonce}"
        )

    @property
    def hash(self) -> str:
        """The SHA-256 hash as 64 hexadecimal digits."""
        return hashlib.sha256(self.to_string().encode()).hexdigest()

    @property
    def hash_binary(self) -> str:
        """The same hash as 256 characters 0 and 1."""
        return f"{int(self.hash, 16):0256b}"


class Blockchain:
    """A chain of blocks, and the pool of transactions that wait for a block. Not a device."""

    # Leading zero bits: 2 ** difficulty nonces are needed on average. With 4 bits and 4 devices a
    # run takes about 50 rounds and a few hundredths of a second, and forks happen now and then.
    difficulty = 4

    def __init__(self):
        self.unconfirmed_transactions: list = []
        self.chain: list[Block] = []
        self.create_genesis_block()

    def create_genesis_block(self) -> None:
        """Start the chain with the block that everyone knows. It needs no proof of work."""
        self.chain = [Block(0, [], 0, "0")]

    @property
    def last_block(self) -> Block:
        return self.chain[-1]

    def proof_of_work(self, block: Block) -> bool:
        """Does the hash begin with enough zeros?"""
        return block.hash_binary.startswith("0" * self.difficulty)

    def add_block(self, block: Block) -> bool:
        """Append a block if it fits and has its proof of work; say whether it was appended."""
        fits = (
            block.index == self.last_block.index + 1
            and block.previous_hash == self.last_block.hash
            and self.proof_of_work(block)
        )
        if fits:
            self.chain.append(block)
        return fits

    def add_new_transaction(self, transaction) -> None:
        self.unconfirmed_transactions.append(transaction)

    def to_string(self) -> str:
        return "\n".join(block.to_string() for block in self.chain)


class BlockchainMiner(Device):
    """Mines blocks, and keeps the longest chain. What to do with a foreign chain is missing."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        BlockchainNetwork.miners.append(index)
        self.blockchain = Blockchain()
        self.next_nonce = 0
        self.blocks_mined = 0
        self.miners_done: set[int] = set()  # the miners whose client is done
        self.last_hash = ""
        self.quiet_rounds = 0  # since the chain changed

    def run(self) -> None:
        while not self.may_stop():
            for ingoing in self.medium.receive_all():
                if not self.handle_ingoing(ingoing):
                    return
            self.do_some_work()
            self.medium.wait_for_next_round()

    def do_some_work(self) -> None:
        """Mine if there is something to mine; tell the others of a new block."""
        if self.blockchain.unconfirmed_transactions and self.try_mining():
            self.disseminate_chain()

    def try_mining(self) -> bool:
        """Try some nonces for a block of all waiting transactions. True: a block was found."""
        transactions = list(self.blockchain.unconfirmed_transactions)
        previous = self.blockchain.last_block
        block = Block(previous.index + 1, transactions, time.time(), previous.hash)
        for _ in range(NONCES_PER_STEP):
            block.nonce = self.next_nonce
            self.next_nonce += 1
            if self.blockchain.add_block(block):
                self.blockchain.unconfirmed_transactions = []
                self.next_nonce = 0
                self.blocks_mined += 1
                return True
        return False

    def disseminate_chain(self) -> None:
        """Send the chain to all other miners."""
        for miner in BlockchainNetwork.miners:
            if miner != self.index:
                self.medium.send(BlockchainMessage(self.index, miner, self.blockchain.chain))

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        """Handle one message. False means: stop."""
        if isinstance(ingoing, BlockchainMessage):
            self.consider_chain(ingoing.chain)
        elif isinstance(ingoing, TransactionMessage):
            self.blockchain.add_new_transaction(ingoing.transaction)
        elif isinstance(ingoing, BlockchainRequestMessage):
            answer = BlockchainMessage(self.index, ingoing.source, self.blockchain.chain)
            self.medium.send(answer)
        elif isinstance(ingoing, QuitMessage):
            self.note_quit(ingoing.source)
        return True

    def consider_chain(self, chain: list[Block]) -> None:
        """Another miner has sent its chain: take it, or keep one's own?"""
        # TODO: the longest chain rule.
        # - Is the chain valid? Blockchain.add_block checks one block on top of another.
        # - Is it longer than self.blockchain.chain? What if both are equally long?
        # - If you take it: which transactions of the old chain are not in the new one? They must
        #   go back into self.blockchain.unconfirmed_transactions. And what of this pool is in the
        #   new chain already?
        todo("decide whether to take the chain of another miner, and lose no transaction")

    def note_quit(self, source: int) -> None:
        """A client is done: one's own, or that of another miner."""
        if source in BlockchainNetwork.miners:
            self.miners_done.add(source)
            return
        self.miners_done.add(self.index)
        for miner in BlockchainNetwork.miners:
            if miner != self.index:
                self.medium.send(QuitMessage(self.index, miner))

    def may_stop(self) -> bool:
        """All clients are done, nothing is left to mine, and the chain is at rest."""
        last_hash = self.blockchain.last_block.hash
        self.quiet_rounds = self.quiet_rounds + 1 if last_hash == self.last_hash else 0
        self.last_hash = last_hash
        return (
            len(self.miners_done) == len(BlockchainNetwork.miners)
            and not self.blockchain.unconfirmed_transactions
            and self.quiet_rounds > LINGER
        )

    def print_result(self) -> None:
        chain = self.blockchain.chain
        transactions = sum(len(block.transactions) for block in chain)
        last_hashes = " ".join(block.hash[:6] for block in chain[-4:])
        print(
            f"Miner {self.index}: blocks after genesis: {len(chain) - 1}"
            f" (found here: {self.blocks_mined}), transactions: {transactions}, last: {last_hashes}"
        )


class BlockchainClient(Device):
    """Sends transactions to its miner, and waits until all of them are in the chain."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium, my_miner: int):
        super().__init__(index, number_of_devices, medium)
        self.my_miner = my_miner
        self.sent: list = []
        self.confirmed = 0  # how many of them were in the chain that the miner showed last
        self.length_seen = 0
        self.rounds = 0
        self.rounds_without_news = 0

    def run(self) -> None:
        while not self.is_done() and not self.has_given_up():
            for ingoing in self.medium.receive_all():
                self.handle_ingoing(ingoing)
            if len(self.sent) < TRANSACTIONS_PER_CLIENT and random.random() < 0.2:
                self.send_transaction()
            if self.rounds % REQUEST_INTERVAL == 0:
                self.request_blockchain()
            self.rounds += 1
            self.rounds_without_news += 1
            self.medium.wait_for_next_round()
        self.medium.send(QuitMessage(self.index, self.my_miner))

    def is_done(self) -> bool:
        return self.confirmed == TRANSACTIONS_PER_CLIENT

    def has_given_up(self) -> bool:
        """Has the chain not changed in PATIENCE times the rounds that one block should take?"""
        rounds_per_block = 2**Blockchain.difficulty / max(NONCES_PER_STEP, 1)
        return self.rounds_without_news > REQUEST_INTERVAL + PATIENCE * rounds_per_block

    def send_transaction(self) -> None:
        transaction = self.new_transaction()
        self.sent.append(transaction)
        self.medium.send(TransactionMessage(self.index, self.my_miner, transaction))

    def new_transaction(self) -> str:
        """Return a text that no other transaction has."""
        return f"payment {len(self.sent) + 1} of client {self.index}"

    def request_blockchain(self) -> None:
        self.medium.send(BlockchainRequestMessage(self.index, self.my_miner))

    def handle_ingoing(self, ingoing: MessageStub) -> bool:
        if isinstance(ingoing, BlockchainMessage):
            in_chain = [tx for block in ingoing.chain for tx in block.transactions]
            confirmed = sum(transaction in in_chain for transaction in self.sent)
            if (confirmed, len(ingoing.chain)) != (self.confirmed, self.length_seen):
                self.rounds_without_news = 0
            self.confirmed = confirmed
            self.length_seen = len(ingoing.chain)
        return True

    def print_result(self) -> None:
        text = (
            f"Client {self.index}: {self.confirmed} of {len(self.sent)} transactions in the chain"
        )
        print(text if self.is_done() else f"{text}, gave up")


class BlockchainNetwork:
    """Decides by index what a device is. Miners enter themselves here."""

    miners: ClassVar[list[int]] = []

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index % 2 == 0:
            return BlockchainMiner(index, number_of_devices, medium)
        return BlockchainClient(index, number_of_devices, medium, my_miner=index - 1)


class QuitMessage(MessageStub):
    """From a client: I am done. From a miner: my client is done."""

    def __str__(self) -> str:
        return f"Quit {self.source} -> {self.destination}"


class BlockchainMessage(MessageStub):
    """A whole chain, from the genesis block on."""

    def __init__(self, sender: int, destination: int, chain: list):
        super().__init__(sender, destination)
        self.chain = chain

    def __str__(self) -> str:
        last = self.chain[-1].hash[:6] if self.chain else "nothing"
        return (
            f"Blockchain {self.source} -> {self.destination}:"
            f" {len(self.chain)} blocks, the last is {last}"
        )


class TransactionMessage(MessageStub):
    """Please put this transaction into the chain."""

    def __init__(self, sender: int, destination: int, transaction: str):
        super().__init__(sender, destination)
        self.transaction = transaction

    def __str__(self) -> str:
        return f"Transaction {self.source} -> {self.destination}: {self.transaction}"


class BlockchainRequestMessage(MessageStub):
    """Please send me the chain."""

    def __str__(self) -> str:
        return f"BlockchainRequest {self.source} -> {self.destination}"
