"""Notes of a track that are drawn together, picked without copying them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from descant.score.notes import NoteArray
from descant_app.document.flat import FlatTrack
from descant_app.piano_roll.roll import Roll

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SomeNotes:
    """Those of a slice of a track that a mask over the slice picks; None picks all."""

    flat: FlatTrack
    part: slice
    mask: Mask | None = None

    @staticmethod
    def of(rows: NoteArray) -> SomeNotes:
        """Notes that belong to no track, such as a preview's."""
        return SomeNotes(FlatTrack(rows), slice(0, len(rows)))

    @cached_property
    def count(self) -> int:
        if self.mask is None:
            return max(0, self.part.stop - self.part.start)
        return int(np.count_nonzero(self.mask))

    @property
    def rows(self) -> NoteArray:
        return self._picked(self.flat.rows)

    @property
    def onsets(self) -> NoteArray:
        return self._picked(self.flat.onsets)

    @property
    def ends(self) -> NoteArray:
        return self._picked(self.flat.ends)

    @property
    def pitches(self) -> NoteArray:
        return self._picked(self.flat.pitches)

    @property
    def velocities(self) -> NoteArray:
        return self._picked(self.flat.velocities)

    def parts(self, size: int) -> Iterator[SomeNotes]:
        """The same notes, from at most `size` of the track at a time."""
        for first in range(self.part.start, self.part.stop, size):
            part = slice(first, min(first + size, self.part.stop))
            place = slice(first - self.part.start, part.stop - self.part.start)
            yield SomeNotes(self.flat, part, None if self.mask is None else self.mask[place])

    def _picked(self, column: NoteArray) -> NoteArray:
        inside = column[self.part]
        return inside if self.mask is None else inside[self.mask]


def plain_and_chosen(roll: Roll, part: slice) -> tuple[SomeNotes, SomeNotes]:
    """A slice of the current track without what a take or a gesture shows others for: the notes
    that are not chosen, and those that are."""
    flat, chosen, replaced = roll.flat, roll.chosen()[part], roll.replaced()
    kept = None if replaced is None else ~replaced[part]
    if not chosen.any():
        return SomeNotes(flat, part, kept), SomeNotes(flat, slice(0, 0))
    if kept is None:
        return SomeNotes(flat, part, ~chosen), SomeNotes(flat, part, chosen)
    return SomeNotes(flat, part, kept & ~chosen), SomeNotes(flat, part, kept & chosen)
