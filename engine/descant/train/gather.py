"""MIDI archives and folders -> corpus shards.

    python -m descant.train.gather SOURCE... --out FOLDER

One shard a source, named after its contents and the rules below, so that a second call does only
what is missing.  Files are read in parallel.  A manifest (CSV with part, path, licence, tier,
split) may name what each file is; files of its test split are never read.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import blake2b
from pathlib import Path

from descant.errors import DescantError
from descant.midi_file import parse_midi
from descant.train.corpus import save_pieces
from descant.train.manifest import Manifest
from descant.train.piece import RULES, Filters, Piece, PieceInfo, on_grid

log = logging.getLogger("descant.train")


def gather(
    sources: Sequence[Path],
    out: Path,
    manifest: Manifest,
    filters: Filters | None = None,
    workers: int | None = None,
) -> None:
    """Make the shards of `sources` in `out` that are not there yet."""
    out.mkdir(parents=True, exist_ok=True)
    judge = filters or Filters()
    for number, source in enumerate(sources, 1):
        shard = out / f"{source.name.split('.')[0]}-{_source_digest(source, manifest, judge)}.npz"
        if shard.exists():
            log.info("%d/%d %s: already there", number, len(sources), source.name)
            continue
        pieces = _read_all(_members(source), manifest, judge, workers or os.cpu_count() or 1)
        save_pieces(shard, pieces)
        log.info("%d/%d %s: %d pieces", number, len(sources), source.name, len(pieces))


def _read_all(
    members: Iterable[tuple[str, bytes]], manifest: Manifest, filters: Filters, workers: int
) -> list[Piece]:
    named = ((manifest.info(name), data) for name, data in members)
    wanted = [(info, data) for info, data in named if info is not None]
    read = partial(read_piece, filters)
    if workers == 1:
        found = list(map(read, wanted))
    else:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(read, wanted, chunksize=16))
    kept = [piece for piece in found if piece is not None]
    if len(kept) < len(wanted):
        log.info("%d of %d files left out", len(wanted) - len(kept), len(wanted))
    return kept


def read_piece(filters: Filters, file: tuple[PieceInfo, bytes]) -> Piece | None:
    """One file as a piece; None when it cannot be read or the filters refuse it."""
    info, data = file
    try:
        piece = on_grid(parse_midi(data), info)
    except DescantError as error:
        log.info("%s left out: %s", info.path, error)
        return None
    return piece if piece is not None and filters.accept(piece) else None


def _source_digest(source: Path, manifest: Manifest, filters: Filters) -> str:
    digest = blake2b(repr((RULES, sorted(manifest.tiers), filters)).encode(), digest_size=8)
    digest.update(str(sorted(manifest.rows)).encode())
    for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _members(source: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the MIDI files in an archive or a folder."""
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix.lower() in (".mid", ".midi"):
                yield f"{source.name}/{path.relative_to(source).as_posix()}", path.read_bytes()
        return
    with tarfile.open(source) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and member.name.lower().endswith((".mid", ".midi")):
                yield member.name, file.read()


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(prog="python -m descant.train.gather", description=__doc__)
    options.add_argument("sources", type=Path, nargs="+", help="tar archives or folders of MIDI")
    options.add_argument("--out", type=Path, required=True, help="folder of shards")
    options.add_argument("--manifest", type=Path, help="CSV: part, path, licence, tier, split")
    options.add_argument("--tiers", default="A", help="tiers to take, with commas (default A)")
    options.add_argument("--workers", type=int, help="processes (default: one a core)")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 with one line of explanation when it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given = parser().parse_args(arguments)
    try:
        tiers = given.tiers.split(",")
        manifest = Manifest.read(given.manifest, tiers) if given.manifest else Manifest()
        gather(given.sources, given.out, manifest, workers=given.workers)
    except (DescantError, OSError, tarfile.TarError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
