"""Opening and saving: MIDI files and projects, whole or not at all, with earlier versions kept."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

from descant.errors import DescantError
from descant.files import replace_file
from descant_app.document.piece import new_piece, piece_of
from descant_app.document.project_file import SUFFIX, Project, parse_project, project_bytes

MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".smf", ".rmi")
LARGEST_FILE = 256 << 20
KEPT_VERSIONS = 10


class FileRefusedError(DescantError):
    """A file is not one we open."""


@dataclass(frozen=True)
class Opened:
    """A file read into memory."""

    path: Path
    data: bytes
    project: Project

    @property
    def is_project(self) -> bool:
        return self.path.suffix.lower() == SUFFIX


def open_file(path: Path) -> Opened:
    """Read a MIDI file or a project.

    Raises a DescantError or OSError; the message is one sentence.
    """
    size = path.stat().st_size
    if path.is_dir():
        raise FileRefusedError(f"Cannot open {path.name}: it is a folder.")
    if size > LARGEST_FILE:
        raise FileRefusedError(
            f"Cannot open {path.name}: it has {size >> 20} MB, and the limit is "
            f"{LARGEST_FILE >> 20} MB."
        )
    return Opened(path, data := path.read_bytes(), parse(data, path.name))


def parse(data: bytes, name: str) -> Project:
    """The contents of a MIDI file or project."""
    try:
        return parse_project(data) if data[:2] == b"PK" else _midi_project(data)
    except DescantError as error:
        text = str(error).splitlines()[0]
        raise FileRefusedError(f"Cannot open {name}: {text}") from error


def _midi_project(data: bytes) -> Project:
    from descant.midi_file import parse_midi

    score = parse_midi(data)
    if not score.tracks:  # a file without a note still has its tempo; give it a place to write
        score = replace(score, tracks=new_piece().score.tracks)
    return Project(piece_of(score), original=data)


def bytes_for(path: Path, project: Project) -> bytes:
    """What to write under this name: a project or a MIDI file, by its ending."""
    if path.suffix.lower() == SUFFIX:
        return project_bytes(project)
    from descant.midi_file import midi_bytes

    return midi_bytes(project.piece.score)


def save_file(path: Path, data: bytes, versions: Path) -> OSError | None:
    """Replace a file by a finished one; OSError leaves it as it was.

    The one before is kept in `versions`; returns why it was not, which is no reason not to save.
    """
    found = None
    if path.exists():
        try:
            _keep(path, versions)
        except OSError as error:
            found = error
    replace_file(path, data)
    return found


def kept_versions(path: Path, versions: Path) -> list[Path]:
    """Earlier versions of a file, the newest first."""
    folder = versions / _key(path)
    return sorted(folder.glob("*"), reverse=True) if folder.is_dir() else []


def _keep(path: Path, versions: Path) -> None:
    folder = versions / _key(path)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    replace_file(folder / f"{stamp}-{path.name}", path.read_bytes())
    for old in kept_versions(path, versions)[KEPT_VERSIONS:]:
        old.unlink(missing_ok=True)


def _key(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
