"""What a person should know of a model, beside its weights: `<name>.json` and `<name>.md`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from descant.model.architecture import Architecture
from descant.model.registry import ModelCard
from descant.train.config import TrainConfig
from descant.train.sample import TrainingData

FREE = "free for any use; the music it learned from is owed the credits listed in its card"
LIMITS = (
    "It knows only the kinds of music listed above, in the proportions listed there.",
    "It writes on a grid of twelve steps to the quarter note and does not know audio or lyrics.",
    "It may repeat phrases of well-known pieces; the evaluation measures the longest copy.",
)
CHANGES = (
    "Changes made to the music: converted to MIDI, rounded to the grid, transposed, its velocities "
    "scaled, cut into windows. A part may be used only under the licence named beside it."
)
BSD = (
    "BSD 3-Clause music: redistribution and use in source and binary forms, with or without "
    "modification, are permitted provided that the copyright notice, this list of conditions and "
    "the disclaimer are kept, and that the names of the project and its contributors are not used "
    'to endorse derived products without permission. It is provided "as is", without any '
    "warranty, express or implied; its makers are liable for no damage that arises from its use."
)


@dataclass(frozen=True)
class Result:
    """How far a run got."""

    step: int
    tokens: int
    seconds: float
    bits: Mapping[str, float]


def write_card(
    path: Path, data: TrainingData, config: TrainConfig, sizes: Architecture, result: Result
) -> None:
    """Write the card of the checkpoint `path`, once for programs and once for people."""
    card = _short_card(path.stem, data, sizes)
    form = {**asdict(card), **_details(data, config, sizes, result)}
    path.with_suffix(".json").write_text(json.dumps(form, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(_text(card, form), encoding="utf-8")


def parameter_count(sizes: Architecture) -> int:
    """Number of weights."""
    total = 0
    for shape in sizes.tensor_shapes().values():
        count = 1
        for side in shape:
            count *= side
        total += count
    return total


def _short_card(name: str, data: TrainingData, sizes: Architecture) -> ModelCard:
    pieces = sum(data.about["pieces_by_part"].values())
    return ModelCard(
        title=name,
        summary=f"GPT-2 of {parameter_count(sizes) / 1e6:.1f} million weights for bars of MIDI",
        licence=FREE,
        trained_on=f"{pieces} pieces: {_listed(data.about['pieces_by_licence'])}",
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _details(
    data: TrainingData, config: TrainConfig, sizes: Architecture, result: Result
) -> dict[str, Any]:
    return {
        "architecture": sizes.to_dict(),
        "parameters": parameter_count(sizes),
        "megabytes": round(parameter_count(sizes) * 4 / 1e6, 1),
        "data": dict(data.about),
        "attributions": [asdict(attribution) for attribution in data.attributions],
        "steps": result.step,
        "tokens": result.tokens,
        "hours": round(result.seconds / 3600, 3),
        "validation_bits_per_token": dict(result.bits),
        "settings": config.form(),
        "limits": list(LIMITS),
    }


def _text(card: ModelCard, form: Mapping[str, Any]) -> str:
    sizes, bits = form["architecture"], form["validation_bits_per_token"]
    lines = [f"# {card.title}", "", f"{card.summary}.", "", f"Licence: {card.licence}.", ""]
    lines += ["## Sizes", ""]
    lines += [f"- {name}: {size}" for name, size in sizes.items()]
    lines += [f"- weights: {form['parameters']}", f"- megabytes: {form['megabytes']}", ""]
    lines += ["## Training", ""]
    lines += [f"- optimiser steps: {form['steps']}; tokens: {form['tokens']}"]
    lines += [f"- hours: {form['hours']}", f"- data manifest SHA-256: {form['data']['sha256']}"]
    past = form["data"].get("began_from")
    lines += [f"- began with {past['model']}, SHA-256 {past['sha256']}"] if past else []
    lines += [f"- validation, {kind}: {value:.3f} bits a token" for kind, value in bits.items()]
    lines += ["", "## Music it learned from", "", f"{card.trained_on}.", ""]
    lines += [f"- {part}: {count} pieces" for part, count in form["data"]["pieces_by_part"].items()]
    lines += ["", "## Credits", ""]
    lines += [f"- {a['part']} ({a['licence']}): {a['line']}" for a in form["attributions"]]
    if form["attributions"]:
        lines += ["", CHANGES, ""]
        lines += [BSD, ""] if any("BSD" in a["licence"] for a in form["attributions"]) else []
    else:
        lines += ["None are recorded.", ""]
    lines += ["## Limits", ""]
    return "\n".join([*lines, *(f"- {limit}" for limit in form["limits"]), ""])
