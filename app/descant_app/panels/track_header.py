"""The header of one track: name, instrument, mute, solo, lock, colour."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from descant_app.document.bar_editor import BarEditor
from descant_app.document.document import Document
from descant_app.document.instruments import instrument_name
from descant_app.panels.instrument_menu import InstrumentMenu
from descant_app.panels.row_picture import ROW_PX
from descant_app.settings.icons import icon
from descant_app.settings.theme import mixed, themes

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
        menu = InstrumentMenu(lambda: self.document.score.tracks[self.index], self)
        menu.chosen.connect(self._set_program)
        self.program.setMenu(menu)

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

    def paintEvent(self, event: QPaintEvent) -> None:
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.document.selection.set_track(self.document.lanes[self.index].id)
        self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        if not -OUT_PX < event.position().x() < self.width() + OUT_PX:
            self._press = None
            self.unsetCursor()
            self.drag_out_wanted.emit(self.index)
        elif abs(event.position().y() - self._press.y()) > ROW_PX // 2:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.unsetCursor()
        press, self._press = self._press, None
        if press is None:
            return
        steps = round((event.position().y() - press.y()) / ROW_PX)
        target = max(0, min(self.index + steps, len(self.document.lanes) - 1))
        if target != self.index:
            self.dragged.emit(self.index, target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.rename()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
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

    def _set_program(self, program: int) -> None:
        self.bars.set_track(self.index, self.tr("Choose instrument"), instrument=program)
        self.instrument_chosen.emit(self.index)
