"""How the outer voices move together (spec/longform.md 2.1, measure 12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from descant.score import Score, Track
from descant.train.judge.measures import rows_of

FIFTHS, OCTAVES, CROSSINGS = 2.0, 2.5, 1.0  # what one costs, a transition

Line = dict[int, int]  # onset -> pitch
Rows = npt.NDArray[np.int64]


def voice_leading(score: Score, bars: Sequence[int]) -> float | None:
    """1 without parallel fifths, parallel octaves and crossings of the outer voices in these bars,
    0 with many; None where two voices never move together.

    The outer voices are the top line of the melodic track that lies highest and the bottom line
    of the one that lies lowest, which may be the same track.
    """
    parts = [rows for track in score.tracks if len(rows := _rows(track, bars))]
    if not parts:
        return None
    parts.sort(key=lambda rows: float(rows[:, 0].mean()))
    top, bottom = _line(parts[-1], max), _line(parts[0], min)
    together = sorted(top.keys() & bottom.keys())
    pairs = [(top[onset], bottom[onset]) for onset in together]
    moves = [(one, two) for one, two in pairwise(pairs) if one[0] != two[0] and one[1] != two[1]]
    if not moves:
        return None
    cost = sum(_cost(one, two) for one, two in moves)
    return max(0.0, 1 - cost / len(moves))


def _rows(track: Track, bars: Sequence[int]) -> Rows:
    return rows_of([] if track.is_drum else [track.bars[bar] for bar in bars])


def _line(rows: Rows, choose: Callable[[int, int], int]) -> Line:
    line: Line = {}
    for pitch, onset in rows[:, [0, 2]].tolist():
        line[onset] = choose(line.get(onset, pitch), pitch)
    return line


def _cost(one: tuple[int, int], two: tuple[int, int]) -> float:
    """Of both voices moving from one pair of pitches (top, bottom) to another."""
    before, after = one[0] - one[1], two[0] - two[1]
    if after < 0 <= before:
        return CROSSINGS
    if before % 12 == after % 12 == 7:
        return FIFTHS
    return OCTAVES if before % 12 == after % 12 == 0 and before and after else 0.0
