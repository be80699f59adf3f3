"""How fast the memory can be read, and how fast that lets a network write.

A drawn token reads every weight and every cached key and value once; nothing that computes in less
memory traffic is the same network.  Small networks stay in the processor's caches, so the speed is
measured on a block of the size that a token reads.
"""

from __future__ import annotations

import threading
import time

import numpy as np

from descant.model.architecture import Architecture

_GROUP = 64  # numbers that share a scale
_NUMBER_BYTES = {"fp32": 4, "int8": 1 + 4 / _GROUP, "int6": 6 / 8 + 2 / _GROUP}
_SECONDS = 0.2


def weight_bytes(sizes: Architecture, precision: str) -> float:
    """Bytes of the matrices that a token goes through; embeddings are looked up, not read."""
    e = sizes.n_embd
    weights = sizes.n_layer * 12 * e * e + sizes.vocab_size * e
    return weights * _NUMBER_BYTES[precision]


def cache_bytes(sizes: Architecture, precision: str, tokens: float) -> float:
    """Bytes of the keys and values of so many tokens."""
    held = "fp32" if precision == "fp32" else "int8"
    return 2 * sizes.n_layer * sizes.n_embd * tokens * _NUMBER_BYTES[held]


def read_seconds(size: float, threads: int) -> float:
    """Seconds that reading a block of so many bytes takes, split over threads."""
    block = np.ones(int(size / 4 / threads), dtype=np.float32)
    blocks = [block.copy() for _ in range(threads)]
    counts = [0] * threads
    end = time.perf_counter() + _SECONDS

    def read(number: int) -> None:
        mine = blocks[number]
        while time.perf_counter() < end:
            np.dot(mine, mine)
            counts[number] += 1

    begin = time.perf_counter()
    workers = [threading.Thread(target=read, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return (time.perf_counter() - begin) / max(1.0, sum(counts) / threads)
