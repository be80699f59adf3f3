"""Left of a lane: its name, its levels' names, and the level for all bars without their own."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from descant_app.piano_roll.gestures.base import DRAG_PX
from descant_app.piano_roll.level_lane import LevelLane
from descant_app.piano_roll.level_menu import clear_lane, fill_lane_menu
from descant_app.piano_roll.level_stroke import BOTH
from descant_app.settings.theme import mixed, themes

LABEL_PX = 9
WIDE_PX = 100
"""From this width on the name and the levels stand side by side."""


class LevelAxis(QWidget):
    """Drag sets the level of all bars that have none of their own, the right button opens the menu,
    a double-click clears the lane."""

    def __init__(self, lane: LevelLane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lane, self.facts, self.spec = lane, lane.facts, lane.spec
        self.setProperty("margin_for_keys", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("{} levels").format(self.spec.title))
        self._press = QPointF()
        lane.hovered.connect(self._repaint)
        self.facts.changed.connect(self._repaint)
        themes.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(64, self.lane.sizeHint().height())

    def _repaint(self, *_: object) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self._tip())  # the levels' names go by the track
        return bool(super().event(event))

    def _tip(self) -> str:
        labels = self.spec.labels(self.facts.family)
        listed = labels if len(labels) <= 12 else (labels[0], "…", labels[-1])
        words = ", ".join(listed)
        if not self.spec.per_bar:
            return self.tr("{}: {}. One level for the whole track.").format(self.spec.title, words)
        return self.tr(
            "{}: {}. Drag here for all bars without a level of their own; double-click clears."
        ).format(self.spec.title, words)

    # -- drawing -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), themes.now
        painter.fillRect(self.rect(), theme["panel"])
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme["line"])
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme["line"])
        if self.facts.document.current is not None:
            self._title(painter)
            self._levels(painter)

    def _title(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(themes.now["text"])
        wide = self.width() > WIDE_PX
        room = self.width() - 12 - (34 if wide else 0)
        text = QFontMetricsF(font).elidedText(self.spec.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(7, 15), text)
        unit = self.spec.unit(self.facts.family)
        if wide and unit.lower() not in ("", self.spec.title.lower()) and self.height() > 44:
            font.setPixelSize(LABEL_PX)
            font.setWeight(QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(themes.now["dim"])
            painter.drawText(QPointF(7, 28), unit)

    def _levels(self, painter: QPainter) -> None:
        """As many names as there is room for, and the one pointed at."""
        picture, theme = self.lane.picture, themes.now
        font = QFont(self.font())
        font.setPixelSize(LABEL_PX)
        painter.setFont(font)
        painter.setPen(mixed(theme["dim"], theme["panel"], 0.25))
        step = math.ceil(11.0 / max(0.5, picture.level_px))
        pointed, ceiling = self._pointed(), 24.0 if self.width() <= WIDE_PX else 8.0
        for level in range(0, self.spec.size, step):
            near = pointed is not None and abs(level - pointed) < step
            if not near and picture.y_of(level) >= ceiling:
                self._label(painter, level)
        if pointed is not None:
            self._plate(painter, pointed)

    def _label(self, painter: QPainter, level: int) -> None:
        box = QRectF(4, self.lane.picture.y_of(level) - 6, self.width() - 10, 12)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        labels = self.spec.short_labels(self.facts.family)
        painter.drawText(box, align, labels[min(level, len(labels) - 1)])

    def _plate(self, painter: QPainter, level: int) -> None:
        """The name of a level on a ground of its own."""
        theme, label = themes.now, self.spec.short_labels(self.facts.family)[level]
        width = QFontMetricsF(painter.font()).horizontalAdvance(label) + 8
        y = self.lane.picture.y_of(level)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme["hover"])
        painter.drawRoundedRect(QRectF(self.width() - 3 - width, y - 6.5, width, 13), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme["text"])
        self._label(painter, level)

    def _pointed(self) -> int | None:
        pointer = self.lane.pointer
        if pointer is None:
            return None
        return round(self.lane.picture.level_at(pointer.y()))

    # -- mouse -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = (event.position() - self._press).manhattanLength() >= DRAG_PX
        if event.buttons() & Qt.MouseButton.LeftButton and (far or self.lane.stroke is not None):
            stroke = self.lane.begin(BOTH)
            stroke.put(
                self.facts.track, None, round(self.lane.picture.level_at(event.position().y()))
            )
            self.lane.show_draft()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.lane.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        clear_lane(self.facts, self.spec)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        fill_lane_menu(QMenu(self), self.facts, self.spec).exec(event.globalPos())
