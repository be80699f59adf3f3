"""Samples -> batches of sequences of about the same length.

Sorting a pool of samples by length before cutting it into batches leaves a few percent of padding,
keeps every sequence to itself (positions from 0, attention inside it) and needs no attention mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from descant.train.samples import Sample, Sampler

IGNORED = -100  # a label that is not scored


@dataclass(frozen=True)
class Batch:
    """`ids` (B, T) padded with 0 behind, `labels` (B, T): the next token, IGNORED where not
    scored.
    """

    ids: Tensor
    labels: Tensor

    @property
    def tokens(self) -> int:
        """Tokens that are scored."""
        return int((self.labels != IGNORED).sum())


@dataclass(frozen=True)
class Position:
    """Where a run stands in its data: batches taken from pool number `pool`."""

    pool: int = 0
    batch: int = 0


def batches(
    sampler: Sampler, pool_size: int, batch_tokens: int, start: Position
) -> Iterator[tuple[Batch, Position]]:
    """Endless batches from `start` on, each with the position behind it."""
    pool, taken = start.pool, start.batch
    while True:
        first = pool * pool_size
        samples = [sampler.sample(index) for index in range(first, first + pool_size)]
        groups = group_by_length(samples, batch_tokens)
        order = np.random.default_rng(pool).permutation(len(groups)).tolist()
        for number in range(taken, len(order)):
            yield collate(groups[order[number]]), Position(pool, number + 1)
        pool, taken = pool + 1, 0


def group_by_length(samples: Iterable[Sample], batch_tokens: int) -> list[list[Sample]]:
    """Neighbours in length, as many together as `batch_tokens` (padding included) allow."""
    groups: list[list[Sample]] = []
    for sample in sorted(samples, key=lambda sample: -len(sample.ids)):
        longest = len(groups[-1][0].ids) if groups else 0
        if groups and (len(groups[-1]) + 1) * longest <= batch_tokens:
            groups[-1].append(sample)
        else:
            groups.append([sample])
    return groups


def collate(samples: Sequence[Sample], targets_only: bool = False) -> Batch:
    """One batch; with `targets_only` just the tokens behind `scored_from` have labels."""
    longest = max(len(sample.ids) for sample in samples) - 1
    ids = torch.zeros(len(samples), longest, dtype=torch.long)  # (B, T)
    labels = torch.full((len(samples), longest), IGNORED)  # (B, T)
    for row, sample in enumerate(samples):
        tokens = torch.from_numpy(sample.ids.astype(np.int64))
        start = max(1, sample.scored_from) if targets_only else 1
        ids[row, : len(tokens) - 1] = tokens[:-1]
        labels[row, start - 1 : len(tokens) - 1] = tokens[start:]
    return Batch(ids, labels)
