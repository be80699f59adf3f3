"""The controls of one track together, and what several tracks of a step share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from descant.controls.pitch_mask import PitchMask, pitch_mask_problems
from descant.controls.remix import Remix, remix_problems
from descant.controls.rhythm_mask import (
    RhythmGrid,
    RhythmPositions,
    rhythm_mask_from_dict,
    rhythm_mask_problems,
)


@dataclass(frozen=True, slots=True)
class TrackControls:
    """What shapes the notes of a track; None: nothing."""

    pitch_mask: PitchMask | None = None
    rhythm_mask: RhythmGrid | RhythmPositions | None = None
    remix: Remix | None = None

    @classmethod
    def from_dict(cls, controls: Mapping[str, Any]) -> TrackControls:
        """Read the three controls among those of a track; RequestValidationError if one is bad."""
        pitch, rhythm, remix = (controls.get(n) for n in ("pitch_mask", "rhythm_mask", "remix"))
        return cls(
            None if pitch is None else PitchMask.from_dict(pitch),
            None if rhythm is None else rhythm_mask_from_dict(rhythm),
            None if remix is None else Remix.from_dict(remix),
        )

    @classmethod
    def shared(cls, tracks: Sequence[TrackControls]) -> TrackControls:
        """The controls that all tracks of a step have alike; a remix needs a single track."""
        if len(tracks) == 1:
            return tracks[0]
        first = tracks[0] if tracks else cls()
        return cls(
            first.pitch_mask if len({track.pitch_mask for track in tracks}) == 1 else None,
            first.rhythm_mask if len({track.rhythm_mask for track in tracks}) == 1 else None,
        )


def problems(controls: Mapping[str, Any]) -> list[str]:
    """Sentences about what is wrong with the forms of the three controls, where they are given."""
    found: list[str] = []
    for name, check in _CHECKS.items():
        if name in controls:
            found += check(controls[name])
    return found


_CHECKS = {
    "pitch_mask": pitch_mask_problems,
    "rhythm_mask": rhythm_mask_problems,
    "remix": remix_problems,
}
