"""Writing bars anew where they are clicked: one, or all that a drag passes over."""

from __future__ import annotations

from PySide6.QtGui import QPainterPath

from descant_app.document.composition import BarCell
from descant_app.document.flat import bar_at
from descant_app.piano_roll.gestures.base import Gesture, Pointer
from descant_app.piano_roll.roll import Roll
from descant_app.settings.translation import tr


class InfillBars(Gesture):
    """The bars of the current track from the press to the pointer; Shift adds the chosen ones."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.before = roll.document.selection.bars
        self.move(start)

    def move(self, pointer: Pointer) -> None:
        document = self.roll.document
        cells = self.cells(pointer)
        document.selection.set_bars(cells | self.before if self.start.shift else cells)
        bars = sorted(bar for _, bar in cells)
        starts, coords = document.starts, self.roll.viewport.coords
        left = coords.x_of(int(starts[bars[0]]))
        right = coords.x_of(int(starts[bars[-1] + 1]))
        self.outline = QPainterPath()
        self.outline.addRect(left, 1, right - left, coords.height - 2)
        self.hint = _hint(bars[0], bars[-1])

    def release(self, pointer: Pointer) -> None:
        self.roll.infill_wanted.emit(self.roll.document.selection.bars)

    def abort(self) -> None:
        self.roll.document.selection.set_bars(self.before)

    def cells(self, pointer: Pointer) -> frozenset[BarCell]:
        """The bars from where the press was to here."""
        document = self.roll.document
        first, last = sorted(bar_at(document.starts, int(p.tick)) for p in (self.start, pointer))
        return frozenset((document.selection.track, bar) for bar in range(first, last + 1))


def _hint(first: int, last: int) -> str:
    if first == last:
        return tr("Write bar {}").format(first + 1)
    text = tr("Write bars {}–{}")
    return text.format(first + 1, last + 1)
