"""Making notes longer or shorter at either edge."""

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


class ResizeNotes(Gesture):
    """Drags one edge of all chosen notes by the same time.

    Ctrl stretches the whole group in proportion, Alt suspends the grid.
    """

    def __init__(self, roll: Roll, start: Pointer, hit: Hit) -> None:
        super().__init__(roll, start)
        self.hit = hit
        self.before = roll.document.selection.rows
        if not is_chosen(roll, hit.row):
            roll.document.selection.set_notes(hit.row)
        self.rows = roll.document.selection.rows
        self.moved = False
        roll.hear(int(hit.row[0, PITCH]), int(hit.row[0, VELOCITY]))

    def move(self, pointer: Pointer) -> None:
        if not self.moved and not pointer.far_from(self.start):
            return
        self.moved = True
        self.roll.set_preview(Preview(self._hidden, self._resized(pointer)))

    def release(self, pointer: Pointer) -> None:
        self.roll.set_preview(None)
        self.roll.hush()
        if not self.moved:
            self.roll.document.selection.set_notes(self.hit.row)
            self.roll.note_length = int(self.hit.row[0, DURATION])
            return
        new = self._resized(pointer)
        self.roll.note_length = int(new[0, DURATION])
        if (new != self.rows).any():
            verb = tr("Stretch") if pointer.ctrl else tr("Resize")
            self.roll.editor.replace(counted(verb, new), self.rows, new)

    def abort(self) -> None:
        super().abort()
        self.roll.document.selection.set_notes(self.before)

    @cached_property
    def _hidden(self) -> npt.NDArray[np.bool_]:
        return self.roll.flat.mask_of(self.rows)

    def _resized(self, pointer: Pointer) -> NoteArray:
        onset, end = int(self.hit.row[0, ONSET]), int(self.hit.row[0, ONSET : DURATION + 1].sum())
        edge = onset if self.hit.part == "left" else end
        wanted = edge + pointer.tick - self.start.tick
        by = self.roll.nearest(wanted, pointer.alt) - edge
        least = 1 if pointer.alt or not self.roll.snap else min(self.roll.step_ticks(), 60)
        if pointer.ctrl:
            return self._stretched(by)
        if self.hit.part == "left":
            return edits.resized_left(self.rows, by, least)
        return edits.resized_right(self.rows, by, least)

    def _stretched(self, by: int) -> NoteArray:
        first = int(self.rows[:, ONSET].min())
        last = int((self.rows[:, ONSET] + self.rows[:, DURATION]).max())
        if self.hit.part == "left":
            factor = max(0.05, (last - first - by) / (last - first))
            out = edits.stretched(self.rows, factor)
            shift = last - int((out[:, ONSET] + out[:, DURATION]).max())
            moved = edits.moved(out, edits.time_room(out, shift))
            return out if moved is None else moved
        return edits.stretched(self.rows, max(0.05, (last - first + by) / (last - first)))
