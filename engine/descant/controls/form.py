"""Reading JSON objects key by key: every problem is noted, none stops the reading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class Form:
    """One JSON object under a name; `problems` gathers sentences about it and its parts."""

    def __init__(self, name: str, value: object, known: tuple[str, ...]) -> None:
        self.name = name
        self.problems: list[str] = []
        self.values: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self.values = value
        else:
            self.problems.append(f"{name} is {value!r}; it must be an object")
        for key in self.values:
            if key not in known:
                self.refuse(key, f"is not a key of {name}, which has {', '.join(known)}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def refuse(self, key: str, why: str) -> None:
        self.problems.append(f"{self.name}.{key} {why}")

    def whole(self, key: str, default: int, low: int, high: int | None = None) -> int:
        """A whole number of [low, high], or the default."""
        value = self.values.get(key, default)
        if is_whole(value, low, high):
            return int(value)
        self.refuse(key, f"is {value!r}; it must be a whole number {_range(low, high)}")
        return default

    def number(self, key: str, default: float, low: float, high: float | None = None) -> float:
        """A finite number of [low, high], or the default."""
        value = self.values.get(key, default)
        if is_number(value) and value >= low and (high is None or value <= high):
            return float(value)
        self.refuse(key, f"is {value!r}; it must be a number {_range(low, high)}")
        return default

    def choice(self, key: str, default: str | None, allowed: tuple[str, ...]) -> str | None:
        """One of the allowed words; None (noted) where none was given and there is no default."""
        value = self.values.get(key, default)
        if isinstance(value, str) and value in allowed:
            return value
        given = f"is {value!r}" if key in self.values else "is missing"
        self.refuse(key, f"{given}; it must be one of {', '.join(allowed)}")
        return default

    def whole_list(self, key: str, low: int, high: int) -> list[int]:
        """A list of whole numbers of [low, high]; the good ones."""
        value = self.values.get(key)
        if not isinstance(value, list | tuple | set | frozenset):
            self.refuse(key, f"is {value!r}; it must be a list of whole numbers")
            return []
        bad = [item for item in value if not is_whole(item, low, high)]
        if bad:
            listed = ", ".join(map(repr, bad))
            self.refuse(key, f"holds {listed}; each must be a whole number {_range(low, high)}")
        return [int(item) for item in value if is_whole(item, low, high)]


def is_whole(value: object, low: int, high: int | None = None) -> bool:
    """Whether a value is an int (no bool) of [low, high]."""
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= low and (high is None or value <= high)


_LARGEST = 1e9
"""Beyond any number of music, and far from where squares overflow."""


def is_number(value: object) -> bool:
    """Whether a value is an int or float (no bool) of a size that can be calculated with."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= _LARGEST


def _range(low: float, high: float | None) -> str:
    if high is None:
        return f"from {-_LARGEST:g} to {_LARGEST:g}" if low == -math.inf else f"from {low:g} up"
    return f"from {low:g} to {high:g}"
