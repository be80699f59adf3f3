"""Finding test vectors, and turning their JSON into values.

A test module says which files feed which argument, and `conftest.py` makes one test a case:

    VECTORS = {"case": Vectors("encoding", "file_*.json", cases_of_file)}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from descant.score import Bar, Notes, Score, Track

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "tests" / "data" / "vectors"
BESIDE = ROOT.parent / "shared" / "spec" / "vectors"

ENCODERS = {
    "yellow": "yellow_encoder",
    "ghost": "ghost_config",
    "expressive": "expressive_encoder",
    "prism": "prism_encoder",
}

Cases = Iterator[tuple[str, Any]]


def whole_file(content: Any) -> Cases:
    """The file as one case."""
    yield "", content


@dataclass(frozen=True)
class Vectors:
    """Files of one half ("encoding" or "generation") by name pattern, and how to cut them up."""

    half: str
    pattern: str
    split: Callable[[Any], Cases] = whole_file


def vector_files(vectors: Vectors, chosen: Path | None) -> list[Path]:
    """The files: from the chosen folder, else from beside the checkout and the committed ones."""
    folders = [BESIDE, COMMITTED] if chosen is None else [chosen]
    found: dict[str, Path] = {}
    for folder in folders:
        home = folder / vectors.half if (folder / vectors.half).is_dir() else folder
        for path in sorted(home.glob(vectors.pattern)):
            found.setdefault(path.name, path)
    return list(found.values())


@cache
def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def score_of(form: dict[str, Any], bars: int | None = None) -> Score:
    """A score from its JSON, cut to its first bars; bar lengths follow from the meters."""
    tracks = tuple(
        Track(
            tuple(_bar(bar) for bar in track["bars"][:bars]),
            track.get("instrument", 0),
            track.get("track_type", "melodic"),
        )
        for track in form["tracks"]
    )
    return Score(tracks, form["resolution"], form.get("tempo", 500000))


def _bar(form: dict[str, Any]) -> Bar:
    fields = ("pitch", "velocity", "onset_ticks", "duration_ticks")
    rows = [[*(note[name] for name in fields), note.get("delta", 0), 64] for note in form["notes"]]
    notes = Notes.trusted(np.array(rows, dtype=np.int32).reshape(-1, 6))
    return Bar(
        notes, form["ts_numerator"], form["ts_denominator"], future=form.get("future", False)
    )


def canonical(score: Score) -> list[Any]:
    """The form the vectors compare: programs, meters and notes."""
    return [
        [t.instrument, int(t.is_drum), [[*b.meter, b.notes.array[:, :5].tolist()] for b in t.bars]]
        for t in score.tracks
    ]


def digest(score: Score) -> str:
    """sha256 of the canonical form as JSON without spaces."""
    text = json.dumps(canonical(score), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
