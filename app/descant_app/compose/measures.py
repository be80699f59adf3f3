"""Levels of the notes as shown, asked of the model's process once for each state of a track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from descant.score.types import Bar
from descant_app.document.composition import TrackId

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer

Measured = Mapping[str, Sequence[int | None]]
"""Attribute -> level of each bar, None where a bar has none."""


class Measures:
    """What was measured, and of which bars; what is being measured."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._known: dict[TrackId, tuple[tuple[Bar, ...], Measured]] = {}
        self._asked: dict[TrackId, tuple[int, tuple[Bar, ...]]] = {}
        self._number = 0

    @property
    def is_asking(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def forget(self) -> None:
        """Another model measures other things."""
        self._known.clear()
        self._asked.clear()

    def of(self, track: TrackId) -> Measured | None:
        """Levels of a track; those of the bars before while new ones are measured."""
        document = self._composer.document
        index = document.piece.index_of(track)
        if index is None:
            return None
        shown = document.heard_score.tracks[index].bars
        bars, levels = self._known.get(track, ((), None))
        if levels is not None and _same(bars, shown):
            return levels
        asked = self._asked.get(track, (0, ()))[1]
        if self._composer.model is not None and not _same(asked, shown):
            self._ask(track, shown)
        return levels if len(bars) == len(shown) else None

    def _ask(self, track: TrackId, shown: tuple[Bar, ...]) -> None:
        self._number += 1
        self._asked[track] = (self._number, shown)
        self._composer.send_piece()
        preview = self._composer.document.preview
        bars = {bar: value for (of, bar), value in preview.items() if of == track}
        self._composer.link.send("measure", self._number, track, bars)

    def put(self, number: int, track: TrackId, levels: Measured) -> None:
        """The process measured a track; what was asked before something newer is not kept."""
        asked, bars = self._asked.get(track, (0, ()))
        if asked == number:
            del self._asked[track]
            self._known[track] = (bars, levels)
            self._composer.measured_changed.emit(track)


def _same(one: tuple[Bar, ...], two: tuple[Bar, ...]) -> bool:
    return len(one) == len(two) and all(a is b for a, b in zip(one, two, strict=True))
