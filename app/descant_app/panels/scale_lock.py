"""Keeping to a scale: a lock, a root and a kind."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from descant_app.document.scales import ROOTS, SCALES
from descant_app.panels.choice_box import ChoiceBox
from descant_app.panels.framed_button import FramedButton
from descant_app.panels.generate_edits import SettingEdits
from descant_app.piano_roll.roll import Roll
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes

ROOT_PX = 58


class ScaleLock(QWidget):
    """Shows the scale of the piece's settings; locked first, it starts as that over the roll."""

    def __init__(self, edits: SettingEdits, roll: Roll) -> None:
        super().__init__()
        self.edits, self.roll = edits, roll
        self.lock = FramedButton(
            self.tr("Keep to a scale"),
            self.tr("Write only notes of this scale; it starts as the scale over the roll"),
        )
        root = self.tr("Root of the scale kept to")
        self.root = ChoiceBox(root, root)
        self.kind = ChoiceBox(self.tr("Scale kept to"), self.tr("Write only notes of this scale"))
        self.root.addItems(ROOTS)
        self.root.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.root.setFixedWidth(ROOT_PX)
        self.kind.addItems(list(SCALES))
        self.lock.setCheckable(True)
        self.lock.clicked.connect(self._set_lock)
        for box in (self.root, self.kind):
            box.activated.connect(self._set_scale)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self.lock)
        row.addWidget(self.root)
        row.addWidget(self.kind, 1)
        themes.changed.connect(self._dress)
        self._dress()

    def refresh(self) -> None:
        """Show the settings of the piece."""
        now = self.edits.now
        self.lock.setChecked(now.scale_lock)
        self.root.setCurrentIndex(now.scale_root)
        self.kind.setCurrentText(now.scale_kind)
        for box in (self.root, self.kind):
            box.setEnabled(now.scale_lock)

    def _dress(self) -> None:
        self.lock.setIcon(icon("lock"))

    def _set_lock(self, on: bool) -> None:
        scale = self.roll.scale
        found = {"scale_root": scale.root, "scale_kind": scale.kind} if on and scale else {}
        label = self.tr("Keep to a scale") if on else self.tr("Leave the scale open")
        self.edits.put(label, scale_lock=on, **found)

    def _set_scale(self) -> None:
        root, kind = self.root.currentIndex(), self.kind.currentText()
        self.edits.put(self.tr("Set scale"), scale_root=root, scale_kind=kind)
