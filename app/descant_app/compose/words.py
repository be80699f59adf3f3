"""Tracks, bars and the engine's sentences as musicians say them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from descant_app.document.composition import BarCell
from descant_app.document.piece import Piece

_SETTINGS = {
    "model_dim": "the window",
    "num_candidates": "the number of takes",
    "mask_mode": "the way bars are hidden",
    "bars_per_step": "bars at a time",
    "polyphony_hard_limit": "the limit of notes at once",
    "density_hard_limit": "the limit of notes a bar",
    "top_p": "top-p",
    "top_k": "top-k",
    "mask_p": "mask-p",
    "mask_k": "mask-k",
}
"""Fields of the engine's configuration, as people say them."""

_FIELD = re.compile(r"\b(" + "|".join(_SETTINGS) + r")\b")
_NUMBERS = re.compile(r" \((?:id|index) \d+\)")


def bars_text(bars: Iterable[int]) -> str:
    """Bars from 0 as people count them: "bars 5–8, 10"."""
    runs: list[list[int]] = []
    for bar in sorted(set(bars)):
        if runs and bar == runs[-1][1] + 1:
            runs[-1][1] = bar
        else:
            runs.append([bar, bar])
    parts = [f"{a + 1}" if a == b else f"{a + 1}–{b + 1}" for a, b in runs]
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return ("bar " if single else "bars ") + ", ".join(parts)


def track_text(piece: Piece, index: int) -> str:
    """A track by number and name."""
    name = piece.score.tracks[index].name
    return f"Track {index + 1} ({name})" if name else f"Track {index + 1}"


def cells_text(piece: Piece, cells: Iterable[BarCell]) -> str:
    """Bars with their tracks: "bars 5–8 of Bass"."""
    by_track: dict[int, list[int]] = {}
    for track, bar in cells:
        index = piece.index_of(track)
        if index is not None:
            by_track.setdefault(index, []).append(bar)
    return ", ".join(
        f"{bars_text(bars)} of {piece.score.tracks[index].name or f'track {index + 1}'}"
        for index, bars in sorted(by_track.items())
    )


def sentence(text: str) -> str:
    """An engine's message without its indices, as a sentence."""
    first = text.splitlines()[0] if text else "Something went wrong"
    plain = _FIELD.sub(lambda found: _SETTINGS[found[0]], _NUMBERS.sub("", first)).strip()
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "?", "!")) else ".")
