"""Rules V22 to V25 and V37, and warnings about notes: the score."""

from __future__ import annotations

from collections import Counter

import numpy as np

from descant.request.abilities import Abilities
from descant.request.fields import log
from descant.request.problem import Problems, bar_names, track_name
from descant.score import Score, Track


def check_shape(score: Score, model_dim: int | None, problems: Problems) -> None:
    """V22 to V25: tracks, bars, equal lengths, and a piece at least as long as the window."""
    if not score.tracks:
        problems.add("V22", "the score has no tracks; it needs at least one")
        return
    lengths = [len(track.bars) for track in score.tracks]
    for index, length in enumerate(lengths):
        if not length:
            problems.add("V23", f"{track_name(index)} has no bars; every track needs some")
    usual = Counter(lengths).most_common(1)[0][0]
    for index, length in enumerate(lengths):
        if length not in (0, usual):
            problems.add(
                "V24", f"{track_name(index)} has {length} bars; it needs {usual} like other tracks"
            )
    if model_dim is not None and 0 < min(lengths) < model_dim:
        problems.add(
            "V25",
            f"the score has {min(lengths)} bars; it needs at least {model_dim}, "
            "the window of the request (model_dim)",
        )


def check_meters(score: Score, abilities: Abilities, problems: Problems) -> None:
    """V37: one problem for each track and unknown meter."""
    if not abilities.meters:
        return
    known = frozenset(abilities.meters)
    for index, track in enumerate(score.tracks):
        strange: dict[tuple[int, int], list[int]] = {}
        for number, bar in enumerate(track.bars):
            if bar.meter not in known:
                strange.setdefault(bar.meter, []).append(number)
        for (numerator, denominator), bars in strange.items():
            problems.add(
                "V37",
                f"{track_name(index)}, {bar_names(bars)}: the meter {numerator}/{denominator} "
                f"is unknown to this model, which knows {meter_list(abilities)}",
            )


def meter_list(abilities: Abilities) -> str:
    """The meters of a model, for a message."""
    return ", ".join(f"{n}/{d}" for n, d in abilities.meters)


def warn_about_notes(score: Score) -> None:
    """Log notes that a model can only see moved or stretched."""
    for index, track in enumerate(score.tracks):
        short, late = _odd_notes(track, score.resolution)
        if short:
            log.warning("%s: %d notes have no duration", track_name(index), short)
        if late:
            log.warning("%s: %d notes start after the end of their bar", track_name(index), late)


def _odd_notes(track: Track, resolution: int) -> tuple[int, int]:
    """How many notes last no tick, and how many start at or past their bar's end."""
    full = [bar for bar in track.bars if len(bar.notes)]
    if not full:
        return 0, 0
    notes = np.concatenate([bar.notes.array for bar in full])
    ends = [bar.length_ticks(resolution) for bar in full]
    limits = np.repeat(ends, [len(bar.notes) for bar in full])
    return int(np.sum(notes[:, 3] <= 0)), int(np.sum(notes[:, 2] >= limits))
