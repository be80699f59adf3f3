"""A small piece to compose in with the real process, and waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hands import small_score
from PySide6.QtCore import QCoreApplication, QEventLoop

from descant_app.compose.composer import Composer
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.document.piece import piece_of

LEAD, BASS, DRUMS = TrackId(1), TrackId(2), TrackId(3)
PATIENCE_S = 60.0


def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)


def open_small(document: Document, model: Path) -> None:
    """The small score, few notes a bar asked for, two takes, the random model."""
    settings = {"model": str(model), "takes": 2, "density_hard_limit": 4, "seed": 3}
    made = piece_of(small_score())
    document.open_piece(made.with_composition(made.composition.with_settings(**settings)), None)
    document.selection.set_bars([(LEAD, 2), (LEAD, 3)])


def done(composer: Composer) -> None:
    until(lambda: composer.job is None)


def heard(signal: Any) -> list[Any]:
    """What a signal brings from now on; None each time where it brings nothing."""
    told: list[Any] = []
    signal.connect(lambda *values: told.append(values[0] if values else None))
    return told
