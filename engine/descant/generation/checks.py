"""Is a result worth keeping?  Silence and novelty of what a step wrote.

Source: spec/generation.md 7.2.  Both compare on the model grid, so that an unchanged bar is
recognised as such whatever the resolution of the piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from descant.plan import Cell

Rows = npt.NDArray[np.int32]
"""Notes on the model grid, (n, 5): pitch, velocity, onset, duration, delta."""


def is_silent(written: Mapping[Cell, Rows]) -> bool:
    """Whether no target bar holds a note."""
    return not any(len(rows) for rows in written.values())


def is_copy(before: Mapping[Cell, Rows], written: Mapping[Cell, Rows], threshold: float) -> bool:
    """Whether what was written is too much like what stood there.

    With `threshold` 1 only the same pitches at the same onsets in every bar count as a copy; below
    it the share of common notes (Jaccard index of the multisets of bar, pitch, onset) must stay
    under it.
    """
    old, new = _notes(before), _notes(written)
    if threshold >= 1.0:
        return old == new
    together = (old | new).total()
    return ((old & new).total() / together if together else 1.0) >= threshold


def _notes(bars: Mapping[Cell, Rows]) -> Counter[tuple[Cell, int, int]]:
    return Counter(
        (cell, pitch, onset)
        for cell, rows in bars.items()
        for pitch, onset in rows[:, (0, 2)].tolist()
    )
