"""The bars shown in place of the piece's, as the views need them: notes on one line of time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from descant_app.document.composition import BarCell, TrackId
from descant_app.document.document import Document
from descant_app.document.flat import ONSET, FlatTrack, bar_at, empty_rows, in_order

Mask = npt.NDArray[np.bool_]


class ShownTake(QObject):
    """Reads `Document.preview`; `changed` after it or the piece beneath became another."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._bars: dict[TrackId, list[int]] = {}
        self._flats: dict[TrackId, FlatTrack] = {}
        self._masks: dict[TrackId, tuple[FlatTrack, Mask]] = {}
        document.preview_changed.connect(self._renew)
        document.changed.connect(self._renew)

    def bars(self, track: TrackId) -> list[int]:
        """Bars of a track that are shown in place of the piece's, in order."""
        return self._bars.get(track, [])

    def covers(self, cell: BarCell) -> bool:
        """Whether a bar is shown in place of the piece's."""
        return cell in self.document.preview

    def covers_tick(self, track: TrackId, tick: float) -> bool:
        """Whether the bar around a tick is."""
        return bool(self._bars) and (track, bar_at(self.document.starts, int(tick))) in (
            self.document.preview
        )

    def flat(self, track: TrackId) -> FlatTrack:
        """The shown notes of a track, and none of the piece's."""
        if track not in self._flats:
            self._flats[track] = self._flattened(track)
        return self._flats[track]

    def covered(self, index: int) -> Mask:
        """Which of a track's own notes begin in bars that are covered, shape (n,)."""
        document = self.document
        flat, track = document.flat(index), document.lanes[index].id
        kept = self._masks.get(track)
        if kept is None or kept[0] is not flat:
            kept = (flat, self._mask(flat, self.bars(track)))
            self._masks[track] = kept
        return kept[1]

    def _mask(self, flat: FlatTrack, bars: list[int]) -> Mask:
        if not bars or not len(flat.rows):
            return np.zeros(len(flat.rows), dtype=bool)
        starts = self.document.starts
        at = np.searchsorted(starts, flat.rows[:, ONSET], side="right") - 1
        return np.isin(at, bars)

    def _flattened(self, track: TrackId) -> FlatTrack:
        starts, preview, parts = self.document.starts, self.document.preview, []
        for bar in self.bars(track):
            rows = preview[track, bar].notes.array.astype(np.int32, copy=True)
            rows[:, ONSET] += int(starts[bar])
            parts.append(rows)
        return FlatTrack(in_order(np.concatenate(parts)) if parts else empty_rows())

    def _renew(self, _: object = None) -> None:
        had = bool(self._bars)
        count, bars = self.document.piece.bar_count, {}
        for track, bar in sorted(self.document.preview):
            if bar < count:
                bars.setdefault(track, []).append(bar)
        self._bars = bars
        self._flats.clear()
        self._masks.clear()
        if had or bars:
            self.changed.emit()
