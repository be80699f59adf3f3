"""How a lane looks: facts as a grey ground, wishes as bright lines, a mark where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from descant_app.document.flat import bar_at
from descant_app.piano_roll.level_stroke import Wish, misses
from descant_app.settings.theme import faded, mixed, themes

if TYPE_CHECKING:
    from descant_app.piano_roll.level_lane import LevelLane

TOP_PX, BOTTOM_PX = 9.0, 5.0
LINE_PX = 3.0


class LevelPicture:
    """Draws one `LevelLane` and says in words what it shows."""

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

    # -- words -------------------------------------------------------------------------------------

    def named(self, wish: Wish) -> str:
        """A level or a range in the track's words."""
        labels = self.spec.labels(self.facts.family)
        known = [level for level in wish if level is not None]
        if not known:
            return self.lane.tr("free")
        if len(set(known)) == 1:
            return self.lane.tr("{} ({} of {})").format(
                labels[known[0]], known[0] + 1, self.spec.size
            )
        short = self.spec.short_labels(self.facts.family)
        unit = self.spec.unit(self.facts.family)
        return f"{short[known[0]]} – {short[known[-1]]} {unit}".strip()

    def said_of(self, bar: int) -> str:
        """What is wished for a bar and what is there."""
        key = bar if self.spec.per_bar else None
        wish = self.facts.wish(self.spec, key)
        if all(level is None for level in wish):
            wish = self.facts.wish(self.spec, None)
        where = self.lane.tr("bar {}").format(bar + 1) if self.spec.per_bar else self.spec.title
        text = f"{where}: {self.named(wish)}"
        now = self.facts.measured(self.spec, key)
        if any(level is not None for level in now):
            text += self.lane.tr(", now {}").format(self._plain(now))
        return text

    def _plain(self, levels: Wish) -> str:
        short = self.spec.short_labels(self.facts.family)
        known = [short[min(level, len(short) - 1)] for level in levels if level is not None]
        return " – ".join(dict.fromkeys(known))

    # -- drawing -----------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Everything, from the back to the front."""
        lane, theme = self.lane, themes.now
        painter.fillRect(lane.rect(), theme["field"])
        if self.facts.document.current is None:
            return
        bars = self._bars()
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
        self._said(painter)

    def _ground(self, painter: QPainter, bars: range) -> None:
        theme, width, height = themes.now, self.lane.width(), self.lane.height()
        if self.level_px >= 5:
            for level in range(self.spec.size):
                y = round(self.y_of(level - 0.5))
                painter.fillRect(0, y, width, 1, theme["row_line"])
        if self.spec.per_bar:
            tint = faded(theme["band"], 0.10)
            for bar in bars:
                if self.facts.is_target(bar):
                    x0, x1 = self._edges(bar)
                    painter.fillRect(QRectF(x0, 0, x1 - x0, height), tint)
        end = self.roll.viewport.coords.x_of(self.facts.document.end_tick)
        if end < width:
            beyond = QRectF(round(end) + 1, 0, width - end, height)
            painter.fillRect(beyond, faded(theme["beyond"], 0.8))

    def _lines(self, painter: QPainter, bars: range) -> None:
        if bars and self.spec.per_bar:
            colour = faded(themes.now["bar_line"], 0.45)
            for bar in bars:
                painter.fillRect(QRectF(self._edges(bar)[0], 0, 1, self.lane.height()), colour)

    def _facts(self, painter: QPainter, bars: range) -> None:
        """The levels that the shown notes have: a step from the ground, or from limit to limit."""
        theme, floor = themes.now, self.lane.height() - BOTTOM_PX
        written = set(self.roll.shown_take.bars(self.facts.track))
        for bar in bars:
            now = self.facts.measured(self.spec, bar)
            if any(level is None for level in now):
                continue
            colour = theme["take"] if bar in written else theme["dim"]
            x0, x1 = self._edges(bar)
            top = self.y_of(now[-1] + 0.5)
            bottom = floor if len(now) == 1 else self.y_of(now[0] - 0.5)
            box = QRectF(x0 + 1, top, x1 - x0 - 1, max(1.0, bottom - top))
            painter.fillRect(box, faded(colour, 0.26))
            painter.fillRect(QRectF(x0 + 1, round(top), x1 - x0 - 1, 1), faded(colour, 0.75))

    def _everywhere(self, painter: QPainter) -> None:
        """What holds for the bars without a level of their own."""
        wish = self.facts.wish(self.spec, None)
        end = self.roll.viewport.coords.x_of(self.facts.document.end_tick)
        painter.setPen(QPen(faded(themes.now["accent"], 0.8), 1.4, Qt.PenStyle.DashLine))
        for level in {level for level in wish if level is not None}:
            y = round(self.y_of(level)) + 0.5
            painter.drawLine(QLineF(0, y, min(end, self.lane.width()), y))

    def _wishes(self, painter: QPainter, bars: range) -> None:
        some = bool(self.facts.document.selection.bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for bar in bars:
            wish = self.facts.wish(self.spec, bar)
            if all(level is None for level in wish):
                continue
            strength = 0.55 if some and not self.facts.is_target(bar) else 1.0
            self._wish(painter, bar, wish, strength)
            if bar in self.facts.written:
                self._mark(painter, bar, wish)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _wish(self, painter: QPainter, bar: int, wish: Wish, strength: float) -> None:
        colour = mixed(themes.now["field"], themes.now["accent"], strength)
        x0, x1 = self._edges(bar)
        left, width = x0 + 2.0, max(2.0, x1 - x0 - 3.0)
        ys = self._ys(wish)
        if len(wish) == 1:
            ground = QRectF(left, ys[0], width, self.lane.height() - BOTTOM_PX - ys[0])
            painter.fillRect(ground, faded(colour, 0.13 * strength))
        elif ys[0] != ys[-1]:
            box = QRectF(left, ys[-1], width, ys[0] - ys[-1])
            painter.fillRect(box, faded(colour, 0.26 * strength))
        self._pills(painter, left, width, set(ys), colour)

    def _ys(self, wish: Wish) -> list[float]:
        """Where the limits lie, an open one at the end of the lane."""
        ends = (0, self.spec.size - 1) if len(wish) == 2 else (0,)
        return [
            self.y_of(end if level is None else level)
            for level, end in zip(wish, ends, strict=True)
        ]

    def _pills(
        self, painter: QPainter, left: float, width: float, ys: set[float], colour: QColor
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for y in ys:
            pill = QRectF(left, y - LINE_PX / 2, width, LINE_PX)
            painter.drawRoundedRect(pill, LINE_PX / 2, LINE_PX / 2)

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
        painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(middle, y0, middle, y1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = 4.0 if y1 > y0 else -4.0
        points = [QPointF(middle - 4, y1 - tip), QPointF(middle + 4, y1 - tip), QPointF(middle, y1)]
        painter.drawPolygon(QPolygonF(points))

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ys = self._ys(wish)
        if len(wish) == 2 and ys[0] != ys[1]:
            box = QRectF(0, ys[1], end, ys[0] - ys[1])
            painter.fillRect(box, faded(theme["accent"], 0.20))
        self._pills(painter, 2.0, end - 4.0, set(ys), theme["accent"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

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

    def _said(self, painter: QPainter) -> None:
        """A small label at the pointer, so that the eye stays where the hand is."""
        pointer = self.lane.pointer
        if pointer is None:
            return
        font = QFont(self.lane.font())
        font.setPixelSize(11)
        text = self.said_of(self.lane.bar_under(pointer.x()))
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
