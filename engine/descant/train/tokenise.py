"""A corpus -> shards of tokenised samples, as `descant prepare --tokens` does it."""

from __future__ import annotations

import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from descant.train.config import TrainConfig
from descant.train.corpus_data import corpus_data
from descant.train.sample import TrainingData
from descant.train.token_shards import holds_tokens, pack, write_head

log = logging.getLogger("descant.train")

SAMPLES_A_SHARD = 4096


def write_tokens(
    corpus: Path, out: Path, config: TrainConfig, megabytes: float, workers: int | None = None
) -> None:
    """Fill a folder with as many samples as fit into `megabytes`; goes on where it was stopped."""
    if holds_tokens(out):
        log.info("%s is already whole", out)
        return
    out.mkdir(parents=True, exist_ok=True)
    data = corpus_data(corpus, config)
    for kind, samples in data.valid.items():
        _write(out / f"valid-{kind}.tok", pack(samples))
    number = 0
    with ProcessPoolExecutor(
        workers or os.cpu_count(),
        multiprocessing.get_context("spawn"),
        initializer=_open,
        initargs=(corpus, config),
    ) as pool:
        while not number or _size(out) < megabytes * 1e6:
            numbers = range(number, number + (workers or os.cpu_count() or 1))
            paths = [out / f"train-{n:04d}.tok" for n in numbers]
            missing = [n for n, path in zip(numbers, paths, strict=True) if not path.exists()]
            for n, packed in zip(missing, pool.map(_shard, missing), strict=True):
                _write(out / f"train-{n:04d}.tok", packed)
            number = numbers.stop
            log.info("%s: %.1f of %g MB", out.name, _size(out) / 1e6, megabytes)
    _drop_surplus(out, megabytes)
    write_head(out, data)


_data: TrainingData | None = None
"""What a worker process draws from."""


def _open(corpus: Path, config: TrainConfig) -> None:
    global _data
    _data = corpus_data(corpus, config)


def _shard(number: int) -> bytes:
    assert _data is not None
    first = number * SAMPLES_A_SHARD
    return pack([_data.train.sample(index) for index in range(first, first + SAMPLES_A_SHARD)])


def _write(path: Path, packed: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(packed)
    partial.replace(path)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.tok"))


def _drop_surplus(out: Path, megabytes: float) -> None:
    """The last shards may be over the limit; one always stays."""
    shards = sorted(out.glob("train-*.tok"))
    while len(shards) > 1 and _size(out) > megabytes * 1e6:
        shards.pop().unlink()
