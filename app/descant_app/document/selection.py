"""Which track is being edited, which of its notes are chosen, and which bars of which tracks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QObject, Signal

from descant.score.notes import NoteArray
from descant_app.document.composition import BarCell, TrackId
from descant_app.document.flat import empty_rows


class Selection(QObject):
    """What the next command acts on.

    `rows` are notes of the current track as values (onsets from the start of the piece), so that a
    selection outlives any change of indices.  `bars` are cells of the arrangement.
    """

    notes_changed = Signal()
    bars_changed = Signal()
    track_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.track = TrackId(0)
        self.rows: NoteArray = empty_rows()
        self.bars: frozenset[BarCell] = frozenset()

    def set_track(self, track: TrackId) -> None:
        """Edit another track; notes chosen in the old one are let go."""
        if track == self.track:
            return
        self.track = track
        self.set_notes(empty_rows())
        self.track_changed.emit()

    def set_notes(self, rows: NoteArray) -> None:
        """Choose these notes and no others."""
        if len(rows) == len(self.rows) and np.array_equal(rows, self.rows):
            return
        self.rows = rows
        self.notes_changed.emit()

    def set_bars(self, cells: Iterable[BarCell]) -> None:
        """Choose these bars and no others."""
        cells = frozenset(cells)
        if cells != self.bars:
            self.bars = cells
            self.bars_changed.emit()

    def bars_by_track(self) -> dict[TrackId, list[int]]:
        """The chosen bars of each track, in order."""
        found: dict[TrackId, list[int]] = {}
        for track, bar in sorted(self.bars):
            found.setdefault(track, []).append(bar)
        return found

    def clear(self) -> None:
        """Choose nothing; the current track stays."""
        self.set_notes(empty_rows())
        self.set_bars(())
