"""The menu of instruments of a track."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from descant.score.types import Track
from descant_app.document.instruments import DRUM_KITS, FAMILIES


class InstrumentMenu(QMenu):
    """`chosen(program)`.  Filled when it is about to open: 128 instruments a track would slow the
    start."""

    chosen = Signal(int)

    def __init__(self, track: Callable[[], Track], parent: QWidget) -> None:
        super().__init__(parent)
        self._track = track
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        track = self._track()
        if track.is_drum:
            for program, name in DRUM_KITS.items():
                self._add(self, name, program, track.instrument)
            return
        program = 0
        for family, names in FAMILIES:
            part = self.addMenu(family)
            for name in names:
                self._add(part, name, program, track.instrument)
                program += 1

    def _add(self, menu: QMenu, name: str, program: int, now: int) -> None:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(program == now)
        action.triggered.connect(lambda: self.chosen.emit(program))
