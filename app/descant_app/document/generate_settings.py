"""How to generate, as a piece keeps it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from descant.defaults import LEVEL_GUIDANCE, NATURAL_TOP_P

log = logging.getLogger("descant.document")


def _number(usual: float, low: float, high: float) -> Any:
    return field(default=usual, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class GenerateSettings:
    """How to generate.  Names and meanings are those of `InferenceConfig` where it has the field;
    numbers have the range that the window offers.

    Attributes:
        model: a bundled model's name or the path of a checkpoint; "" for the first bundled one.
        model_dim: bars in a window; 0 lets the model choose.
        takes: answers made side by side.
        seed: below 0 draws one.
        scale_lock: keep to a scale, given by `scale_root` (0 = C) and `scale_kind`.
        rhythm: "free"; "keep" the rhythm of the bars that are replaced; "onsets" exactly where
            they had some; on a "grid" of `rhythm_grid` steps a quarter.
        remix: 0..1, how much of the bars that are replaced may change; 1 writes them anew.
    """

    model: str = ""
    model_dim: int = _number(0, 0, 1024)
    mask_mode: str = "auto"
    takes: int = _number(4, 1, 16)
    seed: int = _number(-1, -1, 2**64 - 1)
    temperature: float = _number(1.0, 0.3, 1.8)
    level_guidance: float = _number(LEVEL_GUIDANCE, 1.0, 4.0)
    top_p: float = _number(NATURAL_TOP_P, 0.5, 1.0)
    top_k: int = _number(0, 0, 100)
    mask_p: float = _number(0.0, 0.0, 0.9)
    mask_k: int = _number(0, 0, 10)
    polyphony_hard_limit: int = _number(0, 0, 12)
    density_hard_limit: int = _number(0, 0, 48)
    bars_per_step: int = _number(0, 0, 8)
    shuffle: bool = False
    scale_lock: bool = False
    scale_root: int = _number(0, 0, 11)
    scale_kind: str = "Major"
    rhythm: str = "free"
    rhythm_grid: int = _number(4, 1, 12)
    remix: float = _number(1.0, 0.05, 1.0)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> GenerateSettings:
        """Read the JSON form; what this version does not know is left out, and a number outside
        its range becomes the nearest inside.  Raises ValueError when a value is of another kind."""
        return cls(**{f.name: _read(f, form[f.name]) for f in fields(cls) if f.name in form})


def _read(of: Field[Any], value: Any) -> Any:
    """A field's value from a file."""
    kind = type(of.default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or kind not in (int, float):
        if type(value) is not kind:
            raise ValueError(f"{of.name} is {value!r}; it must be like {of.default!r}")
        return value
    low, high = of.metadata["low"], of.metadata["high"]
    if value != value:
        raise ValueError(f"{of.name} is not a number; it must be {low} to {high}")
    if not low <= value <= high:
        log.warning("%s must be %s to %s; the file has another number", of.name, low, high)
    return kind(max(low, min(value, high)))
