"""Dragging the picture itself."""

from __future__ import annotations

from descant_app.piano_roll.gestures.base import Gesture, Pointer
from descant_app.piano_roll.roll import Roll


class Pan(Gesture):
    """What was under the pointer at the press stays under it."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.coords = roll.viewport.coords

    def move(self, pointer: Pointer) -> None:
        by = (self.start.x - pointer.x, self.start.y - pointer.y)
        self.roll.viewport.set(self.coords.scrolled(*by))
