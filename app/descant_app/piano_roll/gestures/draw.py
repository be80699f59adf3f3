"""Drawing a note: press places it, up and down changes its pitch, to the right its length."""

from __future__ import annotations

from descant.score.notes import NoteArray
from descant_app.document.flat import DURATION, make_rows
from descant_app.piano_roll.gestures.base import Gesture, Pointer
from descant_app.piano_roll.roll import Preview, Roll

ON_LINE_PX = 2.0
"""So close behind a line the pointer is on it."""


class DrawNote(Gesture):
    """A new note at the grid line before the pointer, sounding while the button is held."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.onset = roll.floor(start.tick, start.alt)
        self.row = self._row(start)
        self._show()

    def move(self, pointer: Pointer) -> None:
        self.row = self._row(pointer)
        self._show()

    def release(self, pointer: Pointer) -> None:
        self.roll.set_preview(None)
        self.roll.hush()
        self.roll.note_length = int(self.row[0, DURATION])
        self.roll.editor.add(self.row)

    def _row(self, pointer: Pointer) -> NoteArray:
        length = self.roll.new_length()
        if abs(pointer.x - self.start.x) >= 6:
            step = 1 if pointer.alt or not self.roll.snap else self.roll.step_ticks()
            end = self.roll.nearest(pointer.tick, pointer.alt)
            beyond = (pointer.tick - end) * self.roll.viewport.coords.px_per_tick
            if beyond > ON_LINE_PX and not pointer.alt and self.roll.snap:
                end += step  # the note reaches at least to the pointer
            length = max(step, end - self.onset)
        return make_rows(pointer.pitch, self.roll.note_velocity, self.onset, length)

    def _show(self) -> None:
        self.roll.set_preview(Preview(None, self.row))
        self.roll.hear(int(self.row[0, 0]))
