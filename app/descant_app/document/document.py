"""The open piece: its current value, its history, its file, and signals when any of them change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from descant.score.notes import NoteArray
from descant.score.types import Bar, Score, Track
from descant_app.document.change import ALL_KINDS, Kinds, difference
from descant_app.document.commands import Chosen, EditCommand
from descant_app.document.composition import BarCell, Composition
from descant_app.document.flat import FlatTrack, Starts, bar_starts, empty_rows, flatten
from descant_app.document.piece import Lane, Piece, TrackId, new_piece, piece_of
from descant_app.document.saved_takes import SavedTakes
from descant_app.document.selection import Selection
from descant_app.document.takes import TakeList


class Document(QObject):
    """Holds the piece; the only way to change it is `do`, which makes one undoable step.

    Signals: `changed(Kinds)` after each new value, `path_changed()`, `clean_changed(bool)`,
    `refused(str)` when an edit could not be made, with the reason in one sentence,
    `preview_changed()` when other bars are shown and heard in place of the piece's.
    """

    changed = Signal(object)
    path_changed = Signal()
    clean_changed = Signal(bool)
    refused = Signal(str)
    preview_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self.clean_changed)
        self.selection = Selection(self)
        self.takes = TakeList(self)
        self.preview: Mapping[BarCell, Bar] = {}
        self.path: Path | None = None
        self.original: bytes | None = None
        self.revision = 0
        self.clock: Callable[[], float] = time.monotonic
        self._next_id = 1
        self._heard: tuple[Piece, Mapping[BarCell, Bar], Score] | None = None
        self._flat: dict[TrackId, tuple[Track, Starts, FlatTrack]] = {}
        self._starts: tuple[object, Starts] | None = None
        self._piece = new_piece()
        self.open_piece(self._piece, None)

    # -- reading ---------------------------------------------------------------------------------

    @property
    def piece(self) -> Piece:
        return self._piece

    @property
    def score(self) -> Score:
        return self._piece.score

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return self._piece.lanes

    @property
    def composition(self) -> Composition:
        return self._piece.composition

    @property
    def heard_score(self) -> Score:
        """The score with the bars of the preview in place: what is played."""
        known = self._heard
        if known is None or known[0] is not self._piece or known[1] is not self.preview:
            score = self._piece.with_bars(self.preview).score
            known = self._heard = (self._piece, self.preview, score)
        return known[2]

    @property
    def is_clean(self) -> bool:
        return self.undo_stack.isClean()

    @property
    def name(self) -> str:
        """File name without its ending, or "Untitled"."""
        return self.path.stem if self.path else self.tr("Untitled")

    @property
    def starts(self) -> Starts:
        """Tick where each bar starts, and where the last one ends."""
        key = self.score.tracks[0].bars if self.score.tracks else None
        if self._starts is None or self._starts[0] is not key:
            starts = bar_starts(self.score)
            if self._starts is not None and _same(self._starts[1], starts):
                starts = self._starts[1]
            self._starts = (key, starts)
        return self._starts[1]

    @property
    def end_tick(self) -> int:
        return int(self.starts[-1])

    @property
    def current(self) -> int | None:
        """Index of the track being edited; None when there is none."""
        return self._piece.index_of(self.selection.track)

    def flat(self, index: int) -> FlatTrack:
        """All notes of a track on one line of time; remembered until they change."""
        track, lane, starts = self.score.tracks[index], self.lanes[index], self.starts
        kept = self._flat.get(lane.id)
        if kept is None or kept[0].bars is not track.bars or kept[1] is not starts:
            kept = (track, starts, flatten(track, starts))
            self._flat[lane.id] = kept
        return kept[2]

    def new_id(self) -> TrackId:
        """A track id not used before in this piece."""
        self._next_id += 1
        return TrackId(self._next_id - 1)

    # -- changing --------------------------------------------------------------------------------

    def open_piece(
        self,
        piece: Piece,
        path: Path | None,
        original: bytes | None = None,
        clean: bool = True,
        takes: SavedTakes | None = None,
    ) -> None:
        """Replace everything: another piece was opened.  The history starts anew."""
        piece = piece.settled()
        self._piece, self.path, self.original = piece, path, original
        self._next_id = max((lane.id for lane in piece.lanes), default=0) + 1
        self._flat.clear()
        self._starts = None
        self.revision += 1
        self.undo_stack.clear()
        if not clean:
            self.undo_stack.resetClean()
        takes = (takes or SavedTakes()).placed(piece.bar_ids)
        self.takes.replace_all(takes.batches, takes.takes, piece.bar_ids)
        self.set_preview({})
        self.selection.clear()
        self.selection.set_track(piece.lanes[0].id if piece.lanes else TrackId(0))
        self.changed.emit(ALL_KINDS)
        self.path_changed.emit()
        self.clean_changed.emit(clean)

    def open_score(self, score: Score, path: Path | None, original: bytes | None = None) -> None:
        """Replace everything by a score just read."""
        self.open_piece(piece_of(score), path, original)

    def do(
        self,
        label: str,
        piece: Piece,
        select: NoteArray | None = None,
        merge: str = "",
        track: TrackId | None = None,
    ) -> bool:
        """Change the piece, as one step named `label` in the history.

        `select` are the notes chosen afterwards (None: what is left of the choice), `merge` joins
        quick repetitions of the same key into one step.  False when nothing differs.
        """
        change = difference(self._piece, piece.settled())
        if change.is_empty:
            if select is not None:
                self.selection.set_notes(select)
            return False
        rows = self.selection.rows if select is None else select
        after = (self.selection.track if track is None else track, rows)
        self.undo_stack.push(EditCommand(self, label, change, after, merge))
        return True

    def set_listening(self, index: int, **fields: bool) -> None:
        """Mute, solo or show a track: part of the piece, but not a step of its history."""
        self.take(self._piece.with_lane(index, **fields), Kinds(lanes=True))

    def set_preview(self, bars: Mapping[BarCell, Bar]) -> None:
        """Show and play these bars in place of the piece's, which stays as it is."""
        if bars or self.preview:
            self.preview = bars
            self.preview_changed.emit()

    def take(self, piece: Piece, kinds: Kinds, chosen: Chosen | None = None) -> None:
        """Make `piece` the current value.  Only commands and `set_listening` call this.

        `chosen` are the track and the notes selected from now on.
        """
        self._piece = piece
        self.revision += 1
        if kinds.order:
            known = {lane.id for lane in piece.lanes}
            self._flat = {k: v for k, v in self._flat.items() if k in known}
        self._settle_selection(chosen)
        self.takes.follow(piece.bar_ids)
        self.changed.emit(kinds)

    def set_path(self, path: Path) -> None:
        """The piece now lives in this file, saved as it is."""
        self.path = path
        self.undo_stack.setClean()
        self.path_changed.emit()

    def refuse(self, reason: str) -> None:
        """Tell the user why an edit was not made."""
        self.refused.emit(reason)

    def _settle_selection(self, chosen: Chosen | None) -> None:
        piece, selection = self._piece, self.selection
        known = {lane.id for lane in piece.lanes}
        if chosen is not None and chosen[0] in known:
            selection.set_track(chosen[0])
        elif selection.track not in known:
            selection.set_track(piece.lanes[0].id if piece.lanes else TrackId(0))
        count = piece.bar_count
        selection.set_bars(c for c in selection.bars if c[0] in known and c[1] < count)
        if chosen is not None and chosen[0] == selection.track:
            selection.set_notes(chosen[1])
        else:
            self._keep_existing_notes()

    def _keep_existing_notes(self) -> None:
        index, selection = self.current, self.selection
        if index is None:
            selection.set_notes(empty_rows())
        elif len(selection.rows):
            flat = self.flat(index)
            selection.set_notes(flat.rows[flat.mask_of(selection.rows)])


def _same(a: Starts, b: Starts) -> bool:
    return len(a) == len(b) and bool((a == b).all())
