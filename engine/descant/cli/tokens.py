"""`descant tokens`: a piece as the model reads it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from descant.cli.numbers import bars_from
from descant.encoder_config import EncoderConfig, load_encoder
from descant.errors import RequestValidationError
from descant.midi_file import read_midi
from descant.model.checkpoint import load_checkpoint
from descant.model.registry import default_model, resolve_model
from descant.score import Score
from descant.tokens import Codec, EncodeOptions


def token_lines(
    source: Path, bars: str | None, encoder: str | None, model: str | None
) -> list[dict[str, Any]]:
    """Readable tokens with their ids, one entry a bar, and one before the first bar of a track."""
    codec = Codec(_encoder(encoder, model))
    score = _cut(read_midi(source), bars)
    encoded = codec.encode(score, EncodeOptions(window_bars=_window(codec, score)))
    names = codec.token_names(encoded.tokens)
    starts = [0, *(int(row[2]) for row in encoded.bars), *(int(end) for _, end in encoded.tracks)]
    edges = [*sorted(set(starts)), len(names)]
    return [
        {"ids": encoded.tokens[begin:end].tolist(), "tokens": names[begin:end]}
        for begin, end in pairwise(edges)
        if begin < end
    ]


def _encoder(encoder: str | None, model: str | None) -> EncoderConfig:
    if encoder is not None:
        return load_encoder(encoder)
    checkpoint = load_checkpoint(resolve_model(model or default_model()))
    return EncoderConfig.from_dict(checkpoint.encoder_config)


def _cut(score: Score, bars: str | None) -> Score:
    if bars is None:
        return score
    wanted = bars_from(bars)
    count = max((len(track.bars) for track in score.tracks), default=0)
    if wanted[-1] >= count:
        raise RequestValidationError(
            [f"bar {wanted[-1] + 1} does not exist; the piece has {count}"]
        )
    tracks = (replace(t, bars=tuple(t.bars[bar] for bar in wanted)) for t in score.tracks)
    return replace(score, tracks=tuple(tracks))


def _window(codec: Codec, score: Score) -> int:
    """The smallest window that holds the bars: NumBars can say no other number."""
    count = max((len(track.bars) for track in score.tracks), default=0)
    known = sorted(codec.config.num_bars_map or (count,))
    return next((size for size in known if size >= count), known[-1])
