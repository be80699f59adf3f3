"""How a lane looks: facts as a grey ground, wishes as bright lines, a mark where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from descant_app.document.flat import bar_at
from descant_app.piano_roll.level_stroke import Wish, misses
from descant_app.piano_roll.level_words import plain, said_of
from descant_app.piano_roll.shapes import Floats, boxes_of, fill_rects
from descant_app.settings.theme import faded, mixed, themes

if TYPE_CHECKING:
    from descant_app.piano_roll.level_lane import LevelLane

TOP_PX, BOTTOM_PX = 9.0, 5.0
LINE_PX = 3.0
ROUND_FROM_PX = 6.0


class LevelPicture:
    """Draws one `LevelLane`."""

    def __init__(self, lane: LevelLane) -> None:
        self.lane = lane
        self.facts, self.spec, self.roll = lane.facts, lane.spec, lane.roll

    # -- levels to pixels --------------------------------------------------------------------------

    @property
    def level_px(self) -> float:
        """Height of a level."""
        return (self.lane.height() - TOP_PX - BOTTOM_PX) / self.spec.size

    def y_of(self, level: float) -> float:
        """The middle of a level."""
        return self.lane.height() - BOTTOM_PX - (level + 0.5) * self.level_px

    def level_at(self, y: float) -> float:
        """The level at a pixel, with fractions, held within the levels there are."""
        level = (self.lane.height() - BOTTOM_PX - y) / self.level_px - 0.5
        return max(-0.49, min(level, self.spec.size - 0.51))

    def line(self, start: tuple[int, float], end: tuple[int, float]) -> QLineF:
        """A straight line between the middles of two bars."""
        (x0, x1), (x2, x3) = self._edges(start[0]), self._edges(end[0])
        return QLineF((x0 + x1) / 2, self.y_of(start[1]), (x2 + x3) / 2, self.y_of(end[1]))

    def _edges(self, bar: int) -> tuple[float, float]:
        starts, coords = self.facts.document.starts, self.roll.viewport.coords
        return round(coords.x_of(int(starts[bar]))), round(coords.x_of(int(starts[bar + 1])))

    def _bars(self) -> range:
        """Bars in sight."""
        starts, coords = self.facts.document.starts, self.roll.viewport.coords
        if len(starts) < 2:
            return range(0)
        left = max(0, int(coords.left))
        right = max(0, int(coords.tick_at(self.lane.width())))
        return range(bar_at(starts, left), bar_at(starts, right) + 1)

    def _xs(self, bars: range) -> Floats:
        """Where bars begin, and where the last one ends."""
        starts = self.facts.document.starts[bars.start : bars.stop + 1]
        return np.rint(self.roll.viewport.coords.xs_of(starts))

    # -- drawing -----------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Everything, from the back to the front."""
        lane, theme = self.lane, themes.now
        painter.fillRect(lane.rect(), theme["field"])
        bars = self._bars()
        if not bars:
            return
        self._ground(painter, bars)
        if self.spec.per_bar:
            self._facts(painter, bars)
            self._everywhere(painter)
            self._wishes(painter, bars)
        else:
            self._whole(painter)
        self._lines(painter, bars)
        self._focus(painter)
        if self.lane.ramp is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme["selected"], 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(self.lane.ramp)
        painter.fillRect(0, lane.height() - 1, lane.width(), 1, theme["line"])
        if lane.pointer is not None:
            self._pointed(painter, lane.pointer)
            self._said(painter, lane.pointer)

    def _ground(self, painter: QPainter, bars: range) -> None:
        theme, width, height = themes.now, self.lane.width(), self.lane.height()
        if self.level_px >= 5:
            for level in range(self.spec.size):
                y = round(self.y_of(level - 0.5))
                painter.fillRect(0, y, width, 1, theme["row_line"])
        tint = faded(theme["band"], 0.10)
        if self.spec.per_bar and bars:
            xs = self._xs(bars)
            part = np.array(sorted(self.facts.targets.intersection(bars)), dtype=int) - bars.start
            fill_rects(painter, tint, boxes_of(xs[part], 0.0, xs[part + 1] - xs[part], height))
        end = self.roll.viewport.coords.x_of(self.facts.document.end_tick)
        if end < width:
            beyond = QRectF(round(end) + 1, 0, width - end, height)
            painter.fillRect(beyond, faded(theme["beyond"], 0.8))

    def _lines(self, painter: QPainter, bars: range) -> None:
        if self.spec.per_bar and len(bars) * 4 < self.lane.width():
            boxes = boxes_of(self._xs(bars), 0.0, 1.0, self.lane.height())
            fill_rects(painter, faded(themes.now["bar_line"], 0.45), boxes)

    def _facts(self, painter: QPainter, bars: range) -> None:
        """The levels that the shown notes have: a step from the ground, or from limit to limit."""
        written = set(self.roll.shown_take.bars(self.facts.track))
        levels = [self.facts.measured(self.spec, bar) for bar in bars]
        known = np.array([all(level is not None for level in now) for now in levels], dtype=bool)
        from_take = np.array([bar in written for bar in bars], dtype=bool)
        ends = np.array([(now[0] or 0, now[-1] or 0) for now in levels], dtype=float)
        xs, theme = self._xs(bars), themes.now
        for part, colour in (
            (known & ~from_take, theme["dim"]),
            (known & from_take, theme["take"]),
        ):
            if part.any():
                lows, highs = ends[part].T
                self._step(painter, xs[:-1][part], xs[1:][part], (lows, highs), colour)

    def _step(
        self,
        painter: QPainter,
        left: Floats,
        right: Floats,
        levels: tuple[Floats, Floats],
        colour: QColor,
    ) -> None:
        """A filled step a bar with a thin line along its upper edge."""
        top = self.lane.height() - BOTTOM_PX - (levels[1] + 1) * self.level_px
        bottom = np.full(len(top), self.lane.height() - BOTTOM_PX)
        if len(self.spec.infos) == 2:
            bottom -= levels[0] * self.level_px
        width = np.maximum(1.0, right - left - 1)
        boxes = boxes_of(left + 1, top, width, 0.0)
        boxes[:, 3] = np.maximum(1.0, bottom - top)
        fill_rects(painter, faded(colour, 0.26), boxes)
        fill_rects(painter, faded(colour, 0.75), boxes_of(left + 1, np.rint(top), width, 1.0))

    def _everywhere(self, painter: QPainter) -> None:
        """What holds for the bars without a level of their own."""
        wish = self.facts.wish(self.spec, None)
        end = self.roll.viewport.coords.x_of(self.facts.document.end_tick)
        painter.setPen(QPen(faded(themes.now["accent"], 0.8), 1.4, Qt.PenStyle.DashLine))
        for level in {level for level in wish if level is not None}:
            y = round(self.y_of(level)) + 0.5
            painter.drawLine(QLineF(0, y, min(end, self.lane.width()), y))

    def _wishes(self, painter: QPainter, bars: range) -> None:
        """Bars that are written next bright, others dimmed."""
        painted = sorted(bar for bar in self.facts.painted(self.spec) if bar in bars)
        targets = self.facts.targets
        bright = [bar for bar in painted if not targets or bar in targets]
        dimmed = [bar for bar in painted if targets and bar not in targets]
        for part, strength in ((dimmed, 0.55), (bright, 1.0)):
            if part:
                self._wish(painter, bars, part, strength)
        for bar in self.facts.written.intersection(painted):
            self._mark(painter, bar, self.facts.wish(self.spec, bar))

    def _wish(self, painter: QPainter, bars: range, part: list[int], strength: float) -> None:
        colour = mixed(themes.now["field"], themes.now["accent"], strength)
        places, xs = np.array(part) - bars.start, self._xs(bars)
        left = xs[places] + 2.0
        width = np.maximum(1.0, xs[places + 1] - left - 1.0)
        ys = np.array([self._ys(self.facts.wish(self.spec, bar)) for bar in part])
        single = ys.shape[1] == 1
        ground = boxes_of(left, ys[:, -1], width, 0.0)
        ground[:, 3] = (self.lane.height() - BOTTOM_PX if single else ys[:, 0]) - ys[:, -1]
        fill_rects(painter, faded(colour, (0.13 if single else 0.26) * strength), ground)
        for column in ys.T:
            draw_pills(painter, colour, boxes_of(left, column - LINE_PX / 2, width, LINE_PX))

    def _ys(self, wish: Wish) -> list[float]:
        """Where the limits lie, an open one at the end of the lane."""
        ends = (0, self.spec.size - 1) if len(wish) == 2 else (0,)
        return [
            self.y_of(end if level is None else level)
            for level, end in zip(wish, ends, strict=True)
        ]

    def _mark(self, painter: QPainter, bar: int, wish: Wish) -> None:
        """Further than a level from what was wished: say so, and by how much."""
        now = self.facts.measured(self.spec, bar)
        if not misses(wish, now):
            return
        x0, x1 = self._edges(bar)
        middle = round((x0 + x1) / 2) + 0.5
        side = 0 if now[0] is not None and wish[0] is not None and now[0] < wish[0] else -1
        y0, y1 = self.y_of(wish[side] or 0), self.y_of(now[side] or 0)
        colour = themes.now["warm"]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(middle, y0, middle, y1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = 4.0 if y1 > y0 else -4.0
        points = [QPointF(middle - 4, y1 - tip), QPointF(middle + 4, y1 - tip), QPointF(middle, y1)]
        painter.drawPolygon(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _whole(self, painter: QPainter) -> None:
        """One level for the track, over the whole width."""
        theme, width = themes.now, self.lane.width()
        end = min(self.roll.viewport.coords.x_of(self.facts.document.end_tick), width)
        now, wish = self.facts.measured(self.spec, None), self.facts.wish(self.spec, None)
        if all(level is not None for level in now):
            top, bottom = self.y_of(now[-1] + 0.5), self.y_of(now[0] - 0.5)
            painter.fillRect(QRectF(0, top, end, max(2.0, bottom - top)), faded(theme["dim"], 0.3))
        if all(level is None for level in wish):
            return
        ys = self._ys(wish)
        if len(wish) == 2 and ys[0] != ys[1]:
            box = QRectF(0, ys[1], end, ys[0] - ys[1])
            painter.fillRect(box, faded(theme["accent"], 0.20))
        left = np.full(len(ys), 2.0)
        draw_pills(painter, theme["accent"], boxes_of(left, np.array(ys) - 1.5, end - 4.0, LINE_PX))
        self._label(painter, plain(wish, self.spec, self.facts.family), min(ys))

    def _label(self, painter: QPainter, text: str, y: float) -> None:
        """The name of a level beside its line, above it where there is room."""
        font = QFont(self.lane.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(themes.now["accent"])
        painter.drawText(QPointF(10, y - 5 if y > 18 else y + 14), text)

    def _focus(self, painter: QPainter) -> None:
        lane = self.lane
        if not lane.hasFocus() or lane.stroke is not None:
            return
        painter.setPen(QPen(faded(themes.now["accent"], 0.9), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.spec.per_bar and self.facts.document.piece.bar_count > lane.at:
            x0, x1 = self._edges(lane.at)
            painter.drawRect(QRectF(x0 + 0.5, 0.5, x1 - x0, lane.height() - 2))
        else:
            painter.drawRect(QRectF(0.5, 0.5, lane.width() - 1, lane.height() - 2))

    def _pointed(self, painter: QPainter, pointer: QPointF) -> None:
        """The level that a press would paint."""
        if self.lane.stroke is not None:
            return
        x0, x1 = 0.0, float(self.lane.width())
        if self.spec.per_bar:
            x0, x1 = self._edges(self.lane.bar_under(pointer.x()))
        y = self.y_of(round(self.level_at(pointer.y())))
        pill = boxes_of(np.array([x0 + 2]), y - LINE_PX / 2, x1 - x0 - 3, LINE_PX)
        draw_pills(painter, faded(themes.now["selected"], 0.35), pill)

    def _said(self, painter: QPainter, pointer: QPointF) -> None:
        """A small label at the pointer, so that the eye stays where the hand is."""
        font = QFont(self.lane.font())
        font.setPixelSize(11)
        text = said_of(self.facts, self.spec, self.lane.bar_under(pointer.x()))
        width = QFontMetricsF(font).horizontalAdvance(text) + 16
        x = min(max(4.0, pointer.x() + 14), self.lane.width() - width - 4)
        y = pointer.y() - 26 if pointer.y() > 30 else pointer.y() + 12
        y = max(2.0, min(y, self.lane.height() - 21))
        box, theme = QRectF(round(x), round(y), width, 19), themes.now
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme["line"])
        painter.setBrush(faded(theme["raised"], 0.96))
        painter.drawRoundedRect(box, 5, 5)
        painter.setFont(font)
        painter.setPen(theme["text"])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_pills(painter: QPainter, colour: QColor, boxes: Floats) -> None:
    """Lines with round ends; where they are too short for that, plain ones."""
    if not len(boxes) or boxes[:, 2].max() < ROUND_FROM_PX:
        fill_rects(painter, colour, boxes)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x, y, width, height in boxes.tolist():
        painter.drawRoundedRect(QRectF(x, y, width, height), height / 2, height / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
