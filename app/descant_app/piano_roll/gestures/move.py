"""Moving and copying notes; a press without a drag is a click that chooses."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from descant.score.notes import NoteArray
from descant_app.document import note_edits as edits
from descant_app.document.editor import counted
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY
from descant_app.piano_roll.gestures.base import Gesture, Hit, Pointer, is_chosen
from descant_app.piano_roll.roll import Preview, Roll
from descant_app.settings.translation import tr


class MoveNotes(Gesture):
    """Drags the chosen notes in time and pitch.

    Ctrl copies, Shift keeps to one direction, Alt suspends the grid.  The group stops as a whole at
    the edges of MIDI.
    """

    def __init__(self, roll: Roll, start: Pointer, hit: Hit) -> None:
        super().__init__(roll, start)
        self.hit = hit
        self.was_chosen = is_chosen(roll, hit.row)
        self.before = roll.document.selection.rows
        self.dragging = False
        if not self.was_chosen:
            keep = self.before if start.shift or start.ctrl else self.before[:0]
            roll.document.selection.set_notes(np.concatenate((keep, hit.row)))
        roll.note_length = int(hit.row[0, DURATION])
        roll.note_velocity = int(hit.row[0, VELOCITY])
        roll.hear(int(hit.row[0, PITCH]), int(hit.row[0, VELOCITY]))

    @property
    def rows(self) -> NoteArray:
        return self.roll.document.selection.rows

    def move(self, pointer: Pointer) -> None:
        if not self.dragging and not pointer.far_from(self.start):
            return
        self.dragging = True
        shown, _, pitch = self._moved(pointer)
        hidden = None if pointer.ctrl else self._hidden
        self.roll.set_preview(Preview(hidden, shown))
        self.roll.hear(int(self.hit.row[0, PITCH]) + pitch, int(self.hit.row[0, VELOCITY]))

    def release(self, pointer: Pointer) -> None:
        self.roll.set_preview(None)
        self.roll.hush()
        if self.dragging:
            self._commit(pointer)
        else:
            self._click()

    def abort(self) -> None:
        super().abort()
        self.roll.document.selection.set_notes(self.before)

    @cached_property
    def _hidden(self) -> npt.NDArray[np.bool_]:
        """The notes being dragged, found once: they do not change during the drag."""
        return self.roll.flat.mask_of(self.rows)

    def _moved(self, pointer: Pointer) -> tuple[NoteArray, int, int]:
        rows_of = self.roll.viewport.coords.row_of_pitch
        pitch = pointer.pitch - self.start.pitch
        if self.roll.folded:  # rows are not semitones apart: go by rows, then by the key found
            keys = self.roll.viewport.coords.keys
            own = int(self.hit.row[0, PITCH])
            by = int(rows_of[pointer.pitch] - rows_of[self.start.pitch])
            target = max(0, min(int(rows_of[own]) + by, len(keys) - 1))
            pitch = keys[target] - own
        ticks = self._snapped(pointer.tick - self.start.tick, pointer.alt)
        if pointer.shift:
            sideways = abs(pointer.x - self.start.x) > abs(pointer.y - self.start.y)
            ticks, pitch = (ticks, 0) if sideways else (0, pitch)
        pitch = edits.pitch_room(self.rows, pitch)
        ticks = edits.time_room(self.rows, ticks)
        moved = edits.moved(self.rows, ticks, pitch)
        assert moved is not None, "room was checked"
        return moved, ticks, pitch

    def _snapped(self, ticks: float, suspended: bool) -> int:
        grid = self.roll.snapping(suspended)
        if not grid.step:
            return round(ticks)
        onset = int(self.hit.row[0, ONSET])
        width = grid.ticks(self.roll.document.score.resolution)
        on_line = self.roll.nearest(onset) == onset
        # A note on the grid follows its lines, also where bars are odd; others keep their lead.
        if on_line or self.roll.snap_to_lines:
            return self.roll.nearest(onset + ticks) - onset
        return round(round(ticks / width) * width)

    def _commit(self, pointer: Pointer) -> None:
        moved, ticks, pitch = self._moved(pointer)
        editor = self.roll.editor
        if pointer.ctrl:
            editor.add(moved, counted(tr("Copy"), moved))
        elif ticks or pitch:
            editor.replace(counted(tr("Move"), moved), self.rows, moved)

    def _click(self) -> None:
        selection, row = self.roll.document.selection, self.hit.row
        if self.start.ctrl and self.was_chosen:
            selection.set_notes(self.before[~(self.before == row).all(axis=1)])
        elif not self.start.ctrl and not self.start.shift:
            selection.set_notes(row)
