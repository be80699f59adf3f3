"""The ground the notes stand on: rows, scale, bar and beat lines, loop, chosen bars."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant_app.document.flat import bar_at
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.shapes import boxes_of, fill_rects
from descant_app.settings.theme import faded, themes

BLACK = (1, 3, 6, 8, 10)


class Layer(pg.GraphicsObject):
    """Something drawn over the whole picture, in pixels of the viewport."""

    def __init__(self, roll: Roll) -> None:
        super().__init__()
        self.roll = roll
        self._box = QRectF(0, 0, 1, 1)
        # Makes exposedRect true; without it a moving playhead would draw every note again.
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        return self._box

    def fill(self, width: int, height: int) -> None:
        """The viewport has another size."""
        self.prepareGeometryChange()
        self._box = QRectF(0, 0, width, height)


class GridLayer(Layer):
    """Rows and lines."""

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        exposed = option.exposedRect
        painter.fillRect(exposed, themes.now["row_white"])
        self._rows(painter, exposed)
        self._lines(painter, exposed)
        self._beyond(painter, exposed)
        self._loop(painter)

    def _rows(self, painter: QPainter, exposed: QRectF) -> None:
        theme, coords = themes.now, self.roll.viewport.coords
        rows = np.arange(coords.row_at(exposed.top()), coords.row_at(exposed.bottom()) + 1)
        classes = np.array(coords.keys)[rows] % 12
        edges = np.rint(np.append(rows, rows[-1] + 1) * coords.row_px - coords.top)
        boxes = np.empty((len(rows), 4))
        boxes[:, 0], boxes[:, 2] = exposed.left(), exposed.width()
        boxes[:, 1], boxes[:, 3] = edges[:-1], np.diff(edges)
        kinds = self._kinds()[classes]
        for kind in sorted(set(kinds.tolist())):
            fill_rects(painter, theme[kind], boxes[kinds == kind])
        boxes[:, 1], boxes[:, 3] = edges[1:] - 1, 1
        fill_rects(painter, theme["octave_line"], boxes[classes == 0])
        if coords.row_px >= 6:
            fill_rects(painter, theme["row_line"], boxes[classes != 0])
        below = len(coords.keys) * coords.row_px - coords.top
        if below < exposed.bottom():
            rest = QRectF(exposed.left(), below, exposed.width(), exposed.bottom() - below)
            painter.fillRect(rest, theme["beyond"])

    def _kinds(self) -> npt.NDArray[np.str_]:
        """What colour the rows of each pitch class have, shape (12,)."""
        scale = None if self.roll.is_drum else self.roll.scale
        kinds = np.full(12, "row_white" if scale is None else "row_black", dtype="<U10")
        if scale is None:
            kinds[list(BLACK)] = "row_black"
        else:
            kinds[list(scale.classes)] = "row_scale"
            kinds[scale.root] = "row_root"
        return kinds

    def _lines(self, painter: QPainter, exposed: QRectF) -> None:
        roll, coords, theme = self.roll, self.roll.viewport.coords, themes.now
        score, starts = roll.document.score, roll.document.starts
        if len(starts) < 2:
            return
        left, right = coords.tick_at(exposed.left() - 2), coords.tick_at(exposed.right() + 2)
        first, last = bar_at(starts, int(max(0, left))), bar_at(starts, int(max(0, right)))
        step = roll.grid.ticks(score.resolution)
        per_px = coords.px_per_tick
        fine, beats = [], []
        sparse = 4 * score.resolution * per_px >= 5  # a beat of any meter may be wide enough
        for bar in range(first, last + 1 if sparse else first):
            begin, end = int(starts[bar]), int(starts[bar + 1])
            beat = 4 * score.resolution / score.tracks[0].bars[bar].ts_denominator
            if step * per_px >= 5 and step < beat:
                fine.append(np.arange(begin, end, step))
            if beat * per_px >= 5:
                beats.append(np.arange(begin + beat, end - 0.5, beat))
        bars = starts[first : last + 2]
        width = (starts[last + 1] - starts[last]) * per_px
        gap = max(1, int(np.ceil(6 / max(1e-9, width))))
        for ticks, colour in (
            (np.concatenate(fine) if fine else bars[:0], "step_line"),
            (np.concatenate(beats) if beats else bars[:0], "beat_line"),
            (bars[(np.arange(first, first + len(bars)) % gap) == 0], "bar_line"),
        ):
            x = np.rint(coords.xs_of(ticks))
            boxes = boxes_of(x, exposed.top(), 1.0, exposed.height())
            fill_rects(painter, theme[colour], boxes)

    def _beyond(self, painter: QPainter, exposed: QRectF) -> None:
        x = self.roll.viewport.coords.x_of(self.roll.document.end_tick)
        if x < exposed.right():
            left = max(exposed.left(), round(x) + 1)
            box = QRectF(left, exposed.top(), exposed.right() - left + 1, exposed.height())
            painter.fillRect(box, faded(themes.now["beyond"], 0.8))

    def _loop(self, painter: QPainter) -> None:
        roll, coords = self.roll, self.roll.viewport.coords
        if roll.loop is None or not roll.loop_on:
            return
        tint = faded(themes.now["loop"], 0.5)
        for tick in roll.loop:
            painter.fillRect(QRectF(round(coords.x_of(tick)), 0, 1, coords.height), tint)
