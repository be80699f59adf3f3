"""`descant info`: what a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descant.encoder_config import EncoderConfig
from descant.midi_file import read_midi
from descant.model.checkpoint import load_checkpoint
from descant.model.registry import bundled_models, resolve_model
from descant.request import Abilities
from descant.score import Score, Track


def describe(path: Path) -> dict[str, Any]:
    """A MIDI file or a checkpoint, by its ending."""
    if path.is_dir() or path.suffix in (".safetensors", ".pt"):
        return describe_model(str(path))
    score = read_midi(path)
    return {
        "file": str(path),
        "resolution": score.resolution,
        "bpm": round(60e6 / score.tempo, 2),
        "tempo_changes": len(score.tempo_changes),
        "bars": max((len(track.bars) for track in score.tracks), default=0),
        "meters": _meters(score),
        "tracks": [_track(number, track) for number, track in enumerate(score.tracks, 1)],
    }


def describe_model(model: str) -> dict[str, Any]:
    """Sizes, settings and card of a checkpoint."""
    path = resolve_model(model)
    checkpoint = load_checkpoint(path)
    abilities = Abilities.from_encoder(EncoderConfig.from_dict(checkpoint.encoder_config))
    bundled = bundled_models().get(model)
    card = (
        {}
        if bundled is None
        else {
            "title": bundled.card.title,
            "summary": bundled.card.summary,
            "licence": bundled.card.licence,
            "trained_on": bundled.card.trained_on,
        }
    )
    return {
        "file": str(path),
        **card,
        **checkpoint.architecture.to_dict(),
        "parameters": sum(int(w.size) for w in checkpoint.weights.values()),
        "windows": list(abilities.num_bars_map),
        "mask_token": abilities.has_mask_bar,
        "levels": [
            {"name": a.name, "for": a.level, "sizes": a.size, "tracks": _kinds(a.melodic, a.drum)}
            for a in abilities.attributes.values()
        ],
        "hash": checkpoint.content_hash,
    }


def _kinds(melodic: bool, drum: bool) -> str:
    return "both" if melodic and drum else "drum" if drum else "melodic"


def _meters(score: Score) -> list[str]:
    seen: dict[str, None] = {}
    for bar in score.tracks[0].bars if score.tracks else ():
        seen[f"{bar.ts_numerator}/{bar.ts_denominator}"] = None
    return list(seen)


def _track(number: int, track: Track) -> dict[str, Any]:
    notes = [len(bar.notes) for bar in track.bars]
    return {
        "track": number,
        "name": track.name,
        "type": track.track_type,
        "program": track.instrument,
        "notes": sum(notes),
        "bars_with_notes": sum(1 for count in notes if count),
    }
