"""Problems of a request, gathered instead of raised one by one, and the words they share."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable

from descant.errors import RequestValidationError

_SHOWN_BARS = 6
_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 60


class Problems:
    """Sentences in the order of upstream's checks, each with its code (spec/generation.md 3).

    The codes "type" (a value of the wrong kind) and "D.." (rules of our own) are not upstream's.
    """

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._codes: list[str] = []

    def add(self, code: str, sentence: str) -> None:
        self._codes.append(code)
        self._sentences.append(sentence)

    def raise_if_any(self) -> None:
        """Raise RequestValidationError with every problem added."""
        if self._sentences:
            raise RequestValidationError(self._sentences, self._codes)


def shown(value: object) -> str:
    """A value as it appears in a message: its repr, cut short."""
    return _repr.repr(value)


def track_name(track: int) -> str:
    """A track as people and programs count it."""
    return f"track {track + 1} (id {track})"


def bar_names(bars: Iterable[int]) -> str:
    """Bars as people and programs count them: "bar 5 (index 4), bar 6 (index 5)"."""
    listed = list(bars)
    text = ", ".join(f"bar {bar + 1} (index {bar})" for bar in listed[:_SHOWN_BARS])
    more = len(listed) - _SHOWN_BARS
    return f"{text} and {more} more" if more > 0 else text
