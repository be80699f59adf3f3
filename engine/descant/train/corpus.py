"""The corpus: pieces in memory, and the shards they are kept in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from descant.errors import DescantError
from descant.train.piece import RULES, Int32, Piece, PieceInfo


@dataclass(frozen=True)
class Corpus:
    """A sequence of pieces in memory."""

    pieces: Sequence[Piece]

    def only(self, split: str) -> Corpus:
        """The pieces of one split."""
        return Corpus([piece for piece in self.pieces if piece.info.split == split])

    def fingerprint(self) -> str:
        """Names this exact collection: SHA-256 over rules, contents, licences and splits."""
        rows = sorted((p.info.digest, p.info.licence, p.info.split) for p in self.pieces)
        return sha256(json.dumps([RULES, rows]).encode()).hexdigest()

    def licences(self) -> dict[str, int]:
        """How many pieces each licence covers."""
        return dict(sorted(Counter(piece.info.licence for piece in self.pieces).items()))

    def parts(self) -> dict[str, int]:
        """How many pieces each source gave; credits are due by source."""
        return dict(sorted(Counter(piece.info.part for piece in self.pieces).items()))


def save_pieces(path: Path, pieces: Sequence[Piece]) -> None:
    """Write a shard: compressed, without pickles, and only ever whole."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "notes": _stack([p.notes for p in pieces], 4, np.int16),
        "counts": _flat([p.counts.ravel() for p in pieces]),
        "tracks": _stack([p.tracks for p in pieces], 2, np.int16),
        "meters": _stack([p.meters for p in pieces], 2, np.int16),
        "sizes": _stack([_sizes(p) for p in pieces], 3, np.int32),
        "infos": np.frombuffer(json.dumps([asdict(p.info) for p in pieces]).encode(), np.uint8),
    }
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    partial.replace(path)


def load_pieces(path: Path) -> list[Piece]:
    """Read a shard; raises DescantError when it is not one."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _unpack({name: arrays[name] for name in arrays.files})
    except (OSError, KeyError, ValueError) as error:
        raise DescantError(f"{path} is not a shard of a corpus: {error}") from error


def load_corpus(folder: Path) -> Corpus:
    """All shards of a folder; a piece whose notes were met before is left out.

    Raises DescantError when the folder holds no shard.
    """
    shards = sorted(folder.glob("*.npz"))
    if not shards:
        raise DescantError(f"{folder} holds no corpus; make one with: descant prepare")
    return Corpus(distinct(piece for shard in shards for piece in load_pieces(shard)))


def distinct(pieces: Iterable[Piece]) -> list[Piece]:
    """The first piece of each content."""
    first: dict[str, Piece] = {}
    for piece in pieces:
        first.setdefault(piece.info.digest, piece)
    return list(first.values())


def _sizes(piece: Piece) -> Int32:
    return np.array([[len(piece.notes), len(piece.tracks), piece.bars]], np.int32)


def _stack(
    parts: Sequence[npt.NDArray[Any]], width: int, kind: type[np.integer[Any]]
) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros((0, width), kind), *parts]).astype(kind)


def _flat(parts: Sequence[npt.NDArray[Any]]) -> Int32:
    return np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)


def _unpack(arrays: dict[str, npt.NDArray[Any]]) -> list[Piece]:
    infos = [PieceInfo(**form) for form in json.loads(arrays["infos"].tobytes())]
    pieces = []
    note = cell = track = bar = 0
    for info, (notes, tracks, bars) in zip(infos, arrays["sizes"].tolist(), strict=True):
        piece = Piece(
            info,
            arrays["notes"][note : note + notes],
            arrays["counts"][cell : cell + tracks * bars].reshape(tracks, bars),
            arrays["tracks"][track : track + tracks],
            arrays["meters"][bar : bar + bars],
        )
        pieces.append(piece)
        note, cell, track, bar = note + notes, cell + tracks * bars, track + tracks, bar + bars
    return pieces
