"""One lane: the level wished for each bar, over the level that the notes have."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from descant_app.commands.composing import paint
from descant_app.document.composition import BarCell
from descant_app.document.flat import bar_at
from descant_app.piano_roll import level_keys
from descant_app.piano_roll.lane_spec import LaneSpec
from descant_app.piano_roll.level_facts import LevelFacts
from descant_app.piano_roll.level_picture import LevelPicture
from descant_app.piano_roll.level_stroke import BOTH, LevelStroke, held_at
from descant_app.piano_roll.level_words import said_of
from descant_app.settings.theme import themes

GRAB_PX = 4.0


class LevelLane(QWidget):
    """Drag paints a level per bar, Alt a straight ramp, Shift all chosen bars at once; the right
    button clears.  Two limits are painted as one line, whose edges can then be pulled apart.

    Keys: Left and Right go from bar to bar, Up and Down change its level (with Shift only the upper
    limit, with Alt only the lower), Delete clears it.  `hovered(bar, text)` says what is under the
    pointer, -1 and "" when it left.
    """

    hovered = Signal(int, str)

    def __init__(self, facts: LevelFacts, spec: LaneSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts, self.spec = facts, spec
        self.roll = facts.roll
        self.at = 0
        self.pointer: QPointF | None = None
        self.ramp: QLineF | None = None
        self.stroke: LevelStroke | None = None
        self._start = self._last = (0, 0.0)
        self._clearing = False
        self.picture = LevelPicture(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMinimumHeight(34)
        self.setAccessibleName(self.tr("{} lane").format(spec.title))
        for signal in (facts.changed, self.roll.viewport.changed, themes.changed):
            signal.connect(self._repaint)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 80 if self.spec.per_bar else 52)

    def _repaint(self, _: object = None) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.picture.paint(QPainter(self))

    # -- places ------------------------------------------------------------------------------------

    def bar_under(self, x: float) -> int:
        """The bar at a pixel, held within the bars there are."""
        tick = max(0, int(self.roll.viewport.coords.tick_at(x)))
        return bar_at(self.facts.document.starts, tick)

    def place(self, pos: QPointF) -> tuple[int, float]:
        """Bar and level, with fractions, under the pointer."""
        return self.bar_under(pos.x()), self.picture.level_at(pos.y())

    def key(self, bar: int) -> int | None:
        """Where a bar's level is kept: None when one holds for the track."""
        return bar if self.spec.per_bar else None

    # -- mouse -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.stroke is not None:
            self.abort()
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self._clearing = event.button() == Qt.MouseButton.RightButton
        self._start = self._last = self.place(event.position())
        self.at = self._start[0]
        self.begin(self._held(self._start))
        self._paint(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.stroke is not None:
            self._paint(event)
            return
        self.pointer = event.position()
        grip = self._held(self.place(self.pointer))
        cross, pull = Qt.CursorShape.CrossCursor, Qt.CursorShape.SizeVerCursor
        self.setCursor(cross if grip == BOTH else pull)
        self._hover()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.finish()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = None
        self._hover()

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.roll.viewport.zoom_x(1.0015**angle, event.position().x())
        else:
            self.roll.viewport.scroll(-angle, 0)

    # -- a stroke from press to release ------------------------------------------------------------

    def begin(self, held: str) -> LevelStroke:
        """A stroke over the composition as it is; what it sets is shown by `show_draft`."""
        before = self.facts.document.composition
        self.stroke = LevelStroke(self.spec, self.facts.track, before, held)
        return self.stroke

    def show_draft(self) -> None:
        """Show, and with live repaint hear, what the stroke would set."""
        if self.stroke is not None:
            self.facts.composer.set_draft(self.stroke.result)
        self._hover()

    def finish(self, merge: str = "") -> None:
        """Make the stroke one step of the history."""
        if self.stroke is None:
            return
        stroke, self.stroke, self.ramp = self.stroke, None, None
        self.facts.composer.set_draft(None)
        gone = all(level is None for wish in stroke.levels.values() for level in wish.values())
        label = self.tr("Clear {}") if gone else self.tr("Paint {}")
        paint(self.facts.document, label.format(self.spec.title.lower()), stroke.levels, merge)
        self._hover()

    def abort(self) -> None:
        """Leave everything as it was before the press."""
        self.stroke = self.ramp = None
        self.facts.composer.set_draft(None)
        self._hover()

    def _held(self, place: tuple[int, float]) -> str:
        wish = self.facts.wish(self.spec, self.key(place[0]))
        return held_at(wish, place[1], GRAB_PX / max(0.5, self.picture.level_px))

    def _paint(self, event: QMouseEvent) -> None:
        assert self.stroke is not None
        place, keys = self.place(event.position()), event.modifiers()
        self.pointer, self.ramp = event.position(), None
        if self._clearing:
            first, last = sorted((self._last[0], place[0]))
            self.stroke.clear(range(first, last + 1) if self.spec.per_bar else [None])
        elif not self.spec.per_bar:
            self.stroke.put(self.facts.track, None, round(place[1]))
        elif keys & Qt.KeyboardModifier.ShiftModifier and self._chosen():
            self.stroke.flat(self._chosen(), place[1])
        elif keys & Qt.KeyboardModifier.AltModifier:
            self.stroke.ramp(self._start, place)
            self.ramp = self.picture.line(self._start, place)
        else:
            self.stroke.line(self._last, place)
        self._last = place
        self.show_draft()

    def _chosen(self) -> list[BarCell]:
        """The chosen bars of tracks that have this lane."""
        document = self.facts.document
        return [
            (track, bar)
            for track, bar in document.selection.bars
            if (index := document.piece.index_of(track)) is not None
            and self.spec.infos[0].fits(document.score.tracks[index].is_drum)
        ]

    def _hover(self) -> None:
        if self.pointer is None:
            self.hovered.emit(-1, "")
        else:
            bar = self.bar_under(self.pointer.x())
            self.hovered.emit(bar, said_of(self.facts, self.spec, bar))
        self.update()

    # -- keys --------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # The roll's own commands have these keys too; here they belong to the lane.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and level_keys.belongs(self, event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if level_keys.press(self, event):
            self.describe()
        else:
            event.ignore()

    def focusInEvent(self, event: QEvent) -> None:
        self.describe()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def describe(self) -> None:
        """Say the bar that the keys act on, to the eye and to a screen reader."""
        text = said_of(self.facts, self.spec, self.at)
        self.setAccessibleDescription(text)
        self.hovered.emit(self.at, text)
        self.update()
