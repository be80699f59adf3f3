"""Takes and batches in words."""

from __future__ import annotations

import time
from collections.abc import Mapping

from descant_app.document.takes import KEPT, REJECTED, Batch, Take
from descant_app.panels.generate_choices import MASK_MODES
from descant_app.panels.outlook_words import bars_of, takes_in_words
from descant_app.settings.translation import N_, tr

_MEASURES: Mapping[str, tuple[tuple[float, str], ...]] = {
    "wishes": ((0.95, N_("as painted")), (0.7, N_("near your paint")), (0.0, N_("off your paint"))),
    "range": ((0.95, ""), (0.7, N_("wide range")), (0.0, N_("out of range"))),
    "key": ((0.97, N_("in key")), (0.8, N_("some colour")), (0.0, N_("out of key"))),
    "groove": ((0.8, N_("same groove")), (0.5, N_("kindred groove")), (0.0, N_("new groove"))),
    "density": ((0.8, N_("as busy")), (0.5, N_("other density")), (0.0, N_("far other density"))),
}
"""Measure -> words from a value on, or "" for what goes without saying; see `compose.ranking`."""
_EXPLAINED = {
    "wishes": N_("Painted levels that were met: {:.0%}"),
    "key": N_("Notes in the key of the music around: {:.0%}"),
    "range": N_("Notes where the track plays around: {:.0%}"),
    "groove": N_("Likeness of the rhythm to the bars around: {:.0%}"),
    "density": N_("Likeness of the number of notes to the bars around: {:.0%}"),
}


def mode_title(mask_mode: str) -> str:
    """A way of hiding bars as the panel calls it."""
    return next((tr(c.title) for c in MASK_MODES if c.value == mask_mode), mask_mode)


def measures(take: Take) -> list[str]:
    """What the measures say, the most telling first."""
    found = []
    for name, grades in _MEASURES.items():
        if name in take.scores:
            value = take.scores[name]
            word = next(word for least, word in grades if value >= least)
            found += [tr(word)] if word else []
    return found


def state_of(take: Take, bars: int) -> tuple[str, str]:
    """A word on the take's state and its colour; empty when there is nothing to say."""
    if take.violations:
        return tr("breaks a rule"), "danger"
    if take.state == KEPT:
        return tr("kept"), "good"
    if take.state == REJECTED:
        return tr("rejected"), "dim"
    if not take.complete:
        return tr("{} of {} bars").format(len(take.bars) + len(take.away), bars), "warm"
    return "", ""


def in_full(take: Take, number: int) -> str:
    """All there is to know of a take, for its tool tip."""
    lines = [tr("Take {}: {} notes, seed {}").format(number, take.note_count, take.seed)]
    lines += [tr(_EXPLAINED[n]).format(v) for n, v in take.scores.items() if n in _EXPLAINED]
    lines += list(take.violations)
    lines.append(tr("Click to see and hear it in place; Enter keeps it"))
    return "\n".join(lines)


def batch_title(batch: Batch) -> str:
    """When, and which bars."""
    prompts = [p for p in batch.request.get("tracks", ()) if p.get("bars") and not p.get("ignore")]
    tracks = batch.score.tracks
    names = [
        tracks[p["id"]].name or tr("track {}").format(p["id"] + 1)
        for p in prompts
        if p["id"] < len(tracks)
    ]
    return bars_of(names, sum(len(p["bars"]) for p in prompts))


def batch_time(batch: Batch) -> str:
    """When it was asked for, as the clock on the wall says it."""
    return time.strftime("%H:%M", time.localtime(batch.when)) if batch.when else ""


def batch_note(batch: Batch, count: int, numbers: Mapping[int, int]) -> str:
    """How many takes, and the take they grew from; `numbers` of all takes in their batches."""
    parts = [takes_in_words(count)]
    if batch.parent in numbers:
        parts.append(tr("from take {}").format(numbers[batch.parent]))
    elif batch.parent is not None:
        parts.append(tr("from a take that is gone"))
    return " · ".join(parts)


def batch_in_full(batch: Batch) -> str:
    """The request in a few lines, for the tool tip."""
    config = batch.request.get("config", {})
    lines = [
        tr("Temperature {}, hiding {}").format(
            config.get("temperature", 1.0), mode_title(str(config.get("mask_mode", "auto")))
        )
    ]
    if batch.model:
        lines.append(tr("Model {} ({}) on {}").format(
            batch.model, batch.model_hash[:8], batch.backend
        ))  # fmt: skip
    if batch.tokens and batch.seconds:
        speed = f"{batch.tokens / batch.seconds:,.0f}"
        lines.append(tr("{} tokens in {:.2f} s: {} a second").format(
            f"{batch.tokens:,}", batch.seconds, speed
        ))  # fmt: skip
    return "\n".join(lines)
