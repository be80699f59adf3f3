"""The seed: typed, rolled, or new each time."""

from __future__ import annotations

import random

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from descant_app.panels.framed_button import FramedButton
from descant_app.panels.generate_edits import SettingEdits
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes

MOST = 2**31 - 1


class SeedField(QLineEdit):
    """Shows the seed of the piece; `dice` rolls one.  Enter in it is no command of the window."""

    def __init__(self, edits: SettingEdits) -> None:
        super().__init__()
        self.edits = edits
        self.setAccessibleName(self.tr("Seed"))
        self.setToolTip(
            self.tr("The same seed with the same bars and settings gives the same notes; empty is"
                    " new each time")
        )  # fmt: skip
        self.dice = FramedButton(
            self.tr("Roll a seed"),
            self.tr("Roll a seed and hold it, to hear what a setting alone does"),
        )
        self.setClearButtonEnabled(True)
        self.setMaxLength(10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self._put)
        self.textEdited.connect(lambda text: None if text else self._put())
        self.dice.clicked.connect(self._roll)
        edits.document.takes.changed.connect(self._show_last)
        themes.changed.connect(self._dress)
        self._dress()

    def refresh(self) -> None:
        """Show the seed of the piece."""
        seed = self.edits.now.seed
        self.setText(str(seed) if seed >= 0 else "")
        self._show_last()

    def _dress(self) -> None:
        self.dice.setIcon(icon("dice"))

    def _show_last(self) -> None:
        takes = self.edits.document.takes.takes
        last = takes[max(takes)].seed if takes else None
        text = self.tr("new each time")
        self.setPlaceholderText(text if last is None else self.tr("new; last {}").format(last))

    def _put(self) -> None:
        text = self.text().strip()
        if text and not text.isdigit():
            self.refresh()
            return
        self.edits.put(self.tr("Set seed"), seed=min(int(text), MOST) if text else -1)

    def _roll(self) -> None:
        self.edits.put(self.tr("Roll a seed"), seed=random.SystemRandom().randrange(100_000))

    def event(self, event: QEvent) -> bool:
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and event.key() in enter:  # type: ignore[attr-defined]
            event.accept()
            return True
        return bool(super().event(event))
