"""A list in the generate panel."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy

from descant_app.panels.generate_choices import Choice
from descant_app.settings.translation import tr

TIP = Qt.ItemDataRole.ToolTipRole


class ChoiceBox(QComboBox):
    """A list that a panel being scrolled does not turn, as wide as there is room."""

    def __init__(self, name: str, tip: str, choices: Iterable[Choice] = ()) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.add(choices)

    def add(self, choices: Iterable[Choice]) -> None:
        """More entries, each with what it does to the music."""
        for choice in choices:
            self.addItem(tr(choice.title), choice.value)
            self.setItemData(self.count() - 1, tr(choice.tip), TIP)

    def refuse(self, row: int, reason: str) -> None:
        """An entry that cannot be chosen, and why."""
        items = self.model()
        assert isinstance(items, QStandardItemModel)
        items.item(row).setEnabled(False)
        self.setItemData(row, reason, TIP)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
