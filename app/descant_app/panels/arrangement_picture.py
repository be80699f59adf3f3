"""How the arrangement looks: rows under a ruler, roles over them, the plan of the next press."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from descant_app.panels import plan_strip, role_legend
from descant_app.panels.plan_strip import PlanStrip
from descant_app.panels.role_legend import TAKE
from descant_app.panels.row_picture import ROW_PX, RowPicture
from descant_app.piano_roll.roles import PLAIN
from descant_app.piano_roll.shapes import boxes_of, fill_rects
from descant_app.settings.theme import faded, themes

if TYPE_CHECKING:
    from descant_app.panels.arrangement import ArrangementCanvas

BARS_PX = 22
"""Height of the bar numbers; the plan of the next press stands below them."""
RULER_PX = BARS_PX + plan_strip.HEIGHT


class ArrangementPicture:
    """Draws a canvas; remembers all that does not move with the playhead."""

    def __init__(self, canvas: ArrangementCanvas) -> None:
        self.canvas, self.roll = canvas, canvas.roll
        self.rows = RowPicture(canvas)
        self.plan = PlanStrip(canvas.roll.document)
        self._body: tuple[tuple[object, ...], QPixmap] | None = None

    def forget(self) -> None:
        """Something that is drawn changed."""
        self._body = None

    def paint(self, painter: QPainter) -> None:
        painter.drawPixmap(0, 0, self._kept_body())
        self._ruler(painter)
        self._plan(painter)
        self._playhead(painter)

    def _kept_body(self) -> QPixmap:
        """All but the ruler and the playhead, which move sixty times a second."""
        key = (
            self.canvas.size(),
            self.canvas.devicePixelRatioF(),
            self.canvas.left,
            self.canvas.top,
            self.canvas.px_per_tick,
        )
        if self._body is None or self._body[0] != key:
            picture = QPixmap(self.canvas.size() * self.canvas.devicePixelRatioF())
            picture.setDevicePixelRatio(self.canvas.devicePixelRatioF())
            painter = QPainter(picture)
            painter.setFont(self.canvas.font())
            self._draw_body(painter)
            painter.end()
            self._body = (key, picture)
        return self._body[1]

    def _draw_body(self, painter: QPainter) -> None:
        theme, document = themes.now, self.roll.document
        painter.fillRect(self.canvas.rect(), theme["window"])
        for index in range(len(document.lanes)):
            y = RULER_PX + index * ROW_PX - self.canvas.top
            if y + ROW_PX > RULER_PX and y < self.canvas.height():
                self.rows.draw(painter, index, y)
        self._bar_lines(painter)
        self._roles(painter)
        self._legend(painter)

    def _bar_lines(self, painter: QPainter) -> None:
        theme, starts = themes.now, self.roll.document.starts
        bottom = self._bottom()
        width = self.canvas.px_per_tick * (int(starts[-1]) / max(1, len(starts) - 1))
        every = 1 if width >= 9 else 2 ** math.ceil(math.log2(9 / max(width, 1e-6)))
        x = self.canvas.xs_of(starts[::every])
        fill_rects(painter, faded(theme["bar_line"], 0.35), boxes_of(x, RULER_PX, 1.0, bottom))

    def _bottom(self) -> float:
        rows = len(self.roll.document.lanes) * ROW_PX - self.canvas.top
        return max(0.0, min(rows, self.canvas.height() - RULER_PX))

    def _roles(self, painter: QPainter) -> None:
        painter.save()
        painter.setClipRect(0, RULER_PX, self.canvas.width(), self.canvas.height())
        for index in range(len(self.roll.document.lanes)):
            y = RULER_PX + index * ROW_PX - self.canvas.top
            if y + ROW_PX > RULER_PX and y < self.canvas.height():
                self.rows.draw_roles(painter, index, y)
        painter.restore()

    def _legend(self, painter: QPainter) -> None:
        """Below the tracks, where there is room and something to explain."""
        lanes = self.roll.document.lanes
        bottom = RULER_PX + len(lanes) * ROW_PX - self.canvas.top
        if self.canvas.height() - bottom < role_legend.HEIGHT:
            return
        found = {role for index in range(len(lanes)) for role, _, _ in self.roll.roles.runs(index)}
        found |= {TAKE} if self.roll.document.preview else set()
        if found - {PLAIN}:
            box = QRectF(0, bottom, self.canvas.width(), role_legend.HEIGHT)
            role_legend.draw_legend(painter, box, found)

    def _plan(self, painter: QPainter) -> None:
        box = QRectF(0, BARS_PX, self.canvas.width(), plan_strip.HEIGHT - 1)
        self.plan.paint(painter, self.roll.roles.outlook, box, self.canvas.x_of)

    def _ruler(self, painter: QPainter) -> None:
        theme, starts, coords = themes.now, self.roll.document.starts, self.roll.viewport.coords
        painter.fillRect(0, 0, self.canvas.width(), RULER_PX, theme["panel"])
        seen = QRectF(self.canvas.x_of(coords.left), 2, 0, BARS_PX - 4)
        seen.setRight(self.canvas.x_of(min(coords.right, self.roll.document.end_tick)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme["hover"])
        painter.drawRoundedRect(seen, 4, 4)
        if self.roll.loop is not None:
            left, right = (self.canvas.x_of(t) for t in self.roll.loop)
            colour = theme["loop"] if self.roll.loop_on else theme["faint"]
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, 0, right - left, 3), 1.5, 1.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        font = QFont(self.canvas.font())
        font.setPixelSize(10)
        painter.setFont(font)
        width = self.canvas.px_per_tick * (int(starts[-1]) / max(1, len(starts) - 1))
        every = 1 if width >= 30 else 2 ** math.ceil(math.log2(30 / max(width, 1e-6)))
        line = theme["bar_line"]
        painter.setPen(theme["dim"])
        for number, x in enumerate(self.canvas.xs_of(starts[:-1:every]).astype(int).tolist()):
            if -40 < x < self.canvas.width():
                painter.fillRect(x, BARS_PX - 7, 1, 7, line)
                painter.drawText(QPointF(x + 4, BARS_PX - 7), str(number * every + 1))
        painter.fillRect(0, RULER_PX - 1, self.canvas.width(), 1, theme["line"])

    def _playhead(self, painter: QPainter) -> None:
        x = round(self.canvas.x_of(self.roll.playhead))
        painter.fillRect(x, 0, 1, self.canvas.height(), themes.now["playhead"])
