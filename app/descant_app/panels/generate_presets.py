"""Several settings at once, named by what they do to the music."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from descant.defaults import NATURAL_TOP_P
from descant_app.compose.composer import Composer
from descant_app.document.composition import Composition, TrackId
from descant_app.document.generate_settings import GenerateSettings
from descant_app.settings.translation import N_

THICKNESS = ("bar_note_density", "bar_max_polyphony")
"""Attributes of bars that say how much is going on."""

_FREE: Mapping[str, Any] = {
    "temperature": 1.0, "remix": 1.0, "rhythm": "free", "top_p": NATURAL_TOP_P, "top_k": 0,
    "mask_p": 0.0, "mask_k": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """`settings` are set, the levels of density and polyphony go up by `thicker` where a model has
    them."""

    title: str
    tip: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    thicker: int = 0

    @property
    def changes(self) -> dict[str, Any]:
        """Every setting that presets touch."""
        return {**_FREE, **self.settings}

    def fits(self, settings: GenerateSettings) -> bool:
        """Whether these are its settings."""
        return not self.thicker and all(
            getattr(settings, name) == value for name, value in self.changes.items()
        )


PRESETS = (
    Preset(N_("Fresh idea"), N_("Write the bars anew, freely, at a natural temperature.")),
    Preset(
        N_("Faithful variation"),
        N_("The rhythm stays, and so do about two notes of three."),
        {"remix": 0.35, "temperature": 0.9, "rhythm": "keep"},
    ),
    Preset(
        N_("Same rhythm, new notes"),
        N_("Every note keeps its place in time and gets a new pitch."),
        {"rhythm": "keep"},
    ),
    Preset(N_("Thicken"), N_("Paint the density two levels above what is there now."), thicker=2),
    Preset(N_("Thin out"), N_("Paint the density two levels below what is there now."), thicker=-2),
    Preset(
        N_("Play it safe"),
        N_("Only likely notes, at a low temperature."),
        {"temperature": 0.75, "top_p": 0.92},
    ),
    Preset(
        N_("Surprise me"),
        N_("A high temperature, and never the most obvious note."),
        {"temperature": 1.3, "top_p": 1.0, "mask_k": 1},
    ),
)


def applied(preset: Preset, composer: Composer) -> Composition:
    """The piece's wishes with the preset in force for the chosen bars."""
    document = composer.document
    wishes = document.composition.with_settings(**preset.changes)
    if not preset.thicker:
        return wishes
    for track, bars in document.selection.bars_by_track().items():
        wishes = _thicker(wishes, composer, track, bars, preset.thicker)
    return wishes


def _thicker(
    wishes: Composition, composer: Composer, track: TrackId, bars: list[int], by: int
) -> Composition:
    """Levels a few above (or below) the wish, else the measured level, else the middle."""
    index = composer.document.piece.index_of(track)
    if composer.model is None or index is None:
        return wishes
    is_drum = composer.document.score.tracks[index].is_drum
    measured = composer.measured(track) or {}
    for lane in composer.model.lanes:
        if lane.per_bar and lane.fits(is_drum) and lane.name in THICKNESS:
            painted, seen = wishes.levels.get((track, lane.name), {}), measured.get(lane.name, ())
            levels = {}
            for bar in bars:
                found = seen[bar] if bar < len(seen) else None
                start = painted.get(bar, lane.size // 2 if found is None else found)
                levels[bar] = max(0, min(lane.size - 1, start + by))
            wishes = wishes.with_levels((track, lane.name), levels)
    return wishes
