"""Reading the values of encoder settings: each reader takes a key and a JSON value, and returns the
checked value or raises EncoderError with one sentence naming key, value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from descant.errors import EncoderError

T = TypeVar("T")
Reader = Callable[[str, Any], T]

_METER = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")


def whole(low: int, high: int) -> Reader[int]:
    """A reader of a whole number in low..high; fractions and truth values are refused."""

    def read(key: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise EncoderError(f"{key} is {value!r}; needed is a whole number in {low}..{high}")
        return value

    return read


def boolean(key: str, value: object) -> bool:
    """true or false, nothing that merely counts as such."""
    if not isinstance(value, bool):
        raise EncoderError(f"{key} is {value!r}; needed is true or false")
    return value


def optional(read: Reader[T]) -> Reader[T | None]:
    """A reader to which null means the same as an absent key."""
    return lambda key, value: None if value is None else read(key, value)


def whole_list(key: str, value: object, low: int = 1, high: int = 1024) -> tuple[int, ...]:
    """A list of whole numbers."""
    return tuple(whole(low, high)(key, item) for item in _list(key, value))


def meters(key: str, value: object) -> tuple[tuple[int, int], ...]:
    """A list of different meters written "n/d"."""
    read = tuple(_meter(key, item) for item in _list(key, value))
    for meter in read:
        if read.count(meter) > 1:
            raise EncoderError(f"{key} lists {meter[0]}/{meter[1]} twice; each meter has one token")
    return read


def _meter(key: str, value: object) -> tuple[int, int]:
    match = _METER.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= 255 or not 1 <= int(match[2]) <= 256:
        raise EncoderError(f'{key} has {value!r}; needed is a meter such as "4/4"')
    return int(match[1]), int(match[2])


def program_groups(key: str, value: object) -> tuple[tuple[int, ...], ...]:
    """A list of groups of programs 0..127 that share a token."""
    groups = tuple(whole_list(key, group, low=0, high=127) for group in _list(key, value))
    if not all(groups):
        raise EncoderError(f"{key} has an empty group; needed are lists of programs 0..127")
    return groups


def genre_map(key: str, value: object) -> dict[str, tuple[str, ...]]:
    """An object: genre name -> list of other names for it."""
    if not isinstance(value, dict):
        raise EncoderError(f"{key} is {value!r}; needed is an object: name -> list of aliases")
    for name, aliases in value.items():
        if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
            raise EncoderError(f"{key} has {aliases!r} for {name!r}; needed is a list of texts")
    return {name: tuple(aliases) for name, aliases in value.items()}


def domain_entries(key: str, value: object) -> tuple[tuple[str, int], ...]:
    """A list of {"type", "domain_size"} objects; the core checks the type names."""
    return tuple(_domain(key, entry) for entry in _list(key, value))


def _domain(key: str, entry: object) -> tuple[str, int]:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise EncoderError(f"{key} has {entry!r}; needed is an object with type and domain_size")
    name: str = entry["type"]
    return name, whole(1, 1 << 20)(f"domain_size of {name}", entry.get("domain_size"))


def _list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise EncoderError(f"{key} is {value!r}; needed is a list")
    return value
