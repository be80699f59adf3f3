"""The one door to the C++ core.

No other module imports `descant._core`.  Core errors arrive as the class of `descant.errors` that
means the same, so that callers see one family.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from descant import _core, errors
from descant._core import (
    AttributeAnalyzer,
    AttributeControl,
    AttributeSpec,
    BarDecoder,
    DrawRule,
    Encoded,
    EncodeOptions,
    Encoder,
    EncoderConfig,
    GenerationLoop,
    IllegalToken,
    Network,
    Sampler,
    StepOptions,
    StepRules,
    Take,
    Transformer,
    Vocabulary,
    attribute_from,
    decode,
    plan_grid,
    plan_windows,
    read_smf,
    uniform,
    write_smf,
)
from descant.score import Bar, Notes, Score, Track
from descant.score.types import DEFAULT_RELEASE, NOTE_FIELDS, NoteArray

CoreScore = _core.Score

__all__ = [
    "AttributeAnalyzer",
    "AttributeControl",
    "AttributeSpec",
    "BarDecoder",
    "CoreScore",
    "DrawRule",
    "EncodeOptions",
    "Encoded",
    "Encoder",
    "EncoderConfig",
    "GenerationLoop",
    "IllegalToken",
    "Network",
    "Sampler",
    "StepOptions",
    "StepRules",
    "Take",
    "Transformer",
    "Vocabulary",
    "attribute_from",
    "core_errors",
    "decode",
    "from_core",
    "notes_from_core",
    "plan_grid",
    "plan_windows",
    "read_smf",
    "to_core",
    "uniform",
    "write_smf",
]

_MEANING: dict[type[Exception], type[errors.DescantError]] = {
    _core.BadFile: errors.MidiFileError,
    _core.BadWeights: errors.CheckpointError,
    _core.BadScore: errors.ScoreError,
    _core.BadVocabulary: errors.EncoderError,
    _core.BadRequest: errors.GenerationError,
    _core.IllegalToken: errors.GenerationError,
    _core.NoLegalToken: errors.GenerationError,
}


@contextmanager
def core_errors() -> Iterator[None]:
    """Run core calls; raise their errors as the matching `DescantError`."""
    try:
        yield
    except _core.Error as error:
        raise _MEANING.get(type(error), errors.DescantError)(str(error)) from None


def to_core(score: Score) -> CoreScore:
    """The score as the core holds it: notes, meters, programs, attributes; nothing else of it."""
    bars = [bar for track in score.tracks for bar in track.bars]
    rows = [bar.notes.array for bar in bars]
    with core_errors():
        return CoreScore(
            resolution=score.resolution,
            tempo=score.tempo,
            tracks=_table([(t.instrument, t.is_drum, len(t.bars)) for t in score.tracks], 3),
            bars=_table(
                [(b.ts_numerator, b.ts_denominator, b.future, len(b.notes)) for b in bars], 4
            ),
            notes=np.concatenate(rows) if rows else _table([], len(NOTE_FIELDS)),
            attributes=[dict(track.attributes) for track in score.tracks],
        )


def _table(rows: list[tuple[int, ...]], columns: int) -> NoteArray:
    return np.array(rows, dtype=np.int32).reshape(-1, columns)


def from_core(core: CoreScore) -> Score:
    """The core's score as a value; what the core does not hold has its default."""
    notes = notes_from_core(core.notes).array
    bar_rows = core.bars.tolist()
    ends = np.cumsum(core.bars[:, 3]).tolist()
    bars = [
        Bar(Notes.trusted(notes[end - count : end]), numerator, denominator, future=bool(future))
        for (numerator, denominator, future, count), end in zip(bar_rows, ends, strict=True)
    ]
    return Score(_tracks(core, bars), core.resolution, core.tempo)


def _tracks(core: CoreScore, bars: list[Bar]) -> tuple[Track, ...]:
    tracks, begin = [], 0
    for (program, drum, count), attributes in zip(
        core.tracks.tolist(), core.attributes, strict=True
    ):
        kind = "drum" if drum else "melodic"
        tracks.append(Track(tuple(bars[begin : begin + count]), program, kind, attributes))
        begin += count
    return tuple(tracks)


def notes_from_core(rows: NoteArray) -> Notes:
    """Rows (n, 5) of the core - pitch, velocity, onset, duration, delta - as notes of a bar."""
    release = np.full((len(rows), 1), DEFAULT_RELEASE, dtype=np.int32)
    array = np.hstack((rows, release))
    array.flags.writeable = False
    return Notes.trusted(array)
