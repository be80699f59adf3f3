"""The whole piece in one line under the roll: where you are, a scroll bar and a zoom in one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from descant_app.document.flat import DURATION, ONSET, PITCH
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.shapes import coverage, density_image
from descant_app.settings.theme import faded, themes

GRIP_PX = 6
ROWS = 24


class Overview(QWidget):
    """Drag the frame to scroll, its edges to zoom, press elsewhere to go there."""

    def __init__(self, roll: Roll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self._drag: str | None = None
        self._from = QPointF()
        self._image: tuple[object, QImage] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Overview"))
        self.setToolTip(self.tr("Drag the frame to scroll, its edges to zoom."))
        for signal in (
            roll.viewport.changed,
            roll.playhead_changed,
            roll.document.changed,
            roll.document.selection.track_changed,
            themes.changed,
        ):
            signal.connect(self._repaint)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 30)

    def _repaint(self, _: object = None) -> None:
        self.update()

    @property
    def _scale(self) -> float:
        """Pixels a tick of this strip."""
        return self.width() / max(1.0, self.roll.document.end_tick * 1.02)

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = themes.now
        painter.fillRect(self.rect(), theme["panel"])
        rect = QRectF(0, 4, self.width(), self.height() - 8)
        painter.drawImage(rect, self._shapes())
        frame = self._frame()
        shade = faded(theme["window"], 0.55)
        painter.fillRect(QRectF(0, 0, frame.left(), self.height()), shade)
        painter.fillRect(QRectF(frame.right(), 0, self.width(), self.height()), shade)
        painter.setPen(theme["dim"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(frame.adjusted(0.5, 1.5, -0.5, -1.5), 3, 3)
        x = self.roll.playhead * self._scale
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme["playhead"])

    def _shapes(self) -> QImage:
        flat, colour = self.roll.flat, themes.now.track(self.roll.colour)
        key = (flat, self.width(), self._scale, colour.name())
        if self._image is None or self._image[0] != key:
            self._image = (key, self._drawn(flat.rows, colour))
        return self._image[1]

    def _drawn(self, rows, colour) -> QImage:  # type: ignore[no-untyped-def]
        if not len(rows):
            return QImage()
        low, high = int(rows[:, PITCH].min()), int(rows[:, PITCH].max())
        span = max(12, high - low + 1)
        row = ((high - rows[:, PITCH]) * (ROWS - 1) // span).astype(np.int64)
        x0 = rows[:, ONSET] * self._scale
        x1 = (rows[:, ONSET] + rows[:, DURATION]) * self._scale
        return density_image(coverage(x0, x1, row, max(1, self.width()), ROWS), colour)

    def _frame(self) -> QRectF:
        coords = self.roll.viewport.coords
        left, right = coords.left * self._scale, coords.right * self._scale
        return QRectF(left, 0, max(8.0, right - left), self.height())

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, frame = event.position().x(), self._frame()
        self._from = event.position()
        self._drag = self._part(x)
        if self._drag is None:
            self._drag = "move"
            coords = self.roll.viewport.coords
            left = (x - frame.width() / 2) / self._scale
            self.roll.viewport.set(replace(coords, left=left))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._drag is None:
            edge = self._part(x) in ("left", "right")
            self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.OpenHandCursor)
            return
        by = (x - self._from.x()) / self._scale
        self._from = event.position()
        coords = self.roll.viewport.coords
        if self._drag == "move":
            self.roll.viewport.set(replace(coords, left=coords.left + by))
            return
        left, right = coords.left, coords.right
        left, right = (left + by, right) if self._drag == "left" else (left, right + by)
        if right - left > 10:
            scale = coords.width / (right - left)
            self.roll.viewport.set(replace(coords, left=max(0.0, left), px_per_tick=scale))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.roll.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.roll.viewport.zoom_x(1.0015**angle)
        else:
            self.roll.viewport.scroll(-angle, 0)

    def _part(self, x: float) -> str | None:
        frame = self._frame()
        if abs(x - frame.left()) <= GRIP_PX:
            return "left"
        if abs(x - frame.right()) <= GRIP_PX:
            return "right"
        return "move" if frame.left() < x < frame.right() else None
