"""A bar as a few JSON values: notes as the bytes of their array, quick to write and read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from descant.score.types import Bar


def bar_form(bar: Bar) -> list[Any]:
    """Meter, length in quarters, whether it is hidden as future, and the notes in base64."""
    notes = base64.b64encode(bar.notes.array.astype("<i4").tobytes()).decode()
    return [*bar.meter, bar.beat_length, bar.future, notes]


def bar_of(form: list[Any]) -> Bar:
    """The bar of a form.  Raises ValueError, TypeError or ScoreError when it is none."""
    above, below, beats, future, notes = form
    rows = np.frombuffer(base64.b64decode(notes), dtype="<i4").reshape(-1, 6)
    return Bar(rows.astype(np.int32), above, below, beats, future)
