"""A project: a zip with the score, what the window knows beside it, and the MIDI file it came from.

Entries: `manifest.json` (format, version), `score.json`, `lanes.json`, `bars.json` (their names),
`composition.json`, `takes.json`, `view.json`, `original.mid` (bytes untouched).  Entries this
version does not know survive a save.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import descant
from descant.errors import DescantError
from descant.score.types import Score
from descant_app.document.bar_ids import bar_ids_of
from descant_app.document.composition import Composition
from descant_app.document.piece import Lane, Piece, piece_of
from descant_app.document.saved_takes import SavedTakes

log = logging.getLogger("descant.document")

SUFFIX = ".descant"
FORMAT = 1
LARGEST_ENTRY = 1 << 30
OWN = (
    "manifest.json",
    "score.json",
    "lanes.json",
    "bars.json",
    "composition.json",
    "takes.json",
    "view.json",
    "original.mid",
)


DAMAGE = (
    zipfile.BadZipFile, zlib.error, KeyError, IndexError, ValueError, TypeError, EOFError,
    AttributeError, OverflowError, RecursionError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What reading a damaged project raises: the last two when it claims to be encrypted."""


class ProjectError(DescantError):
    """A project file cannot be read."""


@dataclass(frozen=True)
class Project:
    """What a project file holds."""

    piece: Piece
    original: bytes | None = None
    view: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)
    """Entries of other versions and other parts of the program, kept as they are."""
    takes: SavedTakes = field(default_factory=SavedTakes)


def project_bytes(project: Project) -> bytes:
    """The bytes of a project file."""
    out = io.BytesIO()
    manifest = {"format": FORMAT, "program": "Descant", "version": descant.__version__}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file:
        file.writestr("manifest.json", json.dumps(manifest, indent=1))
        file.writestr("score.json", json.dumps(project.piece.score.to_dict()))
        file.writestr("lanes.json", json.dumps([asdict(lane) for lane in project.piece.lanes]))
        file.writestr("bars.json", json.dumps(project.piece.bar_ids))
        file.writestr("composition.json", json.dumps(project.piece.composition.to_dict()))
        if project.takes.takes:
            file.writestr("takes.json", project.takes.to_bytes())
        file.writestr("view.json", json.dumps(project.view))
        if project.original is not None:
            file.writestr("original.mid", project.original)
        for name, data in project.extra.items():
            file.writestr(name, data)
    return out.getvalue()


def parse_project(data: bytes) -> Project:
    """Read a project.

    Raises ProjectError with one sentence: damaged, not a project, or of a newer version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = {info.filename: _entry(file, info) for info in file.infolist()}
        manifest = json.loads(entries["manifest.json"])
        if int(manifest["format"]) > FORMAT:
            raise ProjectError(
                f"This project was saved by a newer Descant ({manifest.get('version')}); "
                "update to open it."
            )
        score = Score.from_dict(json.loads(entries["score.json"]))
        lanes = _lanes(score, json.loads(entries.get("lanes.json", b"[]")))
        names = bar_ids_of(json.loads(entries.get("bars.json", b"[]")))
        piece = Piece(score, lanes, bar_ids=names).settled()
        view = json.loads(entries.get("view.json", b"{}"))
    except DAMAGE as error:
        raise ProjectError("This is not a Descant project, or it is damaged.") from error
    extra = {name: entry for name, entry in entries.items() if name not in OWN}
    takes = _takes(entries, extra)
    piece = piece.with_composition(_wishes(entries, extra, piece))
    return Project(piece, entries.get("original.mid"), view, extra, takes)


def _wishes(entries: dict[str, bytes], extra: dict[str, bytes], piece: Piece) -> Composition:
    """What is asked of the model; when it cannot be read the music opens with nothing asked and it
    is put aside."""
    form = entries.get("composition.json")
    if form is None:
        return Composition()
    try:
        wishes = Composition.from_dict(json.loads(form))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        log.warning("what was asked of the model is put aside, as it cannot be read: %s", error)
        extra["composition.unread.json"] = form
        return Composition()
    return wishes.within((lane.id for lane in piece.lanes), piece.bar_count)


def _takes(entries: dict[str, bytes], extra: dict[str, bytes]) -> SavedTakes:
    """The takes; when they cannot be read the music opens without them and they are put aside."""
    try:
        return SavedTakes.from_bytes(entries["takes.json"])
    except (DescantError, KeyError, ValueError, TypeError, IndexError, AttributeError):
        if "takes.json" in entries:
            extra["takes.unread.json"] = entries["takes.json"]
        return SavedTakes()


def _entry(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > LARGEST_ENTRY:
        raise ProjectError(f"{info.filename} in this project is larger than 1 GB.")
    return file.read(info)


def _lanes(score: Score, forms: list[dict[str, Any]]) -> tuple[Lane, ...]:
    default = piece_of(score).lanes
    if len(forms) != len(default):
        return default
    known = {f.name for f in fields(Lane)}
    lanes = [Lane(**{k: v for k, v in form.items() if k in known}) for form in forms]
    if not all(map(_is_sound, lanes)) or len({lane.id for lane in lanes}) != len(lanes):
        return default
    return tuple(lanes)


def _is_sound(lane: Lane) -> bool:
    """Every field of a lane from a file is of its kind."""
    return all(type(getattr(lane, f.name)) is type(f.default) for f in fields(Lane)[1:]) and (
        type(lane.id) is int
    )
