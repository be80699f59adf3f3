"""What the model answered: takes, kept beside the piece with all that is needed to make them again.

Takes are no steps of the history; keeping one is.  A batch holds what its takes share: the request
and the score it was asked about, so that a take can be made again whatever was edited since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from descant.score.types import Bar, Score
from descant_app.document.bar_ids import BarIds, NamedBars, named, numbered
from descant_app.document.composition import BarCell, TrackId

OFFERED, KEPT, REJECTED = "offered", "kept", "rejected"


@dataclass(frozen=True)
class Batch:
    """What the takes of one job share.

    Attributes:
        request: the JSON form of the `GenerationRequest`; its track ids are indices of `tracks`.
        score: the whole score as the model was asked about it.
        tracks: the piece's tracks in the score's order.
        model: name; `model_hash` and `backend` say what ran, `version` which Descant.
        parent: the take that was shown when this was asked for, None for the piece itself.
        under: the piece's own bars where `score` has those of the take shown.
        bar_ids: names of the score's bars.  Bars are numbered as in `score` in all that a batch
            holds, wherever they stand in the piece now.
        when: seconds since 1970.
    """

    id: int
    request: Mapping[str, Any]
    score: Score
    tracks: tuple[TrackId, ...]
    bar_ids: BarIds
    model: str = ""
    model_hash: str = ""
    backend: str = ""
    version: str = ""
    parent: int | None = None
    when: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    under: Mapping[BarCell, Bar] = field(default_factory=dict)

    @property
    def targets(self) -> list[BarCell]:
        """The bars that were to be written, by track and time."""
        return sorted(
            (self.tracks[int(prompt["id"])], int(bar))
            for prompt in self.request.get("tracks", ())
            if int(prompt["id"]) < len(self.tracks)
            for bar in prompt.get("bars", ())
        )


@dataclass(frozen=True)
class Take:
    """One answer.

    Attributes:
        bars: the new bars, and those of the take shown that they were written to go with, where
            they stand in the piece now.
        away: those of them whose place was taken out of the piece.
        seed: makes it again, alone, with its batch's request.
        mask_mode: how bars were hidden; differs inside a batch that compares modes.
        scores: measures by name, for people to choose by; see `compose.ranking`.
        violations: what the validator objected to; such a take is shown and never applied.
        complete: False when it was stopped; `bars` then holds the finished ones.
    """

    id: int
    batch: int
    bars: Mapping[BarCell, Bar]
    seed: int
    mask_mode: str = "auto"
    state: str = OFFERED
    starred: bool = False
    complete: bool = True
    scores: Mapping[str, float] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
    away: NamedBars = field(default_factory=dict)

    def placed(self, before: BarIds, now: BarIds) -> Take:
        """The take where bars are numbered in another way."""
        if before == now:
            return self
        known = {**self.away, **named(self.bars, before)}
        there = set(now)
        away = {cell: bar for cell, bar in known.items() if cell[1] not in there}
        return replace(self, bars=numbered(known, now), away=away)

    @property
    def note_count(self) -> int:
        return sum(len(bar.notes) for bar in self.bars.values())


class TakeList(QObject):
    """All takes of the open piece, the oldest first.

    Signals: `changed()` when takes came, went or changed; `shown_changed()` when another is shown;
    `moved()` when bars of the piece came, went or moved, and takes with them; `replaced()` when
    those of another piece took their place.
    """

    changed = Signal()
    moved = Signal()
    replaced = Signal()
    shown_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.batches: dict[int, Batch] = {}
        self.takes: dict[int, Take] = {}
        self.shown: int | None = None
        self.bar_ids: BarIds = ()
        self._next = 1

    def new_id(self) -> int:
        """A number no batch or take has."""
        self._next += 1
        return self._next - 1

    def add_batch(self, batch: Batch) -> None:
        """A batch whose takes follow."""
        self.batches[batch.id] = batch

    def put(self, take: Take) -> None:
        """Add a take, or replace the one of that number."""
        self.takes[take.id] = take
        self.changed.emit()

    def mark(self, number: int, **fields: Any) -> None:
        """Change fields of a take: `state`, `starred`."""
        self.put(replace(self.takes[number], **fields))

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget takes, and batches without any."""
        for number in list(numbers):
            self.takes.pop(number, None)
        used = {take.batch for take in self.takes.values()}
        self.batches = {n: batch for n, batch in self.batches.items() if n in used}
        if self.shown not in self.takes:
            self.show(None)
        self.changed.emit()

    def show(self, number: int | None) -> None:
        """Show and hear this take in place; None for the piece as it is."""
        if number != self.shown:
            self.shown = number
            self.shown_changed.emit()

    def number_of(self, take: Take) -> int:
        """A take's number within its batch, from 1."""
        batch = [t.id for t in self.takes.values() if t.batch == take.batch]
        return batch.index(take.id) + 1 if take.id in batch else len(batch) + 1

    def siblings(self, number: int) -> list[Take]:
        """Takes of the same batch that were not rejected, in order."""
        batch = self.takes[number].batch
        return [t for t in self.takes.values() if t.batch == batch and t.state != REJECTED]

    def follow(self, bar_ids: BarIds) -> None:
        """The bars of the piece are these now: what was written for a bar goes where it went."""
        if bar_ids != self.bar_ids:
            before, self.bar_ids = self.bar_ids, bar_ids
            self.takes = {n: take.placed(before, bar_ids) for n, take in self.takes.items()}
            self.moved.emit()
            self.changed.emit()

    def replace_all(self, batches: Iterable[Batch], takes: Iterable[Take], bar_ids: BarIds) -> None:
        """Another piece was opened, whose bars have these names."""
        self.replaced.emit()
        self.bar_ids = bar_ids
        self.batches = {batch.id: batch for batch in batches}
        self.takes = {take.id: take for take in takes}
        self._next = max((*self.batches, *self.takes), default=0) + 1
        self.show(None)
        self.changed.emit()
