"""A slider that fills like a bar and says its value in words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from descant_app.settings.theme import faded, themes

HEIGHT_PX = 26


class BarSlider(QSlider):
    """Drag or click anywhere; double-click for the usual value; wheel and arrows move by a step.

    `tip` says what it does.  `moved(value)` while it is held, `settled(value)` when it is let go
    or moved by wheel or keys.
    """

    moved = Signal(float)
    settled = Signal(float)

    def __init__(
        self,
        caption: str,
        low: float,
        high: float,
        step: float,
        usual: float,
        words: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.caption, self.low, self.step_size, self.usual = caption, low, step, usual
        self.words, self.tip = words, ""
        self.setRange(0, round((high - low) / step))
        self.setPageStep(max(1, self.maximum() // 8))
        self.setAccessibleName(caption)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._start: int | None = None
        themes.changed.connect(self.update)

    # -- value -----------------------------------------------------------------------------------

    @property
    def number(self) -> float:
        """The value in its own unit."""
        return round(self.low + self.value() * self.step_size, 6)

    def show_number(self, number: float) -> None:
        """Show a value without telling anybody; ignored while the user holds the slider."""
        if self._start is None:
            self.setValue(self._position(number))
            self.update()

    def _position(self, number: float) -> int:
        return round((number - self.low) / self.step_size)

    # -- drawing ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(70, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = themes.now
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = theme["accent"] if self.hasFocus() else theme["line"]
        painter.setPen(QPen(edge, 1))
        painter.setBrush(theme["field"])
        painter.drawRoundedRect(box, 6, 6)
        if self.isEnabled():
            self._fill(painter, box)
        self._text(painter, box)

    def _fill(self, painter: QPainter, box: QRectF) -> None:
        theme = themes.now
        share = self.value() / max(1, self.maximum())
        x = box.left() + 1 + share * (box.width() - 2)
        painter.save()
        painter.setClipRect(QRectF(box.left(), 0, x - box.left(), self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme["accent"], 0.24 if theme.is_dark else 0.18))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5.5, 5.5)
        painter.restore()
        painter.setPen(QPen(theme["accent"], 2))
        low = box.bottom() - 1.5
        painter.drawLine(QPointF(box.left() + 5, low), QPointF(max(x - 2, box.left() + 5.5), low))

    def _text(self, painter: QPainter, box: QRectF) -> None:
        theme = themes.now
        inner = box.adjusted(9, 0, -9, 0)
        painter.setPen(theme["dim"] if self.isEnabled() else theme["faint"])
        painter.drawText(
            inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.caption
        )
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme["text"] if self.isEnabled() else theme["faint"])
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(inner, flags, self.words(self.number))

    # -- mouse and keys --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = self.value()
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._go(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._start = None
            self.settled.emit(self.number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._start = None
        self.setValue(self._position(self.usual))
        self.settled.emit(self.number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # a panel being scrolled must not turn its knobs
            event.ignore()
            return
        steps = 1 if event.angleDelta().y() > 0 else -1
        self.setValue(self.value() + steps)
        self.settled.emit(self.number)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            self.settled.emit(self.number)

    def _go(self, x: float) -> None:
        share = (x - 1) / max(1, self.width() - 2)
        before = self.value()
        self.setValue(round(max(0.0, min(1.0, share)) * self.maximum()))
        if self.value() != before:
            self.moved.emit(self.number)
