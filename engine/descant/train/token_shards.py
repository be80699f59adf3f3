"""Samples tokenised before: what travels to a machine that has a GPU and not our core.

A folder holds `tokens.json` - the encoder, the data, the credits - and `*.tok` shards: an
uncompressed npz of `ids` (n,) uint16, whose highest bit marks what a model is told, `lengths` (s,)
and `scored_from` (s,), packed with LZMA.
Reading needs numpy alone.
"""

from __future__ import annotations

import io
import json
import lzma
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from descant.errors import DescantError
from descant.train.attributions import Attribution
from descant.train.sample import Sample, TrainingData

HEAD = "tokens.json"
FORMAT = 2
TOLD = 1 << 15
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 1, "lp": 1, "pb": 1}]


@dataclass(frozen=True)
class TokenShards:
    """Samples by number: each once in an order of its own, then all again in another."""

    ids: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.int64]
    scored_from: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ends)

    def at(self, place: int) -> Sample:
        """The sample stored at a place."""
        begin = int(self.ends[place - 1]) if place else 0
        marked = self.ids[begin : self.ends[place]]
        return Sample(marked & (TOLD - 1), int(self.scored_from[place]), marked >= TOLD)

    def sample(self, index: int) -> Sample:
        """Sample `index` of an endless run through the store."""
        epoch, place = divmod(index, len(self))
        return self.at(int(_order(epoch, len(self))[place]))


@lru_cache(maxsize=2)
def _order(epoch: int, count: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(epoch).permutation(count)


def pack(samples: Sequence[Sample]) -> bytes:
    """A shard; DescantError when ids do not fit into 15 bits."""
    largest = max((int(sample.ids.max()) for sample in samples), default=0)
    if largest >= TOLD:
        raise DescantError(f"token {largest} does not fit into a shard of 15-bit ids")
    buffer = io.BytesIO()
    np.savez(
        buffer,
        ids=np.concatenate([np.zeros(0, np.uint16), *map(_marked, samples)]),
        lengths=np.array([len(s.ids) for s in samples], np.uint32),
        scored_from=np.array([s.scored_from for s in samples], np.uint16),
    )
    return lzma.compress(buffer.getvalue(), format=lzma.FORMAT_XZ, filters=_FILTERS)


def _marked(sample: Sample) -> npt.NDArray[np.uint16]:
    ids = sample.ids.astype(np.uint16)
    return ids if sample.told is None else ids | np.where(sample.told, TOLD, 0).astype(np.uint16)


def unpack(shards: Sequence[Path]) -> TokenShards:
    """Shards as one store; DescantError names one that is damaged."""
    parts = [_arrays(path) for path in shards]
    lengths = np.concatenate([np.zeros(0, np.int64), *(part["lengths"] for part in parts)])
    return TokenShards(
        np.concatenate([np.zeros(0, np.uint16), *(part["ids"] for part in parts)]),
        np.cumsum(lengths, dtype=np.int64),
        np.concatenate([np.zeros(0, np.int32), *(part["scored_from"] for part in parts)]),
    )


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        data = io.BytesIO(lzma.decompress(path.read_bytes()))
        with np.load(data, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in ("ids", "lengths", "scored_from")}
    except (OSError, ValueError, KeyError, EOFError, lzma.LZMAError) as error:
        raise DescantError(f"{path} is not a shard of tokens: {error}") from None


def holds_tokens(folder: Path) -> bool:
    """Whether the folder is one of tokenised samples."""
    return (folder / HEAD).is_file()


def write_head(folder: Path, data: TrainingData) -> None:
    """Say what the shards of a folder are; written last, so that a folder with it is whole."""
    form = {
        "format": FORMAT,
        "vocab_size": data.vocab_size,
        "encoder": dict(data.encoder),
        "about": dict(data.about),
        "attributions": [asdict(attribution) for attribution in data.attributions],
        "kinds": list(data.valid),
    }
    (folder / HEAD).write_text(json.dumps(form), encoding="utf-8")


def read_tokens(folder: Path, longest: int) -> TrainingData:
    """The data of a run from shards; DescantError when they are damaged or need more positions."""
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']} instead of {FORMAT}; make it again")
        train = unpack(sorted(folder.glob("train-*.tok")))
        valid = {kind: unpack([folder / f"valid-{kind}.tok"]) for kind in head["kinds"]}
        credits = [Attribution(**form) for form in head["attributions"]]
        named = {name: head[name] for name in ("vocab_size", "encoder", "about")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DescantError(f"{folder / HEAD} cannot be read: {error}") from None
    if not len(train):
        raise DescantError(f"{folder} holds no training samples")
    _check_lengths([train, *valid.values()], longest, folder)
    fixed = {kind: [store.at(n) for n in range(len(store))] for kind, store in valid.items()}
    return TrainingData(train, fixed, len(train), attributions=credits, **named)


def _check_lengths(stores: Sequence[TokenShards], longest: int, folder: Path) -> None:
    needed = max(int(np.diff(store.ends, prepend=0).max()) for store in stores if len(store))
    if needed > longest:
        raise DescantError(
            f"{folder} has samples of {needed} tokens; max_seq_len {longest} must be at least that"
        )
