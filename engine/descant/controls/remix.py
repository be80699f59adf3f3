"""Remix: keep the rhythm of bars and some of their notes, choose the others anew."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from descant.controls.form import Form, is_number
from descant.errors import RequestValidationError

BarNotes = npt.NDArray[np.int32]
"""Notes of one bar (n, 6) on the model grid; columns as in `descant.score.types.NOTE_FIELDS`."""

ScheduleRows = list[list[tuple[int, list[tuple[int, int]]]]]
"""Per bar, per onset: (position, (pitch, NoteDuration value) of each note); -1 leaves it free."""

Mode = Literal["pitch", "full"]
_PITCH, _ONSET, _DURATION = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Remix:
    """`amount` in (0, 1] of the notes get a new pitch and, in mode "full", a new duration."""

    amount: float
    mode: Mode = "pitch"

    @classmethod
    def from_dict(cls, form: object) -> Remix:
        """Read the JSON form; RequestValidationError lists everything that is wrong."""
        remix, found = _read(form)
        if remix is None or found:
            raise RequestValidationError(found)
        return remix

    def schedule(self, reference: Sequence[BarNotes], seed: int) -> ScheduleRows:
        """What each note of the reference bars keeps; `seed` chooses the ones that change.

        At least one changes.  The choice is CPython's `random.Random(seed).sample`, as upstream.
        """
        bars = [_groups(notes) for notes in reference]
        places = [
            (bar, group, note)
            for bar, groups in enumerate(bars)
            for group, (_, notes) in enumerate(groups)
            for note in range(len(notes))
        ]
        count = min(len(places), max(1, round(self.amount * len(places))))
        for bar, group, note in random.Random(seed).sample(places, count):
            notes = bars[bar][group][1]
            notes[note] = (-1, -1 if self.mode == "full" else notes[note][1])
        return bars


def remix_problems(form: object) -> list[str]:
    """Sentences about what is wrong with the JSON form of a remix; empty when it is good."""
    return _read(form)[1]


def _read(value: object) -> tuple[Remix | None, list[str]]:
    form = Form("remix", value, ("amount", "mode"))
    amount = form.values.get("amount")
    if form.values is value and (not is_number(amount) or not 0 < float(amount or 0) <= 1):
        given = f"is {amount!r}" if "amount" in form else "is missing"
        form.refuse("amount", f"{given}; it must be a number above 0 and at most 1")
    mode = form.choice("mode", "pitch", ("pitch", "full"))
    if form.problems or amount is None:
        return None, form.problems
    return Remix(float(amount), "full" if mode == "full" else "pitch"), []


def _groups(notes: BarNotes) -> list[tuple[int, list[tuple[int, int]]]]:
    """Onsets ascending, each with its (pitch, duration value) by ascending pitch."""
    groups: dict[int, list[tuple[int, int]]] = {}
    for row in notes[np.lexsort((notes[:, _PITCH], notes[:, _ONSET]))].tolist():
        note = (row[_PITCH], max(0, row[_DURATION] - 1))
        groups.setdefault(row[_ONSET], []).append(note)
    return list(groups.items())
