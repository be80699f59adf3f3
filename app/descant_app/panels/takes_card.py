"""One take of the tray: number, picture, what its measures say, star, keep, reject, menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from descant_app.document.document import Document
from descant_app.document.takes import REJECTED, Batch, Take
from descant_app.panels import takes_words as words
from descant_app.panels.takes_picture import paint_take
from descant_app.settings.icons import icon
from descant_app.settings.theme import faded, mixed, themes

HEIGHT_PX = 62
LEFT_PX = 32
BUTTON_PX = 22


class TakeCard(QWidget):
    """`clicked(id)`, `starred(id)`, `kept(id)`, `rejected(id)`, `menu_wanted(id, QPoint)`."""

    clicked = Signal(int)
    starred = Signal(int)
    kept = Signal(int)
    rejected = Signal(int)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, document: Document, take: Take, number: int, batch: Batch) -> None:
        super().__init__()
        self.document, self.take, self.number, self.batch = document, take, number, batch
        self.shown, self.compared = False, False
        self.setFixedHeight(HEIGHT_PX)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.star = self._button(self.tr("Star: a favourite"), self.starred)
        self.keep = self._button(self.tr("Keep: put it into the piece"), self.kept)
        self.reject = self._button(self.tr("Reject: put it aside"), self.rejected)
        self.more = self._button(self.tr("More"), None)
        self.more.clicked.connect(
            lambda: self.menu_wanted.emit(
                self.take.id, self.more.mapToGlobal(self.more.rect().bottomLeft())
            )
        )
        themes.changed.connect(self._dress)
        self._describe()
        self._dress()

    def _button(self, tip: str, told: object) -> QToolButton:
        button = QToolButton(self)
        button.setFixedSize(BUTTON_PX, BUTTON_PX)
        button.setIconSize(QSize(15, 15))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("plain", True)
        if told is not None:
            button.clicked.connect(lambda: told.emit(self.take.id))  # type: ignore[attr-defined]
        return button

    def _dress(self) -> None:
        self.keep.setIcon(icon("keep"))
        self.more.setIcon(icon("more"))
        self._show_state()

    def show_take(self, take: Take, number: int, shown: bool, compared: bool) -> None:
        """Show the take as it is now; `compared` names its way of hiding bars."""
        self.update()
        if (take, number, compared) != (self.take, self.number, self.compared):
            self.take, self.number, self.compared = take, number, compared
            self._describe()
            self._show_state()
        self.shown = shown

    def _describe(self) -> None:
        told = words.in_full(self.take, self.number)
        self.setAccessibleName(told.splitlines()[0])
        self.setToolTip(told)

    def _show_state(self) -> None:
        take = self.take
        self.star.setIcon(icon("star_on" if take.starred else "star"))
        self.keep.setEnabled(not take.violations and bool(take.bars))
        self.keep.setVisible(take.state != REJECTED)
        rejected = take.state == REJECTED
        self.reject.setIcon(icon("undo" if rejected else "reject"))
        self.reject.setToolTip(
            self.tr("Take back") if rejected else self.tr("Reject: put it aside")
        )

    # -- drawing ---------------------------------------------------------------------------------

    def resizeEvent(self, event: object) -> None:
        right, y = self.width() - 5, HEIGHT_PX - BUTTON_PX - 2
        for place, button in enumerate((self.more, self.reject, self.keep), 1):
            button.move(right - place * (BUTTON_PX + 1), y)
        self.star.move((LEFT_PX - BUTTON_PX) // 2, y)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = themes.now
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = theme["raised"] if not self.underMouse() else theme["hover"]
        edge = theme["line"]
        if self.shown:
            ground, edge = mixed(theme["raised"], theme["take"], 0.16), theme["take"]
        painter.setPen(QPen(edge, 1.6 if self.shown else 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 7, 7)
        painter.setOpacity(0.4 if self.take.state == REJECTED else 1.0)
        self._number(painter)
        place = QRectF(LEFT_PX, 6, self.width() - LEFT_PX - 8, HEIGHT_PX - BUTTON_PX - 11)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_take(painter, place, self.take, self.batch, self.document)
        self._line(painter)

    def _number(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(15)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(themes.now["take" if self.shown else "text"])
        place = QRectF(0, 6, LEFT_PX, HEIGHT_PX - BUTTON_PX - 11)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(self.number))

    def _line(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        y, height = HEIGHT_PX - BUTTON_PX - 2, BUTTON_PX
        room = self.width() - LEFT_PX - 3 * (BUTTON_PX + 1) - 10
        state, meaning = words.state_of(self.take, len(self.batch.targets))
        parts: list[tuple[str, QColor]] = []
        if state:
            parts.append((state, themes.now[meaning]))
        if self.compared:
            parts.append((words.mode_title(self.take.mask_mode), themes.now["text"]))
        if not self.take.violations:
            parts += [(text, themes.now["dim"]) for text in words.measures(self.take)]
        x, metrics = float(LEFT_PX), painter.fontMetrics()
        for number, (text, colour) in enumerate(parts):
            dot = " · " if number else ""
            width = metrics.horizontalAdvance(dot + text)
            if x + width > LEFT_PX + room:
                if number:
                    break
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.setPen(faded(themes.now["dim"], 0.7))
            painter.drawText(QRectF(x, y, 20, height), Qt.AlignmentFlag.AlignVCenter, dot)
            x += metrics.horizontalAdvance(dot)
            painter.setPen(colour)
            painter.drawText(QRectF(x, y, width, height), Qt.AlignmentFlag.AlignVCenter, text)
            x += metrics.horizontalAdvance(text)

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.take.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.take.id, event.globalPos())
