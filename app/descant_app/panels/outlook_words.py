"""What pressing Infill would do, in words."""

from __future__ import annotations

from descant_app.compose.outlook import Outlook
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.settings.translation import tr


def track_name(document: Document, track: TrackId) -> str:
    """A track as people call it."""
    index = document.piece.index_of(track)
    if index is None:
        return tr("a track that is gone")
    return document.score.tracks[index].name or tr("track {}").format(index + 1)


def chosen_bars(document: Document, most: int = 2) -> str:
    """The bars that would be written: "4 bars of Bass"; "" when none is chosen.

    More than `most` tracks are counted rather than named.
    """
    chosen = document.selection
    names = [track_name(document, track) for track in chosen.bars_by_track()]
    return bars_of(names, len(chosen.bars), most)


def bars_of(names: list[str], bars: int, most: int = 2) -> str:
    """A number of bars of tracks with these names; more than `most` are counted."""
    if not names:
        return ""
    count = tr("1 bar") if bars == 1 else tr("{} bars").format(bars)
    if len(names) > most:
        return tr("{} of {} tracks").format(count, len(names))
    return tr("{} of {}").format(count, tr(" and ").join(names))


def takes_in_words(takes: int) -> str:
    """How many answers are asked for."""
    return tr("1 take") if takes == 1 else tr("{} takes").format(takes)


def seconds_in_words(seconds: float) -> str:
    """An expected time, no more exact than it can be."""
    if seconds < 0.1:
        return tr("an instant")
    if seconds < 10:
        return tr("about {:.1f} s").format(seconds)
    if seconds < 90:
        return tr("about {:.0f} s").format(seconds)
    return tr("about {:.0f} min").format(seconds / 60)


def plan(outlook: Outlook) -> str:
    """The plan in one line: windows, tokens, time, and what the model will not see."""
    if not outlook.steps:
        return ""
    steps = len(outlook.steps)
    parts = [tr("1 step") if steps == 1 else tr("{} steps").format(steps)]
    tokens = sum(step.prompt_tokens + step.expected_tokens for step in outlook.steps)
    if tokens:
        parts.append(tr("{} tokens").format(f"{tokens:,}"))
    if outlook.seconds:
        parts.append(seconds_in_words(outlook.seconds))
    dropped = len(outlook.dropped)
    if dropped:
        left = tr("1 track left out") if dropped == 1 else tr("{} tracks left out")
        parts.append(left.format(dropped))
    return "  ·  ".join(parts)


def plan_in_full(document: Document, outlook: Outlook) -> str:
    """The plan step by step, for whoever wants to know."""
    lines = []
    for number, step in enumerate(outlook.steps, 1):
        tracks = sorted({track for track, _ in step.targets})
        names = ", ".join(track_name(document, track) for track in tracks)
        text = tr("{}. reads bars {}–{}, writes {} of {}")
        if step.autoregressive:
            text = tr("{}. goes on from bars {}–{}, writes {} of {}")
        lines.append(text.format(number, step.first + 1, step.last + 1, len(step.targets), names))
    if outlook.dropped:
        names = ", ".join(track_name(document, track) for track in outlook.dropped)
        lines.append(tr("Left out, as the prompt would not fit: {}").format(names))
    return "\n".join(lines)
