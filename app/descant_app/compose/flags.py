"""A request as options of `descant infill`, where options can say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from descant.cli.numbers import bars_text
from descant.cli.wish import USUAL, Wish
from descant.errors import RequestValidationError
from descant.request import Abilities, GenerationRequest
from descant.request.abilities import AttributeAbility
from descant.score.types import Score
from descant_app.compose.model_info import ModelInfo

_OPTIONS = {
    "mask_mode": "--mask-mode",
    "model_dim": "--window",
    "temperature": "--temperature",
    "level_guidance": "--level-guidance",
    "top_p": "--top-p",
    "top_k": "--top-k",
    "seed": "--seed",
}
"""Fields of the configuration that have an option, and the option."""


def flags(request: GenerationRequest, score: Score, model: ModelInfo) -> list[str] | None:
    """The options that make just this request; None when there are none."""
    wish = _wish(request)
    try:
        same = wish.to_request(score, _abilities(model)).to_dict() == request.to_dict()
    except RequestValidationError:
        return None
    return list(_words(wish, request)) if same else None


def _wish(request: GenerationRequest) -> Wish:
    written = [prompt for prompt in request.tracks if prompt.bars]
    config = request.config
    return Wish(
        tracks=[prompt.id + 1 for prompt in written],
        bars=[bars_text(prompt.bars) for prompt in written],
        hide=[f"{p.id + 1}:{bars_text(p.mask_bars)}" for p in request.tracks if p.mask_bars],
        leave_out=[prompt.id + 1 for prompt in request.tracks if prompt.ignore],
        from_scratch=all(prompt.autoregressive for prompt in written),
        levels=_levels(request),
        settings={name: getattr(config, name) for name in _OPTIONS},
    )


def _levels(request: GenerationRequest) -> list[str]:
    """`NAME=LEVEL` for tracks; `NAME@BARS=LEVEL` for the bars that share a level."""
    found = []
    for prompt in request.tracks:
        found += [f"{name}={level}" for name, level in prompt.attributes.items()]
        bars: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for bar, levels in prompt.bar_attributes.items():
            for name, level in levels.items():
                bars[name.removeprefix("bar_"), level].append(bar)
        found += [f"{name}@{bars_text(where)}={level}" for (name, level), where in bars.items()]
    return found


def _words(wish: Wish, request: GenerationRequest) -> Iterator[str]:
    for track, bars in zip(wish.tracks, wish.bars, strict=True):
        yield from ("--track", str(track), "--bars", bars)
    for hidden in wish.hide:
        yield from ("--hide", hidden)
    for track in wish.leave_out:
        yield from ("--leave-out", str(track))
    if wish.from_scratch:
        yield "--from-scratch"
    for level in wish.levels:
        yield from ("--level", level)
    for name, option in _OPTIONS.items():
        value = getattr(request.config, name)
        if value != getattr(USUAL, name):
            yield from (option, str(value))


def _abilities(model: ModelInfo) -> Abilities:
    """As much of the model's abilities as reading options needs."""
    return Abilities(
        attributes={
            lane.name: AttributeAbility(lane.name, lane.per_bar, lane.melodic, lane.drum, lane.size)
            for lane in model.lanes
        }
    )
