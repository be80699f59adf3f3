"""Room: the controls of a track that shape its notes - pitch mask, rhythm mask, remix.

Each has its JSON form, a function that lists what is wrong with such a form, and a frozen value.
Source: spec/generation.md 6.5.
"""

from descant.controls.pitch_mask import SCALES, PitchMask, pitch_mask_problems
from descant.controls.remix import BarNotes, Remix, ScheduleRows, remix_problems
from descant.controls.rhythm_mask import (
    UNITS,
    RhythmGrid,
    RhythmPositions,
    rhythm_mask_from_dict,
    rhythm_mask_problems,
)
from descant.controls.track_controls import TrackControls, problems

__all__ = [
    "SCALES",
    "UNITS",
    "BarNotes",
    "PitchMask",
    "Remix",
    "RhythmGrid",
    "RhythmPositions",
    "ScheduleRows",
    "TrackControls",
    "pitch_mask_problems",
    "problems",
    "remix_problems",
    "rhythm_mask_from_dict",
    "rhythm_mask_problems",
]
