"""Tokens per second of the C++ network with random weights; run by hand.

    python tests/bench/bench_network.py [--threads 2] [--precision int8] [--context 700]

decode_1, decode_8: tokens/s of all rows together behind a prompt of `context` tokens;
prefill_1000: milliseconds for a prompt of 1,000 tokens.  On a busy machine only the best step
means anything.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from descant.model.architecture import Architecture
from descant.model.native_backend import NativeBackend

SIZES = {
    "20.6 M (512/6/8)": Architecture(647, 2048, 512, 6, 8),
    "87.6 M (768/12/12)": Architecture(647, 2048, 768, 12, 12),
}
STEPS = 200


def random_weights(sizes: Architecture) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        name: (
            rng.standard_normal(shape, np.float32) * 0.02 + ("ln_" in name and "weight" in name)
        ).astype(np.float32)
        for name, shape in sizes.tensor_shapes().items()
    }


def prefill(backend: NativeBackend, length: int) -> None:
    ids = np.random.default_rng().integers(647, size=length, dtype=np.int32)  # never reused
    backend.network.prefill(ids, np.arange(length, dtype=np.int32), np.ones(length, np.uint8))


def seconds(repeats: int, work: Callable[[], object]) -> tuple[float, float]:
    """Median and shortest."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times), min(times)


def step_seconds(backend: NativeBackend, rows: int, context: int) -> tuple[float, float]:
    runs = [(row, np.array([5], np.int32)) for row in range(rows)]
    prefill(backend, context)
    backend.network.fork(rows, context)
    backend.network.extend(runs)
    return seconds(STEPS, lambda: backend.network.extend(runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=700)
    parser.add_argument("--precision", choices=["int8", "fp32"], action="append")
    options = parser.parse_args()
    for name, sizes in SIZES.items():
        weights = random_weights(sizes)
        for precision in options.precision or ["int8", "fp32"]:
            backend = NativeBackend(weights, sizes, precision, options.threads)
            one, eight = (step_seconds(backend, rows, options.context) for rows in (1, 8))
            prompt = seconds(5, lambda: prefill(backend, 1000))  # noqa: B023
            print(
                f"{name}, {precision}, {backend.kernels}, {backend.threads} threads, median (best):"
            )
            print(f"  decode_1 {1 / one[0]:.0f} ({1 / one[1]:.0f}) tok/s")
            print(f"  decode_8 {8 / eight[0]:.0f} ({8 / eight[1]:.0f}) tok/s")
            print(f"  prefill_1000 {1000 * prompt[0]:.0f} ({1000 * prompt[1]:.0f}) ms")


if __name__ == "__main__":
    main()
