"""Measure the density levels of our encoder on a corpus: `python -m descant.train.edges CORPUS`.

Prints, by family of track, the upper ends of the levels: level 0 is a silent bar, the others hold
equally many sounding bars as training draws them.  Families are the core's: drums, bass programs,
other tracks by their median pitch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from descant.train.corpus import Corpus, load_corpus
from descant.train.piece import Piece
from descant.train.windows import PieceDraw

LEVELS = 10
FAMILIES = ("drum", "bass", "low", "high")
BASS_PROGRAMS = range(32, 40)
HIGH_FROM = 60  # median pitch


def density_edges(corpus: Corpus) -> dict[str, list[int]]:
    """Upper ends of all levels but the last, ascending, by family."""
    gathered: dict[str, list[npt.NDArray[np.float64]]] = {family: [] for family in FAMILIES}
    draw = PieceDraw(corpus)
    for piece, weight in zip(draw.pieces, draw.weights, strict=True):
        for family, counts in _sounding_bars(piece):
            weights = np.full(len(counts), weight / piece.bars)
            gathered[family].append(np.stack([counts.astype(float), weights]))
    return {f: _edges(np.concatenate(parts, axis=1)) for f, parts in gathered.items() if parts}


def _sounding_bars(piece: Piece) -> Iterator[tuple[str, npt.NDArray[np.int32]]]:
    ends = np.cumsum(piece.counts.sum(axis=1))
    pitches = np.split(piece.notes[:, 0], ends[:-1])
    for (program, drum), counts, heard in zip(
        piece.tracks.tolist(), piece.counts, pitches, strict=True
    ):
        yield _family(program, drum, heard), counts[counts > 0]


def _family(program: int, drum: int, pitches: npt.NDArray[np.int16]) -> str:
    if drum:
        return "drum"
    if program in BASS_PROGRAMS:
        return "bass"
    return "high" if np.sort(pitches)[len(pitches) // 2] >= HIGH_FROM else "low"


def _edges(table: npt.NDArray[np.float64]) -> list[int]:
    counts, weights = table[:, np.argsort(table[0], kind="stable")]
    share = np.cumsum(weights) / weights.sum()
    edges = [0]
    for level in range(1, LEVELS - 1):
        place = min(int(np.searchsorted(share, level / (LEVELS - 1))), len(counts) - 1)
        edges.append(max(int(counts[place]), edges[-1] + 1))
    return edges


def main() -> None:
    """Print the edges as JSON."""
    options = argparse.ArgumentParser(prog="python -m descant.train.edges", description=__doc__)
    options.add_argument("corpus", type=Path, help="a folder made by descant prepare")
    edges = density_edges(load_corpus(options.parse_args().corpus).only("train"))
    for family, numbers in edges.items():
        print(json.dumps({family: numbers}))


if __name__ == "__main__":
    main()
