"""What arrow keys do in the arrangement: choose bars without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from descant_app.panels.arrangement import ArrangementCanvas

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""By how many tracks and bars."""


def belongs(canvas: ArrangementCanvas, event: QKeyEvent) -> bool:
    """Whether a key chooses bars.  While notes are chosen the arrows move these."""
    shift = Qt.KeyboardModifier.ShiftModifier
    plain = event.modifiers() & ~(shift | Qt.KeyboardModifier.KeypadModifier) == _NONE
    notes = len(canvas.roll.document.selection.rows)
    return event.key() in STEPS and plain and not notes and bool(canvas.roll.document.lanes)


def press(canvas: ArrangementCanvas, event: QKeyEvent) -> None:
    """The neighbouring bar; with Shift the choice reaches there from where it began."""
    document = canvas.roll.document
    tracks, bars = STEPS[event.key()]
    at = canvas.choice.reached or _chosen(canvas)
    index = max(0, min(at[0] + tracks, len(document.lanes) - 1))
    bar = max(0, min(at[1] + bars, document.piece.bar_count - 1))
    shift = Qt.KeyboardModifier.ShiftModifier
    canvas.choice.step((index, bar), extend=bool(event.modifiers() & shift))
    canvas.roll.viewport.reveal_tick(int(document.starts[bar]))


def _chosen(canvas: ArrangementCanvas) -> tuple[int, int]:
    """Where to begin: beside the first chosen bar, else beside the start of the current track."""
    document = canvas.roll.document
    for track, bars in document.selection.bars_by_track().items():
        index = document.piece.index_of(track)
        if index is not None:
            return index, bars[0]
    return document.current or 0, 0


_NONE = Qt.KeyboardModifier.NoModifier
