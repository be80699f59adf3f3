"""The bar ruler: numbers, meters, tempo marks, loop range and playhead."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from descant_app.document.flat import bar_at
from descant_app.piano_roll.role_layer import draw_role_band
from descant_app.piano_roll.roll import Roll
from descant_app.settings.theme import faded, themes

HEIGHT = 40
LOOP_HEIGHT = 12
GRIP_PX = 6


class Ruler(QWidget):
    """Upper strip: drag sets the loop range, its ends can be dragged, double-click toggles it.
    Lower strip: press or drag puts the playhead; Shift-drag chooses bars in all unlocked tracks.
    `menu_wanted(tick, QPoint)` asks for the menu of tempo, meter and bars.
    """

    menu_wanted = Signal(int, QPoint)

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self._drag: str | None = None
        self._from = 0
        self._known_meters: tuple[object, list[tuple[int, tuple[int, int]]]] = (None, [])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Bar ruler"))
        self.setToolTip(
            self.tr("Click to put the playhead. Drag above to loop. Shift-drag chooses bars.")
        )
        document = roll.document
        for signal in (
            roll.viewport.changed,
            roll.loop_changed,
            roll.playhead_changed,
            document.changed,
            document.selection.bars_changed,
            document.selection.track_changed,
            roll.roles.changed,
            roll.shown_take.changed,
            themes.changed,
        ):
            signal.connect(self._repaint)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, HEIGHT)

    def _repaint(self, _: object = None) -> None:
        self.update()

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = themes.now
        painter.fillRect(self.rect(), theme["panel"])
        self._chosen(painter)
        self._loop(painter)
        self._bars(painter)
        self._tempo(painter)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme["line"])
        draw_role_band(painter, self.roll, self.height() - 1, self.width())
        self._playhead(painter)

    def _bars(self, painter: QPainter) -> None:
        theme, coords, document = themes.now, self.roll.viewport.coords, self.roll.document
        starts = document.starts
        if len(starts) < 2:
            return
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        first, last = bar_at(starts, int(coords.left)), bar_at(starts, int(coords.right))
        width = (starts[last + 1] - starts[first]) / (last - first + 1) * coords.px_per_tick
        every = 1 if width >= 34 else 2 ** math.ceil(math.log2(34 / max(width, 1e-6)))
        for bar in range(first - first % every, last + 2, every):
            if bar < len(starts):
                x = round(coords.x_of(int(starts[bar])))
                painter.fillRect(x, LOOP_HEIGHT + 4, 1, self.height(), theme["bar_line"])
                if bar < len(starts) - 1:
                    painter.setPen(theme["text"])
                    painter.drawText(QPointF(x + 5, LOOP_HEIGHT + 15), str(bar + 1))
        painter.setPen(theme["accent"])
        for bar, meter in self._meters():
            if first <= bar <= last + 1:
                x = round(coords.x_of(int(starts[bar])))
                indent = 31 if bar % every == 0 else 5
                painter.drawText(QPointF(x + indent, LOOP_HEIGHT + 15), "{}/{}".format(*meter))

    def _meters(self) -> list[tuple[int, tuple[int, int]]]:
        """Bars at which the meter becomes another, and that meter."""
        bars = self.roll.document.score.tracks[0].bars
        if self._known_meters[0] is not bars:
            found = [
                (i, bar.meter)
                for i, bar in enumerate(bars)
                if i == 0 or bar.meter != bars[i - 1].meter
            ]
            self._known_meters = (bars, found)
        return self._known_meters[1]

    def _tempo(self, painter: QPainter) -> None:
        theme, coords, score = themes.now, self.roll.viewport.coords, self.roll.document.score
        font = QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setPen(theme["dim"])
        last_x = -100.0
        for tick, tempo in [(0, score.tempo), *((c.tick, c.tempo) for c in score.tempo_changes)]:
            x = coords.x_of(tick)
            if x - last_x < 40 or not -60 < x < self.width():
                continue  # a ramp writes many changes; their first ones tell enough
            last_x = x
            bpm = f"♩ {60e6 / tempo:.4g}"
            painter.drawText(QPointF(x + 10, self.height() - 5), bpm)  # clear of the playhead

    def _chosen(self, painter: QPainter) -> None:
        coords, document = self.roll.viewport.coords, self.roll.document
        starts = document.starts
        tint = faded(themes.now["band"], 0.30)
        for bar in {bar for _, bar in document.selection.bars}:
            if bar + 1 < len(starts):
                x0, x1 = coords.x_of(int(starts[bar])), coords.x_of(int(starts[bar + 1]))
                painter.fillRect(QRectF(x0, LOOP_HEIGHT, x1 - x0, self.height()), tint)

    def _loop(self, painter: QPainter) -> None:
        theme, coords = themes.now, self.roll.viewport.coords
        painter.fillRect(0, 0, self.width(), LOOP_HEIGHT, theme["window"])
        if self.roll.loop is None:
            return
        x0, x1 = (coords.x_of(t) for t in self.roll.loop)
        colour = theme["loop"] if self.roll.loop_on else theme["faint"]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colour, 0.85))
        painter.drawRoundedRect(QRectF(x0, 2, x1 - x0, LOOP_HEIGHT - 4), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _playhead(self, painter: QPainter) -> None:
        x = round(self.roll.viewport.coords.x_of(self.roll.playhead)) + 0.5
        y = self.height() - 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(themes.now["playhead"])
        points = [QPointF(x - 6, y - 10), QPointF(x + 6, y - 10), QPointF(x, y)]
        painter.drawPolygon(QPolygonF(points))

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pos, tick = event.position(), self._tick(event)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._drag = "bars"
            self._from = bar_at(self.roll.document.starts, tick)
            self._choose_bars(tick)
        elif pos.y() < LOOP_HEIGHT:
            self._press_loop(pos.x(), tick)
        else:
            self._drag = "seek"
            self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tick = self._tick(event)
        if self._drag == "seek":
            self._seek(event)
            self.roll.scrubbed.emit(self.roll.playhead)
        elif self._drag == "bars":
            self._choose_bars(tick)
        elif self._drag == "loop":
            self._set_loop(tick)
        else:
            over = event.position().y() < LOOP_HEIGHT
            shape = Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag == "seek":
            self.roll.scrubbed.emit(-1)
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < LOOP_HEIGHT:
            self.roll.set_loop(self.roll.loop, on=not self.roll.loop_on)
        else:
            bar = bar_at(self.roll.document.starts, self._tick(event))
            self._choose([bar])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        tick = max(0, int(self.roll.viewport.coords.tick_at(event.pos().x())))
        self.menu_wanted.emit(tick, event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.roll.viewport.zoom_x(1.0015**angle, event.position().x())
        else:
            self.roll.viewport.scroll(-angle, 0)

    def _tick(self, event: QMouseEvent) -> int:
        return max(0, int(self.roll.viewport.coords.tick_at(event.position().x())))

    def _seek(self, event: QMouseEvent) -> None:
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self.roll.seek_wanted.emit(self.roll.nearest(self._tick(event), free))

    def _press_loop(self, x: float, tick: int) -> None:
        self._drag = "loop"
        loop, coords = self.roll.loop, self.roll.viewport.coords
        self._from = self._line(tick)
        if loop is not None:
            near = [abs(coords.x_of(t) - x) <= GRIP_PX for t in loop]
            if any(near):
                self._from = loop[1] if near[0] else loop[0]

    def _set_loop(self, tick: int) -> None:
        ends = sorted((self._from, self._line(tick)))
        if ends[0] < ends[1]:
            self.roll.set_loop((ends[0], ends[1]), on=True)

    def _line(self, tick: int) -> int:
        """Loops snap to beats at least; finer grids when zoomed in that far."""
        return self.roll.nearest(tick)

    def _choose_bars(self, tick: int) -> None:
        bar = bar_at(self.roll.document.starts, tick)
        self._choose(range(min(bar, self._from), max(bar, self._from) + 1))

    def _choose(self, bars) -> None:  # type: ignore[no-untyped-def]
        document = self.roll.document
        free = [lane.id for lane in document.lanes if not lane.locked]
        document.selection.set_bars((track, bar) for track in free for bar in bars)
