"""Track headers beside the arrangement, under one another."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from descant_app.document.bar_editor import BarEditor
from descant_app.document.document import Document
from descant_app.panels.arrangement import ArrangementCanvas
from descant_app.panels.arrangement_picture import RULER_PX
from descant_app.panels.row_picture import ROW_PX
from descant_app.panels.track_header import TrackHeader
from descant_app.settings.theme import themes

WIDTH = 268


class TrackHeaders(QWidget):
    """All headers under one another, scrolled with the arrangement."""

    menu_wanted = Signal(QPoint)
    drag_out_wanted = Signal(int)
    instrument_chosen = Signal(int)

    def __init__(self, document: Document, canvas: ArrangementCanvas) -> None:
        super().__init__()
        self.document = document
        self.canvas = canvas
        self.bars = BarEditor(document)
        self.headers: list[TrackHeader] = []
        self.setFixedWidth(WIDTH)
        self._inner = QWidget(self)
        self.title = QWidget(self)
        self.title.setGeometry(0, 0, WIDTH, RULER_PX)
        self.title_row = QHBoxLayout(self.title)
        self.title_row.setContentsMargins(10, 0, 6, 0)
        self.title_row.setSpacing(2)
        label = QLabel(self.tr("TRACKS"))
        label.setProperty("heading", True)
        self.title_row.addWidget(label, 1)
        document.changed.connect(self.refresh)
        document.selection.track_changed.connect(self.refresh)
        canvas.scrolled.connect(self._place)
        themes.changed.connect(self.refresh)
        self.refresh()

    def add_title_action(self, action: QAction) -> None:
        """A small button in the title line."""
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(22, 20)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title_row.addWidget(button)

    def refresh(self, _: object = None) -> None:
        """As many headers as tracks, each showing its track."""
        count = len(self.document.lanes)
        while len(self.headers) > count:
            self.headers.pop().deleteLater()
        while len(self.headers) < count:
            header = TrackHeader(self.document, self.bars, len(self.headers))
            header.setParent(self._inner)
            header.dragged.connect(self.bars.move_track)
            header.menu_wanted.connect(self.menu_wanted)
            header.drag_out_wanted.connect(self.drag_out_wanted)
            header.instrument_chosen.connect(self.instrument_chosen)
            header.show()
            self.headers.append(header)
        for header in self.headers:
            header.refresh()
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), themes.now["window"])
        painter.fillRect(0, 0, self.width(), RULER_PX - 1, themes.now["panel"])
        painter.fillRect(0, RULER_PX - 1, self.width(), 1, themes.now["line"])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return bool(super().event(event))

    def wheelEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.canvas.wheelEvent(event)

    def _place(self) -> None:
        if not hasattr(self, "_inner"):
            return
        room = len(self.headers) * ROW_PX - (self.height() - RULER_PX)
        self.canvas.top = max(0, min(self.canvas.top, room))
        self._inner.setGeometry(0, RULER_PX, WIDTH, max(0, self.height() - RULER_PX))
        for i, header in enumerate(self.headers):
            header.setGeometry(0, i * ROW_PX - self.canvas.top, WIDTH, ROW_PX)
        self.canvas.update()
