"""Ticks, beats, bars and seconds: where everything lies in time.

Positions are ticks of the score's resolution from the start of the piece, beats are quarter notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from descant.score.types import Bar, Score

Ticks = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


def bar_starts(bars: Sequence[Bar], resolution: int) -> Ticks:
    """First tick of each bar, and the end of the last one: shape (len(bars) + 1,).

    Lengths are added as real numbers and rounded once, as in spec/encoding.md 2.6.
    """
    ends = np.zeros(len(bars) + 1)
    np.cumsum([resolution * bar.beat_length for bar in bars], out=ends[1:])
    return np.floor(ends + 0.5).astype(np.int64)


class Timeline:
    """The time map of one score.  Every method takes a number or an array and gives its like."""

    def __init__(self, score: Score) -> None:
        self.score = score
        self.resolution = score.resolution
        self.bars = max((track.bars for track in score.tracks), key=len, default=())

    @cached_property
    def starts(self) -> Ticks:
        """First tick of each bar and the end of the last."""
        return bar_starts(self.bars, self.resolution)

    @property
    def end(self) -> int:
        """The tick at which the last bar ends."""
        return int(self.starts[-1])

    def bar_at(self, ticks: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Index of the bar that holds each tick; the last bar for any later tick."""
        found = np.searchsorted(self.starts[:-1], ticks, side="right") - 1
        return np.clip(found, 0, max(0, len(self.bars) - 1))

    def beats(self, ticks: npt.ArrayLike) -> Reals:
        """Quarter notes from the start."""
        return np.asarray(ticks, dtype=np.float64) / self.resolution

    def ticks_of_beats(self, beats: npt.ArrayLike) -> Ticks:
        """The nearest tick to each position in quarter notes."""
        return np.floor(np.asarray(beats) * self.resolution + 0.5).astype(np.int64)

    def seconds(self, ticks: npt.ArrayLike) -> Reals:
        """Seconds from the start, through every tempo change."""
        changes, moments, rates = self._tempo
        at = np.asarray(ticks, dtype=np.float64)
        part = np.maximum(np.searchsorted(changes, at, side="right") - 1, 0)
        return np.asarray(moments[part] + (at - changes[part]) * rates[part])

    def ticks_of_seconds(self, seconds: npt.ArrayLike) -> Reals:
        """Position in ticks, with its fraction, of each moment."""
        changes, moments, rates = self._tempo
        at = np.asarray(seconds, dtype=np.float64)
        part = np.maximum(np.searchsorted(moments, at, side="right") - 1, 0)
        return np.asarray(changes[part] + (at - moments[part]) / rates[part])

    def tempo_at(self, tick: int) -> float:
        """Quarter notes a minute at a tick."""
        changes, _, rates = self._tempo
        part = max(int(np.searchsorted(changes, tick, side="right")) - 1, 0)
        return float(60.0 / (rates[part] * self.resolution))

    @cached_property
    def _tempo(self) -> tuple[Reals, Reals, Reals]:
        """Tick and second of each tempo change, and seconds a tick from there."""
        tempi = {0: self.score.tempo} | {c.tick: c.tempo for c in self.score.tempo_changes}
        changes = np.array(sorted(tempi), dtype=np.float64)
        rates = np.array([tempi[int(tick)] for tick in changes]) / (1e6 * self.resolution)
        moments = np.concatenate([[0.0], np.cumsum(np.diff(changes) * rates[:-1])])
        return changes, moments, rates
