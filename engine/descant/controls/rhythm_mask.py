"""Rhythm mask: a grid that onsets lean towards, or the exact positions they must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from descant.controls.form import Form
from descant.controls.remix import ScheduleRows
from descant.errors import RequestValidationError

UNITS: dict[str, Fraction] = {
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "sixteenth": Fraction(1, 4),
    "quarter_triplet": Fraction(1, 3),
    "eighth_triplet": Fraction(1, 6),
    "sixteenth_triplet": Fraction(1, 12),
}
"""Quarter notes from one grid line to the next."""


_MOST_NOTES = 128  # of one position: as many as there are pitches


@dataclass(frozen=True, slots=True)
class RhythmGrid:
    """Positions off the grid weigh 1 - `strength`."""

    unit: str
    strength: float = 1.0

    def weights(self, resolution: int, positions: int) -> list[float]:
        """The weight of each position 0..positions-1, in ticks of `resolution` to the quarter."""
        spacing = max(1, round(resolution * UNITS[self.unit]))
        off = max(0.0, 1.0 - self.strength)
        return [1.0 if position % spacing == 0 else off for position in range(positions)]


@dataclass(frozen=True, slots=True)
class RhythmPositions:
    """Every bar holds notes at exactly these (position in model ticks, number of notes)."""

    groups: tuple[tuple[int, int], ...]

    def schedule(self) -> ScheduleRows:
        """One bar whose notes have their positions stated and nothing else."""
        return [[(position, [(-1, -1)] * count) for position, count in self.groups]]


def rhythm_mask_from_dict(form: object) -> RhythmGrid | RhythmPositions:
    """Read the JSON form; RequestValidationError lists everything that is wrong."""
    mask, found = _read(form)
    if mask is None or found:
        raise RequestValidationError(found)
    return mask


def rhythm_mask_problems(form: object) -> list[str]:
    """Sentences about what is wrong with the JSON form of a rhythm mask; empty when it is good."""
    return _read(form)[1]


def _read(value: object) -> tuple[RhythmGrid | RhythmPositions | None, list[str]]:
    form = Form("rhythm_mask", value, ("grid", "positions"))
    if isinstance(value, Mapping) and ("grid" in form) == ("positions" in form):
        form.problems.append("rhythm_mask must have one of grid and positions, and only one")
    mask: RhythmGrid | RhythmPositions | None = None
    if "grid" in form:
        mask = _grid(form)
    if "positions" in form:
        mask = _positions(form)
    return mask, form.problems


def _grid(form: Form) -> RhythmGrid | None:
    grid = Form("rhythm_mask.grid", form.values["grid"], ("unit", "strength"))
    unit, strength = None, 1.0
    if isinstance(form.values["grid"], Mapping):
        unit = grid.choice("unit", None, tuple(UNITS))
        strength = grid.number("strength", 1.0, 0.0, 1.0)
    form.problems += grid.problems
    return None if unit is None else RhythmGrid(unit, strength)


def _positions(form: Form) -> RhythmPositions:
    entries = form.values["positions"]
    if not isinstance(entries, list | tuple) or not entries:
        form.refuse("positions", f"is {entries!r}; it must be a list with at least one entry")
        return RhythmPositions(())
    groups = [_position(form, index, entry) for index, entry in enumerate(entries)]
    places = [position for position, _ in groups]
    twice = sorted({place for place in places if places.count(place) > 1})
    if twice:
        form.refuse("positions", f"holds pos {', '.join(map(str, twice))} more than once")
    if 0 not in places:
        form.refuse("positions", "lacks pos 0, where every bar begins")
    return RhythmPositions(tuple(sorted(groups)))


def _position(form: Form, index: int, value: object) -> tuple[int, int]:
    entry = Form(f"rhythm_mask.positions[{index}]", value, ("pos", "polyphony"))
    position, count = index, 1
    if isinstance(value, Mapping):
        if "pos" in entry:
            position = entry.whole("pos", index, low=0)
        else:
            entry.refuse("pos", "is missing; it must be a whole number from 0 up")
        count = entry.whole("polyphony", 1, 1, _MOST_NOTES)
    form.problems += entry.problems
    return position, count
