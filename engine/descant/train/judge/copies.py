"""Whether a model wrote music it had seen: the longest run of notes shared with training.

A run is the same when its intervals, onset distances and durations are: transposed copies count.
Drums repeat a few patterns by nature and are not looked at, nor are figures that go round and
round, such as broken chords and octaves: they are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from descant.score import Bar
from descant.train.corpus import Corpus
from descant.train.judge.measures import rows_of
from descant.train.piece import Piece

LONGEST = 256  # notes; longer runs are reported as this
FIGURE, VARIED = 16, 5  # so many steps from note to note, of which fewer differ, go round
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint64]


class CopyIndex:
    """The steps from note to note in all melodic training tracks."""

    def __init__(self, train: Corpus) -> None:
        parts = [steps for piece in train.pieces for steps in _piece_steps(piece)]
        self._steps = np.concatenate([np.zeros(0, np.uint64), *_apart(parts)])

    def longest(self, bars: Sequence[Sequence[Bar]]) -> int:
        """Notes in the longest run shared with any of these passages; at most `LONGEST`."""
        steps = np.concatenate(
            [np.zeros(0, np.uint64), *_apart([_without_figures(_steps(rows_of(b))) for b in bars])]
        )
        low, high = 0, LONGEST
        while low < high:
            middle = (low + high + 1) // 2
            if self._shares(steps, middle):
                low = middle
            else:
                high = middle - 1
        return low + 1 if low else 0

    def _shares(self, steps: Hashes, length: int) -> bool:
        own = np.unique(_windows(steps, length))
        if not len(own):
            return False
        known = _windows(self._steps, length)
        places = np.minimum(np.searchsorted(own, known), len(own) - 1)
        return bool((own[places] == known).any())


def _windows(steps: Hashes, length: int) -> Hashes:
    """A hash of each `length` steps in a row, without runs over a gap."""
    count = len(steps) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    total = np.zeros(count, np.uint64)
    for place in range(length):
        total = total * _FACTOR + steps[place : place + count]
    gaps = np.concatenate([[0], np.cumsum(steps == 0)])
    whole: Hashes = total[gaps[length:] == gaps[:count]]
    return whole


def _without_figures(steps: Hashes) -> Hashes:
    """The steps of a passage with a gap where they go round."""
    if len(steps) < FIGURE:
        return steps
    runs = np.sort(np.lib.stride_tricks.sliding_window_view(steps, FIGURE), axis=1)
    goes_round = (np.diff(runs, axis=1) != 0).sum(axis=1) + 1 < VARIED
    found: Hashes = np.where(np.convolve(goes_round, np.ones(FIGURE)) > 0, np.uint64(0), steps)
    return found


def _apart(parts: Sequence[Hashes]) -> Iterator[Hashes]:
    """Each part with a gap behind it."""
    for part in parts:
        yield part
        yield np.zeros(1, np.uint64)


def _steps(rows: npt.NDArray[np.int64]) -> Hashes:
    """One number, never 0, for each step between neighbouring notes (n, 6)."""
    interval = np.diff(rows[:, 0]) + 128
    distance = np.minimum(np.diff(rows[:, 2]), 1023)
    packed = (interval << 20 | distance << 10 | np.minimum(rows[1:, 3], 1023)) + 1
    return packed.astype(np.uint64)


def _piece_steps(piece: Piece) -> Iterator[Hashes]:
    lengths = np.round(piece.meters[:, 0].astype(float) * 48 / piece.meters[:, 1]).astype(np.int64)
    begins = np.cumsum(lengths) - lengths
    ends = np.cumsum(piece.counts.sum(axis=1))
    for (_, drum), counts, rows in zip(
        piece.tracks.tolist(), piece.counts, np.split(piece.notes, ends[:-1]), strict=True
    ):
        if not drum:
            wide = rows.astype(np.int64)
            wide[:, 2] += np.repeat(begins, counts)
            yield _steps(wide)
