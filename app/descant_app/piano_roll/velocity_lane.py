"""The velocity lane: one bar a note; drag, paint, or draw a ramp."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from descant.score.notes import NoteArray
from descant_app.document import note_edits as edits
from descant_app.document.editor import counted
from descant_app.document.flat import ONSET, VELOCITY
from descant_app.piano_roll.coords import Coords
from descant_app.piano_roll.roll import Preview, Roll
from descant_app.piano_roll.shapes import boxes_of, fill_rects
from descant_app.piano_roll.some_notes import SomeNotes, plain_and_chosen
from descant_app.settings.theme import mixed, themes

STEM_PX = 3.0
CROWD = 2000
"""From this many notes in sight on, one stem a pixel column stands for all that start in it."""
REACH_PX = 5.0


class VelocityLane(QWidget):
    """Drag paints velocities of the notes passed over; Shift draws a straight ramp; Alt moves what
    is touched up and down together.  When notes are chosen only those change.
    """

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self._start: QPointF | None = None
        self._last = QPointF()
        self._ramp: QLineF | None = None
        self._old: NoteArray = roll.flat.rows[:0]
        self._new: NoteArray = self._old
        self._touched = np.zeros(0, dtype=bool)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Velocity lane"))
        self.setToolTip(
            self.tr("How hard notes are struck. Drag to paint, Shift for a ramp, Alt to scale.")
        )
        document = roll.document
        for signal in (
            roll.viewport.changed,
            roll.preview_changed,
            roll.shown_take.changed,
            document.changed,
            document.selection.notes_changed,
            document.selection.track_changed,
            themes.changed,
        ):
            signal.connect(self._repaint)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 90)

    def _repaint(self, _: object = None) -> None:
        self.update()

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = themes.now
        painter.fillRect(self.rect(), theme["field"])
        for level in (32, 64, 96):
            painter.fillRect(0, round(self._y(level)), self.width(), 1, theme["row_line"])
        roll, coords = self.roll, self.roll.viewport.coords
        flat = roll.flat
        part = flat.span(int(max(0, coords.left)), int(coords.right) + 1)
        preview, colour = roll.preview, theme.track(roll.colour)
        if roll.shown_take.bars(roll.document.selection.track):  # what it covers is faint
            covered = SomeNotes(flat, part, roll.covered()[part])
            self._stems(painter, covered, mixed(colour, theme["field"], 0.84))
        some = bool(len(roll.document.selection.rows))
        faint = mixed(colour, theme["field"], 0.62 if some else 0.15)
        strong = mixed(colour, theme["selected"], 0.6)
        plain, chosen = plain_and_chosen(roll, part)
        self._stems(painter, plain, faint)
        self._stems(painter, chosen, strong)
        if preview is not None:
            self._stems(painter, SomeNotes.of(preview.shown), strong)
        take = roll.shown_take.flat(roll.document.selection.track)
        span = take.span(int(max(0, coords.left)), int(coords.right) + 1)
        self._stems(painter, SomeNotes(take, span), theme["take"])
        if self._ramp is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme["accent"], 1.5))
            painter.drawLine(self._ramp)
        painter.fillRect(0, 0, self.width(), 1, theme["line"])

    def _stems(self, painter: QPainter, notes: SomeNotes, colour: QColor) -> None:
        if not notes.count:
            return
        coords = self.roll.viewport.coords
        if notes.count > CROWD:
            x, velocity = _loudest(coords, notes)
        else:
            x, velocity = np.rint(coords.xs_of(notes.onsets)), notes.velocities
        order = np.argsort(-velocity, kind="stable")  # soft notes in front of loud ones
        x, y = x[order], self._ys(velocity[order])
        boxes = boxes_of(x, y, STEM_PX, 0)
        boxes[:, 3] = self.height() - y
        fill_rects(painter, colour, boxes)
        heads = boxes_of(x - 1, y - 1, STEM_PX + 3, 4)
        fill_rects(painter, colour, heads)

    def _y(self, velocity: int) -> float:
        return self.height() - 4 - velocity / 127 * (self.height() - 10)

    def _ys(self, velocity: NoteArray) -> np.ndarray:
        return self.height() - 4 - velocity / 127 * (self.height() - 10)

    def _velocity_at(self, y: float) -> int:
        share = (self.height() - 4 - y) / (self.height() - 10)
        return max(1, min(127, round(share * 127)))

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.roll.editor.writable() is None:
            return
        flat, rows = self.roll.flat, self.roll.document.selection.rows
        self._open = self.roll.chosen() if len(rows) else np.ones(len(flat.rows), dtype=bool)
        self._open &= ~self.roll.covered()
        self._touched = np.zeros(len(flat.rows), dtype=bool)
        self._values = flat.rows[:, VELOCITY].copy()
        self._start = self._last = event.position()
        self._paint(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._paint(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        self._start, self._ramp = None, None
        flat, old, new = self.roll.flat, self._old, self._new
        self.roll.set_preview(None)
        if not len(old) or not (old != new).any():
            return
        some = len(self.roll.document.selection.rows)
        kept = flat.rows[self.roll.chosen()] if some else old[:0]
        if some:  # the choice stays the same notes, some of them with their new velocity
            untouched = kept[~np.isin(np.arange(len(kept)), self._positions(kept, old))]
            kept = np.concatenate((untouched, new))
        self.roll.note_velocity = int(new[-1, VELOCITY])
        label = counted(self.tr("Change velocity of"), new)
        self.roll.editor.replace(label, old, new, select=kept)

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.roll.viewport.zoom_x(1.0015**angle, event.position().x())
        else:
            self.roll.viewport.scroll(-angle, 0)

    @staticmethod
    def _positions(rows: NoteArray, wanted: NoteArray) -> np.ndarray:
        from descant_app.document.flat import FlatTrack

        return np.flatnonzero(FlatTrack(rows).mask_of(wanted))

    def _paint(self, event: QMouseEvent) -> None:
        assert self._start is not None
        pos, keys = event.position(), event.modifiers()
        ramp = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        source = self._start if ramp else self._last
        if ramp:
            self._touched[:] = False
            self._values = self.roll.flat.rows[:, VELOCITY].copy()
        self._ramp = QLineF(source, pos) if ramp else None
        near = self._near(source.x(), pos.x())
        if keys & Qt.KeyboardModifier.AltModifier:
            self._shift_all(pos)
        else:
            self._touched |= near
            self._values[near] = self._along(source, pos, near)
        self._last = pos
        self._show()

    def _near(self, x0: float, x1: float) -> np.ndarray:
        xs = self.roll.viewport.coords.xs_of(self.roll.flat.rows[:, ONSET])
        low, high = sorted((x0, x1))
        return self._open & (xs >= low - REACH_PX) & (xs <= high + REACH_PX)

    def _along(self, source: QPointF, pos: QPointF, near: np.ndarray) -> np.ndarray:
        xs = self.roll.viewport.coords.xs_of(self.roll.flat.rows[near, ONSET])
        span = pos.x() - source.x()
        share = np.clip((xs - source.x()) / span, 0, 1) if abs(span) > 1 else np.ones(len(xs))
        first, last = self._velocity_at(source.y()), self._velocity_at(pos.y())
        return np.rint(first + (last - first) * share).astype(np.int32)

    def _shift_all(self, pos: QPointF) -> None:
        assert self._start is not None
        some = len(self.roll.document.selection.rows)
        self._touched = self._open.copy() if some else self._near(self._start.x(), self._start.x())
        by = self._velocity_at(pos.y()) - self._velocity_at(self._start.y())
        self._values = np.clip(self.roll.flat.rows[:, VELOCITY] + by, 1, 127)

    def _show(self) -> None:
        flat = self.roll.flat
        self._old = flat.rows[self._touched]
        self._new = edits.with_velocity(self._old, self._values[self._touched])
        self.roll.set_preview(Preview(self._touched.copy(), self._new))


def _loudest(coords: Coords, notes: SomeNotes) -> tuple[np.ndarray, NoteArray]:
    """The loudest note of each pixel column that has one: where it stands, and its velocity."""
    onsets, velocities = notes.onsets, notes.velocities
    if (onsets[1:] < onsets[:-1]).any():  # a gesture's notes may be in any order
        order = np.argsort(onsets, kind="stable")
        onsets, velocities = onsets[order], velocities[order]
    columns = np.arange(-1, coords.width + 2)
    ticks = np.ceil(coords.left + (columns - 0.5) / coords.px_per_tick)
    edges = np.searchsorted(onsets, ticks.astype(np.int32))  # of another type it copies `onsets`
    some = np.flatnonzero(edges[1:] > edges[:-1])
    return columns[some].astype(float), np.maximum.reduceat(velocities, edges[some])
