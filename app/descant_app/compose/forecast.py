"""What the next press would do, asked of the model's process again whenever it may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from descant_app.compose.ask import Ask
from descant_app.compose.outlook import Outlook
from descant_app.settings.translation import tr

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer

WAIT_MS = 25
"""Changes that come together are one."""


class Forecast:
    """Keeps the composer's outlook up to date; answers to what was asked before are not heard."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._number = 0
        self._timer = QTimer(composer, interval=WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)

    def soon(self) -> None:
        """Something changed."""
        self._timer.start()

    def end(self) -> None:
        """Nobody wants to know any more."""
        self._timer.stop()

    def _ask(self) -> None:
        composer, document = self._composer, self._composer.document
        if not document.selection.bars:
            self.refuse(tr("Choose the bars to write first."))
        elif composer.model is None:
            self.refuse(composer.trouble)
        elif composer.open():
            self._number += 1
            composer.send_piece()
            ask = Ask(document.selection.bars, composer.wishes, dict(document.preview))
            composer.link.send("plan", self._number, ask)

    def hear(self, number: int, outlook: Outlook) -> None:
        """The process answered."""
        if number == self._number:
            self._put(outlook)

    def refuse(self, reason: str) -> None:
        """Nothing can be done, and why."""
        self._put(Outlook(problems=(reason,)))

    def _put(self, outlook: Outlook) -> None:
        if outlook != self._composer.outlook:
            self._composer.outlook = outlook
            self._composer.outlook_changed.emit()
