"""Track headers beside the arrangement: name, instrument, mute, solo, lock, colour, order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QIcon,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from descant_app.document.bar_editor import BarEditor
from descant_app.document.document import Document
from descant_app.document.instruments import DRUM_KITS, FAMILIES, instrument_name
from descant_app.document.piece import COLOURS
from descant_app.panels.arrangement import ROW_PX, RULER_PX, ArrangementCanvas
from descant_app.settings.icons import icon
from descant_app.settings.theme import mixed, themes
from descant_app.settings.translation import N_, tr

WIDTH = 268
OUT_PX = 40
"""A header dragged this far out sideways leaves the window."""


class TrackHeader(QWidget):
    """One track.  Click to edit it, double-click to rename, drag up or down to another place, out
    sideways into another program."""

    dragged = Signal(int, int)
    drag_out_wanted = Signal(int)
    instrument_chosen = Signal(int)
    menu_wanted = Signal(QPoint)

    def __init__(self, document: Document, bars: BarEditor, index: int) -> None:
        super().__init__()
        self.document = document
        self.bars = bars
        self.index = index
        self._press: QPoint | None = None
        self.name = QLabel()
        self.program = QPushButton()
        self.edit: QLineEdit | None = None
        self.mute = self._letter("M", self.tr("Mute"), "mute")
        self.solo = self._letter("S", self.tr("Solo: hear only soloed tracks"), "solo")
        self.lock = QToolButton()
        self.eye = QToolButton()
        self._arrange()
        self._connect()
        self.refresh()

    def _letter(self, text: str, tip: str, kind: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(True)
        button.setFixedSize(20, 20)
        button.setProperty("letter", True)
        button.setObjectName(kind)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _arrange(self) -> None:
        for button in (self.lock, self.eye):
            button.setCheckable(True)
            button.setFixedSize(22, 22)
            button.setIconSize(QSize(14, 14))
            button.setProperty("plain", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lock.setAccessibleName(self.tr("Lock"))
        self.lock.setToolTip(self.tr("Lock: neither you nor the model changes this track"))
        self.eye.setAccessibleName(self.tr("Show as ghost"))
        self.eye.setToolTip(self.tr("Show these notes behind those of the track being edited"))
        self.program.setProperty("dim", True)
        self.program.setAccessibleName(self.tr("Instrument"))
        self.program.setToolTip(self.tr("Choose the instrument"))
        self.program.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.program.setFlat(True)
        for part in (self.name, self.program):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.program)
        row = QHBoxLayout(self)
        row.setContentsMargins(32, 2, 8, 3)
        row.setSpacing(3)
        row.addLayout(words, 1)
        for button in (self.eye, self.lock, self.mute, self.solo):
            row.addWidget(button)
        self.setFixedHeight(ROW_PX)

    def _connect(self) -> None:
        set_listening = self.document.set_listening
        self.mute.clicked.connect(lambda on: set_listening(self.index, mute=on))
        self.solo.clicked.connect(lambda on: set_listening(self.index, solo=on))
        self.eye.clicked.connect(lambda on: set_listening(self.index, visible=on))
        self.lock.clicked.connect(self._toggle_lock)
        self.program.setMenu(_LazyMenu(self._fill_instruments, self))

    def refresh(self) -> None:
        """Show the track as it is now."""
        if self.index >= len(self.document.lanes):
            return
        lane, track = self.document.lanes[self.index], self.document.score.tracks[self.index]
        name = track.name or self.tr("Track {}").format(self.index + 1)
        shown = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 128)
        self.name.setText(shown)
        self.name.setToolTip(name)
        self.setAccessibleName(name)
        program = instrument_name(track.instrument, track.is_drum)
        metrics = self.program.fontMetrics()
        self.program.setText(metrics.elidedText(program, Qt.TextElideMode.ElideRight, 118))
        theme = themes.now
        self.program.setStyleSheet(
            f"QPushButton {{ color: {theme['dim'].name()}; padding: 0; border: none;"
            " text-align: left; font-size: 11px; background: transparent; }"
            f" QPushButton:hover {{ color: {theme['text'].name()}; }}"
            f" QPushButton:focus {{ color: {theme['accent'].name()}; }}"
            " QPushButton::menu-indicator { image: none; width: 0; }"
        )
        for button, on, colour in (
            (self.mute, lane.mute, theme["warm"]),
            (self.solo, lane.solo, theme["accent"]),
        ):
            button.setChecked(on)
            sheet = f"background: {colour.name()}; color: {theme['window'].name()}; border: none;"
            button.setStyleSheet(sheet if on else "")
        self.lock.setChecked(lane.locked)
        self.lock.setIcon(icon("lock" if lane.locked else "unlock", on="warm"))
        self.eye.setChecked(lane.visible)
        self.eye.setIcon(icon("eye" if lane.visible else "eye_off", on="dim"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.index >= len(self.document.lanes):
            return
        painter = QPainter(self)
        theme = themes.now
        colour = theme.track(self.document.lanes[self.index].colour)
        current = self.index == self.document.current
        base = mixed(theme["panel"], colour, 0.16) if current else theme["panel"]
        painter.fillRect(self.rect(), base)
        painter.fillRect(0, 0, 5 if current else 4, self.height() - 1, colour)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme["line"])
        painter.setPen(theme["dim"])
        flags = Qt.AlignmentFlag.AlignCenter
        painter.drawText(6, 0, 22, self.height(), flags, str(self.index + 1))

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.document.selection.set_track(self.document.lanes[self.index].id)
        self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._press is None:
            return
        if not -OUT_PX < event.position().x() < self.width() + OUT_PX:
            self._press = None
            self.unsetCursor()
            self.drag_out_wanted.emit(self.index)
        elif abs(event.position().y() - self._press.y()) > ROW_PX // 2:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.unsetCursor()
        press, self._press = self._press, None
        if press is None:
            return
        steps = round((event.position().y() - press.y()) / ROW_PX)
        target = max(0, min(self.index + steps, len(self.document.lanes) - 1))
        if target != self.index:
            self.dragged.emit(self.index, target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.rename()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        self.document.selection.set_track(self.document.lanes[self.index].id)
        self.menu_wanted.emit(event.globalPos())

    # -- changes ---------------------------------------------------------------------------------

    def rename(self) -> None:
        """Edit the name in place."""
        self.edit = QLineEdit(self.document.score.tracks[self.index].name, self)
        self.edit.setGeometry(26, 2, self.width() - 34, 24)
        self.edit.selectAll()
        self.edit.editingFinished.connect(self._renamed)
        self.edit.show()
        self.edit.setFocus()

    def _renamed(self) -> None:
        edit, self.edit = self.edit, None
        if edit is not None:
            edit.deleteLater()
            self.bars.set_track(self.index, self.tr("Rename track"), name=edit.text().strip())

    def _toggle_lock(self, on: bool) -> None:
        label = self.tr("Lock track") if on else self.tr("Unlock track")
        self.bars.set_lane(self.index, label, locked=on)

    def _fill_instruments(self, menu: QMenu) -> None:
        track = self.document.score.tracks[self.index]
        if track.is_drum:
            for program, name in DRUM_KITS.items():
                self._add_program(menu, name, program, track.instrument)
            return
        program = 0
        for family, names in FAMILIES:
            part = menu.addMenu(family)
            for name in names:
                self._add_program(part, name, program, track.instrument)
                program += 1

    def _add_program(self, menu: QMenu, name: str, program: int, now: int) -> None:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(program == now)
        action.triggered.connect(lambda: self._set_program(program))

    def _set_program(self, program: int) -> None:
        self.bars.set_track(self.index, self.tr("Choose instrument"), instrument=program)
        self.instrument_chosen.emit(self.index)


class _LazyMenu(QMenu):
    """A menu filled when it is about to open: 128 instruments a track would slow the start."""

    def __init__(self, fill: Callable[[QMenu], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._fill = fill
        self.aboutToShow.connect(self._refill)

    def _refill(self) -> None:
        self.clear()
        self._fill(self)


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

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), themes.now["window"])
        painter.fillRect(0, 0, self.width(), RULER_PX - 1, themes.now["panel"])
        painter.fillRect(0, RULER_PX - 1, self.width(), 1, themes.now["line"])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return bool(super().event(event))

    def wheelEvent(self, event) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
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


def colour_icon(index: int) -> QIcon:
    """A small square in a track colour."""
    pixmap = QPixmap(14, 14)
    pixmap.fill(themes.now.track(index))
    return QIcon(pixmap)


def fill_colour_menu(menu: QMenu, chosen: Callable[[int], object]) -> None:
    """One entry for each hue."""
    names = (
        N_("Blue"), N_("Coral"), N_("Green"), N_("Pink"), N_("Yellow"), N_("Indigo"),
        N_("Teal"), N_("Red"), N_("Lime"), N_("Violet"), N_("Orange"), N_("Steel"),
    )  # fmt: skip
    for index in range(COLOURS):
        name = tr(names[index])
        action = menu.addAction(colour_icon(index), name)
        action.triggered.connect(lambda _=False, i=index: chosen(i))
