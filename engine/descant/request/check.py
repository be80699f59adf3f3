"""A request against a score and a model: everything wrong at once, or a clean copy."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import NewType

from descant.request import values
from descant.request.abilities import Abilities
from descant.request.attribute_rules import check_attributes, check_bar_attributes
from descant.request.config import InferenceConfig
from descant.request.config_rules import ConfigReading, check_config, check_mask_mode
from descant.request.control_rules import check_controls
from descant.request.generation_request import GenerationRequest
from descant.request.meter_rules import AskedMeters, check_bar_controls
from descant.request.piece_rules import check_piece_controls
from descant.request.problem import Problems, track_name
from descant.request.prompt import TrackPrompt
from descant.request.prompt_reading import PromptReading
from descant.request.score_rules import check_meters, check_shape, warn_about_notes
from descant.request.track_rules import check_bars, check_id, check_mask, check_targets
from descant.score import Score

CheckedRequest = NewType("CheckedRequest", GenerationRequest)
"""A request that `check_request` returned: complete, in range, and no longer the caller's."""


def check_request(score: Score, request: GenerationRequest, abilities: Abilities) -> CheckedRequest:
    """The request with its defaults filled in, sharing nothing with the caller's objects.

    `model_dim` and `mask_mode` are settled, an autoregressive prompt without bars has them all, and
    numbers have their types.  Raises RequestValidationError with every problem, in the order of
    spec/generation.md 3; notes a model cannot see as they are only make a warning.
    """
    return _Check(score, request, abilities).run()


class _Check:
    """The rules in upstream's order, over one request."""

    def __init__(self, score: Score, request: GenerationRequest, abilities: Abilities) -> None:
        self.score, self.request, self.abilities = score, request, abilities
        self.problems = Problems()
        self.asked_meters: AskedMeters = {}
        self.seen_ids: set[int] = set()
        self.readings: list[PromptReading] = []
        self.config = ConfigReading(
            config=request.config,
            abilities=abilities,
            prompt_ids=frozenset(values.whole(prompt.id) for prompt in request.tracks),
            shortest=min((len(track.bars) for track in score.tracks), default=0),
            problems=self.problems,
            clean={},
        )

    def run(self) -> CheckedRequest:
        check_config(self.config)
        check_shape(self.score, self.config.clean.get("model_dim"), self.problems)
        check_mask_mode(self.config)
        check_piece_controls(self.request.controls, self.abilities, self.problems)
        check_meters(self.score, self.abilities, self.problems)
        self._check_prompts_present()
        prompts = [self._check_prompt(prompt) for prompt in self.request.tracks]
        self._check_work()
        self.problems.raise_if_any()
        warn_about_notes(self.score)
        return self._checked(prompts)

    def _checked(self, prompts: Sequence[TrackPrompt]) -> CheckedRequest:
        config = InferenceConfig(**self.config.clean)
        return CheckedRequest(
            GenerationRequest(list(prompts), config, deepcopy(dict(self.request.controls)))
        )

    def _check_prompts_present(self) -> None:
        """V38, V39."""
        if not self.request.tracks:
            self.problems.add("V38", "the request has no track prompts; it needs one per track")
            return
        for index in range(len(self.score.tracks)):
            if index not in self.config.prompt_ids:
                self.problems.add(
                    "V39", f"{track_name(index)} has no prompt; every track of the score needs one"
                )

    def _check_prompt(self, prompt: TrackPrompt) -> TrackPrompt:
        """V40 to V83; the clean prompt."""
        track_id = values.whole(prompt.id)
        reading = PromptReading(prompt, self.score, self.abilities, self.problems, track_id)
        self.readings.append(reading)
        check_id(reading, self.seen_ids)
        check_bars(reading)
        masked = check_mask(reading)
        check_targets(reading)
        return replace(
            prompt,
            id=prompt.id if track_id is None else track_id,
            bars=reading.bars,
            autoregressive=reading.autoregressive,
            ignore=reading.ignore,
            mask_bars=masked,
            attributes=check_attributes(reading),
            bar_attributes=check_bar_attributes(reading),
            bar_controls=check_bar_controls(reading, self.asked_meters),
            controls=check_controls(reading, self.config),
        )

    def _check_work(self) -> None:
        """V84, V85."""
        working = [reading for reading in self.readings if reading.bars and not reading.ignore]
        if self.request.tracks and not working:
            self.problems.add("V84", "there is nothing to generate; some track must list bars")
        for reading in working:
            if not reading.autoregressive and not self.abilities.supports_infill:
                reading.refuse(
                    "V85", "this model cannot fill in; autoregressive must be true to write bars"
                )
