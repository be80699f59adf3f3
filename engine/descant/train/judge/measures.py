"""Numbers of music: how bars compare with real ones (spec/longform.md 2.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from descant.score import Bar

SMOOTHING = 1e-3
MAJOR = (0, 2, 4, 5, 7, 9, 11)
LONGEST = 96  # grid ticks, for durations and distances between onsets

Histogram = npt.NDArray[np.float64]


def histograms(bars: Sequence[Bar], drum: bool) -> dict[str, Histogram]:
    """Counts in a few bars in a row: pitch class, interval and duration (not for drums), and
    distance between onsets.
    """
    rows = rows_of(bars)
    onsets = np.unique(rows[:, 2])
    found = {"onset_distance": _counted(np.diff(onsets), LONGEST + 1)}
    if not drum:
        found["duration"] = _counted(rows[:, 3], LONGEST + 1)
        found["pitch_class"] = _counted(rows[:, 0] % 12, 12)
        found["interval"] = _counted(np.clip(np.diff(rows[:, 0]), -12, 12) + 12, 25)
    return found


def rows_of(bars: Sequence[Bar]) -> npt.NDArray[np.int64]:
    """Notes of bars in a row, onsets from the first bar's start, by onset and pitch."""
    start, parts = 0.0, [np.zeros((0, 6), np.int64)]
    for bar in bars:
        rows = bar.notes.array.astype(np.int64)
        rows[:, 2] += round(start)
        parts.append(rows)
        start += bar.beat_length * 12
    rows = np.concatenate(parts)
    return rows[np.lexsort((rows[:, 0], rows[:, 2]))]


def _counted(values: npt.NDArray[np.int64], size: int) -> Histogram:
    return np.bincount(np.clip(values, 0, size - 1), minlength=size).astype(float)


def js_distance(p: Histogram, q: Histogram) -> float:
    """Jensen-Shannon divergence of two tables of counts, smoothed, in bits, 0..1."""
    p, q = ((x + SMOOTHING) / (x + SMOOTHING).sum() for x in (p, q))
    m = (p + q) / 2
    return float(((p * np.log2(p / m)).sum() + (q * np.log2(q / m)).sum()) / 2)


def pitch_class_entropy(bars: Sequence[Bar]) -> float:
    """Entropy of the pitch classes in bits, 0..3.585 (Wu and Yang 2020, Jazz Transformer)."""
    chroma = np.bincount(rows_of(bars)[:, 0] % 12, minlength=12)
    shares = chroma[chroma > 0] / max(1, chroma.sum())
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(bars: Sequence[Bar]) -> float:
    """Share of the notes in the major scale that holds most of them (Dong et al. 2020, MusPy)."""
    chroma = np.bincount(rows_of(bars)[:, 0] % 12, minlength=12)
    best = max(chroma[[(step + key) % 12 for step in MAJOR]].sum() for key in range(12))
    return float(best / max(1, chroma.sum()))


def groove_consistency(bars: Sequence[Bar]) -> float:
    """How alike the onsets of neighbouring bars are, 0..1."""
    ticks = max(1, round(max(bar.beat_length for bar in bars) * 12))
    grid = np.zeros((len(bars), ticks), bool)
    for row, bar in zip(grid, bars, strict=True):
        row[np.clip(bar.notes.array[:, 2], 0, ticks - 1)] = True
    return float(1 - (grid[1:] ^ grid[:-1]).mean()) if len(bars) > 1 else 1.0


def rank_correlation(one: Sequence[float], two: Sequence[float]) -> float:
    """Spearman's; ties share their rank; 0 when either does not vary."""
    first, second = _ranks(np.asarray(one)), _ranks(np.asarray(two))
    if len(first) < 2 or not first.std() or not second.std():
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: npt.NDArray[np.float64]) -> Histogram:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places], float)


def mean(values: Sequence[float]) -> float:
    """The mean; NaN of nothing."""
    return sum(values) / len(values) if values else math.nan
