"""What a lane shows, in words."""

from __future__ import annotations

from descant_app.piano_roll.lane_spec import LaneSpec
from descant_app.piano_roll.level_facts import LevelFacts
from descant_app.piano_roll.level_stroke import Wish
from descant_app.settings.translation import tr


def said_of(facts: LevelFacts, spec: LaneSpec, bar: int) -> str:
    """What is wished for a bar of the current track, and what is there."""
    key = bar if spec.per_bar else None
    wish = facts.wish(spec, key)
    if all(level is None for level in wish):
        wish = facts.wish(spec, None)
    where = tr("bar {}").format(bar + 1) if spec.per_bar else spec.title
    text = f"{where}: {named(wish, spec, facts.family)}"
    now = facts.measured(spec, key)
    if any(level is not None for level in now):
        text += tr(", now {}").format(plain(now, spec, facts.family))
    return text


def named(wish: Wish, spec: LaneSpec, family: str) -> str:
    """A level or a range in the words of a family of tracks."""
    known = [level for level in wish if level is not None]
    if not known:
        return tr("free")
    if len(set(known)) == 1:
        label = spec.labels(family)[known[0]]
        return tr("{} ({} of {})").format(label, known[0] + 1, spec.size)
    short = spec.short_labels(family)
    return f"{short[known[0]]} – {short[known[-1]]} {spec.unit(family)}".strip()


def plain(levels: Wish, spec: LaneSpec, family: str) -> str:
    """The same without what all levels share."""
    short = spec.short_labels(family)
    known = [short[min(level, len(short) - 1)] for level in levels if level is not None]
    return " – ".join(dict.fromkeys(known))
