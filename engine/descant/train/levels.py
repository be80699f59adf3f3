"""Which levels a sample says: what is measured of context, and wishes for what is to be written.

An encoder whose levels may be absent (ours) is told of a target bar, and of a track with targets,
only what somebody wished; in training the finished music plays that somebody, and most wishes are
left out.  Upstream's encoders always say levels: of tracks as they are, or as they are without the
targets.  Nothing is ever said of hidden bars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from descant.score import Bar, Score
from descant.train.tokeniser import Tokeniser
from descant.train.windows import BoolMatrix, Random

Levels = dict[str, int]

NO_WISHES = 0.3  # samples that wish nothing
KEPT_BAR_FAMILIES, KEPT_TRACK_FAMILIES = 0.5, 0.25  # of the others' wishes, by family
KEPT_TRACKS = 0.75
EVERY_BAR = 0.6  # a wish painted over all bars of a track, else over some

_BAR = re.compile(r"bar_\w+?_(\d+)")


class LevelDraw:
    """Draws the levels of samples for one encoder.

    `dropout` is the share of measured levels left out; `seen_only` the share of samples whose
    track levels are measured without targets, for encoders that always say them.
    """

    def __init__(self, tokeniser: Tokeniser, dropout: float, seen_only: float) -> None:
        self._tokeniser = tokeniser
        self._dropout = dropout
        self._seen_only = seen_only

    def write(self, score: Score, targets: BoolMatrix, hidden: BoolMatrix, random: Random) -> Score:
        """The score with its tracks' levels; `targets` and `hidden` (T, B)."""
        seen = bool(random.random() < self._seen_only)
        measured = self._measured(score, targets, hidden, seen)
        said = Dropout(self._dropout, random)
        wished = _Wishes(random)
        tracks = []
        for track, levels, row in zip(score.tracks, measured, targets.tolist(), strict=True):
            if self._tokeniser.levels_may_be_absent and any(row):
                wishes, facts = _split(levels, row)
                levels = {**said.keep(facts), **wished.keep(wishes)}
            else:
                levels = said.keep(levels)
            tracks.append(replace(track, attributes=levels))
        return replace(score, tracks=tuple(tracks))

    def _measured(
        self, score: Score, targets: BoolMatrix, hidden: BoolMatrix, seen: bool
    ) -> list[Levels]:
        visible = emptied(score, hidden)
        found = [
            _without_hidden(levels, row) if _sounds(track.bars) else {}
            for levels, row, track in zip(
                self._tokeniser.measure(visible), hidden.tolist(), visible.tracks, strict=True
            )
        ]
        if seen and targets.any() and not self._tokeniser.levels_may_be_absent:
            rest = emptied(visible, targets)
            for levels, now, track in zip(
                found, self._tokeniser.measure(rest), rest.tracks, strict=True
            ):
                for name in [name for name in levels if bar_of(name) is None]:
                    del levels[name]
                if _sounds(track.bars):
                    levels |= {name: x for name, x in now.items() if bar_of(name) is None}
        return found


class Dropout:
    """Leaves out levels: whole families in all tracks, whole tracks, single ones, a third each."""

    def __init__(self, rate: float, random: Random) -> None:
        self._random = random
        self._rate = 1 - (1 - rate) ** (1 / 3)
        self._families: dict[str, bool] = {}

    def keep(self, levels: Mapping[str, int]) -> Levels:
        """What stays of the levels of one track."""
        if self._drop():
            return {}
        return {name: levels[name] for name in sorted(levels) if self._stays(name)}

    def _stays(self, name: str) -> bool:
        family = family_of(name)
        if family not in self._families:
            self._families[family] = self._drop()
        return not (self._families[family] or self._drop())

    def _drop(self) -> bool:
        return bool(self._random.random() < self._rate)


class _Wishes:
    """What somebody asks for: nothing, or some families, on some tracks, on all or some bars."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._none = random.random() < NO_WISHES
        self._families: dict[str, float] = {}

    def keep(self, levels: Mapping[str, int]) -> Levels:
        if self._none or self._random.random() >= KEPT_TRACKS:
            return {}
        bars = 1.0 if self._random.random() < EVERY_BAR else self._random.uniform(0.2, 0.9)
        return {name: levels[name] for name in sorted(levels) if self._stays(name, bars)}

    def _stays(self, name: str, bars: float) -> bool:
        family, by_bar = family_of(name), bar_of(name) is not None
        if family not in self._families:
            share = KEPT_BAR_FAMILIES if by_bar else KEPT_TRACK_FAMILIES
            self._families[family] = float(self._random.random() < share)
        return self._random.random() < self._families[family] * (bars if by_bar else 1.0)


@cache
def bar_of(name: str) -> int | None:
    """The bar that the level called `name` belongs to; None for the whole track."""
    found = _BAR.fullmatch(name)
    return int(found[1]) if found else None


@cache
def family_of(name: str) -> str:
    """What a level is about, whichever bar or end of the range it names."""
    kind = re.sub(r"^bar_|_\d+$", "", name) if bar_of(name) is not None else name
    return re.sub(r"^(min|max)_|Min(?=[A-Z])|Max(?=[A-Z])|(Min|Max)$", "", kind)


def _split(levels: Levels, targets: list[bool]) -> tuple[Levels, Levels]:
    """What would be wishes - of target bars and of the whole track - and what are facts."""
    wishes: Levels = {}
    facts: Levels = {}
    for name, level in levels.items():
        bar = bar_of(name)
        (wishes if bar is None or targets[bar] else facts)[name] = level
    return wishes, facts


def _without_hidden(levels: Mapping[str, int], hidden: list[bool]) -> Levels:
    return {n: x for n, x in levels.items() if (bar := bar_of(n)) is None or not hidden[bar]}


def _sounds(bars: tuple[Bar, ...]) -> bool:
    return any(len(bar.notes) for bar in bars)


def emptied(score: Score, cells: BoolMatrix) -> Score:
    """The score without the notes of some cells (T, B)."""
    return changed(score, cells, lambda bar: bar.with_notes(()))


def changed(score: Score, cells: BoolMatrix, change: Callable[[Bar], Bar]) -> Score:
    """The score with some cells (T, B) changed."""
    if not np.any(cells):
        return score
    tracks = [
        replace(
            track, bars=tuple(change(b) if c else b for b, c in zip(track.bars, row, strict=True))
        )
        if any(row)
        else track
        for track, row in zip(score.tracks, cells.tolist(), strict=True)
    ]
    return replace(score, tracks=tuple(tracks))
