"""Samples -> batches of sequences of about the same length.

Sorting a pool of samples by length before cutting it into batches leaves a few percent of padding,
keeps every sequence to itself (positions from 0, attention inside it) and needs no attention mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from descant.train.sample import Sample, SampleSource

IGNORED = -100  # a label that is not scored

Group = list[Sample]


class Position(NamedTuple):
    """Where a process stands in its data: batches taken from its pool number `pool`."""

    pool: int = 0
    batch: int = 0


BEGIN = Position()


class Batch(NamedTuple):
    """`ids` (B, T) padded with 0 behind, `labels` (B, T): the next token, IGNORED where not
    scored; `written` (B, T): whether that token is of a bar to write; the number of `tokens` that
    are scored; and the position behind this batch.
    """

    ids: Tensor
    labels: Tensor
    written: Tensor
    tokens: int
    position: Position = BEGIN


class _Pools(Dataset[list[Group]]):
    """Pool number -> its groups of samples, in the order they are trained on."""

    def __init__(self, source: SampleSource, size: int, batch_tokens: int) -> None:
        self._source = source
        self._size = size
        self._batch_tokens = batch_tokens

    def __getitem__(self, number: int) -> list[Group]:
        first = number * self._size
        samples = map(self._source.sample, range(first, first + self._size))
        groups = group_by_length(samples, self._batch_tokens)
        order = np.random.default_rng(number).permutation(len(groups)).tolist()
        return [groups[index] for index in order]


@dataclass(frozen=True)
class BatchFeed:
    """Endless batches of one process of a run, from `start` on.

    Process `rank` of `world` takes every `world`-th pool.  The batches are the same whatever the
    number of `workers`, the processes that make samples ahead.
    """

    source: SampleSource
    pool: int
    batch_tokens: int
    workers: int = 0
    rank: int = 0
    world: int = 1
    start: Position = BEGIN

    def __iter__(self) -> Iterator[Batch]:
        number, taken = self.start
        pools = DataLoader(
            _Pools(self.source, self.pool, self.batch_tokens),
            batch_size=None,
            sampler=count(number * self.world + self.rank, self.world),
            num_workers=self.workers,
            multiprocessing_context="spawn" if self.workers else None,
        )
        for groups in pools:
            for place in range(taken, len(groups)):
                yield collate(groups[place])._replace(position=Position(number, place + 1))
            number, taken = number + 1, 0


def group_by_length(samples: Iterable[Sample], batch_tokens: int) -> list[Group]:
    """Neighbours in length, as many together as `batch_tokens` (padding included) allow."""
    groups: list[Group] = []
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
    ids = np.zeros((len(samples), longest), np.int64)  # (B, T)
    labels = np.full((len(samples), longest), IGNORED, np.int64)  # (B, T)
    written = np.zeros((len(samples), longest), bool)  # (B, T)
    for row, sample in enumerate(samples):
        start = max(1, sample.scored_from) if targets_only else 1
        end = len(sample.ids)
        ids[row, : end - 1] = sample.ids[:-1]
        labels[row, start - 1 : end - 1] = sample.ids[start:]
        if sample.told is not None:
            labels[row, : end - 1][sample.told[1:]] = IGNORED
        if sample.scored_from:
            written[row, sample.scored_from - 1 : end - 1] = True
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(labels),
        torch.from_numpy(written),
        int((labels != IGNORED).sum()),
    )
