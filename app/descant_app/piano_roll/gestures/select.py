"""Choosing notes: a box, a free outline, a click on nothing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from descant.score.notes import NoteArray
from descant_app.document.flat import DURATION, ONSET, PITCH, empty_rows
from descant_app.piano_roll.gestures.base import Gesture, Pointer
from descant_app.piano_roll.roll import Roll


class _Choosing(Gesture):
    """Joins what is caught to what was chosen: Shift adds, Ctrl with Shift takes away."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.before = roll.document.selection.rows

    def caught(self, pointer: Pointer) -> NoteArray:
        raise NotImplementedError

    def move(self, pointer: Pointer) -> None:
        self.roll.document.selection.set_notes(self._joined(self.caught(pointer)))

    def release(self, pointer: Pointer) -> None:
        if pointer.far_from(self.start):
            self.move(pointer)
        elif not self.start.shift:
            self.roll.document.selection.set_notes(empty_rows())

    def abort(self) -> None:
        self.roll.document.selection.set_notes(self.before)

    def _joined(self, rows: NoteArray) -> NoteArray:
        if not self.start.shift or not len(self.before):
            return rows
        flat = self.roll.flat
        old, new = flat.mask_of(self.before), flat.mask_of(rows)
        return flat.rows[old & ~new if self.start.ctrl else old | new]


class BoxSelect(_Choosing):
    """A rectangle; a note is caught when it is touched."""

    def move(self, pointer: Pointer) -> None:
        # The corner stays at its tick and key when the view scrolls under the drag.
        coords = self.roll.viewport.coords
        corner = QPointF(coords.x_of(self.start.tick), self._y())
        box = QRectF(corner, QPointF(pointer.x, pointer.y)).normalized()
        self.outline = QPainterPath()
        self.outline.addRect(box)
        super().move(pointer)

    def caught(self, pointer: Pointer) -> NoteArray:
        ticks = sorted((self.start.tick, pointer.tick))
        rows = self.roll.viewport.coords.row_of_pitch
        first, last = sorted((rows[self.start.pitch], rows[pointer.pitch]))
        flat = self.roll.flat
        near = flat.inside(int(ticks[0]), int(ticks[1]) + 1, 0, 127)
        found = flat.rows[near[~self.roll.covered()[near]]]
        row = rows[found[:, PITCH]]
        return found[(row >= first) & (row <= last)]

    def _y(self) -> float:
        coords = self.roll.viewport.coords
        within = self.start.y % coords.row_px if coords.row_px else 0.0
        return coords.y_of(self.start.pitch) + min(within, coords.row_px)


class LassoSelect(_Choosing):
    """A free outline; a note is caught when its middle lies inside."""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        super().__init__(roll, start)
        self.points = [QPointF(start.x, start.y)]

    def move(self, pointer: Pointer) -> None:
        self.points.append(QPointF(pointer.x, pointer.y))
        self.outline = QPainterPath()
        self.outline.addPolygon(QPolygonF(self.points))
        self.outline.closeSubpath()
        super().move(pointer)

    def caught(self, pointer: Pointer) -> NoteArray:
        outline, coords, flat = self.outline, self.roll.viewport.coords, self.roll.flat
        if outline is None:
            return empty_rows()
        box = outline.boundingRect()
        left, right = int(coords.tick_at(box.left())), int(coords.tick_at(box.right())) + 1
        near = flat.inside(left, right, 0, 127)
        rows = flat.rows[near[~self.roll.covered()[near]]]
        xs = coords.xs_of(rows[:, ONSET] + rows[:, DURATION] // 2)
        inside = [
            outline.contains(QPointF(x, coords.y_of(int(p)) + coords.row_px / 2))
            for x, p in zip(xs, rows[:, PITCH], strict=True)
        ]
        return rows[np.array(inside, dtype=bool)]
