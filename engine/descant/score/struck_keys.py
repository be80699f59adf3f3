"""Notes that strike a key which another note holds.

A MIDI file ends the oldest sounding note of a pitch first.  Of two notes of one pitch, one within
the other, it exchanges the ends, so a new note there would change an old one once it is saved.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from descant.score.notes import NoteArray
from descant.score.timeline import Ticks, bar_starts
from descant.score.types import Bar, Track

_NONE: NoteArray = np.zeros((0, 6), dtype=np.int32)

Spans = npt.NDArray[np.int64]
"""Notes as rows (n, 3): pitch, first tick, end, from the start of the piece."""


class HeldKeys:
    """The notes of a track outside the bars `replaced`, which new ones must leave alone."""

    def __init__(self, track: Track, replaced: Collection[int], resolution: int) -> None:
        self._starts = bar_starts(track.bars, resolution)
        kept = [i for i, bar in enumerate(track.bars) if len(bar.notes) and i not in replaced]
        rows = [_NONE, *(track.bars[i].notes.array for i in kept)]
        offsets = np.repeat(self._starts[kept], [len(part) for part in rows[1:]])
        self._old = _spans(np.concatenate(rows), offsets)

    def fitted(self, index: int, bar: Bar) -> Bar:
        """The bar at `index` with its notes so long that a file keeps every old note.

        A new note that outlasts a later old one of its pitch ends where that begins; one that an
        old one is held over ends no sooner than that.
        """
        new = _spans(bar.notes.array, self._starts[index])
        if not len(new):
            return bar
        near = (self._old[:, 1] < new[:, 2].max()) & (self._old[:, 2] >= new[:, 1].min())
        old = self._old[near]
        struck = np.flatnonzero(np.isin(new[:, 0], old[:, 0]))
        rows = bar.notes.array.copy()
        for place in struck.tolist():
            pitch, begin, end = new[place].tolist()
            rows[place, 3] = _end(old[old[:, 0] == pitch], begin, end) - begin
        return replace(bar, notes=rows) if len(struck) else bar


def _spans(rows: NoteArray, offsets: Ticks | np.int64) -> Spans:
    begins = rows[:, 2] + offsets
    return np.stack([rows[:, 0], begins, begins + rows[:, 3]], axis=1)


def _end(same: Spans, begin: int, end: int) -> int:
    begins, ends = same[:, 1], same[:, 2]
    together = ends[begins == begin]
    if len(together):
        return int(together.max())
    end = int(ends[begins < begin].max(initial=end))
    return int(begins[(begins > begin) & (ends < end)].min(initial=end))
