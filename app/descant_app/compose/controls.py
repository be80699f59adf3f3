"""Scale lock, rhythm and remix as the controls of a track."""

from __future__ import annotations

from typing import Any

from descant.controls import SCALES as ENGINE_SCALES
from descant.request import TrackPrompt
from descant_app.compose.words import bars_text, track_text
from descant_app.document.generate_settings import GenerateSettings
from descant_app.document.piece import Piece
from descant_app.document.scales import SCALES, Scale

GRID_UNITS = {
    1: "quarter",
    2: "eighth",
    3: "quarter_triplet",
    4: "sixteenth",
    6: "eighth_triplet",
    12: "sixteenth_triplet",
}
"""Steps of a quarter -> the engine's name for the grid."""

_ENGINE_SCALE = {steps: name for name, steps in reversed(ENGINE_SCALES.items())}


def track_controls(piece: Piece, index: int, bars: list[int]) -> dict[str, Any]:
    """The controls of one track that is written."""
    settings = piece.composition.settings
    controls: dict[str, Any] = {}
    if settings.scale_lock and not piece.score.tracks[index].is_drum:
        controls["pitch_mask"] = pitch_mask(settings)
    if settings.rhythm == "grid" and settings.rhythm_grid in GRID_UNITS:
        unit = GRID_UNITS[settings.rhythm_grid]
        controls["rhythm_mask"] = {"grid": {"unit": unit, "strength": 1.0}}
    if settings.rhythm in ("keep", "onsets") or settings.remix < 1:
        mode = "pitch" if settings.rhythm == "keep" else "full"
        controls["remix"] = {"amount": settings.remix, "mode": mode}
    return controls


def pitch_mask(settings: GenerateSettings) -> dict[str, Any]:
    """The scale as the engine's control."""
    steps = SCALES.get(settings.scale_kind, ())
    if steps in _ENGINE_SCALE:
        return {"scale": _ENGINE_SCALE[steps], "root": settings.scale_root}
    scale = Scale(settings.scale_root, settings.scale_kind)
    return {"pitch_classes": sorted(scale.classes) if steps else []}


def control_problems(piece: Piece, prompts: list[TrackPrompt]) -> list[str]:
    """Why these controls cannot hold together, in words."""
    settings = piece.composition.settings
    found = []
    if settings.scale_lock and settings.scale_kind not in SCALES:
        known = ", ".join(SCALES)
        found.append(f"Scale “{settings.scale_kind}” is not known; choose one of {known}.")
    if settings.rhythm == "grid" and settings.rhythm_grid not in GRID_UNITS:
        known = ", ".join(map(str, GRID_UNITS))
        found.append(
            f"A grid of {settings.rhythm_grid} steps a quarter is not known; choose {known}."
        )
    if settings.rhythm == "grid" and settings.remix < 1:
        found.append("Remix keeps the rhythm that is there; choose it or the grid, not both.")
    if settings.remix <= 0:
        found.append("Remix 0 would change nothing; raise it.")
    return found + [p for prompt in prompts for p in _empty_bars(piece, prompt)]


def _empty_bars(piece: Piece, prompt: TrackPrompt) -> list[str]:
    if "remix" not in prompt.controls or not prompt.bars:
        return []
    bars = piece.score.tracks[prompt.id].bars
    empty = [bar for bar in prompt.bars if bar < len(bars) and not len(bars[bar].notes)]
    if not empty:
        return []
    name = track_text(piece, prompt.id)
    return [f"{name}, {bars_text(empty)}: there is no rhythm to keep; set rhythm to free."]
