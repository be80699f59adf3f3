"""The take shown in the roll: its notes in place of the piece's, bars as they are written."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant_app.document.composition import BarCell
from descant_app.piano_roll.note_layer import NoteLayer, visible
from descant_app.piano_roll.role_layer import bar_box
from descant_app.piano_roll.roles import runs_of
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.some_notes import SomeNotes
from descant_app.settings.theme import faded, themes

FLASH_MS = 420


class TakeLayer(NoteLayer):
    """Notes of the take in its colour; a bar just written lights up, one still to come waits."""

    def __init__(self, roll: Roll) -> None:
        super().__init__(roll)
        self._flashes: dict[int, QVariantAnimation] = {}
        roll.shown_take.changed.connect(self._renew)
        roll.roles.changed.connect(self._renew)

    def _renew(self) -> None:
        self.update()

    def flash(self, cell: BarCell) -> None:
        """A bar was just written: light it up for a moment."""
        track, bar = cell
        if track != self.roll.document.selection.track or bar in self._flashes:
            return
        light = QVariantAnimation(self)
        light.setStartValue(0.34)
        light.setEndValue(0.0)
        light.setDuration(FLASH_MS)
        light.valueChanged.connect(lambda _: self.update(bar_box(self.roll, bar, bar)))
        light.finished.connect(lambda: self._flashes.pop(bar, None))
        self._flashes[bar] = light
        light.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        roll, track = self.roll, self.roll.document.selection.track
        self._waiting(painter)
        bars = roll.shown_take.bars(track)
        if not bars:
            return
        self._ground(painter, bars, option.exposedRect)
        flat, coords = roll.shown_take.flat(track), roll.viewport.coords
        notes = SomeNotes(flat, visible(flat, coords, option.exposedRect))
        self._draw(painter, coords, notes, themes.now["take"])

    def _ground(self, painter: QPainter, bars: list[int], exposed: QRectF) -> None:
        tint, edge = faded(themes.now["take"], 0.09), themes.now["take"]
        for first, last in runs_of(bars):
            box = bar_box(self.roll, first, last)
            painter.fillRect(box.intersected(exposed), tint)
            painter.fillRect(QRectF(box.left(), 0, box.width(), 2), edge)
        for bar, light in self._flashes.items():
            if bar < len(self.roll.document.starts) - 1:
                glow = faded(themes.now["take"], float(light.currentValue() or 0.0))
                painter.fillRect(bar_box(self.roll, bar, bar), glow)

    def _waiting(self, painter: QPainter) -> None:
        """Bars that a running job has still to write."""
        waiting = self.roll.roles.waiting(self.roll.document.selection.track)
        if not waiting:
            return
        painter.setPen(QPen(themes.now["take"], 2, Qt.PenStyle.DashLine))
        for first, last in runs_of(waiting):
            box = bar_box(self.roll, first, last)
            painter.drawLine(QLineF(box.left() + 2, 1, box.right() - 2, 1))
            painter.fillRect(box, faded(themes.now["take"], 0.07))
