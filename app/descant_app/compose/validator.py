"""Does a take do what was asked, and nothing else?  A take that does not is never applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np

from descant.controls import UNITS, PitchMask
from descant.engine import InferenceEngine
from descant.request import GenerationRequest, TrackPrompt
from descant.score.types import Bar, Score, Track
from descant_app.compose.words import bars_text

HEADER = tuple(f.name for f in fields(Track) if f.name != "bars")
CONDUCTOR = tuple(f.name for f in fields(Score) if f.name != "tracks")


def violations(
    engine: InferenceEngine, before: Score, after: Score, request: GenerationRequest
) -> list[str]:
    """What a finished score breaks of a checked request, in words; empty when nothing."""
    found = list(_outside(before, after, request))
    if found:
        return found
    resolution = engine.model.encoder.resolution
    for prompt in request.tracks:
        written = [
            bar
            for bar in prompt.bars
            if after.tracks[prompt.id].bars[bar] is not before.tracks[prompt.id].bars[bar]
        ]
        found += _inside(before, after, request, prompt, written, resolution)
    return found


def _outside(before: Score, after: Score, request: GenerationRequest) -> Iterator[str]:
    """Everything that was not asked for is as it was."""
    for name in CONDUCTOR:
        if getattr(before, name) != getattr(after, name):
            yield f"The piece's {name.replace('_', ' ')} changed."
    if len(before.tracks) != len(after.tracks):
        yield "Tracks came or went."
        return
    targets = {prompt.id: set(prompt.bars) for prompt in request.tracks if not prompt.ignore}
    for index, (old, new) in enumerate(zip(before.tracks, after.tracks, strict=True)):
        for name in HEADER:
            if getattr(old, name) != getattr(new, name):
                yield f"Track {index + 1}: its {name.replace('_', ' ')} changed."
        if len(old.bars) != len(new.bars):
            yield f"Track {index + 1}: bars came or went."
            continue
        changed = [
            bar
            for bar, (a, b) in enumerate(zip(old.bars, new.bars, strict=True))
            if a is not b and ((bar not in targets.get(index, ()) and a != b) or _other_frame(a, b))
        ]
        if changed:
            yield f"Track {index + 1}: {bars_text(changed)} changed without being asked for."


def _other_frame(a: Bar, b: Bar) -> bool:
    return a.meter != b.meter or a.beat_length != b.beat_length


def _inside(
    before: Score,
    after: Score,
    request: GenerationRequest,
    prompt: TrackPrompt,
    written: list[int],
    resolution: int,
) -> Iterator[str]:
    """Limits, scale and rhythm hold in the bars that were written."""
    old, new = (score.tracks[prompt.id].bars for score in (before, after))
    limit, most = request.config.density_hard_limit, request.config.polyphony_hard_limit

    def off_rhythm(bar: int) -> bool:
        return _is_off_rhythm(prompt, old[bar], new[bar], after.resolution, resolution)

    checks: dict[str, Callable[[int], bool]] = {
        "more notes than the limit": lambda bar: 0 < limit < len(new[bar].notes),
        "more notes at once than the limit": lambda bar: 0 < most < _together(new[bar]),
        "notes outside the scale": lambda bar: _is_off_scale(prompt, new[bar]),
        "notes off the rhythm": off_rhythm,
        "notes outside the bar": lambda bar: _is_outside(new[bar], after.resolution),
    }
    for what, broken in checks.items():
        bad = [bar for bar in written if broken(bar)]
        if bad:
            yield f"Track {prompt.id + 1}, {bars_text(bad)}: {what}."


def _together(bar: Bar) -> int:
    """The most notes that begin at once, which is what the limit counts."""
    return int(np.unique(bar.notes.array[:, 2], return_counts=True)[1].max(initial=0))


def _is_off_scale(prompt: TrackPrompt, bar: Bar) -> bool:
    form = prompt.controls.get("pitch_mask")
    if form is None:
        return False
    allowed = PitchMask.from_dict(form).pitches
    return allowed is not None and not allowed.issuperset(bar.notes.array[:, 0].tolist())


def _is_off_rhythm(
    prompt: TrackPrompt, old: Bar, new: Bar, resolution: int, model_resolution: int
) -> bool:
    """A remix keeps where notes start; a grid of full strength allows its lines only."""
    starts = _positions(new, resolution, model_resolution)
    grid = prompt.controls.get("rhythm_mask", {}).get("grid")
    if grid is not None and grid["strength"] >= 1:
        step = max(1, round(model_resolution * UNITS[grid["unit"]]))
        return any(start % step for start in starts)
    if "remix" in prompt.controls:
        return not starts <= _positions(old, resolution, model_resolution)
    return False


def _positions(bar: Bar, resolution: int, model_resolution: int) -> set[int]:
    """Where notes start on the model grid."""
    onsets = bar.notes.array[:, 2].astype(np.int64)
    return set((onsets * model_resolution // resolution).tolist())


def _is_outside(bar: Bar, resolution: int) -> bool:
    onsets = bar.notes.array[:, 2]
    return bool(len(onsets)) and int(onsets.max()) >= bar.length_ticks(resolution)
