"""A few readable numbers of a take, each 0..1 and the more the better, for people to choose by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
import numpy.typing as npt

from descant.engine import InferenceEngine
from descant.request import GenerationRequest, TrackPrompt
from descant.score.types import Bar, Score
from descant_app.compose.measuring import measure

MAJOR = (0, 2, 4, 5, 7, 9, 11)
FIFTH = 7  # semitones
NEAR = 4
"""Bars on either side that a take is compared with."""
SLOTS = 48
"""Places in a bar where onsets are compared, whatever its meter."""


def rank(
    engine: InferenceEngine, before: Score, after: Score, request: GenerationRequest
) -> dict[str, float]:
    """Measures of a take: "key", "range", "groove", "density" (like the bars around) and "wishes"
    (painted levels that were met).  A measure that says nothing here is absent."""
    written = [prompt for prompt in request.tracks if prompt.bars and not prompt.ignore]
    found: dict[str, list[float]] = {}
    for prompt in written:
        drum = before.tracks[prompt.id].is_drum
        new = [after.tracks[prompt.id].bars[bar] for bar in prompt.bars]
        around = _around(before, prompt)
        if not drum and any(len(bar.notes) for bar in new):
            found.setdefault("key", []).append(in_key(new, _context(before, prompt)))
            if any(len(bar.notes) for bar in around):
                found.setdefault("range", []).append(in_range(new, around))
        if any(len(bar.notes) for bar in around):
            found.setdefault("groove", []).append(groove_likeness(new, around, after.resolution))
            found.setdefault("density", []).append(density_likeness(new, around))
        found.setdefault("wishes", []).extend(_met(engine, after, prompt))
    return {name: round(fmean(values), 3) for name, values in found.items() if values}


def _around(score: Score, prompt: TrackPrompt) -> list[Bar]:
    """The track's own bars nearby that stay."""
    bars, targets = score.tracks[prompt.id].bars, set(prompt.bars)
    low, high = min(targets) - NEAR, max(targets) + NEAR
    near = range(max(0, low), min(len(bars), high + 1))
    return [bars[bar] for bar in near if bar not in targets]


def _context(score: Score, prompt: TrackPrompt) -> list[Bar]:
    """Bars of all pitched tracks that sound with or next to the targets."""
    targets = set(prompt.bars)
    low, high = max(0, min(targets) - NEAR), max(targets) + NEAR + 1
    return [
        bar
        for index, track in enumerate(score.tracks)
        if not track.is_drum
        for number, bar in enumerate(track.bars[low:high], low)
        if index != prompt.id or number not in targets
    ]


def in_key(new: Sequence[Bar], around: Sequence[Bar]) -> float:
    """Share of the notes in the major scale that fits the music around best, or their own."""
    chroma = _chroma(around) if any(len(bar.notes) for bar in around) else _chroma(new)
    scales = [[(step + key) % 12 for step in MAJOR] for key in range(12)]
    best = max(scales, key=lambda scale: float(chroma[scale].sum()))
    own = _chroma(new)
    return float(own[best].sum() / max(1.0, own.sum()))


def in_range(new: Sequence[Bar], around: Sequence[Bar]) -> float:
    """Share of the notes that lie no further than a fifth outside of what the track plays."""
    own, known = (np.concatenate([bar.notes.array[:, 0] for bar in bars]) for bars in (new, around))
    near = (own >= known.min() - FIFTH) & (own <= known.max() + FIFTH)
    return float(near.mean())


def _chroma(bars: Sequence[Bar]) -> npt.NDArray[np.float64]:
    pitches = [bar.notes.array[:, 0] for bar in bars]
    return np.bincount(np.concatenate(pitches) % 12, minlength=12).astype(float)


def groove_likeness(new: Sequence[Bar], around: Sequence[Bar], resolution: int) -> float:
    """Cosine of where notes start in a bar, beside the bars around."""
    one, two = _onsets(new, resolution), _onsets(around, resolution)
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two / size) if size else 0.0


def _onsets(bars: Sequence[Bar], resolution: int) -> npt.NDArray[np.float64]:
    counts = np.zeros(SLOTS)
    for bar in bars:
        length = max(1, bar.length_ticks(resolution))
        slots = np.clip(bar.notes.array[:, 2].astype(np.int64) * SLOTS // length, 0, SLOTS - 1)
        counts += np.bincount(slots, minlength=SLOTS)
    return counts


def density_likeness(new: Sequence[Bar], around: Sequence[Bar]) -> float:
    """The smaller mean number of notes a bar over the larger."""
    one, two = (fmean(len(bar.notes) for bar in bars) for bars in (new, around))
    return min(one, two) / max(one, two) if max(one, two) else 1.0


def _met(engine: InferenceEngine, after: Score, prompt: TrackPrompt) -> list[float]:
    """For each painted level 1 when it was met, 0.5 when missed by one."""
    if not prompt.bar_attributes and not prompt.attributes:
        return []
    track = after.tracks[prompt.id]
    levels = measure(engine, replace(after, tracks=(track,)), 0)
    wishes = [
        (levels.get(name, [None] * len(track.bars))[bar], level)
        for bar, wish in prompt.bar_attributes.items()
        for name, level in wish.items()
    ]
    wishes += [(levels[n][0], level) for n, level in prompt.attributes.items() if n in levels]
    return [0.0 if got is None else max(0.0, 1 - abs(got - level) / 2) for got, level in wishes]
