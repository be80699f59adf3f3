"""Where notes may snap: a fraction of a whole note, counted from the start of each bar."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from descant.score.notes import NoteArray
from descant_app.document.flat import Starts, bar_at
from descant_app.settings.translation import N_


@dataclass(frozen=True)
class Grid:
    """A division of the bar; `step` is a fraction of a whole note, 0 when snapping is off."""

    step: Fraction = Fraction(1, 16)

    def ticks(self, resolution: int) -> float:
        """Width of one step; never below one tick."""
        return max(1.0, float(self.step * 4 * resolution))

    @property
    def name(self) -> str:
        """As musicians write it: 1/16, 1/8T for triplets, 1/8. for dotted."""
        if not self.step:
            return N_("Off")
        whole, part = self.step.numerator, self.step.denominator
        if part % 3 == 0:
            return f"1/{part * 2 // 3 // whole}T"
        if whole == 3:
            return f"1/{part // 2}."
        return N_("1 bar") if self.step == 1 else f"1/{part}"

    def floor(self, tick: float, starts: Starts, resolution: int) -> int:
        """The last grid line at or before `tick`."""
        return self._line(tick, starts, resolution, 0.0)

    def nearest(self, tick: float, starts: Starts, resolution: int) -> int:
        """The grid line closest to `tick`; the next bar's start counts as one."""
        return self._line(tick, starts, resolution, 0.5)

    def _line(self, tick: float, starts: Starts, resolution: int, shift: float) -> int:
        tick = max(0.0, tick)
        if not self.step:
            return round(tick)
        if len(starts) < 2:
            start, end = 0, None
        else:
            bar = bar_at(starts, int(tick))
            start = int(starts[bar])
            end = int(starts[bar + 1]) if bar + 1 < len(starts) - 1 else None
        width = self.ticks(resolution)
        step = int((tick - start) / width + shift + 1e-9)
        line = start + round(step * width)
        if end is not None and line >= end:
            return end if shift else start + round((step - 1) * width)
        if end is not None and shift and end - tick < abs(tick - line):
            return end
        return line


OFF = Grid(Fraction(0))

GRIDS = tuple(
    Grid(step)
    for step in (
        Fraction(1, 1),
        Fraction(1, 2),
        Fraction(1, 4),
        Fraction(1, 8),
        Fraction(1, 16),
        Fraction(1, 32),
        Fraction(1, 64),
        Fraction(1, 6),
        Fraction(1, 12),
        Fraction(1, 24),
        Fraction(1, 48),
        Fraction(3, 8),
        Fraction(3, 16),
        Fraction(3, 32),
    )
)
"""The choices of the snap menu: straight, triplet, dotted."""


def adaptive(pixels_per_quarter: float, least_px: float = 11.0) -> Grid:
    """The finest straight grid whose lines stand at least `least_px` pixels apart."""
    for grid in reversed(GRIDS[:7]):
        if float(grid.step) * 4 * pixels_per_quarter >= least_px:
            return grid
    return GRIDS[0]


def snap_all(times: NoteArray, grid: Grid, starts: Starts, resolution: int) -> NoteArray:
    """The nearest grid line of every tick in an array, as `Grid.nearest` for one."""
    width = grid.ticks(resolution)
    bars = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, max(0, len(starts) - 2))
    base = starts[bars]
    lines = base + np.rint(np.floor((times - base) / width + 0.5 + 1e-9) * width).astype(np.int64)
    following = starts[np.minimum(bars + 1, len(starts) - 1)]
    inner = bars + 1 < len(starts) - 1
    past = inner & ((lines >= following) | (following - times < np.abs(times - lines)))
    return np.where(past, following, lines).astype(np.int32)
