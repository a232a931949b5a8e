import datetime
import pickle
import random
import threading
import time

from cryptography.hazmat.primitives import hashes

from emulators.Device import Device
from emulators.MessageStub import MessageStub

difficulty = 1


class Block:
    def __init__(self, index, transactions, timestamp, previous_hash, nonce=0):
        self.index = index
        self.transactions = transactions
        self.timestamp = timestamp
        self.previous_hash = previous_hash
        self.nonce = nonce

    @property
    def hash(self):
        digest = hashes.Hash(hashes.SHA256())
        for part in (self.index, self.transactions, self.timestamp, self.previous_hash, self.nonce):
            digest.update(bytes(str(part), "utf-8"))
        return digest.finalize().hex()


class BlockchainMessage(MessageStub):
    def __init__(self, sender, destination, chain):
        super().__init__(sender, destination)
        self.chain = chain


class BlockchainNetwork:
    miners = []

    def __new__(cls, index, number_of_devices, medium):
        BlockchainNetwork.miners.append(index)
        return BlockchainMiner(index, number_of_devices, medium)


class BlockchainMiner(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.chain = [Block(0, [], 0, "0")]
        self.lock = threading.RLock()
        self.born = datetime.datetime.now()
        self.stop = threading.Event()
        threading.Thread(target=self.mine, args=(random.random(),), name="miner").start()

    def mine(self, patience):
        while not self.stop.is_set():
            # wait until it is time, the hard way
            end = time.time() + patience
            while time.time() < end:
                pass
            with self.lock:
                last = self.chain[-1]
                block = Block(last.index + 1, [f"{self.index} mined"], time.time(), last.hash)
                while not block.hash.startswith("0" * difficulty):
                    block.nonce += 1
                self.chain.append(block)
                chain = list(self.chain)
            for m in BlockchainNetwork.miners:
                if m is not self.index:
                    self.medium.send(BlockchainMessage(self.index, m, chain))

    def run(self):
        while len(self.chain) < 6:
            ingoing = self.medium.receive()
            if ingoing is not None:
                with self.lock:
                    if len(ingoing.chain) > len(self.chain):
                        self.chain = ingoing.chain
            self.medium.wait_for_next_round()
        self.stop.set()

    def print_result(self):
        valid = all(a.hash == b.previous_hash for a, b in zip(self.chain, self.chain[1:]))
        print(f"Miner {self.index}: {len(self.chain)} blocks, valid {valid}, born {self.born.year}")


class Exporter(BlockchainMiner):
    def run(self):
        super().run()
        self.exported = pickle.dumps(self.chain)
        self.imported = pickle.loads(self.exported)
