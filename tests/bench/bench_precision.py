"""What packed weights cost a model: bits a token on validation pieces beside float32; by hand.

    python tests/bench/bench_precision.py MODEL CORPUS [--samples 32] [--threads 2]

CORPUS is a folder made by `descant prepare`.  The native network is told every sample token by
token, as when it writes; what it has to write there counts.  The goal of int8 is at most 0.5 %
more bits.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from descant.encoder_config import EncoderConfig
from descant.model.backend import open_network
from descant.model.checkpoint import load_checkpoint
from descant.model.native_backend import Precision
from descant.model.registry import resolve_model
from descant.native import Network
from descant.train.corpus import load_corpus
from descant.train.corpus_data import validation_samples
from descant.train.sample import Sample
from descant.train.samples import SampleSettings
from descant.train.tokeniser import Tokeniser

ROWS = 8
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8", "int6")


def bits(network: Network, samples: Sequence[Sample]) -> tuple[float, int]:
    """Bits of all scored tokens, and their number.  Every sample begins with the same token."""
    total, count = 0.0, 0
    by_length = sorted(samples, key=lambda sample: len(sample.ids))
    for first in range(0, len(by_length), ROWS):
        found = _bits_of_rows(network, by_length[first : first + ROWS])
        total, count = total + found[0], count + found[1]
    return total, count


def _bits_of_rows(network: Network, samples: Sequence[Sample]) -> tuple[float, int]:
    begin = samples[0].ids[:1].astype(np.int32)
    logits = network.prefill(begin, np.zeros(1, np.int32), np.ones(1, np.uint8))
    network.fork(len(samples), 1)
    total, count = 0.0, 0
    rows = dict.fromkeys(range(len(samples)), logits)
    for place in range(1, max(len(sample.ids) for sample in samples)):
        open_rows = [row for row in rows if place < len(samples[row].ids)]
        for row in open_rows:
            if place >= samples[row].scored_from:
                total += _cost(rows[row], int(samples[row].ids[place]))
                count += 1
        runs = [(row, samples[row].ids[place : place + 1].astype(np.int32)) for row in open_rows]
        rows = dict(zip(open_rows, network.extend(runs), strict=True))
    return total, count


def _cost(logits: np.ndarray, token: int) -> float:
    """Bits of one token: minus the logarithm of its softmax."""
    wide = logits.astype(np.float64)
    top = wide.max()
    return float((top + np.log(np.exp(wide - top).sum()) - wide[token]) / math.log(2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--threads", type=int)
    chosen = parser.parse_args()
    checkpoint = load_checkpoint(resolve_model(chosen.model))
    tokeniser = Tokeniser(EncoderConfig.from_dict(checkpoint.encoder_config))
    positions = checkpoint.architecture.n_positions
    drawn = SampleSettings(usual_tokens=min(positions, 1024), most_tokens=positions)
    kinds = validation_samples(load_corpus(chosen.corpus), tokeniser, drawn, chosen.samples)
    networks = {
        p: open_network(checkpoint, precision=p, threads=chosen.threads) for p in PRECISIONS
    }
    for kind, samples in kinds.items():
        found = {p: bits(networks[p], samples) for p in PRECISIONS}
        print(f"{kind}: {found['fp32'][1]} tokens")
        exact = found["fp32"][0]
        for precision, (total, count) in found.items():
            more = 100 * (total / exact - 1)
            print(f"  {precision}: {total / count:.4f} bits a token, {more:+.3f} %")


if __name__ == "__main__":
    main()
