"""Music and tokens: `Codec` writes a score as token ids and reads them back.

Everything here is a thin face of the core's Encoder and Decoder; the order of tokens is
spec/encoding.md 5 and the reading rules are section 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from descant import native
from descant.encoder_config import EncoderConfig
from descant.score import Score

Tokens = npt.NDArray[np.int32]


@dataclass(frozen=True)
class EncodeOptions:
    """How to write a score (spec/encoding.md 9); tracks and bars are indices of the score given.

    `window_bars` is what NumBars says (None: the longest track).  `targets` are the (track, bar)
    pairs to infill.  `partial` = (track, bars) writes only that track's first bars and does not
    close it.  `span_future` and `remove_future` choose how bars marked future are hidden.
    `velocity` and `microtiming` switch those tokens (None: on), `genre` names a genre's value.
    `prompt` stops right after the first FillInStart and never closes the piece.  `attributes`
    measures the encoder's attributes first; without it only those on the tracks are written.
    `pitch_class_set` also writes the pitch class counts that upstream 0.3.2 to 0.4.2 leave out.
    """

    window_bars: int | None = None
    targets: Sequence[tuple[int, int]] = ()
    partial: tuple[int, int] | None = None
    span_future: bool = False
    remove_future: bool = False
    velocity: bool | None = None
    microtiming: bool | None = None
    genre: int | None = None
    prompt: bool = False
    attributes: bool = True
    pitch_class_set: bool = False

    def to_core(self) -> native.EncodeOptions:
        """The same as the core takes it."""
        core = native.EncodeOptions()
        core.targets = list(self.targets)
        if self.partial is not None:
            core.partial_track, core.partial_bars = self.partial
        for name in ("window_bars", "velocity", "microtiming", "genre"):
            value = getattr(self, name)
            setattr(core, name, -1 if value is None else int(value))
        for name in ("span_future", "remove_future", "prompt", "pitch_class_set"):
            setattr(core, name, getattr(self, name))
        return core


class Codec:
    """Scores to token ids and back, for one encoder.  Safe to use from several threads.

    Errors: EncoderError for settings, ScoreError for a meter the encoder lacks, GenerationError for
    ids outside the vocabulary and for options the encoder cannot meet.
    """

    def __init__(self, config: EncoderConfig) -> None:
        self.config = config
        self.vocabulary = config.vocabulary
        self._encoder = native.Encoder(self.vocabulary)
        self._analyzer = native.AttributeAnalyzer(self.vocabulary.config)

    def vocab_size(self) -> int:
        """Number of token ids."""
        return self.vocabulary.size()

    def on_model_grid(self, score: Score | native.CoreScore) -> native.CoreScore:
        """The score as the core holds it, at the encoder's resolution; always a copy."""
        core = native.to_core(score) if isinstance(score, Score) else score
        with native.core_errors():
            return core.resampled(
                resolution=self.config.resolution, use_delta=self.config.emit_delta_tokens
            )

    def normalize_input(self, score: Score) -> Score:
        """The score at the encoder's resolution (spec/encoding.md 1.1)."""
        if score.resolution == self.config.resolution:
            return score
        return native.from_core(self.on_model_grid(score))

    def normalize_output(self, score: Score) -> Score:
        """A score on the model grid at the encoder's `decode_resolution`."""
        if score.resolution == self.config.decode_resolution:
            return score
        return native.from_core(self._to_output(native.to_core(score)))

    def _to_output(self, core: native.CoreScore) -> native.CoreScore:
        with native.core_errors():
            return core.resampled(
                resolution=self.config.decode_resolution, use_delta=self.config.emit_delta_tokens
            )

    def encode(
        self, score: Score | native.CoreScore, options: EncodeOptions | None = None
    ) -> native.Encoded:
        """Write a score, at any resolution, as tokens.

        The result holds `tokens` (n,) int32; `hidden` (k, 2) and `tracks` (t, 2) half-open ranges
        of positions; `bars` and `blocks` (m, 5): track, bar, begin, end, and the velocity level in
        force on entering it (-1: that of the last generated bar of the track).
        """
        options = options or EncodeOptions()
        core = self.on_model_grid(score)
        if options.attributes:
            self._analyzer.annotate(core)
        return self.encode_prepared(core, options.to_core())

    def encode_prepared(
        self, core: native.CoreScore, options: native.EncodeOptions
    ) -> native.Encoded:
        """Write a score on the model grid that holds its attributes: no copy, no measuring."""
        with native.core_errors():
            return self._encoder.encode(core, options)

    def annotate(self, core: native.CoreScore) -> None:
        """Measure the encoder's attributes of a core score, in place."""
        self._analyzer.annotate(core)

    def decode_on_grid(self, tokens: Iterable[int] | Tokens) -> native.CoreScore:
        """Read tokens as a core score on the model grid."""
        with native.core_errors():
            return native.decode(self.vocabulary, as_ids(tokens))

    def decode(self, tokens: Iterable[int] | Tokens) -> Score:
        """Read tokens as a score at the encoder's `decode_resolution`."""
        return native.from_core(self._to_output(self.decode_on_grid(tokens)))

    def bar_decoder(self, drum: bool, velocity_level: int = 0) -> native.BarDecoder:
        """A reader of one bar at a time, for tokens as they are drawn."""
        return native.BarDecoder(
            vocabulary=self.vocabulary, drum=drum, velocity_level=velocity_level
        )

    def token_names(self, tokens: Iterable[int] | Tokens) -> list[str]:
        """Readable names, "Type" or "Type:value", of token ids."""
        with native.core_errors():
            return [self.vocabulary.token_name(token) for token in as_ids(tokens).tolist()]


def as_ids(tokens: Iterable[int] | Tokens) -> Tokens:
    """Token ids as a contiguous int32 array; ids no int32 holds become -1, which no one accepts."""
    wide = np.asarray(tokens if isinstance(tokens, np.ndarray) else list(tokens), dtype=np.int64)
    return np.where(np.abs(wide) < 2**31, wide, -1).astype(np.int32)
