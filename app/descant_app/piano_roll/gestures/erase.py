"""Erasing: every note the pointer passes over goes, as one step."""

from __future__ import annotations

import numpy as np

from descant_app.piano_roll.gestures.base import Gesture, Pointer
from descant_app.piano_roll.roll import Preview, Roll


class EraseNotes(Gesture):
    """Press and drag over notes."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.gone = np.zeros(len(roll.flat.rows), dtype=bool)
        self.covered = roll.covered()
        self.last = start
        self.move(start)

    def move(self, pointer: Pointer) -> None:
        flat = self.roll.flat
        steps = max(1, int(abs(pointer.x - self.last.x) + abs(pointer.y - self.last.y)) // 3)
        coords = self.roll.viewport.coords
        for i in range(steps + 1):
            x = self.last.x + (pointer.x - self.last.x) * i / steps
            y = self.last.y + (pointer.y - self.last.y) * i / steps
            index = flat.at(int(max(0.0, coords.tick_at(x))), coords.pitch_at(y))
            if index is not None and not self.covered[index]:
                self.gone[index] = True
        self.last = pointer
        self.roll.set_preview(Preview(self.gone, flat.rows[:0]))

    def release(self, pointer: Pointer) -> None:
        rows = self.roll.flat.rows[self.gone]
        self.roll.set_preview(None)
        self.roll.editor.erase(rows)
