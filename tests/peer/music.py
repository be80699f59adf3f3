"""The pieces that both are asked about: free MIDI files, and random ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from descant.score import Bar, Notes, Score, Track

ROOT = Path(__file__).parents[2]
FOLDERS = (
    ROOT / "resources" / "examples",
    ROOT / "tests" / "data",
    ROOT.parent / "shared" / "spec" / "vectors" / "encoding",
)
TRACKS = 4

# Name -> resolution, meters that follow each other, bars.
RANDOM: Mapping[str, tuple[int, tuple[tuple[int, int], ...], int]] = {
    "random on the model grid": (12, ((4, 4),), 8),
    "random in 3/4": (480, ((3, 4),), 10),
    "random in 6/8": (1920, ((6, 8),), 8),
    "random in changing meters": (220, ((4, 4), (4, 4), (3, 4), (2, 4), (4, 4)), 12),
    "random and coarse": (4, ((4, 4),), 17),
}


@cache
def pieces() -> dict[str, Path | None]:
    """Every piece by name; None: made here."""
    files = [path for folder in FOLDERS for path in sorted(folder.glob("*.mid"))]
    return {path.stem: path for path in files} | dict.fromkeys(RANDOM)


@cache
def piece(name: str) -> Score:
    """Up to four tracks of a dozen bars, the busiest ones, with what bars upstream knows of."""
    path = pieces()[name]
    if path is None:
        return _random_piece(*RANDOM[name])
    score = Score.from_midi(path)
    busiest = sorted(score.tracks, key=lambda t: -sum(len(b.notes) for b in t.bars[:12]))
    kept = [track for track in score.tracks if track in busiest[:TRACKS]][:TRACKS]
    tracks = tuple(replace(t, bars=tuple(_known(b) for b in t.bars[:12])) for t in kept)
    return Score(tracks, score.resolution, score.tempo)


def _known(bar: Bar) -> Bar:
    rows = bar.notes.array.copy()
    rows[:, 5] = 64
    return Bar(Notes.trusted(rows), *bar.meter)


def _random_piece(resolution: int, meters: tuple[tuple[int, int], ...], bars: int) -> Score:
    rng = np.random.default_rng(resolution)
    tracks = tuple(
        Track(
            tuple(_random_bar(rng, resolution, meters[i % len(meters)]) for i in range(bars)),
            int(rng.integers(0, 128)),
            "drum" if number == 2 else "melodic",
        )
        for number in range(3)
    )
    return Score(tracks, resolution, 450000)


def _random_bar(rng: np.random.Generator, resolution: int, meter: tuple[int, int]) -> Bar:
    length = 4 * resolution * meter[0] // meter[1]
    count = int(rng.choice([0, 1, 4, 9]))
    rows = np.stack(
        [
            rng.integers(30, 90, count),
            rng.integers(1, 128, count),
            np.sort(rng.integers(0, length, count)),
            rng.integers(1, 2 * length, count),
            np.zeros(count),
            np.full(count, 64),
        ],
        axis=1,
    )
    return Bar(Notes.trusted(rows.astype(np.int32)), *meter)


def score_form(score: Score) -> dict[str, Any]:
    """A score as `rival.py` reads it."""
    return {
        "resolution": score.resolution,
        "tempo": score.tempo,
        "tracks": [
            {
                "instrument": track.instrument,
                "track_type": track.track_type,
                "bars": [
                    {
                        "meter": list(bar.meter),
                        "beats": bar.beat_length,
                        "future": bar.future,
                        "notes": bar.notes.array[:, :5].tolist(),
                    }
                    for bar in track.bars
                ],
            }
            for track in score.tracks
        ],
    }


def result_form(score: Score) -> list[Any]:
    """A result as `rival.py` tells it."""
    return [
        {
            "instrument": track.instrument,
            "track_type": track.track_type,
            "bars": [[list(bar.meter), bar.notes.array[:, :5].tolist()] for bar in track.bars],
            "attributes": dict(track.attributes),
        }
        for track in score.tracks
    ]
