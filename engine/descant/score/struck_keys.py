"""Notes that strike a key which another note holds.

A MIDI file ends the oldest sounding note of a pitch first.  Of two notes of one pitch, one within
the other, it exchanges the ends, so a new note there would change an old one once it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from descant.score.notes import NoteArray
from descant.score.timeline import bar_starts
from descant.score.types import Bar, Track

Spans = npt.NDArray[np.int64]
"""Notes as rows (n, 3): pitch, first tick, end, from the start of the piece."""


def leaving_others(
    track: Track, new: Mapping[int, Bar], replaced: set[int], resolution: int
) -> dict[int, Bar]:
    """`new` bars by index, their notes so long that a file keeps every other note of the track.

    A new note that outlasts a later old one of its pitch ends where that begins; one that an old
    one is held over ends no sooner than that.  Old are the notes of the bars not in `replaced`.
    """
    starts = bar_starts(track.bars, resolution)
    spans = [
        _spans(bar.notes.array, int(starts[index]))
        for index, bar in enumerate(track.bars)
        if index not in replaced and len(bar.notes)
    ]
    if not spans:
        return dict(new)
    old = np.concatenate(spans)
    return {index: _fitted(bar, old, int(starts[index])) for index, bar in new.items()}


def _spans(rows: NoteArray, start: int) -> Spans:
    begins = rows[:, 2].astype(np.int64) + start
    return np.stack([rows[:, 0], begins, begins + rows[:, 3]], axis=1)


def _fitted(bar: Bar, old: Spans, start: int) -> Bar:
    rows = bar.notes.array.copy()
    for row, (pitch, begin, end) in zip(rows, _spans(rows, start).tolist(), strict=True):
        row[3] = _end(old[old[:, 0] == pitch], begin, end) - begin
    return bar if np.array_equal(rows, bar.notes.array) else replace(bar, notes=rows)


def _end(same: Spans, begin: int, end: int) -> int:
    begins, ends = same[:, 1], same[:, 2]
    together = ends[begins == begin]
    if len(together):
        return int(together.max())
    end = int(ends[begins < begin].max(initial=end))
    return int(begins[(begins > begin) & (ends < end)].min(initial=end))
