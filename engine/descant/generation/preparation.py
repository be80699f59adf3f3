"""From a checked request to what a session works on: tracks, targets, and sizes of steps.

Source: spec/generation.md 4.1, 4.5 and 4.6.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from descant.generation.fit import Attention, ContextFit
from descant.generation.loaded_model import LoadedModel
from descant.generation.piece import Piece
from descant.generation.prompt import PromptBuilder
from descant.plan import Cell, PlanSettings, Step, make_plan, shuffle_steps, thin_targets
from descant.request import CheckedRequest, InferenceConfig, TrackPrompt
from descant.score import Score


@dataclass(frozen=True)
class Preparation:
    """What is left of a request once targets are thinned and tracks left out.

    Session tracks are numbered 0..n-1; `tracks` holds their numbers in the score, `prompts` their
    prompts, `targets` the (session track, bar) cells to write, `dropped` the tracks (numbers in
    the score) that did not fit into the model.
    """

    tracks: tuple[int, ...]
    prompts: tuple[TrackPrompt, ...]
    targets: frozenset[Cell]
    settings: PlanSettings
    dropped: tuple[int, ...]
    bar_count: int

    def plan(self, window: int, targets: Collection[Cell]) -> list[Step]:
        """Steps that write the targets, with windows of `window` bars."""
        selected = np.zeros((len(self.prompts), self.bar_count), dtype=np.bool_)
        for cell in targets:
            selected[cell] = True
        autoregressive = [t for t, prompt in enumerate(self.prompts) if prompt.autoregressive]
        return make_plan(selected, autoregressive, settings=replace(self.settings, window=window))


def prepare(
    model: LoadedModel,
    score: Score,
    request: CheckedRequest,
    seed: int,
    new_piece: type[Piece],
    attention: Attention,
) -> Preparation:
    """Settle what the session does; nothing is generated."""
    prompts = sorted((p for p in request.tracks if not p.ignore), key=lambda prompt: prompt.id)
    prompts = _thinned(prompts, request.config, seed)
    whole = _numbered(prompts, _settings(request.config), (), len(score.tracks[0].bars))
    piece = new_piece(score, whole.tracks, model.codec)
    builder = PromptBuilder(model.codec, whole.prompts, request.config, request.controls)
    fit = ContextFit(
        piece,
        request.config,
        model.network.positions(),
        lambda step: builder.build(piece, step),
        attention,
    ).run(
        lambda settings: replace(whole, settings=settings).plan(settings.window, whole.targets),
        whole.settings,
    )
    dropped = tuple(whole.tracks[track] for track in fit.dropped)
    left = [prompt for prompt in prompts if prompt.id not in dropped]
    return _numbered(left, fit.settings, dropped, whole.bar_count)


def ordered(steps: Sequence[Step], config: InferenceConfig, seed: int) -> list[Step]:
    """The steps in the order they are run."""
    return shuffle_steps(steps, seed) if config.shuffle else list(steps)


def _settings(config: InferenceConfig) -> PlanSettings:
    return PlanSettings(
        window=config.model_dim,
        bars_per_step=config.bars_per_step,
        tracks_per_step=config.tracks_per_step,
        ar_overlap=config.ar_overlap,
        min_overlap_bars=config.min_overlap_bars,
    )


def _thinned(
    prompts: Sequence[TrackPrompt], config: InferenceConfig, seed: int
) -> list[TrackPrompt]:
    infill = {prompt.id: prompt.bars for prompt in prompts if not prompt.autoregressive}
    kept = thin_targets(infill, config.infill_probability, seed)
    return [
        replace(prompt, bars=list(kept[prompt.id])) if prompt.id in kept else prompt
        for prompt in prompts
    ]


def _numbered(
    prompts: Sequence[TrackPrompt], settings: PlanSettings, dropped: tuple[int, ...], bars: int
) -> Preparation:
    return Preparation(
        tracks=tuple(prompt.id for prompt in prompts),
        prompts=tuple(replace(prompt, id=track) for track, prompt in enumerate(prompts)),
        targets=frozenset((t, bar) for t, prompt in enumerate(prompts) for bar in prompt.bars),
        settings=settings,
        dropped=dropped,
        bar_count=bars,
    )
