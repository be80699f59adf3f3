"""Tracks by bars: note shapes of the whole piece, and the choice of bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from descant_app.compose.composer import Composer
from descant_app.document.flat import Starts, bar_at
from descant_app.panels import arrangement_keys
from descant_app.panels.arrangement_picture import RULER_PX, ArrangementPicture
from descant_app.panels.bar_choice import BarChoice, Place
from descant_app.panels.row_picture import ROW_PX
from descant_app.piano_roll.roles import meaning
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.shapes import Floats
from descant_app.settings.theme import themes

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
        self.picture = ArrangementPicture(self)
        self.choice = BarChoice(roll.document)
        self._press = QPointF()
        self._drag_out = False
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
        self.picture.forget()
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

    def place_at(self, pos: QPointF) -> Place:
        """Track and bar at a point, held within those there are."""
        return self.track_at(pos.y()), bar_at(self.roll.document.starts, self.tick_at(pos.x()))

    def hold_scroll(self) -> None:
        """Keep the scroll where there is something to see."""
        room = self.roll.document.end_tick - self.width() / self.px_per_tick
        self.left = max(0.0, min(self.left, room))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.hold_scroll()
        self.picture.paint(QPainter(self))

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        document = self.roll.document
        if event.button() != Qt.MouseButton.LeftButton or not document.lanes:
            return
        keys, pos = event.modifiers(), event.position()
        self._press = pos
        index, bar = self.place_at(pos)
        all_tracks = pos.y() < RULER_PX or bool(keys & Qt.KeyboardModifier.AltModifier)
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        toggle = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if not shift and not toggle and not all_tracks:
            track, chosen = document.lanes[index].id, document.selection.bars
            document.selection.set_track(track)
            if (track, bar) in chosen and len(chosen) > 1:
                self._drag_out = True  # a drag from inside the choice carries it away
                return
        self.choice.begin((index, bar), shift, toggle, all_tracks)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pos = event.position()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._hint(pos)
            return
        if self._drag_out:
            if (pos - self._press).manhattanLength() > 10:
                self._drag_out = False
                self.drag_out_wanted.emit()
            return
        if self.choice.has_begun:
            self.choice.reach(self.place_at(pos))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag_out:  # it was a click after all: choose this one bar
            self._drag_out = False
            self.choice.begin(self.place_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        starts = self.roll.document.starts
        bar = bar_at(starts, self.tick_at(event.position().x()))
        self.roll.viewport.scroll_to(int(starts[bar]))
        self.roll.center_pitches()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        document = self.roll.document
        if not document.lanes:
            return
        index, bar = self.place_at(QPointF(event.pos()))
        cell = (document.lanes[index].id, bar)
        if cell not in document.selection.bars:
            document.selection.set_track(cell[0])
            document.selection.set_bars([cell])
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
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

    def _hint(self, pos: QPointF) -> None:
        if self.roll.document.lanes and pos.y() >= RULER_PX:
            self.roll.told.emit(self.said_of(pos).replace("\n", "  "))

    def said_of(self, pos: QPointF) -> str:
        """What is at a place, and what it is to the model."""
        document = self.roll.document
        if not document.lanes or not document.piece.bar_count:
            return ""
        index, bar = self.place_at(pos)
        if pos.y() < RULER_PX:
            return self.picture.plan.said_of(self.roles.outlook, bar)
        notes = len(document.score.tracks[index].bars[bar].notes)
        name = document.score.tracks[index].name or self.tr("Track {}").format(index + 1)
        text = self.tr("{}, bar {}: {} notes").format(name, bar + 1, notes)
        said = meaning(self.roles.role(index, bar))
        if document.lanes[index].id in self.roles.composition.from_scratch:
            said += " " + self.tr("Its track is written from left to right.")
        return f"{text}\n{said}".strip()
