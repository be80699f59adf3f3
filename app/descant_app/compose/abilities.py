"""What a loaded model can do, in the window's words."""

from __future__ import annotations

from descant.attributes import AttributeAnalyzer
from descant.engine import InferenceEngine
from descant.model.registry import ModelCard
from descant.request import MASK_MODES, Abilities
from descant_app.compose.model_info import LaneInfo, ModelInfo
from descant_app.document.scales import note_name

FAMILIES = ("drum", "bass", "low", "high")

_TITLES = {
    "note_density": "Density",
    "min_polyphony": "Fewest voices",
    "max_polyphony": "Most voices",
    "min_note_duration": "Shortest notes",
    "max_note_duration": "Longest notes",
    "key_signature": "Key",
    "pitch_low": "Lowest pitch",
    "pitch_high": "Highest pitch",
}

_PITCHES = ("pitch_low", "pitch_high")
"""Attributes whose levels are MIDI pitches; `pitch_range` counts semitones."""

_NO_POSITIONS = "This model does not know where in a bar a note is."


def model_info(engine: InferenceEngine, card: ModelCard, backend: str) -> ModelInfo:
    """What the window shows of an engine."""
    model, abilities = engine.model, engine.abilities
    return ModelInfo(
        name=model.name,
        title=card.title or model.name,
        summary=card.summary,
        licence=card.licence,
        content_hash=model.content_hash,
        backend=backend,
        windows=abilities.num_bars_map,
        positions=model.network.positions(),
        lanes=lanes(engine),
        mask_modes=mask_modes(abilities),
        refused_settings=_refused(abilities),
    )


def lanes(engine: InferenceEngine) -> tuple[LaneInfo, ...]:
    """Attributes that levels can be painted for, those of bars first."""
    analyzer = AttributeAnalyzer(engine.model.encoder)
    labels = {family: analyzer.attribute_value_labels(family) for family in FAMILIES}
    found = [
        LaneInfo(
            name,
            title_of(name),
            ability.per_bar,
            ability.melodic,
            ability.drum,
            {family: _labels(name, labels[family][name]) for family in FAMILIES},
        )
        for name, ability in engine.abilities.attributes.items()
    ]
    return tuple(sorted(found, key=lambda lane: not lane.per_bar))


def title_of(name: str) -> str:
    """An attribute's name for people."""
    plain = name.removeprefix("bar_")
    return _TITLES.get(plain, plain.replace("_", " ").capitalize())


def _labels(name: str, labels: list[str]) -> tuple[str, ...]:
    is_pitch = name.removeprefix("bar_") in _PITCHES
    return tuple(note_name(int(x)) if is_pitch and x.isdigit() else x for x in labels)


def mask_modes(abilities: Abilities) -> dict[str, str]:
    """Every way to hide bars, with the reason why it cannot be used or ""."""
    reason = "" if abilities.has_mask_bar else "This model was not trained with hidden bars."
    return {mode: reason if mode == "token" else "" for mode in MASK_MODES}


def _refused(abilities: Abilities) -> dict[str, str]:
    refused = {}
    if not abilities.position_count:
        refused = {"rhythm": _NO_POSITIONS, "rhythm_grid": _NO_POSITIONS, "remix": _NO_POSITIONS}
    if not abilities.supports_infill:
        refused["mask_mode"] = "This model only continues to the right."
    return refused
