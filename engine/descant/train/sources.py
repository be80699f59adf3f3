"""Where MIDI files come from: folders, archives, and parquet tables in the GigaMIDI layout.

A table has one row a file: `music` (bytes), and where they are there `num_tracks`, `total_notes`
(rows without either are passed over), `licence` or `license`, `md5` (spec/training.md 1).
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descant.errors import DescantError

MIDI_SUFFIXES = (".mid", ".midi")
ROWS_AT_ONCE = 256
KINDS = "a folder, a .tar, .tar.gz, .tar.xz or .zip archive, or a .parquet table"

_COUNTS = ("num_tracks", "total_notes")


@dataclass(frozen=True)
class Member:
    """One MIDI file: `name` is `part/path`, `licence` is empty where the source does not say."""

    name: str
    data: bytes
    licence: str = ""


def members(source: Path) -> Iterator[Member]:
    """The MIDI files of a source, always in the same order.

    Raises DescantError naming the source when it is none of the known kinds or is damaged.
    """
    try:
        yield from _reader(source)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DescantError(f"{source} cannot be read: {error}") from None


def part_of(source: Path) -> str:
    """The name of a source: its file name up to the first dot."""
    return source.name.split(".")[0]


def _reader(source: Path) -> Iterator[Member]:
    if source.is_dir():
        return _from_folder(source)
    if not source.exists():
        raise DescantError(f"{source} does not exist; needed is {KINDS}")
    if source.suffix == ".parquet":
        return _from_table(source)
    if zipfile.is_zipfile(source):
        return _from_zip(source)
    if tarfile.is_tarfile(source):
        return _from_tar(source)
    raise DescantError(f"{source} holds no music that can be read; needed is {KINDS}")


def _is_midi(name: str) -> bool:
    return name.lower().endswith(MIDI_SUFFIXES)


def _from_folder(folder: Path) -> Iterator[Member]:
    for path in sorted(folder.rglob("*")):
        if _is_midi(path.name) and path.is_file():
            yield Member(f"{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def _from_tar(source: Path) -> Iterator[Member]:
    with tarfile.open(source) as archive:
        for entry in archive:
            file = archive.extractfile(entry) if _is_midi(entry.name) else None
            if file is not None:
                yield Member(_below_a_part(entry.name, source), file.read())


def _from_zip(source: Path) -> Iterator[Member]:
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            if _is_midi(name):
                yield Member(_below_a_part(name, source), archive.read(name))


def _below_a_part(name: str, source: Path) -> str:
    name = name.removeprefix("./")
    return name if "/" in name else f"{part_of(source)}/{name}"


def _from_table(source: Path) -> Iterator[Member]:
    pyarrow, table = _open_table(source)
    names = set(table.schema_arrow.names)
    if "music" not in names:
        raise DescantError(f"{source} has no column 'music' with the bytes of MIDI files")
    wanted = [name for name in ("music", "licence", "license", "md5", *_COUNTS) if name in names]
    number = 0
    try:
        for batch in table.iter_batches(ROWS_AT_ONCE, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                if row["music"] and all(row.get(name, 1) for name in _COUNTS):
                    yield _table_row(source, number, row)
    except pyarrow.ArrowException as error:
        raise DescantError(f"{source} is damaged near row {number + 1}: {error}") from None


def _open_table(source: Path) -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise DescantError(
            "reading parquet needs pyarrow; install it with: pip install 'descant[train]'"
        ) from None
    try:
        return pyarrow, parquet.ParquetFile(source)
    except pyarrow.ArrowException as error:
        raise DescantError(f"{source} is not a parquet table: {error}") from None


def _table_row(source: Path, number: int, row: dict[str, Any]) -> Member:
    name = row.get("md5") or f"row-{number:07d}"
    licence = row.get("licence") or row.get("license") or ""
    return Member(f"{part_of(source)}/{name}", row["music"], str(licence))
