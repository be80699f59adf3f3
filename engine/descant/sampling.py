"""From logits to a token: the rules of a step, and a seeded draw under them.

The native loop draws inside C++; this face is for backends that compute logits in Python.
Source: spec/generation.md 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from descant.controls import BarNotes, RhythmGrid, RhythmPositions, TrackControls
from descant.native import Sampler, StepOptions, StepRules, Vocabulary, core_errors, uniform

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """Filters on the probabilities of the legal tokens, in the order they apply.

    `temperature` 0 always takes the most probable token.  `top_k` and `top_p` keep the most
    probable tokens (0 and 1.0: off); `mask_k` and `mask_p` drop them (0 and 0.0: off), but only
    tokens of notes unless `mask_notes_only` is false, as in 0.2.4.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    mask_k: int = 0
    mask_p: float = 0.0
    mask_notes_only: bool = True


class TokenSampler:
    """Draws the tokens of one take of one step.

    A draw depends on the logits, the rules, the seed, and the numbers of take, step and token, and
    on nothing else: a take is the same whatever is generated beside it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        rules: StepRules,
        settings: SamplingSettings | None = None,
        *,
        seed: int = 0,
        take: int = 0,
        step: int = 0,
    ) -> None:
        self.rules = rules
        self._sampler = Sampler(vocabulary=vocabulary, **asdict(settings or SamplingSettings()))
        self._key = {"seed": seed, "take": take, "step": step}
        self._start = rules.length

    def draw(self, logits: Logits) -> int:
        """Draw one token for a row of logits (V,) and move the rules on.

        Raises GenerationError when no token is legal.
        """
        u = uniform(**self._key, token=self.rules.length - self._start)
        with core_errors():
            token = self._sampler.draw(logits=logits, rules=self.rules, u=u)
            self.rules.accept(token)
        return token


def apply_controls(
    options: StepOptions,
    controls: TrackControls,
    vocabulary: Vocabulary,
    *,
    drum: bool = False,
    reference: Sequence[BarNotes] = (),
    seed: int = 0,
) -> None:
    """Add the controls shared by the written tracks to the options of a step.

    For a remix, `reference` holds the target bars as they are now, on the model grid, and `seed`
    chooses the notes that change; `drum` says that the track's notes have no duration tokens.
    """
    if controls.pitch_mask and controls.pitch_mask.pitches is not None:
        options.limit_pitches(pitches=sorted(controls.pitch_mask.pitches))
    options.weigh(
        pitches=(controls.pitch_mask and controls.pitch_mask.weights) or (),
        positions=_position_weights(controls, vocabulary),
    )
    if isinstance(controls.rhythm_mask, RhythmPositions):
        rows = controls.rhythm_mask.schedule()
        options.schedule(bars=rows, repeat=True, count_at_pitch=True)
    if controls.remix:
        rows = controls.remix.schedule(reference, seed)
        options.schedule(bars=rows, repeat=False, count_at_pitch=drum)


def _position_weights(controls: TrackControls, vocabulary: Vocabulary) -> list[float]:
    if not isinstance(controls.rhythm_mask, RhythmGrid):
        return []
    positions = vocabulary.domain_size("TimeAbsolutePos")
    return controls.rhythm_mask.weights(vocabulary.config.resolution, positions)
