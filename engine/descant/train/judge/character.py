"""What passages are like, in numbers: generated ones beside the real ones at the same places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from descant.score import Bar
from descant.train.judge.cases import Case, with_bars
from descant.train.judge.measures import (
    Histogram,
    groove_consistency,
    histograms,
    js_distance,
    mean,
    pitch_class_entropy,
    rows_of,
    scale_consistency,
)
from descant.train.judge.voices import voice_leading
from descant.train.judge.writing import Bars

FIFTH = 7  # semitones
MOST_NOTES = 40  # of a bar in the tables of density; more count as this

Passages = Sequence[tuple[Case, Bars]]


def character(passages: Passages) -> dict[str, float]:
    """Means over passages; silence and density over single bars."""
    bars = [bar for _, passage in passages for bar in passage]
    tonal = [passage for case, passage in passages if not case.is_drum and _sounds(passage)]
    scores = [voice_leading(with_bars(case, passage), case.bars) for case, passage in passages]
    return {
        "notes_per_bar": mean([float(len(bar.notes)) for bar in bars]),
        "silent_bars": mean([float(not len(bar.notes)) for bar in bars]),
        "pitch_class_entropy": mean([pitch_class_entropy(passage) for passage in tonal]),
        "scale_consistency": mean([scale_consistency(passage) for passage in tonal]),
        "groove_consistency": mean([groove_consistency(passage) for _, passage in passages]),
        "outside_range": mean(_strays(passages)),
        "voice_leading": mean([score for score in scores if score is not None]),
    }


def _strays(passages: Passages) -> list[float]:
    """For each note of melodic passages, 1 when it lies more than a fifth outside of what the track
    plays around, else 0.
    """
    found: list[float] = []
    for case, passage in passages:
        around = case.around
        if case.is_drum or not _sounds(around):
            continue
        known, own = rows_of(around)[:, 0], rows_of(passage)[:, 0]
        strays = (own < known.min() - FIFTH) | (own > known.max() + FIFTH)
        found += strays.astype(float).tolist()
    return found


def density_table(passages: Passages) -> dict[str, list[int]]:
    """How many bars have 0, 1, 2 ... notes, by kind of track."""
    counts = {"melodic": Counter[int](), "drum": Counter[int]()}
    for case, passage in passages:
        kind = counts["drum" if case.is_drum else "melodic"]
        kind.update(min(MOST_NOTES, len(bar.notes)) for bar in passage)
    return {kind: [n[notes] for notes in range(MOST_NOTES + 1)] for kind, n in counts.items()}


def distances(passages: Passages) -> dict[str, float]:
    """Mean distance to the real bars at the same places."""
    found: dict[str, list[float]] = {}
    for case, passage in passages:
        real, made = histograms(case.real, case.is_drum), histograms(passage, case.is_drum)
        for name in real:
            found.setdefault(name, []).append(js_distance(real[name], made[name]))
    return {name: mean(values) for name, values in found.items()}


def distance_of_all(passages: Passages) -> dict[str, float]:
    """Distance between all that was written and all that is real, whatever its place."""
    real: dict[str, Histogram] = {}
    made: dict[str, Histogram] = {}
    for case, passage in passages:
        for total, bars in ((real, case.real), (made, passage)):
            for name, counts in histograms(bars, case.is_drum).items():
                total[name] = total.get(name, 0) + counts
    return {name: js_distance(real[name], made[name]) for name in real}


def _sounds(bars: Sequence[Bar]) -> bool:
    return any(len(bar.notes) for bar in bars)
