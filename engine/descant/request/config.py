"""How to generate: sampling, planning, masking and attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from descant.defaults import LEVEL_GUIDANCE
from descant.request.fields import known_fields

MASK_MODES = ("auto", "token", "attention", "attention_approx", "attention_skip", "remove")
CONTEXT_MODES = ("auto", "listed", "all")
AUTO = 0
"""How "auto" is stored in `model_dim`, `bars_per_step` and `tracks_per_step`."""

_MAY_BE_AUTO = ("model_dim", "bars_per_step", "tracks_per_step")


@dataclass
class InferenceConfig:
    """Settings of one request, named, ordered and preset as upstream does (spec/generation.md 1.4).

    Nothing is checked here; `check_request` reports everything at once.

    Attributes:
        temperature: above 0; divides the logits.
        seed: below 0 draws a seed, which the session then reports.
        max_attempts: tries per step, 1 or more.
        novelty_check, novelty_threshold: retry a step whose share of old notes is that large.
        silence_check: retry a step that wrote no note.
        temperature_escalation: temperature factor from try to try, 1 to 3.
        bars_per_step, tracks_per_step: how much one step writes; "auto" is stored as 0.
        model_dim: bars in a window, a size the model was trained with; "auto" is stored as 0.
        ar_overlap, min_overlap_bars: history kept when an autoregressive window moves on.
        plan_only: the HTTP server answers with the plan and generates nothing.
        context: "auto", "listed" or "all": which tracks may be left out when a prompt is too long.
        context_drop, context_keep: track ids to leave out first, or never.
        budget_margin: reserve on the estimated number of new tokens, 1 or more.
        shuffle: infill steps in random order.
        mask_mode: how masked bars are hidden, one of `MASK_MODES`.
        polyphony_hard_limit, density_hard_limit: notes at once, note starts per bar; 0 is off.
        top_p, top_k: keep the most probable tokens; 1.0 and 0 are off.
        mask_p, mask_k: drop the most probable tokens; 0.0 and 0 are off.
        level_guidance: how far the levels asked for are followed, 0 to 10, by models that are told
            of them bar by bar; 1 is as trained, more exaggerates what the levels change.
        batch_attempts: run all attempts of a step side by side.
        num_candidates: whole results to make, 1 to 16.
        infill_probability: share of the infill bars that are really written.
    """

    temperature: float = 1.0
    seed: int = -1
    max_attempts: int = 3
    novelty_check: bool = True
    novelty_threshold: float = 1.0
    silence_check: bool = True
    temperature_escalation: float = 1.0
    bars_per_step: int = 1
    tracks_per_step: int = 1
    model_dim: int = 4
    ar_overlap: float = 0.5
    min_overlap_bars: int = 2
    plan_only: bool = False
    context: str = "auto"
    context_drop: list[int] = field(default_factory=list)
    context_keep: list[int] = field(default_factory=list)
    budget_margin: float = 1.25
    shuffle: bool = False
    mask_mode: str = "auto"
    polyphony_hard_limit: int = 0
    density_hard_limit: int = 0
    top_p: float = 1.0
    top_k: int = 0
    mask_p: float = 0.0
    mask_k: int = 0
    level_guidance: float = LEVEL_GUIDANCE
    batch_attempts: bool = False
    num_candidates: int = 1
    infill_probability: float = 1.0

    def __post_init__(self) -> None:
        for name in _MAY_BE_AUTO:
            if getattr(self, name) == "auto":
                setattr(self, name, AUTO)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> InferenceConfig:
        """Read the JSON form; unknown keys are ignored with a warning."""
        return cls(**known_fields(form, (f.name for f in fields(cls)), "config"))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form with every field."""
        return asdict(self)
