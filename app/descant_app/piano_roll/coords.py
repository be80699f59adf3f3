"""Ticks and keys to pixels and back.  Pure arithmetic; nothing here knows Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

ALL_KEYS = tuple(range(127, -1, -1))
"""Every MIDI pitch, from the top row down."""

X_LIMITS = (1e-4, 8.0)
"""Pixels a tick."""
ROW_LIMITS = (3.0, 48.0)
"""Pixels a row."""


@dataclass(frozen=True)
class Coords:
    """Where the picture stands: scroll and scale of both axes, and which keys have rows.

    `left` is the tick at x = 0, `top` the pixels scrolled away above; `keys` are the pitches shown,
    from the top row down.
    """

    left: float = 0.0
    px_per_tick: float = 0.1
    top: float = 0.0
    row_px: float = 14.0
    width: int = 800
    height: int = 600
    keys: tuple[int, ...] = ALL_KEYS

    # -- time ------------------------------------------------------------------------------------

    def x_of(self, ticks: float) -> float:
        return (ticks - self.left) * self.px_per_tick

    def xs_of(self, ticks: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Many ticks at once."""
        return (ticks - self.left) * self.px_per_tick

    def tick_at(self, x: float) -> float:
        return self.left + x / self.px_per_tick

    @property
    def right(self) -> float:
        """The tick at the right edge."""
        return self.tick_at(self.width)

    # -- keys ------------------------------------------------------------------------------------

    @cached_property
    def row_of_pitch(self) -> npt.NDArray[np.int32]:
        """Row of each pitch, shape (128,); -1 when it is folded away."""
        rows = np.full(128, -1, dtype=np.int32)
        rows[list(self.keys)] = np.arange(len(self.keys))
        return rows

    def y_of(self, pitch: int) -> float:
        """Upper edge of a pitch's row; below the picture when it is folded away."""
        row = int(self.row_of_pitch[pitch])
        return row * self.row_px - self.top if row >= 0 else float(self.height + 9999)

    def row_at(self, y: float) -> int:
        """Index of the row at y, held within the rows there are."""
        row = int((y + self.top) // self.row_px)
        return max(0, min(row, len(self.keys) - 1))

    def pitch_at(self, y: float) -> int:
        """The pitch whose row is at y, held within the rows there are."""
        return self.keys[self.row_at(y)]

    @property
    def content_height(self) -> float:
        return len(self.keys) * self.row_px

    @property
    def low(self) -> int:
        """The lowest pitch in sight."""
        return self.pitch_at(self.height - 1)

    @property
    def high(self) -> int:
        """The highest pitch in sight."""
        return self.pitch_at(0)

    # -- moving ----------------------------------------------------------------------------------

    def held(self) -> Coords:
        """These coordinates with the scroll kept where there is something to see."""
        top = max(0.0, min(self.top, self.content_height - self.height))
        return replace(self, left=max(0.0, self.left), top=top)

    def scrolled(self, dx_px: float, dy_px: float) -> Coords:
        return replace(self, left=self.left + dx_px / self.px_per_tick, top=self.top + dy_px).held()

    def zoomed_x(self, factor: float, at_px: float) -> Coords:
        """Time scaled by `factor`; what is under `at_px` stays there."""
        scale = max(X_LIMITS[0], min(self.px_per_tick * factor, X_LIMITS[1]))
        anchor = self.tick_at(at_px)
        return replace(self, px_per_tick=scale, left=anchor - at_px / scale).held()

    def zoomed_y(self, factor: float, at_px: float) -> Coords:
        """Rows scaled by `factor`; the row under `at_px` stays there."""
        row = max(ROW_LIMITS[0], min(self.row_px * factor, ROW_LIMITS[1]))
        anchor = (at_px + self.top) / self.row_px
        return replace(self, row_px=row, top=anchor * row - at_px).held()

    def top_showing(self, low: int, high: int) -> float:
        """The scroll nearest to this one that has pitches low..high in sight with a row to spare;
        when they do not fit, the nearest that shows nothing beyond them."""
        rows = self.row_of_pitch
        above = (int(rows[high]) - 1) * self.row_px
        below = (int(rows[low]) + 2) * self.row_px - self.height
        return max(min(above, below), min(self.top, max(above, below)))

    def showing(
        self, left: float, right: float, low: int, high: int, margin_px: float = 24.0
    ) -> Coords:
        """Ticks left..right fill the width; pitches low..high lie inside the height."""
        room = max(40.0, self.width - 2 * margin_px)
        scale = max(X_LIMITS[0], min(room / max(1.0, right - left), X_LIMITS[1]))
        rows = self.row_of_pitch
        first, last = int(rows[high]), int(rows[low])
        if first < 0 or last < 0:
            first, last = 0, len(self.keys) - 1
        count = last - first + 1
        row = max(ROW_LIMITS[0], min(self.height / (count + 2), 20.0))
        row = max(row, min(self.height / len(self.keys), ROW_LIMITS[1]))
        top = (first + count / 2) * row - self.height / 2
        start = left - margin_px / scale
        return replace(self, left=start, px_per_tick=scale, row_px=row, top=top).held()
