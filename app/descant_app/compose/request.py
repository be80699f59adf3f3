"""From chosen bars, roles, painted levels and settings to a `GenerationRequest`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from descant.request import Abilities, GenerationRequest, InferenceConfig, TrackPrompt
from descant_app.compose.controls import control_problems, track_controls
from descant_app.compose.words import bars_text, track_text
from descant_app.document.composition import BarCell, TrackId
from descant_app.document.piece import Piece

SILENT_WISHES = ("note_density", "bar_note_density")
"""Attributes whose lowest level asks for silence."""


@dataclass(frozen=True)
class Wanted:
    """A request, and why it cannot be met, in words; `problems` is empty when it can."""

    request: GenerationRequest
    problems: list[str] = field(default_factory=list)


def build_request(piece: Piece, bars: frozenset[BarCell], abilities: Abilities) -> Wanted:
    """The request to write `bars` as the piece's composition says.

    Problems are those that only the window knows, such as a locked track; the engine's own checks
    follow when a session is made.
    """
    chosen = _by_track(bars)
    prompts = [
        _prompt(piece, index, sorted(chosen.get(lane.id, ())), abilities)
        for index, lane in enumerate(piece.lanes)
    ]
    config = _config(piece, prompts)
    problems = _problems(piece, prompts, chosen)
    return Wanted(GenerationRequest(prompts, config), problems)


def _by_track(bars: frozenset[BarCell]) -> dict[TrackId, set[int]]:
    chosen: dict[TrackId, set[int]] = {}
    for track, bar in bars:
        chosen.setdefault(track, set()).add(bar)
    return chosen


def _prompt(piece: Piece, index: int, bars: list[int], abilities: Abilities) -> TrackPrompt:
    track, wishes = piece.lanes[index].id, piece.composition
    if track in wishes.left_out and not bars:
        return TrackPrompt(index, [], ignore=True)
    hidden = {bar for of, bar in wishes.hidden if of == track}
    prompt = TrackPrompt(index, bars, mask_bars=sorted(hidden - set(bars)))
    if bars:
        prompt.autoregressive = track in wishes.from_scratch
        prompt.controls = track_controls(piece, index, bars)
        _put_levels(prompt, _levels_of(piece, index, abilities), abilities)
    return prompt


def _levels_of(
    piece: Piece, index: int, abilities: Abilities
) -> dict[str, Mapping[int | None, int]]:
    """Painted levels that the loaded model has for this kind of track."""
    track, drum = piece.lanes[index].id, piece.score.tracks[index].is_drum
    known = abilities.attributes
    return {
        name: wish
        for (of, name), wish in piece.composition.levels.items()
        if of == track and name in known and known[name].fits(drum)
    }


def _put_levels(
    prompt: TrackPrompt, levels: Mapping[str, Mapping[int | None, int]], abilities: Abilities
) -> None:
    for name, wish in levels.items():
        ability = abilities.attributes[name]
        inside = {bar: min(level, ability.size - 1) for bar, level in wish.items()}
        if not ability.per_bar:
            if None in inside:
                prompt.attributes[name] = inside[None]
            continue
        for bar in prompt.bars:
            level = inside.get(bar, inside.get(None))
            if level is not None:
                prompt.bar_attributes.setdefault(bar, {})[name] = level


def _config(piece: Piece, prompts: list[TrackPrompt]) -> InferenceConfig:
    """Steps as large as they may be, unless a control holds for some of the tracks only."""
    settings = piece.composition.settings
    written = [prompt for prompt in prompts if prompt.bars]
    alike = all(prompt.controls == written[0].controls for prompt in written)
    keeps_notes = any("remix" in prompt.controls for prompt in written)
    return InferenceConfig(
        model_dim=settings.model_dim,
        mask_mode=settings.mask_mode,
        num_candidates=settings.takes,
        seed=settings.seed,
        temperature=settings.temperature,
        level_guidance=settings.level_guidance,
        top_p=settings.top_p,
        top_k=settings.top_k,
        mask_p=settings.mask_p,
        mask_k=settings.mask_k,
        polyphony_hard_limit=settings.polyphony_hard_limit,
        density_hard_limit=settings.density_hard_limit,
        bars_per_step=settings.bars_per_step,
        tracks_per_step=0 if alike else 1,
        shuffle=settings.shuffle,
        novelty_check=not keeps_notes,
        silence_check=not any(_asks_for_silence(prompt) for prompt in written),
    )


def _asks_for_silence(prompt: TrackPrompt) -> bool:
    levels = [prompt.attributes, *prompt.bar_attributes.values()]
    return any(wish.get(name) == 0 for wish in levels for name in SILENT_WISHES)


def _problems(
    piece: Piece, prompts: list[TrackPrompt], chosen: Mapping[TrackId, set[int]]
) -> list[str]:
    found: list[str] = []
    if not chosen:
        found.append("Choose the bars to write first.")
    for prompt in prompts:
        if prompt.bars:
            found += _track_problems(piece, prompt)
    return found + control_problems(piece, prompts)


def _track_problems(piece: Piece, prompt: TrackPrompt) -> list[str]:
    lane, name = piece.lanes[prompt.id], track_text(piece, prompt.id)
    found = []
    if lane.locked:
        found.append(f"{name} is locked; unlock it to write its bars.")
    if lane.id in piece.composition.left_out:
        found.append(f"{name} is left out; let it take part to write its bars.")
    count = piece.bar_count
    tail = list(range(prompt.bars[0], count))
    if prompt.autoregressive and prompt.bars != tail:
        found.append(
            f"{name} is written from scratch, which goes on to the end; "
            f"choose {bars_text(tail)} whole."
        )
    return found


def request_form(request: GenerationRequest, **config: Any) -> dict[str, Any]:
    """The JSON form with other values in its configuration."""
    form = request.to_dict()
    form["config"].update(config)
    return form
