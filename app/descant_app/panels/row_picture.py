"""One row of the arrangement: note shapes of a track, and what its bars are to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from descant.score.notes import NoteArray
from descant_app.compose.outlook import TARGET
from descant_app.document.flat import DURATION, ONSET, PITCH
from descant_app.panels.role_picture import (
    draw_role,
    draw_take,
    draw_target,
    draw_waiting,
    glyph,
    tint_target,
)
from descant_app.piano_roll.roles import runs_of
from descant_app.piano_roll.shapes import Floats, boxes_of, coverage, density_image, fill_rects
from descant_app.settings.theme import faded, mixed, themes

if TYPE_CHECKING:
    from descant_app.panels.arrangement import ArrangementCanvas

ROW_PX = 38


class RowPicture:
    """Draws any row of a canvas; remembers the note shapes of each track."""

    def __init__(self, canvas: ArrangementCanvas) -> None:
        self.canvas, self.roll = canvas, canvas.roll
        self.document = canvas.roll.document
        self._shapes: dict[object, tuple[object, list[QImage]]] = {}

    def draw(self, painter: QPainter, index: int, y: int) -> None:
        """Ground, bars that hold notes, note shapes, and the take that is shown."""
        theme, document = themes.now, self.document
        lane = document.lanes[index]
        colour = theme.track(lane.colour)
        current = index == document.current
        base = theme["panel"] if not current else mixed(theme["panel"], colour, 0.10)
        painter.fillRect(0, y, self.canvas.width(), ROW_PX - 1, base)
        silent = not document.piece.heard()[index]
        ink = mixed(colour, theme["panel"], 0.68) if silent else colour
        self._filled_bars(painter, index, y, ink)
        for take in self.boxes(runs_of(self.roll.shown_take.bars(lane.id)), y).tolist():
            draw_take(painter, QRectF(*take))
        for image in self._images(index, ink):
            painter.drawImage(QRectF(0, y + 4, self.canvas.width(), ROW_PX - 9), image)
        painter.fillRect(0, y + ROW_PX - 1, self.canvas.width(), 1, theme["line"])

    def _filled_bars(self, painter: QPainter, index: int, y: int, colour: QColor) -> None:
        """A tinted block behind each run of bars that hold notes."""
        bars = self.document.score.tracks[index].bars
        filled = np.fromiter((len(b.notes) > 0 for b in bars), dtype=np.int8, count=len(bars))
        edges = np.diff(np.concatenate(([0], filled, [0])))
        starts = self.document.starts
        x0 = np.rint(
            (starts[np.flatnonzero(edges == 1)] - self.canvas.left) * self.canvas.px_per_tick
        )
        x1 = np.rint(
            (starts[np.flatnonzero(edges == -1)] - self.canvas.left) * self.canvas.px_per_tick
        )
        boxes = boxes_of(x0 + 1, y + 2, x1 - x0 - 1, ROW_PX - 5)
        fill_rects(painter, faded(colour, 0.20), boxes)

    def _images(self, index: int, colour: QColor) -> list[QImage]:
        """Note shapes of one track, those of a shown take in its colour.

        Drawn again only when notes, place or colour changed.
        """
        document, take = self.document, self.roll.shown_take
        flat, lane, shown = document.flat(index), document.lanes[index].id, None
        if take.bars(document.lanes[index].id):
            shown = take.flat(lane)
        key = (
            flat,
            shown,
            self.canvas.left,
            self.canvas.px_per_tick,
            self.canvas.width(),
            colour.name(),
        )
        kept = self._shapes.get(lane)
        if kept is None or kept[0] != key:
            parts = [(flat.rows[~take.covered(index)], colour)]
            pitches = flat.rows[:, PITCH]
            if shown is not None:
                parts.append((shown.rows, themes.now["take"]))
                pitches = np.concatenate((pitches, shown.rows[:, PITCH]))
            kept = (key, self._drawn(parts, pitches))
            self._shapes[lane] = kept
        return kept[1]

    def _drawn(self, parts: list[tuple[NoteArray, QColor]], pitches: NoteArray) -> list[QImage]:
        """An image for each part; all share the range of `pitches`."""
        if not len(pitches):
            return []
        low, high = int(pitches.min()), int(pitches.max())
        return [self._shape(rows, low, high, colour) for rows, colour in parts]

    def _shape(self, rows: NoteArray, low: int, high: int, colour: QColor) -> QImage:
        seen = rows[:, ONSET] + rows[:, DURATION] > self.canvas.left
        rows = rows[seen & (rows[:, ONSET] <= self.canvas.tick_at(self.canvas.width()))]
        height = (ROW_PX - 9) // 2
        span = max(height - 1, high - low)
        offset = (span - (high - low)) // 2
        row = ((high - rows[:, PITCH] + offset) * (height - 1) // span).astype(np.int64)
        x0 = (rows[:, ONSET] - self.canvas.left) * self.canvas.px_per_tick
        x1 = (rows[:, ONSET] + rows[:, DURATION] - self.canvas.left) * self.canvas.px_per_tick
        x1 = np.maximum(x0 + 1, x1 - (x1 - x0 > 3))
        counts = coverage(x0, x1, row, max(1, self.canvas.width()), height)
        return density_image(np.minimum(counts, 1) * 6, colour)

    def draw_roles(self, painter: QPainter, index: int, y: int) -> None:
        """What its bars are to the model, over everything else."""
        lane, roles = self.document.lanes[index], self.roll.roles
        runs: dict[str, list[tuple[int, int]]] = {}
        for role, first, last in roles.runs(index):
            runs.setdefault(role, []).append((first, last))
        targets = runs.pop(TARGET, [])
        for role, places in runs.items():
            boxes = self.boxes(places, y)
            if len(boxes):
                draw_role(painter, role, boxes)
        shown = set(self.roll.shown_take.bars(lane.id))
        chosen = {bar for first, last in targets for bar in range(first, last + 1)}
        tint_target(painter, self.boxes(runs_of(chosen - shown), y))
        from_scratch = lane.id in roles.composition.from_scratch
        for target in self.boxes(targets, y).tolist():
            draw_target(painter, QRectF(*target), from_scratch)
        for waiting in self.boxes(runs_of(roles.waiting(lane.id)), y).tolist():
            draw_waiting(painter, QRectF(*waiting))
        if lane.locked:
            glyph(painter, "lock", themes.now["dim"], QRectF(6, y + 4, 16, 16))

    def boxes(self, runs: list[tuple[int, int]], y: int) -> Floats:
        """Where runs of bars stand in a row, shape (n, 4); only those in sight, and held near the
        picture so that glyphs are."""
        if not runs:
            return np.zeros((0, 4))
        first, last = np.array(runs).T
        starts, canvas = self.document.starts, self.canvas
        x0, x1 = canvas.xs_of(starts[first]) + 1.0, canvas.xs_of(starts[last + 1])
        x0, x1 = np.maximum(x0, -4.0), np.minimum(np.maximum(x1, x0 + 1), canvas.width() + 4.0)
        seen = x1 > x0
        return boxes_of(x0[seen], y, (x1 - x0)[seen], ROW_PX - 1)
