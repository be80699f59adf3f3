"""Lanes below the roll, one an attribute that the model has: wishes painted over what is."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from descant_app.compose.composer import Composer
from descant_app.piano_roll.roll import Roll


class LevelLanes(QWidget):
    """The lanes of the current track, with a strip of buttons that show and hide them."""

    def __init__(self, roll: Roll, composer: Composer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll, self.composer = roll, composer
