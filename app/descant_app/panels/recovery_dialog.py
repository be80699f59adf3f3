"""Work that a crash left behind: which piece, when, how much."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QVBoxLayout, QWidget

from descant_app.document.lost_work import Lost


class RecoveryDialog(QDialog):
    """`chosen` is the work to recover, None when the user went back."""

    def __init__(self, lost: list[Lost], parent: QWidget) -> None:
        super().__init__(parent)
        self.lost = lost
        self.chosen: Lost | None = None
        self.setWindowTitle(self.tr("Recover lost work"))
        self.resize(560, 280)
        column = QVBoxLayout(self)
        text = self.tr(
            "Descant ended without saving these pieces. The files themselves are untouched."
        )
        label = QLabel(text)
        label.setWordWrap(True)
        column.addWidget(label)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Lost work"))
        self.list.addItems([self._described(item) for item in lost])
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._accept)
        column.addWidget(self.list)
        column.addWidget(self._buttons())

    def _described(self, item: Lost) -> str:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.when))
        one = item.changes == 1
        count = self.tr("1 change") if one else self.tr("{} changes").format(item.changes)
        where = item.path or self.tr("never saved")
        return f"{item.name}   {when}   {count}\n{where}"

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        recover = buttons.addButton(self.tr("Recover"), QDialogButtonBox.ButtonRole.AcceptRole)
        recover.setDefault(True)
        discard = buttons.addButton(self.tr("Discard"), QDialogButtonBox.ButtonRole.ActionRole)
        discard.clicked.connect(self._discard)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _accept(self) -> None:
        self.chosen = self.lost[self.list.currentRow()]
        self.accept()

    def _discard(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.lost.pop(row).discard()
            self.list.takeItem(row)
        if not self.lost:
            self.reject()
