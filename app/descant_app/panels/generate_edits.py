"""Changes the settings of generation: a draft while a knob is held, one step when it is let go."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from descant_app.compose.composer import Composer
from descant_app.document.change import Kinds
from descant_app.document.composition import Composition
from descant_app.document.generate_settings import GenerateSettings


class SettingEdits(QObject):
    """`changed()` when the settings of the piece became others."""

    changed = Signal()

    def __init__(self, composer: Composer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.composer, self.document = composer, composer.document
        self.document.changed.connect(self._changed)

    @property
    def now(self) -> GenerateSettings:
        """The settings of the piece."""
        return self.document.composition.settings

    def hold(self, **changes: Any) -> None:
        """While a knob moves: live repaint hears it, the history does not."""
        self.composer.set_draft(self.document.composition.with_settings(**changes))

    def put(self, label: str, merge: str = "", **changes: Any) -> None:
        """The knob was let go: one step of the history; quick repetitions of `merge` join."""
        self.put_all(label, self.document.composition.with_settings(**changes), merge)

    def put_all(self, label: str, composition: Composition, merge: str = "") -> None:
        """Settings and painted levels together, as one step."""
        if self.composer.draft is not None:
            self.composer.set_draft(None)
        self.document.do(label, self.document.piece.with_composition(composition), merge=merge)

    def _changed(self, kinds: Kinds) -> None:
        if kinds.composition:
            self.changed.emit()
