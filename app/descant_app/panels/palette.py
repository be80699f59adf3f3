"""Find a command by typing a few letters of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from descant_app.settings.theme import themes


def score_of(wanted: str, text: str) -> int | None:
    """How well a text matches: letters in order, the start of words and runs count more."""
    wanted, text = wanted.lower().replace(" ", ""), text.lower()
    total, place, run = 0, 0, 0
    for letter in wanted:
        found = text.find(letter, place)
        if found < 0:
            return None
        run = run + 1 if found == place and place else 0
        starts_word = found == 0 or not text[found - 1].isalnum()
        total += 10 * starts_word + 6 * run - (found - place)
        place = found + 1
    return total - len(text) // 8


class Palette(QDialog):
    """Up, down and Enter choose; Esc closes."""

    def __init__(self, actions: list[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.candidates = [a for a in actions if a.text() and a.isEnabled() and not a.menu()]
        self.setFixedSize(480, 380)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Find a command"))
        self.field.setAccessibleName(self.tr("Find a command"))
        self.found = QTreeWidget()
        self.found.setColumnCount(2)
        self.found.setHeaderHidden(True)
        self.found.setRootIsDecorated(False)
        self.found.setUniformRowHeights(True)
        self.found.setColumnWidth(0, 320)
        self.found.setStyleSheet("QTreeView::item { padding: 3px 4px; }")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.found)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self._run)
        self.found.itemActivated.connect(self._run)
        self.found.itemClicked.connect(self._run)
        self.field.installEventFilter(self)
        line = themes.now["line"].name()
        self.setStyleSheet(f"QDialog {{ border: 1px solid {line}; }}")
        self._search("")
        middle = parent.rect().center()
        self.move(parent.mapToGlobal(middle) - self.rect().center())
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step and self.found.topLevelItemCount():
                row = self.found.indexOfTopLevelItem(self.found.currentItem()) + step
                self._choose(row % self.found.topLevelItemCount())
                return True
        return super().eventFilter(watched, event)

    def _search(self, text: str) -> None:
        scored = [(score_of(text, a.text()), i, a) for i, a in enumerate(self.candidates)]
        hits = [(-s, i, a) for s, i, a in scored if s is not None]
        if text:
            hits.sort(key=lambda hit: hit[:2])
        self.found.clear()
        for _, _, action in hits:
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem([action.text(), key])
            item.setData(0, Qt.ItemDataRole.UserRole, action)
            item.setForeground(1, themes.now["dim"])
            self.found.addTopLevelItem(item)
        self._choose(0)

    def _choose(self, row: int) -> None:
        self.found.setCurrentItem(self.found.topLevelItem(row))

    def _run(self, _: object = None) -> None:
        item = self.found.currentItem()
        self.close()
        if item is not None:
            item.data(0, Qt.ItemDataRole.UserRole).trigger()
