"""Pitch mask: the pitches a track may use, and how much each is favoured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from descant.controls.form import Form
from descant.errors import RequestValidationError

PITCHES = 128
SCALES: dict[str, tuple[int, ...]] = {
    "chromatic": tuple(range(12)),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "natural_minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole_tone": (0, 2, 4, 6, 8, 10),
}
"""Semitones above the root."""

_KEYS = ("pitches", "scale", "root", "pitch_classes", "shape")
_SHAPE_KEYS = {"uniform": ("type", "min", "max"), "normal": ("type", "mean", "std")}
_NARROWEST = 1e-6


@dataclass(frozen=True, slots=True)
class PitchMask:
    """`pitches` that may sound (None: all) and a weight for each of the 128 (None: all alike)."""

    pitches: frozenset[int] | None = None
    weights: tuple[float, ...] | None = None

    @classmethod
    def from_dict(cls, form: object) -> PitchMask:
        """Read the JSON form; RequestValidationError lists everything that is wrong."""
        mask, found = _read(form)
        if found:
            raise RequestValidationError(found)
        return mask


def pitch_mask_problems(form: object) -> list[str]:
    """Sentences about what is wrong with the JSON form of a pitch mask; empty when it is good."""
    return _read(form)[1]


def _read(value: object) -> tuple[PitchMask, list[str]]:
    form = Form("pitch_mask", value, _KEYS)
    pitches = _hard_set(form)
    weights = _weights(form) if "shape" in form else None
    return PitchMask(pitches, weights), form.problems


def _hard_set(form: Form) -> frozenset[int] | None:
    """Explicit pitches win over a scale, a scale over pitch classes."""
    if "scale" in form and "pitch_classes" in form:
        form.refuse("scale", "and pitch_classes exclude each other; give one of them")
    root = form.whole("root", 0, low=-(2**31), high=2**31) if "root" in form else 0
    scale: Iterable[int] = ()
    classes: Iterable[int] = ()
    if "scale" in form:
        scale = SCALES.get(form.choice("scale", None, tuple(SCALES)) or "", range(12))
    if "pitch_classes" in form:
        classes = form.whole_list("pitch_classes", low=-(2**31), high=2**31)
    if "pitches" in form:
        return _not_empty(form, "pitches", form.whole_list("pitches", 0, PITCHES - 1))
    if "scale" in form:
        return _of_classes(step + root for step in scale)
    if "pitch_classes" in form:
        return _not_empty(form, "pitch_classes", _of_classes(classes))
    return None


def _not_empty(form: Form, key: str, pitches: Iterable[int]) -> frozenset[int]:
    allowed = frozenset(pitches)
    if not allowed:
        form.refuse(key, "leaves no pitch; at least one is needed")
    return allowed


def _of_classes(classes: Iterable[int]) -> frozenset[int]:
    wanted = {pitch_class % 12 for pitch_class in classes}
    return frozenset(pitch for pitch in range(PITCHES) if pitch % 12 in wanted)


def _weights(form: Form) -> tuple[float, ...] | None:
    value = form.values["shape"]
    kind = value.get("type") if isinstance(value, dict) else None
    shape = Form("pitch_mask.shape", value, _SHAPE_KEYS.get(str(kind), ("type", *_all_keys())))
    weights = None
    if isinstance(value, dict):
        kind = shape.choice("type", None, tuple(_SHAPE_KEYS))
        if kind is not None:
            weights = _uniform(shape) if kind == "uniform" else _normal(shape)
    form.problems += shape.problems
    return weights


def _all_keys() -> tuple[str, ...]:
    return tuple(key for keys in _SHAPE_KEYS.values() for key in keys if key != "type")


def _uniform(shape: Form) -> tuple[float, ...]:
    low = shape.whole("min", 0, 0, PITCHES - 1)
    high = shape.whole("max", PITCHES - 1, 0, PITCHES - 1)
    if low > high:
        shape.refuse("min", f"is {low}; it must not be above max, which is {high}")
    return tuple(1.0 if low <= pitch <= high else 0.0 for pitch in range(PITCHES))


def _normal(shape: Form) -> tuple[float, ...]:
    mean = shape.number("mean", 60.0, low=-math.inf)
    std = max(shape.number("std", 12.0, low=0.0), _NARROWEST)
    return tuple(math.exp(-0.5 * ((pitch - mean) / std) ** 2) for pitch in range(PITCHES))
