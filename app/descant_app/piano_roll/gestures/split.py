"""The knife: a click cuts the note under it in two."""

from __future__ import annotations

from PySide6.QtGui import QPainterPath

from descant_app.document import note_edits as edits
from descant_app.piano_roll.gestures.base import Gesture, Hit, Pointer
from descant_app.piano_roll.roll import Roll
from descant_app.settings.translation import tr


class SplitNote(Gesture):
    """Shows where the cut would be while the button is held."""

    def __init__(self, roll: Roll, start: Pointer, hit: Hit) -> None:
        super().__init__(roll, start)
        self.hit = hit
        self.move(start)

    def move(self, pointer: Pointer) -> None:
        coords = self.roll.viewport.coords
        x = coords.x_of(self.roll.nearest(pointer.tick, pointer.alt))
        y = coords.y_of(int(self.hit.row[0, 0]))
        self.outline = QPainterPath()
        self.outline.addRect(x - 1, y - 3, 2, coords.row_px + 6)
        self.roll.preview_changed.emit()

    def release(self, pointer: Pointer) -> None:
        tick = self.roll.nearest(pointer.tick, pointer.alt)
        new = edits.split(self.hit.row, tick)
        if len(new) == 1:
            tick = round(pointer.tick)  # the grid is coarser than the note: cut at the pointer
            new = edits.split(self.hit.row, tick)
        if len(new) == 2:
            label = tr("Split note")
            self.roll.editor.replace(label, self.hit.row, new)
