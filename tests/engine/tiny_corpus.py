"""A corpus of a few short made-up pieces: a band, a song at the piano, drums, a line."""

from __future__ import annotations

from dataclasses import replace

from descant.score import Bar, Note, Score, Track
from descant.train.corpus import Corpus
from descant.train.piece import Piece, PieceInfo, on_grid


def melody(bars: int, program: int, low: int, silent: tuple[int, ...] = ()) -> Track:
    """Quarter notes that climb from `low`, a chord on each first beat."""
    written = []
    for bar in range(bars):
        notes = [Note(low + (bar + beat) % 12, 60 + 8 * beat, 480 * beat, 480) for beat in range(4)]
        notes.append(Note(low + 7 + bar % 3, 90, 0, 960))
        written.append(Bar([] if bar in silent else notes))
    return Track(tuple(written), program)


def beat(bars: int) -> Track:
    """Kick, snare and eighth-note hats."""
    notes = [Note(42, 50 + 10 * (k % 2), 240 * k, 60) for k in range(8)]
    notes += [Note(36, 100, 0, 60), Note(38, 100, 960, 60)]
    return Track(tuple(Bar(notes) for _ in range(bars)), 0, "drum")


def piece(score: Score, name: str) -> Piece:
    made = on_grid(score, PieceInfo("made", name, "CC0", "train"))
    assert made is not None
    return made


def tiny_corpus() -> Corpus:
    """Nine pieces; of each texture the last is for validation."""
    scores = {
        "band": lambda k: Score((melody(8 + k, 33, 36 + k), melody(8 + k, 25, 60), beat(8 + k))),
        "song": lambda k: Score((melody(9, 52, 60 + k, (0, 1)), melody(9, 0, 48 + k))),
        "line": lambda k: Score((Track(melody(16, 73, 70 + k).bars),)),
    }
    pieces = []
    for name, make in scores.items():
        for number in range(3):
            made = piece(make(number), f"{name}-{number}")
            split = "valid" if number == 2 else "train"
            pieces.append(replace(made, info=replace(made.info, split=split)))
    assert len({one.info.digest for one in pieces}) == 9
    return Corpus(pieces)
