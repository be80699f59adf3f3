"""The big button: what a press would write, or why it cannot; while it runs, how far and stop."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from descant_app.settings.icons import drawn
from descant_app.settings.theme import Theme, faded, mixed, themes

HEIGHT_PX = 54
READY, NOT_READY, RUNNING = "ready", "not ready", "running"


class InfillButton(QAbstractButton):
    """Two lines and a key.  `state` is one of READY, NOT_READY and RUNNING; `share` is 0..1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = NOT_READY
        self.title, self.detail, self.key = "", "", ""
        self.share = 0.0
        self.setFixedHeight(HEIGHT_PX)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        themes.changed.connect(self.update)

    def show_state(self, state: str, title: str, detail: str, share: float = 0.0) -> None:
        """What the button says from now on."""
        self.state, self.title, self.detail, self.share = state, title, detail, share
        self.setAccessibleName(f"{title}: {detail}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = themes.now
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground, ink = self._colours(theme)
        edge = theme["text"] if self.hasFocus() else self._edge(theme)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 9, 9)
        if self.state == RUNNING:
            self._progress(painter, box, theme["take"])
        self._icon(painter, ink)
        self._words(painter, ink)

    def _colours(self, theme: Theme) -> tuple[QColor, QColor]:
        if self.state == READY:
            ground = theme["accent"]
            if self.isDown():
                ground = mixed(ground, theme["window"], 0.25)
            elif self.underMouse():
                ground = mixed(ground, QColor("white"), 0.12)
            return ground, theme["on_accent"]
        return theme["hover"] if self.underMouse() else theme["raised"], theme["text"]

    def _edge(self, theme: Theme) -> QColor:
        if self.state == RUNNING:
            return theme["take"]
        return theme["line"] if self.state == NOT_READY else QColor(Qt.GlobalColor.transparent)

    def _progress(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        painter.save()
        part = QRectF(box)
        part.setWidth(box.width() * max(0.0, min(1.0, self.share)))
        painter.setClipRect(part)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colour, 0.34))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 8, 8)
        painter.restore()

    def _icon(self, painter: QPainter, ink: QColor) -> None:
        name = "stop" if self.state == RUNNING else "spark"
        side = 22
        place = QRectF(14, (self.height() - side) / 2, side, side)
        painter.setOpacity(0.5 if self.state == NOT_READY else 1.0)
        picture = drawn(name, ink.name(), 48)
        painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.setOpacity(1.0)

    def _words(self, painter: QPainter, ink: QColor) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        key_width = painter.fontMetrics().horizontalAdvance(self.key) + 12 if self.key else 0
        if self.key and self.state != RUNNING:
            place = QRectF(self.width() - key_width - 12, 9, key_width, 17)
            painter.setPen(QPen(faded(ink, 0.35), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place, 4, 4)
            painter.setPen(faded(ink, 0.85))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.key)
        below = QRectF(48, 28, self.width() - 60, 18)
        painter.setPen(faded(ink, 0.86))
        detail = painter.fontMetrics().elidedText(
            self.detail, Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, detail)
        font.setPixelSize(14)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(faded(ink, 0.6) if self.state == NOT_READY else ink)
        above = QRectF(48, 8, self.width() - 60 - key_width, 20)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, self.title)
