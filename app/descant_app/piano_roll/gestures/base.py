"""What every gesture shares: where the pointer is, what lies under it, and the life of a drag."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath

from descant.score.notes import NoteArray
from descant_app.document.flat import DURATION, ONSET
from descant_app.piano_roll.coords import Coords
from descant_app.piano_roll.roll import Roll

EDGE_PX = 8.0
DRAG_PX = 4.0


@dataclass(frozen=True)
class Pointer:
    """A mouse event in musical terms."""

    x: float
    y: float
    tick: float
    pitch: int
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @classmethod
    def at(cls, coords: Coords, pos: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        x, y = pos.x(), pos.y()
        return cls(x, y, max(0.0, coords.tick_at(x)), coords.pitch_at(y), modifiers)

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    def far_from(self, other: Pointer) -> bool:
        """Whether a press here and a move there is a drag, not a shaky click."""
        return abs(self.x - other.x) + abs(self.y - other.y) >= DRAG_PX


@dataclass(frozen=True, eq=False)
class Hit:
    """What lies under the pointer: a note's `body`, `left` or `right` edge; `row` is that note."""

    part: str
    row: NoteArray


def hit_at(roll: Roll, pointer: Pointer) -> Hit | None:
    """The note under the pointer and which part of it; None over nothing."""
    index = roll.flat.at(int(pointer.tick), pointer.pitch)
    if index is None or roll.covered()[index]:
        return None
    row = roll.flat.rows[index : index + 1]
    coords = roll.viewport.coords
    x0 = coords.x_of(int(row[0, ONSET]))
    x1 = coords.x_of(int(row[0, ONSET] + row[0, DURATION]))
    zone = min(EDGE_PX, (x1 - x0) / 3)
    part = "left" if pointer.x < x0 + zone else "right" if pointer.x >= x1 - zone else "body"
    return Hit(part, row)


def is_chosen(roll: Roll, row: NoteArray) -> bool:
    """Whether one note (shape (1, 6)) is among the chosen ones."""
    rows = roll.document.selection.rows
    return bool(len(rows)) and bool((rows == row).all(axis=1).any())


class Gesture:
    """Begun by a press.  `outline` is drawn over the notes while it lasts."""

    outline: QPainterPath | None = None
    hint: str = ""

    def __init__(self, roll: Roll, start: Pointer) -> None:
        self.roll = roll
        self.start = start

    def move(self, pointer: Pointer) -> None:
        """The pointer went on with the button held."""

    def release(self, pointer: Pointer) -> None:
        """The button was let go: make the change."""

    def abort(self) -> None:
        """Escape, or the window lost the mouse: leave everything as it was."""
        self.roll.set_preview(None)
        self.roll.hush()
