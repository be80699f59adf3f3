"""One track prompt being checked: what is known of it so far, and how its problems are worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from descant.request import values
from descant.request.abilities import Abilities
from descant.request.problem import Problems, bar_names, shown, track_name
from descant.request.prompt import TrackPrompt
from descant.score import Score, Track


@dataclass
class PromptReading:
    """`track_id` is None when the id is no number, `track` when the score has no such track."""

    prompt: TrackPrompt
    score: Score
    abilities: Abilities
    problems: Problems
    track_id: int | None
    bars: list[int] = field(default_factory=list)
    ignore: bool = False
    autoregressive: bool = False

    @property
    def track(self) -> Track | None:
        if self.track_id is None or not 0 <= self.track_id < len(self.score.tracks):
            return None
        return self.score.tracks[self.track_id]

    @property
    def name(self) -> str:
        if self.track is None or self.track_id is None:
            return f"track id {shown(self.prompt.id)}"
        return track_name(self.track_id)

    @property
    def bar_count(self) -> int | None:
        """Bars of the track, None when there is no such track."""
        return None if self.track is None else len(self.track.bars)

    def refuse(self, code: str, sentence: str) -> None:
        """Add a problem of this track."""
        self.problems.add(code, f"{self.name}: {sentence}")

    def refuse_bar(self, code: str, bar: int, sentence: str) -> None:
        """Add a problem of one bar."""
        self.problems.add(code, f"{self.name}, {bar_names([bar])}: {sentence}")

    def read_flag(self, name: str) -> bool:
        given = getattr(self.prompt, name)
        value = values.flag(given)
        if value is None:
            self.refuse("type", f"{name} is {shown(given)}; it must be true or false")
        return bool(value)

    def read_bars(self, name: str) -> list[int]:
        given = getattr(self.prompt, name)
        bars = values.indexes(given)
        if bars is None:
            self.refuse("type", f"{name} is {shown(given)}; it must be a list of bar indexes")
        return bars or []

    def read_object(self, given: Any, name: str) -> Mapping[Any, Any]:
        if isinstance(given, Mapping):
            return given
        self.refuse("type", f"{name} is {shown(given)}; it must be an object")
        return {}

    def refuse_outside(self, code: str, name: str, bars: list[int]) -> None:
        """Report bars that the score does not have."""
        count = self.bar_count
        outside = [] if count is None else [bar for bar in bars if not 0 <= bar < count]
        if outside and count is not None:
            self.refuse(
                code,
                f"{name} names {bar_names(outside)}; the score has bars 1 to {count} "
                f"(index 0 to {count - 1})",
            )
