"""The notes of the current track, drawn in a few calls whatever their number, and ghosts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant.score.notes import NoteArray
from descant_app.document.composition import TrackId
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, FlatTrack
from descant_app.document.scales import note_name
from descant_app.piano_roll.coords import Coords
from descant_app.piano_roll.grid_layer import Layer
from descant_app.piano_roll.shapes import Coverage, Floats, boxes_of, density_image, fill_rects
from descant_app.piano_roll.some_notes import Mask, SomeNotes, plain_and_chosen
from descant_app.settings.theme import faded, mixed, themes

ROUND_UP_TO = 600
"""Up to this many notes in sight have round corners and names."""
DENSITY_FROM = 5000
"""From this many notes in sight on, an image of how dense they are is drawn instead."""
BUCKETS = 8
COVERED = 0.16
"""Strength of notes under those of a take."""


def placed(coords: Coords, rows: NoteArray) -> tuple[Floats, NoteArray]:
    """Boxes of notes that have a row in sight, and which rows those are."""
    row = coords.row_of_pitch[rows[:, PITCH]]
    top, bottom = coords.row_at(0), coords.row_at(coords.height)
    seen = (row >= top) & (row <= bottom)
    rows, row = rows[seen], row[seen]
    x0 = np.rint(coords.xs_of(rows[:, ONSET]))
    x1 = np.rint(coords.xs_of(rows[:, ONSET] + rows[:, DURATION]))
    y = np.rint(row * coords.row_px - coords.top)
    gap = 1.0 if coords.row_px >= 5 else 0.0
    boxes = boxes_of(x0, y, np.maximum(x1 - x0 - gap, 2.0), max(2.0, np.floor(coords.row_px) - gap))
    return boxes, rows


def visible(flat: FlatTrack, coords: Coords, exposed: QRectF) -> slice:
    """The slice of notes that may touch an exposed part of the picture."""
    left = int(max(0.0, coords.tick_at(exposed.left() - 3)))
    return flat.span(left, int(max(0.0, coords.tick_at(exposed.right() + 3))) + 1)


def draw_density(painter: QPainter, coords: Coords, notes: SomeNotes, colour: QColor) -> None:
    """Notes as one image, one pixel column wide and one row high each at least."""
    top, bottom = coords.row_at(0), coords.row_at(coords.height)
    height = bottom - top + 1
    row_of_pitch = coords.row_of_pitch.astype(np.int64) - top
    row_of_pitch[(row_of_pitch < 0) | (row_of_pitch > height)] = height  # a row that nobody sees
    counted = Coverage(coords.width, height + 1)
    for part in notes.parts(Coverage.PART):
        x0, x1 = coords.xs_of(part.onsets), coords.xs_of(part.ends)
        counted.add(x0, x1, row_of_pitch[part.pitches])
    image = density_image(counted.counts()[:height], colour)
    y = top * coords.row_px - coords.top
    painter.drawImage(QRectF(0, y, coords.width, height * coords.row_px), image)


class GhostLayer(Layer):
    """Notes of the other visible tracks, faint, in their own colours."""

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        roll = self.roll
        if not roll.ghosts:
            return
        document, coords = roll.document, roll.viewport.coords
        strength = 0.30 if themes.now.is_dark else 0.34
        for index, lane in enumerate(document.lanes):
            track = document.score.tracks[index]
            if index == document.current or not lane.visible or track.is_drum != roll.is_drum:
                continue
            flat = document.flat(index)
            part = visible(flat, coords, option.exposedRect)
            mask: Mask | None = None
            if roll.shown_take.bars(lane.id):
                mask = ~roll.shown_take.covered(index)[part]
                self._take(painter, lane.id, option.exposedRect, strength)
            notes, colour = SomeNotes(flat, part, mask), themes.now.track(lane.colour)
            if notes.count > DENSITY_FROM:
                painter.setOpacity(strength)
                draw_density(painter, coords, notes, colour)
                painter.setOpacity(1.0)
            else:
                boxes, _ = placed(coords, notes.rows)
                fill_rects(painter, faded(colour, strength), boxes)

    def _take(self, painter: QPainter, track: TrackId, exposed: QRectF, strength: float) -> None:
        """Notes of a shown take in another track than the current one."""
        shown, coords = self.roll.shown_take.flat(track), self.roll.viewport.coords
        rows = shown.rows[visible(shown, coords, exposed)]
        fill_rects(painter, faded(themes.now["take"], strength), placed(coords, rows)[0])


class NoteLayer(Layer):
    """Notes of the current track: brighter when struck harder, the chosen ones standing out."""

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        roll, coords, flat = self.roll, self.roll.viewport.coords, self.roll.flat
        part = visible(flat, coords, option.exposedRect)
        colour, preview = themes.now.track(roll.colour), roll.preview
        if roll.shown_take.bars(roll.document.selection.track):  # what it covers is faint
            covered = placed(coords, flat.rows[part][roll.covered()[part]])[0]
            fill_rects(painter, faded(colour, COVERED), covered)
        plain, chosen = plain_and_chosen(roll, part)
        self._draw(painter, coords, plain, colour)
        self._draw(painter, coords, chosen, colour, chosen=True)
        if preview is not None:
            self._draw(painter, coords, SomeNotes.of(preview.shown), colour, chosen=True)

    def _draw(
        self,
        painter: QPainter,
        coords: Coords,
        notes: SomeNotes,
        colour: QColor,
        chosen: bool = False,
    ) -> None:
        if not notes.count:
            return
        if notes.count > DENSITY_FROM:
            top = mixed(colour, themes.now["selected"], 0.65) if chosen else colour
            draw_density(painter, coords, notes, top)
            return
        boxes, rows = placed(coords, notes.rows)
        buckets = rows[:, VELOCITY] * BUCKETS // 128
        fine = len(rows) <= ROUND_UP_TO and coords.row_px >= 7
        if self.roll.is_drum:
            boxes = self._draw_tails(painter, boxes, colour)
        for bucket in np.flatnonzero(np.bincount(buckets)).tolist():
            fill = self._fill(colour, bucket, chosen)
            part = boxes[buckets == bucket]
            if fine:
                _fill_round(painter, fill, part)
            else:
                fill_rects(painter, fill, part)
        if fine and chosen:
            self._frame(painter, boxes, colour)
        if fine and coords.row_px >= 12 and not self.roll.is_drum:
            self._names(painter, coords, boxes, rows, chosen)

    @staticmethod
    def _fill(colour: QColor, bucket: int, chosen: bool) -> QColor:
        theme = themes.now
        share = 0.58 * (1 - bucket / (BUCKETS - 1))
        base = mixed(colour, theme["row_black"], share)
        return mixed(base, theme["selected"], 0.72) if chosen else base

    @staticmethod
    def _draw_tails(painter: QPainter, boxes: Floats, colour: QColor) -> Floats:
        """Drum hits: the length faint, the moment of the stroke solid."""
        fill_rects(painter, faded(colour, 0.28), boxes)
        heads = boxes.copy()
        heads[:, 2] = np.minimum(np.maximum(5.0, boxes[:, 3] * 0.8), np.maximum(boxes[:, 2], 4.0))
        return heads

    @staticmethod
    def _frame(painter: QPainter, boxes: Floats, colour: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y, w, h in boxes.tolist():
            painter.drawRoundedRect(QRectF(x + 0.5, y + 0.5, w - 1, h - 1), 2.5, 2.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    @staticmethod
    def _names(
        painter: QPainter, coords: Coords, boxes: Floats, rows: NoteArray, chosen: bool
    ) -> None:
        theme = themes.now
        font = QFont(painter.font())
        font.setPixelSize(max(8, min(11, int(coords.row_px - 5))))
        painter.setFont(font)
        ink = theme["window"] if chosen else theme["note_text"]
        painter.setPen(faded(ink, 0.85))
        for (x, y, w, h), pitch in zip(boxes.tolist(), rows[:, PITCH].tolist(), strict=True):
            if w >= 30:
                baseline = y + h / 2 + font.pixelSize() * 0.36
                painter.drawText(QPointF(max(x, 0) + 5, baseline), note_name(pitch))


def _fill_round(painter: QPainter, colour: QColor, boxes: Floats) -> None:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for x, y, w, h in boxes.tolist():
        path.addRoundedRect(x, y, w, h, 2.5, 2.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
