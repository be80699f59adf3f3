"""What the user asks of the model, beside the notes: roles of bars and tracks, painted levels, and
how to generate.  Part of the piece, so that undo, journal and project keep it.

Which bars are to be written is not here: those are the chosen bars (`Selection.bars`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NewType

from descant_app.document.generate_settings import GenerateSettings

TrackId = NewType("TrackId", int)
"""Names a track for as long as the piece is open, whatever its place in the list."""

BarCell = tuple[TrackId, int]
"""A bar of a track, from 0."""

Curve = tuple[TrackId, str]
"""An attribute of a track, by the model's name for it."""

MOST_LEVELS = 128
"""As many as the levels of any attribute: those of a pitch."""


@dataclass(frozen=True)
class Composition:
    """Roles, wishes and settings.

    Attributes:
        hidden: bars the model must not look at.
        left_out: tracks kept out of every prompt.
        from_scratch: tracks continued to the right rather than filled in.
        levels: painted levels by attribute, then by bar; the key None means the whole track.
    """

    hidden: frozenset[BarCell] = frozenset()
    left_out: frozenset[TrackId] = frozenset()
    from_scratch: frozenset[TrackId] = frozenset()
    levels: Mapping[Curve, Mapping[int | None, int]] = field(default_factory=dict)
    settings: GenerateSettings = field(default_factory=GenerateSettings)

    def with_levels(self, curve: Curve, levels: Mapping[int | None, int | None]) -> Composition:
        """Levels painted on a curve; None clears a bar back to free."""
        merged = {**self.levels.get(curve, {}), **levels}
        painted = {bar: level for bar, level in merged.items() if level is not None}
        others = {known: wish for known, wish in self.levels.items() if known != curve}
        return replace(self, levels={**others, curve: painted} if painted else others)

    def with_hidden(self, cells: Iterable[BarCell], hidden: bool) -> Composition:
        """Bars hidden from the model, or shown again."""
        cells = frozenset(cells)
        return replace(self, hidden=self.hidden | cells if hidden else self.hidden - cells)

    def with_settings(self, **changes: Any) -> Composition:
        """Other ways to generate."""
        return replace(self, settings=replace(self.settings, **changes))

    def moved(self, place: Callable[[int], int | None]) -> Composition:
        """Bars went elsewhere: `place(bar)` says where, None that it is gone."""
        hidden = ((track, place(bar)) for track, bar in self.hidden)
        levels = {curve: _moved(wish, place) for curve, wish in self.levels.items()}
        return replace(
            self,
            hidden=frozenset((track, bar) for track, bar in hidden if bar is not None),
            levels={curve: wish for curve, wish in levels.items() if wish},
        )

    def within(self, tracks: Iterable[TrackId], bars: int) -> Composition:
        """Without what belongs to tracks that are gone or bars behind the end."""
        known = frozenset(tracks)
        kept = replace(
            self,
            hidden=frozenset(cell for cell in self.hidden if cell[0] in known),
            left_out=self.left_out & known,
            from_scratch=self.from_scratch & known,
            levels={curve: wish for curve, wish in self.levels.items() if curve[0] in known},
        )
        return kept.moved(lambda bar: bar if bar < bars else None)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "hidden": sorted(map(list, self.hidden)),
            "left_out": sorted(self.left_out),
            "from_scratch": sorted(self.from_scratch),
            "levels": [
                [track, name, None if bar is None else bar, level]
                for (track, name), wish in self.levels.items()
                for bar, level in wish.items()
            ],
            "settings": asdict(self.settings),
        }

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Composition:
        """Read the JSON form; see `GenerateSettings.from_dict` for settings.

        Raises KeyError, TypeError or ValueError when it is not one.
        """
        made = cls(
            frozenset((TrackId(_whole(track)), _whole(bar)) for track, bar in form["hidden"]),
            frozenset(TrackId(_whole(track)) for track in form["left_out"]),
            frozenset(TrackId(_whole(track)) for track in form["from_scratch"]),
            settings=GenerateSettings.from_dict(form["settings"]),
        )
        for track, name, bar, level in form["levels"]:
            place = None if bar is None else _whole(bar)
            curve = (TrackId(_whole(track)), str(name))
            made = made.with_levels(curve, {place: _whole(level, MOST_LEVELS)})
        return made


def _whole(value: Any, below: int = 1 << 31) -> int:
    if type(value) is not int or not 0 <= value < below:
        raise ValueError(f"{value!r} is no whole number from 0 to {below - 1}")
    return value


def _moved(
    wish: Mapping[int | None, int], place: Callable[[int], int | None]
) -> dict[int | None, int]:
    moved: dict[int | None, int] = {}
    for bar, level in wish.items():
        to = None if bar is None else place(bar)
        if bar is None or to is not None:
            moved[to] = level
    return moved
