"""What is measured: the same pieces and requests for everyone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from descant.score import Bar, Note, Score, Track

DECODE_TOKENS = 128
PREFILL_TOKENS = 1000
BARS = 8
WRITTEN_TRACK = 1
_RESOLUTION = 480
_TRACKS = 4


@dataclass(frozen=True)
class Wish:
    """A piece and a request for it, as both libraries read them."""

    score: Score
    request: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {"score": score_form(self.score), "request": self.request}


@cache
def four_tracks(round_number: int) -> Score:
    """Eight bars of four tracks in eighths; another key each round, so that no cache helps."""
    tracks = tuple(_track(number, round_number % 12) for number in range(_TRACKS))
    return Score(tracks, _RESOLUTION)


def _track(number: int, key: int) -> Track:
    eighth = _RESOLUTION // 2
    bars = tuple(
        Bar(
            [
                Note(40 + key + 12 * number + (5 * i + 3 * bar) % 11, 80, i * eighth, eighth)
                for i in range(8)
            ]
        )
        for bar in range(BARS)
    )
    return Track(bars, 8 * number)


def infill(round_number: int, bars: int, window: int) -> Wish:
    """`bars` bars of one track anew, in one step."""
    prompts = [
        {"id": track, "bars": list(range(bars)) if track == WRITTEN_TRACK else []}
        for track in range(_TRACKS)
    ]
    config = {
        "model_dim": window,
        "bars_per_step": bars,
        "seed": round_number,
        "max_attempts": 1,
        "novelty_check": False,
        "silence_check": False,
    }
    return Wish(four_tracks(round_number), {"tracks": prompts, "config": config})


def score_form(score: Score) -> dict[str, Any]:
    """A score in the JSON form of midigpt."""
    fields = ("pitch", "velocity", "onset_ticks", "duration_ticks")
    return {
        "resolution": score.resolution,
        "tracks": [
            {
                "instrument": track.instrument,
                "bars": [
                    {
                        "notes": [
                            {name: getattr(note, name) for name in fields} for note in bar.notes
                        ]
                    }
                    for bar in track.bars
                ],
            }
            for track in score.tracks
        ],
    }
