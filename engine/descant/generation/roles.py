"""What part a track plays, and how much a part matters to what is being written.

Used to choose which tracks to leave out when a prompt does not fit.
Source: spec/generation.md 4.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from descant.score import Score, Track

_KICKS_AND_SNARES = frozenset(range(35, 41))
_HATS_AND_CYMBALS = frozenset((42, 44, 46, 49, 51, 52, 53, 55, 57, 59))

_RELEVANCE = {
    "melodic": {"bass": 0.9, "harmony": 0.8, "lead": 0.6, "kit": 0.6, "hats": 0.35, "perc": 0.35},
    "bass": {"bass": 0.6, "harmony": 0.8, "lead": 0.5, "kit": 0.95, "hats": 0.5, "perc": 0.5},
    "drums": {"bass": 0.8, "harmony": 0.4, "lead": 0.3, "kit": 0.9, "hats": 0.7, "perc": 0.6},
}
_OTHER = 0.3
_SAME_FAMILY = 0.1


def role(track: Track, resolution: int) -> str:
    """bass, harmony, lead, kit, hats, perc, or other for a track without notes."""
    pitches = [note.pitch for bar in track.bars for note in bar.notes]
    if not pitches:
        return "other"
    return _drum_role(pitches) if track.is_drum else _melodic_role(track, pitches, resolution)


def _drum_role(pitches: list[int]) -> str:
    kicks = sum(pitch in _KICKS_AND_SNARES for pitch in pitches)
    hats = sum(pitch in _HATS_AND_CYMBALS for pitch in pitches)
    if kicks >= hats and kicks > len(pitches) / 4:
        return "kit"
    return "hats" if hats > len(pitches) / 2 else "perc"


def _melodic_role(track: Track, pitches: list[int], resolution: int) -> str:
    sixteenth = max(1, resolution // 4)
    groups = Counter(
        (index, round(note.onset_ticks / sixteenth))
        for index, bar in enumerate(track.bars)
        for note in bar.notes
    )
    voices = len(pitches) / len(groups)
    if sum(pitches) / len(pitches) < 50 and voices < 1.3:
        return "bass"
    return "harmony" if voices >= 1.8 else "lead"


def relevance(score: Score, track: int, targets: Iterable[int]) -> float:
    """How much the model needs `track` to write `targets`: 0.3 to 1.05."""
    part = role(score.tracks[track], score.resolution)
    return max(_relevance_to(score, track, part, target) for target in targets)


def _relevance_to(score: Score, track: int, part: str, target: int) -> float:
    written = score.tracks[target]
    target_part = role(written, score.resolution)
    kind = "drums" if written.is_drum else "bass" if target_part == "bass" else "melodic"
    same = _family(written) == _family(score.tracks[track])
    return _RELEVANCE[kind].get(part, _OTHER) + (_SAME_FAMILY if same else 0.0)


def _family(track: Track) -> int:
    return -1 if track.is_drum else track.instrument // 8
