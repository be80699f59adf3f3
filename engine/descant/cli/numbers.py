"""How people write tracks, bars and levels: counted from 1, as ranges and lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from descant.errors import RequestValidationError

_MOST_BARS = 1_000_000  # more than any piece has
_RANGE = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?")
_LEVEL = re.compile(r"([a-z_]+)(?:@([\d,\- ]+))?=(-?\d+)")


def bars_from(text: str) -> list[int]:
    """`"5-8,12"` -> [4, 5, 6, 7, 11]; RequestValidationError says how to write it."""
    bars: list[int] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise RequestValidationError(
                [f"bars {text!r} cannot be read; write them like 5, 5-8 or 1-4,9, counted from 1"]
            )
        if last > _MOST_BARS:
            raise RequestValidationError([f"bar {last} does not exist; no piece is that long"])
        bars.extend(range(first - 1, last))
    return bars


def bars_text(bars: list[int]) -> str:
    """[4, 5, 6, 7, 11] -> `"5-8,12"`."""
    parts: list[list[int]] = []
    for bar in sorted(bars):
        if parts and bar == parts[-1][-1] + 1:
            parts[-1].append(bar)
        else:
            parts.append([bar])
    return ",".join(
        str(run[0] + 1) if len(run) == 1 else f"{run[0] + 1}-{run[-1] + 1}" for run in parts
    )


@dataclass(frozen=True)
class Level:
    """A wish `NAME=LEVEL` for a whole track, or `NAME@BARS=LEVEL` for some bars (from 0)."""

    name: str
    value: int
    bars: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read the command-line form; RequestValidationError says how to write it."""
        found = _LEVEL.fullmatch(text.strip())
        if not found:
            raise RequestValidationError(
                [f"level {text!r} cannot be read; write NAME=LEVEL, or NAME@BARS=LEVEL for bars"]
            )
        return cls(found[1], int(found[3]), tuple(bars_from(found[2])) if found[2] else ())
