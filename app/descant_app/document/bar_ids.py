"""Names of bars: what stays when bars before them come and go.

A bar's number says where it stands; takes and running jobs hold on to its name, and so move with
the music, and find a bar again that undo brought back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import NewType

from descant.score.types import Bar
from descant_app.document.composition import BarCell, TrackId

BarId = NewType("BarId", int)
"""Names a bar of the piece, in all tracks, whatever its place.  No other bar ever has it."""

BarIds = tuple[BarId, ...]
"""The names of all bars in order."""

NamedBars = Mapping[tuple[TrackId, BarId], Bar]


def first_ids(count: int) -> BarIds:
    """The names of the bars of a piece just read."""
    return tuple(map(BarId, range(count)))


def fresh_ids(count: int) -> BarIds:
    """Names for new bars, drawn at random so that no bar that is gone had one of them."""
    return tuple(BarId(secrets.randbits(53)) for _ in range(count))


def bar_ids_of(form: Iterable[int]) -> BarIds:
    """Names read from a file, none where they are not names.  Raises TypeError or ValueError."""
    ids = tuple(BarId(int(name)) for name in form)
    return ids if len(set(ids)) == len(ids) else ()


def fitted(ids: BarIds, count: int) -> BarIds:
    """As many names as bars, where bars came or went at the end; without any, the first ones."""
    if len(ids) == count:
        return ids
    return (*ids[:count], *fresh_ids(count - len(ids))) if ids else first_ids(count)


def named(bars: Mapping[BarCell, Bar], ids: BarIds) -> NamedBars:
    """Bars by name, given by number."""
    return {(track, ids[bar]): value for (track, bar), value in bars.items() if bar < len(ids)}


def numbered(bars: NamedBars, ids: BarIds) -> dict[BarCell, Bar]:
    """Bars by number, given by name; those that have no place now are left out."""
    places = {name: number for number, name in enumerate(ids)}
    return {(track, places[name]): bar for (track, name), bar in bars.items() if name in places}
