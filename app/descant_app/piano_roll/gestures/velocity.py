"""Dragging up and down on a note changes how hard it, or the whole choice, is struck."""

from __future__ import annotations

from descant.score.notes import NoteArray
from descant_app.document import note_edits as edits
from descant_app.document.editor import counted
from descant_app.document.flat import PITCH, VELOCITY
from descant_app.piano_roll.gestures.base import Gesture, Hit, Pointer, is_chosen
from descant_app.piano_roll.roll import Preview, Roll
from descant_app.settings.translation import tr


class DragVelocity(Gesture):
    """Two pixels a step of velocity."""

    def __init__(self, roll: Roll, start: Pointer, hit: Hit) -> None:
        super().__init__(roll, start)
        self.hit = hit
        if not is_chosen(roll, hit.row):
            roll.document.selection.set_notes(hit.row)
        self.rows = roll.document.selection.rows
        self.hidden = roll.flat.mask_of(self.rows)
        roll.hear(int(hit.row[0, PITCH]), int(hit.row[0, VELOCITY]))

    def move(self, pointer: Pointer) -> None:
        new = self._changed(pointer)
        self.roll.set_preview(Preview(self.hidden, new))
        value = max(1, min(127, int(self.hit.row[0, VELOCITY]) + self._by(pointer)))
        self.hint = tr("Velocity {}").format(value)

    def release(self, pointer: Pointer) -> None:
        self.roll.set_preview(None)
        self.roll.hush()
        new = self._changed(pointer)
        self.roll.note_velocity = int(new[0, VELOCITY])
        if (new != self.rows).any():
            label = counted(tr("Change velocity of"), new)
            self.roll.editor.replace(label, self.rows, new)

    def _by(self, pointer: Pointer) -> int:
        return round((self.start.y - pointer.y) / 2)

    def _changed(self, pointer: Pointer) -> NoteArray:
        return edits.with_velocity(self.rows, self.rows[:, VELOCITY] + self._by(pointer))
