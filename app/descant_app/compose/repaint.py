"""Live repaint: every new wish is written at once, and the newest wins."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from descant_app.compose.ask import Ask
from descant_app.document.composition import Composition

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer

WAIT_MS = 15
"""Wishes that come together are one."""
PATIENCE_S = 0.6
"""So long a repaint may take to its first bar before a newer wish ends it: without it a knob that
keeps moving would never be answered."""


class Repaint:
    """Asks again whenever the wish differs from the one asked last."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._seed = 0
        self._last: Ask | None = None
        self._began = 0.0
        self._timer = QTimer(composer, interval=WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._go)

    def begin(self) -> None:
        """Live mode was switched on."""
        self._seed, self._last = random.randrange(2**31), None
        self.wish_changed()

    def end(self) -> None:
        """Live mode was switched off."""
        self._timer.stop()

    def forget(self) -> None:
        """Another piece was opened: what was asked last says nothing of it."""
        self._last = None

    def wish_changed(self) -> None:
        """A level, a setting or the choice may differ now."""
        if self._composer.live and not self._timer.isActive():
            self._timer.start(WAIT_MS)

    def _go(self) -> None:
        composer = self._composer
        bars = composer.document.selection.bars
        if not composer.live or not bars or composer.model is None:
            return
        ask = Ask(bars, self._settled(composer.wishes))
        if ask == self._last:
            return
        if self._is_busy():
            self._timer.start(WAIT_MS)
            return
        self._last, self._began = ask, time.monotonic()
        composer.ask(bars, ask.composition, live=True)

    def _is_busy(self) -> bool:
        """Whether a repaint runs that nobody has heard a bar of yet."""
        job = self._composer.jobs.running
        if job is None or not job.view.live or job.bars:
            return False
        return time.monotonic() - self._began < PATIENCE_S

    def _settled(self, composition: Composition) -> Composition:
        """One take, and the same seed as long as it is live: only the wish makes a difference."""
        settings = composition.settings
        seed = settings.seed if settings.seed >= 0 else self._seed
        return replace(composition, settings=replace(settings, takes=1, seed=seed))
