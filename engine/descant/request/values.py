"""What counts as a whole number, a number, a yes or no, a list of indexes.

Callers are Python programs, JSON and OSC: 4.0 is a whole number, 0 and 1 are a no and a yes, true
is no number.  Each reader returns a clean value, or None when the value is of another kind.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np


def whole(value: Any) -> int | None:
    """An int, numpy integer, or float without a fraction."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, Integral):
        return int(value)
    plain = number(value)
    return int(plain) if plain is not None and plain.is_integer() else None


def number(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def flag(value: Any) -> bool | None:
    """True, False, 1 or 0."""
    return bool(value) if isinstance(value, (bool, np.bool_, Real)) and value in (0, 1) else None


def word(value: Any) -> str | None:
    """A string."""
    return value if isinstance(value, str) else None


def indexes(value: Any) -> list[int] | None:
    """A list, tuple, range or array of whole numbers."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (list, tuple, range, set, frozenset)):
        return None
    numbers = [whole(item) for item in value]
    clean = [item for item in numbers if item is not None]
    return clean if len(clean) == len(numbers) else None


def window(value: Any) -> int | None:
    """A whole number, or None for "choose one", which is 0."""
    return 0 if value is None else whole(value)
