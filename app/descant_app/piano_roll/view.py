"""The roll itself: the layers in order, and the mouse handed to gestures."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant_app.document.scales import note_name
from descant_app.piano_roll.gestures.base import Gesture, Pointer, hit_at
from descant_app.piano_roll.gestures.choice import (
    cursor_for,
    double_click,
    gesture_for,
    right_erases,
)
from descant_app.piano_roll.gestures.move import MoveNotes
from descant_app.piano_roll.grid_layer import GridLayer, Layer
from descant_app.piano_roll.note_layer import GhostLayer, NoteLayer
from descant_app.piano_roll.role_layer import RoleLayer
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.take_layer import TakeLayer
from descant_app.settings.theme import faded, themes

WHEEL_ZOOM = 1.0015
"""Zoom factor for one eighth of a degree of the wheel."""


class OverlayLayer(Layer):
    """The outline of a gesture in progress, over the notes."""

    gesture: Gesture | None = None

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.gesture is None or self.gesture.outline is None:
            return
        band = themes.now["band"]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(band, 1))
        painter.setBrush(faded(band, 0.15))
        painter.drawPath(self.gesture.outline)


class PlayheadItem(pg.GraphicsObject):
    """A line two pixels wide that moves without drawing anything else again."""

    height = 600

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        return QRectF(-1, 0, 3, self.height)

    def set_height(self, height: int) -> None:
        self.prepareGeometryChange()
        self.height = height

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.fillRect(QRectF(0, 0, 1, self.height), themes.now["playhead"])


class RollView(pg.GraphicsView):
    """Draws the current track and edits it with the mouse.

    `menu_wanted(QPoint)` asks for a context menu at a global position; `hovered(str)` says what is
    under the pointer; `drag_out_wanted()` when the chosen notes are dragged out of the window.
    """

    menu_wanted = Signal(QPoint)
    hovered = Signal(str)
    drag_out_wanted = Signal()

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self.roll = roll
        self.gesture: Gesture | None = None
        self._pos, self._modifiers = QPointF(), Qt.KeyboardModifier.NoModifier
        self.setAccessibleName(self.tr("Piano roll"))
        self.setAcceptDrops(False)
        self.setMinimumSize(200, 120)
        self.grid = GridLayer(roll)
        self.roles = RoleLayer(roll)
        self.ghosts = GhostLayer(roll)
        self.notes = NoteLayer(roll)
        self.take = TakeLayer(roll)
        self.overlay = OverlayLayer(roll)
        self.layers: tuple[Layer, ...] = (
            self.grid, self.roles, self.ghosts, self.notes, self.take, self.overlay
        )  # fmt: skip
        for depth, layer in enumerate(self.layers):
            layer.setZValue(depth)
            self.addItem(layer)
        self.playhead = PlayheadItem()
        self.playhead.setZValue(99)
        self.addItem(self.playhead)
        self._edge_timer = QTimer(self, interval=30)
        self._edge_timer.timeout.connect(self._scroll_at_edge)
        self._connect()

    def _connect(self) -> None:
        roll, document = self.roll, self.roll.document
        roll.viewport.changed.connect(self._redraw)
        document.changed.connect(self._redraw)
        document.selection.track_changed.connect(self._redraw)
        document.selection.notes_changed.connect(self.notes.update)
        roll.roles.changed.connect(self._redraw)
        roll.shown_take.changed.connect(self._redraw)
        roll.preview_changed.connect(self._redraw_notes)
        roll.grid_changed.connect(self.grid.update)
        roll.scale_changed.connect(self.grid.update)
        roll.loop_changed.connect(self.grid.update)
        roll.playhead_changed.connect(self._move_playhead)
        themes.changed.connect(self._redraw)

    # -- drawing ---------------------------------------------------------------------------------

    def useOpenGL(self, b: bool = True) -> None:  # noqa: N802 (pyqtgraph's, from its __init__)
        """Give it a viewport of ours: to say what the toolkit's own one is, PySide would first make
        all classes of widgets."""
        self.setViewport(QWidget())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is None:  # pyqtgraph calls this while it is being built
            return
        size = self.viewport().size()
        for layer in self.layers:
            layer.fill(size.width(), size.height())
        self.playhead.set_height(size.height())
        self.roll.viewport.resize(size.width(), size.height())

    def _redraw(self, _: object = None) -> None:
        self._move_playhead()
        self.viewport().update()

    def _redraw_notes(self) -> None:
        self.notes.update()
        self.overlay.update()

    def _move_playhead(self) -> None:
        self.playhead.setPos(round(self.roll.viewport.coords.x_of(self.roll.playhead)), 0)

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.gesture is not None:
            self._end(abort=True)
            return
        self._begin(gesture_for(self.roll, self._pointer(event), event.button()), event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.roll.tool != "select":
            self.mousePressEvent(event)
        else:
            self._begin(double_click(self.roll, self._pointer(event)), event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event)
        if self.gesture is None:
            self.viewport().setCursor(cursor_for(self.roll, pointer))
            self.hovered.emit(self._described(pointer))
            return
        if isinstance(self.gesture, MoveNotes) and self._has_left(event):
            self._drag_out(self.gesture)
            return
        self.gesture.move(pointer)
        self.overlay.update()
        inside = self.viewport().rect().contains(event.position().toPoint())
        if inside:
            self._edge_timer.stop()
        elif not self._edge_timer.isActive():
            self._edge_timer.start()
        self.hovered.emit(self.gesture.hint or self._described(pointer))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            self._pointer(event)
            self._end(abort=False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if right_erases(self.roll):
            return
        pointer = Pointer.at(
            self.roll.viewport.coords, QPointF(event.pos()), Qt.KeyboardModifier.NoModifier
        )
        hit = hit_at(self.roll, pointer)
        chosen = self.roll.document.selection
        if hit is not None and not (chosen.rows == hit.row).all(axis=1).any():
            chosen.set_notes(hit.row)
        self.menu_wanted.emit(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        dx, dy = (pixels.x(), pixels.y()) if not pixels.isNull() else (angle.x(), angle.y())
        keys, at = event.modifiers(), event.position()
        ctrl = bool(keys & Qt.KeyboardModifier.ControlModifier)
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        if keys & Qt.KeyboardModifier.AltModifier:
            self._wheel_velocity(angle.y() or angle.x(), at)
        elif ctrl and shift:
            self.roll.viewport.zoom_y(WHEEL_ZOOM ** (dy or dx), at.y())
        elif ctrl:
            self.roll.viewport.zoom_x(WHEEL_ZOOM ** (dy or dx), at.x())
        elif shift:
            self.roll.viewport.scroll(-(dy or dx), 0)
        else:
            self.roll.viewport.scroll(-dx, -dy)
        event.accept()

    def event(self, event: QEvent) -> bool:
        pinch = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == pinch:
            self.roll.viewport.zoom_x(1 + event.value(), event.position().x())
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.gesture is not None:
            self._end(abort=True)
            return
        event.ignore()

    # -- gestures --------------------------------------------------------------------------------

    def _pointer(self, event: QMouseEvent) -> Pointer:
        self._pos, self._modifiers = event.position(), event.modifiers()
        return Pointer.at(self.roll.viewport.coords, self._pos, self._modifiers)

    def _begin(self, gesture: Gesture | None, event: QMouseEvent) -> None:
        self.gesture = self.overlay.gesture = gesture
        event.accept()

    def _end(self, abort: bool) -> None:
        gesture, self.gesture, self.overlay.gesture = self.gesture, None, None
        self._edge_timer.stop()
        assert gesture is not None
        if abort:
            gesture.abort()
        else:
            gesture.release(Pointer.at(self.roll.viewport.coords, self._pos, self._modifiers))
        self._redraw_notes()

    def _has_left(self, event: QMouseEvent) -> bool:
        return not self.window().geometry().contains(event.globalPosition().toPoint())

    def _drag_out(self, gesture: MoveNotes) -> None:
        rows = gesture.rows
        self._end(abort=True)
        self.roll.document.selection.set_notes(rows)
        self.drag_out_wanted.emit()

    def _scroll_at_edge(self) -> None:
        if self.gesture is None:
            self._edge_timer.stop()
            return
        box, pos = self.viewport().rect(), self._pos
        dx = min(0.0, pos.x()) + max(0.0, pos.x() - box.width())
        dy = min(0.0, pos.y()) + max(0.0, pos.y() - box.height())
        self.roll.viewport.scroll(max(-40.0, min(dx, 40.0)), max(-20.0, min(dy, 20.0)))
        self.gesture.move(Pointer.at(self.roll.viewport.coords, pos, self._modifiers))
        self._redraw_notes()

    def _wheel_velocity(self, angle: int, at: QPointF) -> None:
        pointer = Pointer.at(self.roll.viewport.coords, at, Qt.KeyboardModifier.NoModifier)
        hit = hit_at(self.roll, pointer)
        selection = self.roll.document.selection
        if hit is not None and not (selection.rows == hit.row).all(axis=1).any():
            selection.set_notes(hit.row)
        if len(selection.rows) and angle:
            self.roll.editor.add_velocity(2 if angle > 0 else -2)

    def _described(self, pointer: Pointer) -> str:
        hit = hit_at(self.roll, pointer)
        name = note_name(pointer.pitch)
        if hit is None:
            return name
        velocity, length = int(hit.row[0, 1]), int(hit.row[0, 3])
        quarters = length / self.roll.document.score.resolution
        return self.tr("{}  velocity {}  length {:g} quarters").format(
            name, velocity, round(quarters, 3)
        )
