"""Which lanes a kind of track has: one an attribute, two limits of one thing sharing theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from descant.score.types import Track
from descant_app.compose.model_info import LaneInfo
from descant_app.document.flat import PITCH, FlatTrack

BASS_PROGRAMS = range(32, 40)
HIGH_FROM = 60

_LIMITS = re.compile(r"(^|_)(min|max|low|high)(?=_|$)")
_COUNTED = re.compile(r"([\d][\d.–+-]*) (.+)")
_RANGES = {"polyphony": "Voices", "note_duration": "Lengths", "pitch": "Pitches"}


@dataclass(frozen=True)
class LaneSpec:
    """A lane.

    Attributes:
        key: the attribute's name without its limits and its scope; the same for every model.
        infos: one attribute, or the lower and the upper limit.
        per_bar: False when one level holds for the whole track.
    """

    key: str
    title: str
    infos: tuple[LaneInfo, ...]

    @property
    def per_bar(self) -> bool:
        return self.infos[0].per_bar

    @property
    def size(self) -> int:
        return self.infos[0].size

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(info.name for info in self.infos)

    def labels(self, family: str) -> tuple[str, ...]:
        """Names of the levels for a family of tracks."""
        labels = self.infos[0].labels
        return labels.get(family) or next(iter(labels.values()))

    def short_labels(self, family: str) -> tuple[str, ...]:
        """Names of the levels without what `unit` says of all."""
        return tuple(m[1] if (m := _COUNTED.fullmatch(x)) else x for x in self.labels(family))

    def unit(self, family: str) -> str:
        """What the levels count, as the last one says it; "" when they are names."""
        found = _COUNTED.fullmatch(self.labels(family)[-1])
        return found[2] if found else ""


def lane_specs(infos: Iterable[LaneInfo], is_drum: bool) -> list[LaneSpec]:
    """Lanes of a kind of track, those painted by bar first.

    An attribute of the whole track has none where the same one can be painted by bar: a level for
    all other bars does the same there.
    """
    groups: dict[tuple[bool, str], list[LaneInfo]] = {}
    for info in infos:
        if info.fits(is_drum):
            groups.setdefault((info.per_bar, _key(info.name)), []).append(info)
    specs = []
    for (per_bar, key), members in groups.items():
        if per_bar or (True, key) not in groups:
            specs += _lanes(key, members)
    return sorted(specs, key=lambda spec: not spec.per_bar)


def family_of(track: Track, flat: FlatTrack) -> str:
    """The family whose level names a track uses, as the engine decides it."""
    if track.is_drum:
        return "drum"
    if track.instrument in BASS_PROGRAMS:
        return "bass"
    pitches = flat.rows[:, PITCH]
    if not len(pitches):
        return "high"
    middle = np.partition(pitches, len(pitches) // 2)[len(pitches) // 2]
    return "low" if middle < HIGH_FROM else "high"


def _key(name: str) -> str:
    return _LIMITS.sub("", name.removeprefix("bar_")).strip("_")


def _lanes(key: str, members: list[LaneInfo]) -> list[LaneSpec]:
    if len(members) == 2 and members[0].size == members[1].size:
        low_first = sorted(members, key=lambda info: "max" in info.name or "high" in info.name)
        title = _RANGES.get(key, members[0].title)
        return [LaneSpec(key, title, tuple(low_first))]
    if len(members) == 1:
        return [LaneSpec(key or members[0].name, members[0].title, (members[0],))]
    return [LaneSpec(info.name, info.title, (info,)) for info in members]
