import random
import time
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub


class Block:
    def __init__(self, index: int, transactions, timestamp, previous_hash, nonce=0):
        self.index = index
        self.transactions = transactions
        self.timestamp = timestamp
        self.previous_hash = previous_hash
        self.nonce = nonce

    def to_string(self):
        return (
            f"{self.index},{self.transactions},{self.timestamp},{self.previous_hash},{self.nonce}"
        )

    @property
    def hash(self):
        return sha256(self.to_string().encode()).hexdigest()

    @property
    def hash_binary(self):
        return "".join(f"{byte:08b}" for byte in sha256(self.to_string().encode()).digest())


class Blockchain:
    difficulty = 4

    def __init__(self):
        self.unconfirmed_transactions = []
        self.chain = []
        self.create_genesis_block()

    def create_genesis_block(self):
        self.chain.append(Block(0, [], 0, "0"))

    @property
    def last_block(self):
        return self.chain[-1]

    def proof_of_work(self, block):
        return block.hash_binary[: self.difficulty] == "0" * self.difficulty

    def add_block(self, block):
        if not self.proof_of_work(block) or block.previous_hash != self.last_block.hash:
            return False
        self.chain.append(block)
        return True

    def add_new_transaction(self, transaction):
        self.unconfirmed_transactions.append(transaction)

    def to_string(self):
        return " ".join(b.to_string() for b in self.chain)


class BlockchainMiner(Device):
    # never stops: somebody could still ask for the chain

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.blockchain = Blockchain()
        self.next_nonce = 0
        self.everything = []  # all transactions of my client
        BlockchainNetwork.miners.append(index)

    def run(self):
        while True:
            ingoing = self.medium().receive()
            while ingoing is not None:
                self.handle_ingoing(ingoing)
                ingoing = self.medium().receive()
            self.do_some_work()
            self.medium().wait_for_next_round()

    def do_some_work(self):
        # what is not in the chain has to be mined, whatever became of it before
        done = [t for b in self.blockchain.chain for t in b.transactions]
        self.blockchain.unconfirmed_transactions = [t for t in self.everything if t not in done]
        if self.blockchain.unconfirmed_transactions and self.try_mining():
            self.disseminate_chain()

    def try_mining(self):
        last = self.blockchain.last_block
        todo = self.blockchain.unconfirmed_transactions[:]
        self.next_nonce = random.randrange(10**9)
        return self.blockchain.add_block(
            Block(last.index + 1, todo, time.time(), last.hash, self.next_nonce)
        )

    def disseminate_chain(self):
        for miner in BlockchainNetwork.miners:
            if miner != self.index():
                self.medium().send(
                    BlockchainMessage(self.index(), miner, list(self.blockchain.chain))
                )

    def trusted(self, transaction):
        return True

    def check(self, chain):
        wanted = Blockchain().chain[0].to_string()
        for i in range(len(chain)):
            if i == 0 and chain[0].to_string() != wanted:
                return False
            if i > 0:
                if chain[i].index != i or chain[i].previous_hash != chain[i - 1].hash:
                    return False
                if not self.blockchain.proof_of_work(chain[i]):
                    return False
            for t in chain[i].transactions:
                if not self.trusted(t):
                    return False
        return len(chain) > 0

    def handle_ingoing(self, ingoing: MessageStub):
        if type(ingoing) is TransactionMessage:
            if self.trusted(ingoing.transaction):
                self.everything.append(ingoing.transaction)
        elif type(ingoing) is BlockchainRequestMessage:
            self.medium().send(
                BlockchainMessage(self.index(), ingoing.source, list(self.blockchain.chain))
            )
        elif type(ingoing) is BlockchainMessage and self.check(ingoing.chain):
            mine, other = self.blockchain.chain, ingoing.chain
            if (len(other), other[-1].to_string()) > (len(mine), mine[-1].to_string()):
                self.blockchain.chain = other
                self.disseminate_chain()  # gossip: perhaps somebody has missed it
            elif len(other) < len(mine):
                self.medium().send(
                    BlockchainMessage(self.index(), ingoing.source, list(self.blockchain.chain))
                )
        return True

    def print_result(self):
        print(f"Miner {self.index()} quits with {len(self.blockchain.chain)} blocks")


class BlockchainClient(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium, my_miner: int):
        super().__init__(index, number_of_devices, medium)
        self.my_miner = my_miner

    def transaction(self, i):
        return f"({self.index()}, transaction {i})"

    def run(self):
        for i in range(random.randint(2, 5)):
            self.send_transaction(self.transaction(i))
            for _ in range(random.randint(0, 9)):
                self.medium().wait_for_next_round()
        self.request_blockchain()
        for ingoing in self.medium().receive_all():
            self.handle_ingoing(ingoing)

    def send_transaction(self, transaction):
        self.medium().send(TransactionMessage(self.index(), self.my_miner, transaction))

    def request_blockchain(self):
        self.medium().send(BlockchainRequestMessage(self.index(), self.my_miner))

    def handle_ingoing(self, ingoing: MessageStub):
        return True

    def print_result(self):
        print(f"Client {self.index()} quits")


class BlockchainNetwork:
    miners = []

    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index % 2 == 0:
            return BlockchainMiner(index, number_of_devices, medium)
        return BlockchainClient(index, number_of_devices, medium, index - 1)


class SignedMiner(BlockchainMiner):
    def trusted(self, transaction):
        try:
            text, key, signature = transaction
            public = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(bytes.fromhex(signature), text.encode())
            return True
        except (InvalidSignature, ValueError):
            return False


class SignedClient(BlockchainClient):
    def transaction(self, i):
        if i == 0:
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        text = f"I, {self.index()}, pay {random.randint(1, 100)} to {i}"
        public = self.key.public_key().public_bytes_raw().hex()
        return text, public, self.key.sign(text.encode()).hex()


class SignedBlockchainNetwork:
    def __new__(cls, index: int, number_of_devices: int, medium: Medium):
        if index % 2 == 0:
            return SignedMiner(index, number_of_devices, medium)
        return SignedClient(index, number_of_devices, medium, index - 1)


class QuitMessage(MessageStub):
    def __str__(self):
        return f"QUIT: {self.source} -> {self.destination}"


class BlockchainMessage(MessageStub):
    def __init__(self, sender: int, destination: int, chain):
        super().__init__(sender, destination)
        self.chain = chain

    def __str__(self):
        return f"NEW BLOCK MESSAGE: {self.source} -> {self.destination}: ({len(self.chain)} blocks)"


class TransactionMessage(MessageStub):
    def __init__(self, sender: int, destination: int, transaction):
        super().__init__(sender, destination)
        self.transaction = transaction

    def __str__(self):
        return f"TRANSACTION: {self.source} -> {self.destination}: ({self.transaction})"


class BlockchainRequestMessage(MessageStub):
    def __str__(self):
        return f"REQUEST FOR BLOCKCHAIN: {self.source} -> {self.destination}"
