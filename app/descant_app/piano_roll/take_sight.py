"""Brings a take into sight when it is shown: the roll glides up or down, as little as it can."""

from __future__ import annotations

from PySide6.QtCore import QObject

from descant_app.document.flat import ONSET, PITCH
from descant_app.piano_roll.roll import Roll


class TakeSight(QObject):
    """Looks once at each take that is shown, and where its track becomes the current one."""

    def __init__(self, roll: Roll, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self._seen: int | None = None
        roll.shown_take.changed.connect(self._look)
        roll.document.takes.shown_changed.connect(self._look)

    def _look(self) -> None:
        document = self.roll.document
        shown, track = document.takes.shown, document.selection.track
        if shown is None:
            self._seen = None
        elif shown != self._seen and self.roll.shown_take.bars(track):
            self._seen = shown
            self.roll.viewport.glide_to_pitches(self._pitches())

    def _pitches(self) -> list[int]:
        """Those of the take's notes in sight sideways, else of all, that have rows."""
        coords, document = self.roll.viewport.coords, self.roll.document
        rows = self.roll.shown_take.flat(document.selection.track).rows
        inside = rows[(rows[:, ONSET] >= coords.left) & (rows[:, ONSET] <= coords.right)]
        pitches = (inside if len(inside) else rows)[:, PITCH].tolist()
        return [pitch for pitch in pitches if coords.row_of_pitch[pitch] >= 0]
