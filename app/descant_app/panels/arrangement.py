"""Tracks by bars: note shapes of the whole piece, and the choice of bars."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from descant_app.compose.composer import Composer
from descant_app.document.composition import BarCell
from descant_app.document.flat import Starts, bar_at
from descant_app.panels import arrangement_keys, plan_strip, role_legend
from descant_app.panels.plan_strip import PlanStrip
from descant_app.panels.role_legend import TAKE
from descant_app.panels.row_picture import ROW_PX, RowPicture
from descant_app.piano_roll.roles import PLAIN, meaning
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.shapes import Floats, boxes_of, fill_rects
from descant_app.settings.theme import faded, themes

BARS_PX = 22
"""Height of the bar numbers; the plan of the next press stands below them."""
RULER_PX = BARS_PX + plan_strip.HEIGHT
LEAST_BAR_PX = 5.0


class ArrangementCanvas(QWidget):
    """Press a cell to choose it, drag for a rectangle; Shift adds or extends, Ctrl toggles,
    Alt-click takes the bar in all tracks.  Double-click shows the bar in the roll.  The ruler above
    chooses bars across all unlocked tracks.  Arrow keys go from bar to bar, Shift reaches further.

    `top` is the scroll in pixels, shared with the track headers through `scrolled`.
    """

    menu_wanted = Signal(QPoint)
    scrolled = Signal()
    scale_changed = Signal()
    drag_out_wanted = Signal()

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self.top = 0
        self.left = 0.0
        self.zoom: float | None = None
        self.roles = roll.roles
        self.plan = PlanStrip(roll.document)
        self.rows = RowPicture(self)
        self.reached: tuple[int, int] | None = None
        self._anchor: tuple[int, int] | None = None
        self._before: frozenset[BarCell] = frozenset()
        self._toggle = False
        self._all_tracks = False
        self._press = QPointF()
        self._drag_out = False
        self._body: tuple[tuple[object, ...], QPixmap] | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(RULER_PX + ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Arrangement"))
        document = roll.document
        for signal in (
            document.changed,
            document.selection.track_changed,
            roll.roles.changed,
            roll.shown_take.changed,
            themes.changed,
        ):
            signal.connect(self._repaint)
        for signal in (roll.viewport.changed, roll.playhead_changed, roll.loop_changed):
            signal.connect(self.update)

    def set_composer(self, composer: Composer) -> None:
        """Show the plan of the next press: what is written, read, hidden and left out, in steps."""
        self.roles.set_composer(composer)

    def _repaint(self, _: object = None) -> None:
        self._body = None
        self.update()

    # -- coordinates -----------------------------------------------------------------------------

    @property
    def px_per_tick(self) -> float:
        """The whole piece fits until the user zooms in; a bar never gets narrower than a few px."""
        document = self.roll.document
        end = max(1, document.end_tick)
        fit = (self.width() - 8) / end
        least = LEAST_BAR_PX * max(1, document.piece.bar_count) / end
        return max(fit, least, self.zoom or 0.0)

    def x_of(self, tick: float) -> float:
        return (tick - self.left) * self.px_per_tick

    def xs_of(self, ticks: Starts) -> Floats:
        """Many ticks at once, on whole pixels."""
        return np.rint((ticks - self.left) * self.px_per_tick)

    def tick_at(self, x: float) -> int:
        return max(0, int(self.left + x / self.px_per_tick))

    def track_at(self, y: float) -> int:
        """Index of the track at y, held within the tracks there are."""
        row = int((y - RULER_PX + self.top) // ROW_PX)
        return max(0, min(row, len(self.roll.document.lanes) - 1))

    def hold_scroll(self) -> None:
        """Keep the scroll where there is something to see."""
        room = self.roll.document.end_tick - self.width() / self.px_per_tick
        self.left = max(0.0, min(self.left, room))

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self.hold_scroll()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept_body())
        self._ruler(painter)
        self._plan(painter)
        self._playhead(painter)

    def _kept_body(self) -> QPixmap:
        """All but the ruler and the playhead, which move sixty times a second."""
        key = (self.size(), self.devicePixelRatioF(), self.left, self.top, self.px_per_tick)
        if self._body is None or self._body[0] != key:
            picture = QPixmap(self.size() * self.devicePixelRatioF())
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            painter = QPainter(picture)
            painter.setFont(self.font())
            self._draw_body(painter)
            painter.end()
            self._body = (key, picture)
        return self._body[1]

    def _draw_body(self, painter: QPainter) -> None:
        theme, document = themes.now, self.roll.document
        painter.fillRect(self.rect(), theme["window"])
        for index in range(len(document.lanes)):
            y = RULER_PX + index * ROW_PX - self.top
            if y + ROW_PX > RULER_PX and y < self.height():
                self.rows.draw(painter, index, y)
        self._bar_lines(painter)
        self._roles(painter)
        self._legend(painter)

    def _bar_lines(self, painter: QPainter) -> None:
        theme, starts = themes.now, self.roll.document.starts
        bottom = self._bottom()
        width = self.px_per_tick * (int(starts[-1]) / max(1, len(starts) - 1))
        every = 1 if width >= 9 else 2 ** math.ceil(math.log2(9 / max(width, 1e-6)))
        x = self.xs_of(starts[::every])
        fill_rects(painter, faded(theme["bar_line"], 0.35), boxes_of(x, RULER_PX, 1.0, bottom))

    def _bottom(self) -> float:
        rows = len(self.roll.document.lanes) * ROW_PX - self.top
        return max(0.0, min(rows, self.height() - RULER_PX))

    def _roles(self, painter: QPainter) -> None:
        painter.save()
        painter.setClipRect(0, RULER_PX, self.width(), self.height())
        for index in range(len(self.roll.document.lanes)):
            y = RULER_PX + index * ROW_PX - self.top
            if y + ROW_PX > RULER_PX and y < self.height():
                self.rows.draw_roles(painter, index, y)
        painter.restore()

    def _legend(self, painter: QPainter) -> None:
        """Below the tracks, where there is room and something to explain."""
        lanes = self.roll.document.lanes
        bottom = RULER_PX + len(lanes) * ROW_PX - self.top
        if self.height() - bottom < role_legend.HEIGHT:
            return
        found = {role for index in range(len(lanes)) for role, _, _ in self.roles.runs(index)}
        found |= {TAKE} if self.roll.document.preview else set()
        if found - {PLAIN}:
            box = QRectF(0, bottom, self.width(), role_legend.HEIGHT)
            role_legend.draw_legend(painter, box, found)

    def _plan(self, painter: QPainter) -> None:
        box = QRectF(0, BARS_PX, self.width(), plan_strip.HEIGHT - 1)
        self.plan.paint(painter, self.roles.outlook, box, self.x_of)

    def _ruler(self, painter: QPainter) -> None:
        theme, starts, coords = themes.now, self.roll.document.starts, self.roll.viewport.coords
        painter.fillRect(0, 0, self.width(), RULER_PX, theme["panel"])
        seen = QRectF(self.x_of(coords.left), 2, 0, BARS_PX - 4)
        seen.setRight(self.x_of(min(coords.right, self.roll.document.end_tick)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme["hover"])
        painter.drawRoundedRect(seen, 4, 4)
        if self.roll.loop is not None:
            left, right = (self.x_of(t) for t in self.roll.loop)
            colour = theme["loop"] if self.roll.loop_on else theme["faint"]
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, 0, right - left, 3), 1.5, 1.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        font = QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        width = self.px_per_tick * (int(starts[-1]) / max(1, len(starts) - 1))
        every = 1 if width >= 30 else 2 ** math.ceil(math.log2(30 / max(width, 1e-6)))
        line = theme["bar_line"]
        painter.setPen(theme["dim"])
        for number, x in enumerate(self.xs_of(starts[:-1:every]).astype(int).tolist()):
            if -40 < x < self.width():
                painter.fillRect(x, BARS_PX - 7, 1, 7, line)
                painter.drawText(QPointF(x + 4, BARS_PX - 7), str(number * every + 1))
        painter.fillRect(0, RULER_PX - 1, self.width(), 1, theme["line"])

    def _playhead(self, painter: QPainter) -> None:
        x = round(self.x_of(self.roll.playhead))
        painter.fillRect(x, 0, 1, self.height(), themes.now["playhead"])

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        document = self.roll.document
        if event.button() != Qt.MouseButton.LeftButton or not document.lanes:
            return
        self._press = event.position()
        keys, pos = event.modifiers(), event.position()
        bar, index = bar_at(document.starts, self.tick_at(pos.x())), self.track_at(pos.y())
        self._all_tracks = pos.y() < RULER_PX or bool(keys & Qt.KeyboardModifier.AltModifier)
        cell = (document.lanes[index].id, bar)
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        self._toggle = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if not shift and not self._toggle and not self._all_tracks:
            document.selection.set_track(document.lanes[index].id)
            if cell in document.selection.bars and len(document.selection.bars) > 1:
                self._drag_out = True  # a drag from inside the choice carries it away
                return
        self._before = document.selection.bars if shift or self._toggle else frozenset()
        if shift and self._anchor is not None and not self._toggle:
            self._before = frozenset()
        else:
            self._anchor = (index, bar)
        self._choose(index, bar)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        pos = event.position()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._hint(pos)
            return
        if self._drag_out:
            if (pos - self._press).manhattanLength() > 10:
                self._drag_out = False
                self.drag_out_wanted.emit()
            return
        if self._anchor is not None:
            bar = bar_at(self.roll.document.starts, self.tick_at(pos.x()))
            self._choose(self.track_at(pos.y()), bar)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._drag_out:  # it was a click after all: choose this one bar
            self._drag_out = False
            bar = bar_at(self.roll.document.starts, self.tick_at(event.position().x()))
            self._anchor, self._before = (self.track_at(event.position().y()), bar), frozenset()
            self._toggle = False
            self._choose(*self._anchor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        starts = self.roll.document.starts
        bar = bar_at(starts, self.tick_at(event.position().x()))
        self.roll.viewport.scroll_to(int(starts[bar]))
        self.roll.center_pitches()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        document = self.roll.document
        if not document.lanes:
            return
        index = self.track_at(event.pos().y())
        cell = (document.lanes[index].id, bar_at(document.starts, self.tick_at(event.pos().x())))
        if cell not in document.selection.bars:
            document.selection.set_track(cell[0])
            document.selection.set_bars([cell])
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        angle = event.angleDelta()
        keys = event.modifiers()
        if keys & Qt.KeyboardModifier.ControlModifier:
            at = self.left + event.position().x() / self.px_per_tick
            self.zoom = min(2.0, self.px_per_tick * 1.0015 ** angle.y())
            self.left = at - event.position().x() / self.px_per_tick
        elif keys & Qt.KeyboardModifier.ShiftModifier or angle.x():
            self.left -= (angle.x() or angle.y()) / self.px_per_tick
        else:
            self.top -= angle.y() // 3
            self.scrolled.emit()
        self.hold_scroll()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if arrangement_keys.belongs(self, event):
            arrangement_keys.press(self, event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self.scrolled.emit()
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if arrangement_keys.belongs(self, event):  # the roll's commands have these keys too
                event.accept()
                return True
        elif kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.said_of(QPointF(event.pos())), self)
            return True
        return bool(super().event(event))

    def choose_from_keys(self, index: int, bar: int, extend: bool) -> None:
        """This bar; `extend` keeps those from where the choice began."""
        if not extend or self._anchor is None:
            self._anchor = (index, bar) if not extend else self.reached or (index, bar)
            self.roll.document.selection.set_track(self.roll.document.lanes[index].id)
        self._before, self._toggle, self._all_tracks = frozenset(), False, False
        self._choose(index, bar)

    def _choose(self, index: int, bar: int) -> None:
        assert self._anchor is not None
        self.reached = (index, bar)
        lanes = self.roll.document.lanes
        tracks = range(min(self._anchor[0], index), max(self._anchor[0], index) + 1)
        if self._all_tracks:
            tracks = range(len(lanes))
        bars = range(min(self._anchor[1], bar), max(self._anchor[1], bar) + 1)
        many = len(tracks) > 1
        cells = frozenset(
            (lanes[t].id, b) for t in tracks for b in bars if not (many and lanes[t].locked)
        )
        chosen = self._before ^ cells if self._toggle else self._before | cells
        self.roll.document.selection.set_bars(chosen)

    def _hint(self, pos: QPointF) -> None:
        if self.roll.document.lanes and pos.y() >= RULER_PX:
            self.roll.told.emit(self.said_of(pos).replace("\n", "  "))

    def said_of(self, pos: QPointF) -> str:
        """What is at a place, and what it is to the model."""
        document = self.roll.document
        if not document.lanes or not document.piece.bar_count:
            return ""
        index, bar = self.track_at(pos.y()), bar_at(document.starts, self.tick_at(pos.x()))
        if pos.y() < RULER_PX:
            return self.plan.said_of(self.roles.outlook, bar)
        notes = len(document.score.tracks[index].bars[bar].notes)
        name = document.score.tracks[index].name or self.tr("Track {}").format(index + 1)
        text = self.tr("{}, bar {}: {} notes").format(name, bar + 1, notes)
        said = meaning(self.roles.role(index, bar))
        if document.lanes[index].id in self.roles.composition.from_scratch:
            said += " " + self.tr("Its track is written from left to right.")
        return f"{text}\n{said}".strip()
