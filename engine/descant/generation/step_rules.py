"""Which tokens a step may draw: grammar, limits, wishes and controls gathered for the core.

Source: spec/generation.md 6.1 to 6.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from descant.controls import TrackControls
from descant.generation.piece import Piece, is_full_ar
from descant.generation.prompt import Prompt
from descant.generation.replay import FORCED_ATTRIBUTES
from descant.native import StepOptions, StepRules, core_errors
from descant.plan import Step
from descant.request import InferenceConfig, TrackPrompt
from descant.sampling import apply_controls
from descant.tokens import Codec


class RuleBook:
    """The rules of one session's steps.  `replay` follows midigpt 0.4.2 to the letter."""

    def __init__(
        self,
        codec: Codec,
        prompts: Sequence[TrackPrompt],
        config: InferenceConfig,
        controls: dict[str, Any],
        replay: bool,
    ) -> None:
        self._vocabulary = codec.vocabulary
        self._prompts = prompts
        self._config = config
        self._controls = controls
        self._replay = replay
        self._track_controls = [TrackControls.from_dict(prompt.controls) for prompt in prompts]
        self._asks_for_meter = any("time_signature" in prompt.controls for prompt in prompts)

    def rules(self, piece: Piece, prompt: Prompt, seed: int) -> StepRules:
        """Rules that have been fed the prompt; `seed` chooses the notes a remix changes."""
        step = prompt.step
        options = StepOptions(
            strict=not self._replay,
            autoregressive=step.autoregressive,
            exact_bars=step.bars if step.autoregressive else -1,
            max_tracks=len(self._prompts),
            blocks=[] if step.autoregressive else self._blocks(piece, step),
            polyphony_limit=max(0, self._config.polyphony_hard_limit),
            density_limit=max(0, self._config.density_hard_limit),
            velocity=self._controls.get("velocity", True),
            microtiming=self._controls.get("microtiming", True),
            kept_meter=self._kept_meter(piece),
            block_headers=prompt.headers,
        )
        if step.autoregressive:
            self._wish(options, piece, step)
        self._control(options, piece, step, seed)
        with core_errors():
            return StepRules(vocabulary=self._vocabulary, options=options, prompt=prompt.ids)

    @staticmethod
    def _blocks(piece: Piece, step: Step) -> list[tuple[bool, int, int]]:
        return [
            (piece.track(track).is_drum, *piece.track(track).bars[bar].meter)
            for track, bar in step.targets
        ]

    def _kept_meter(self, piece: Piece) -> int:
        """The value of the piece's one meter, or -1 when it has several or one is asked for."""
        if len(piece.meters) != 1 or self._asks_for_meter:
            return -1
        return self._vocabulary.time_signature_value(*min(piece.meters))

    def _wish(self, options: StepOptions, piece: Piece, step: Step) -> None:
        """What the written track and its bars must be said to be.

        Every bar keeps the meter it has: one that changed its length would move all music after it.
        """
        track = step.targets[0][0]
        prompt = self._prompts[track]
        if is_full_ar(prompt):
            self._wish_track(options, prompt)
            for bar, levels in prompt.bar_attributes.items():
                for name, level in levels.items():
                    self._wish_bar(options, step, track, bar, self._type_of(name), level)
            for bar, wishes in prompt.bar_controls.items():
                if "time_signature" in wishes:
                    self._wish_bar(options, step, track, bar, "TimeSig", wishes["time_signature"])
        if not self._replay:
            for bar in range(step.start_bar, step.end_bar):
                meter = self._vocabulary.time_signature_value(*piece.track(track).bars[bar].meter)
                self._wish_bar(options, step, track, bar, "TimeSig", meter)

    def _wish_track(self, options: StepOptions, prompt: TrackPrompt) -> None:
        for name, level in prompt.attributes.items():
            if not self._replay or name in FORCED_ATTRIBUTES:
                options.wish_track(type=self._type_of(name), value=level)
        if "time_signature" in prompt.controls:
            options.wish_track(type="TimeSig", value=prompt.controls["time_signature"])

    @staticmethod
    def _wish_bar(
        options: StepOptions, step: Step, track: int, bar: int, type_name: str, value: int
    ) -> None:
        if bar >= step.start_bar:
            place = {"track": step.track_indices.index(track), "bar": bar - step.start_bar}
            options.wish_bar(type=type_name, **place, value=value)

    def _type_of(self, attribute: str) -> str:
        for spec in self._vocabulary.attributes:
            if spec.name == attribute:
                return str(spec.token_type)
        raise KeyError(attribute)

    def _control(self, options: StepOptions, piece: Piece, step: Step, seed: int) -> None:
        written = sorted({track for track, _ in step.targets})
        apply_controls(
            options,
            TrackControls.shared([self._track_controls[track] for track in written]),
            self._vocabulary,
            drum=all(piece.track(track).is_drum for track in written),
            reference=list(piece.rows(step.targets).values()),
            seed=seed,
        )
