"""Whether a model does what levels ask: asked against measured, by attribute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from descant.request.abilities import AttributeAbility
from descant.train.judge.cases import Case
from descant.train.judge.measures import rank_correlation
from descant.train.judge.writing import Writer

ORDERED = ("density", "polyphony", "duration", "silence")  # words in names of levels that rise


@dataclass(frozen=True)
class Control:
    """How one attribute is obeyed.

    Attributes:
        adjacent_rate: share of the bars that are at most one level off.
        exact_rate: share that has the level asked for.
        rank_correlation: Spearman's, of asked and measured.
        bars: how many were looked at.
        table: bars by level asked for, then by level measured.
    """

    adjacent_rate: float
    exact_rate: float
    rank_correlation: float
    bars: int
    table: list[list[int]]

    @classmethod
    def of(cls, asked: Sequence[int], got: Sequence[int], size: int) -> Control:
        """From the levels asked for and those measured, each 0..size-1."""
        table = np.zeros((size, size), int)
        np.add.at(table, (list(asked), list(got)), 1)
        off = np.abs(np.subtract(asked, got))
        bars = max(1, len(asked))
        close, exact = float((off <= 1).sum() / bars), float((off == 0).sum() / bars)
        return cls(close, exact, rank_correlation(asked, got), len(asked), table.tolist())


def measure_control(writer: Writer, cases: Sequence[Case]) -> dict[str, Control]:
    """Every attribute whose levels rise, asked for alone: by bar where the model knows that."""
    abilities = writer.engine.abilities.attributes.values()
    ordered = [a for a in abilities if any(word in a.name for word in ORDERED)]
    chosen = [a for a in ordered if a.per_bar] or ordered
    found = {}
    for ability in chosen:
        fitting = [case for case in cases if ability.fits(case.is_drum)]
        if fitting:
            found[ability.name] = _control(writer, fitting, ability)
    return found


def _control(writer: Writer, cases: Sequence[Case], ability: AttributeAbility) -> Control:
    name, per_bar = ability.name, ability.per_bar
    asked: list[int] = []
    got: list[int] = []
    pools = _real_levels(writer, cases, name, per_bar)
    for number, case in enumerate(cases):
        pool = pools.get(case.is_drum)
        if not pool:
            continue
        random = np.random.default_rng(number)
        wishes = {bar: int(random.choice(pool)) for bar in case.bars}
        if not per_bar:
            wishes = dict.fromkeys(case.bars, wishes[case.bars[0]])
        for bar, level in _measured(writer, case, number, name, per_bar, wishes).items():
            asked.append(wishes[bar])
            got.append(level)
    return Control.of(asked, got, ability.size)


def _real_levels(
    writer: Writer, cases: Sequence[Case], name: str, per_bar: bool
) -> Mapping[bool, list[int]]:
    """Levels of real sounding bars, by kind of track: wishes are drawn from them."""
    pools: dict[bool, list[int]] = defaultdict(list)
    for case in cases:
        measured = writer.engine.measure(case.score, case.track, case.bars)
        levels = measured["bars"] if per_bar else {case.bars[0]: measured["track"]}
        for place, bar in zip(case.bars, case.real, strict=True):
            if name in levels.get(place, {}) and len(bar.notes):
                pools[case.is_drum].append(levels[place][name])
    return pools


def _measured(
    writer: Writer, case: Case, seed: int, name: str, per_bar: bool, wishes: Mapping[int, int]
) -> dict[int, int]:
    """The levels of what was written, of bars that have one."""
    if per_bar:
        score = writer.write(case, seed, {bar: {name: level} for bar, level in wishes.items()})
    else:
        score = writer.write(case, seed, track_levels={name: wishes[case.bars[0]]})
    if score is None:
        return {}
    measured = writer.engine.measure(score, case.track, case.bars)
    if not per_bar:
        return {case.bars[0]: measured["track"][name]} if name in measured["track"] else {}
    return {bar: levels[name] for bar, levels in measured["bars"].items() if name in levels}
