"""MIDI files of any source -> corpus shards, as `descant prepare` does it.

A source is read in chunks of files, one shard a chunk, named after the contents of the source and
the rules below: a second call does only what is missing, also after the first was killed.  Files
are read in parallel.  A manifest may name what each file is; files of its test split are never
read.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from descant.errors import DescantError
from descant.midi_file import parse_midi
from descant.train.corpus import save_pieces
from descant.train.manifest import Manifest
from descant.train.piece import RULES, Filters, Piece, PieceInfo, on_grid
from descant.train.sources import Member, members, part_of

log = logging.getLogger("descant.train")

FILES_A_SHARD = 2000


@dataclass(frozen=True)
class Preparation:
    """How sources become shards.

    Attributes:
        out: the folder of shards.
        manifest: what is known of the files.
        filters: what is left out.
        workers: processes; None is one a core.
        licence: of files whose licence neither the manifest nor the source names.
    """

    out: Path
    manifest: Manifest = field(default_factory=Manifest)
    filters: Filters = field(default_factory=Filters)
    workers: int | None = None
    licence: str = "unknown"

    def run(self, sources: Sequence[Path]) -> None:
        """Make the shards that are not there yet; DescantError names what cannot be read."""
        self.out.mkdir(parents=True, exist_ok=True)
        with self._executor() as executor:
            for number, source in enumerate(sources, 1):
                self._take(source, f"{number}/{len(sources)} {source.name}", executor)

    def _executor(self) -> Executor:
        workers = self.workers or os.cpu_count() or 1
        if workers == 1:
            return ThreadPoolExecutor(1)
        return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))

    def _take(self, source: Path, label: str, executor: Executor) -> None:
        digest = self._digest(source)
        for number, chunk in enumerate(_chunks(members(source))):
            shard = self.out / f"{part_of(source)}-{digest}-{number:04d}.npz"
            if shard.exists():
                log.info("%s: shard %d is already there", label, number)
                continue
            pieces, refused = self._read(chunk, executor)
            save_pieces(shard, pieces)
            reasons = "; ".join(f"{count} {why}" for why, count in refused.most_common())
            log.info(
                "%s: %d pieces%s", label, len(pieces), f", left out: {reasons}" * bool(refused)
            )

    def _read(
        self, chunk: Sequence[Member], executor: Executor
    ) -> tuple[list[Piece], Counter[str]]:
        wanted = [(info, m.data) for m in chunk if (info := self._info(m)) is not None]
        try:
            read = partial(read_piece, self.filters)
            found = list(executor.map(read, wanted, chunksize=16))
        except BrokenProcessPool:
            raise DescantError(
                "a reading process died, for lack of memory perhaps; go on with fewer --workers"
            ) from None
        pieces = [piece for piece in found if isinstance(piece, Piece)]
        return pieces, Counter(reason for reason in found if isinstance(reason, str))

    def _info(self, member: Member) -> PieceInfo | None:
        info = self.manifest.info(member.name)
        if info is None or info.licence:
            return info
        return replace(info, licence=member.licence or self.licence)

    def _digest(self, source: Path) -> str:
        """Names the bytes of a source and everything that decides what they become."""
        rules = (RULES, sorted(self.manifest.tiers), self.filters, self.licence)
        digest = blake2b(repr(rules).encode(), digest_size=8)
        digest.update(str(sorted(self.manifest.rows)).encode())
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file():
                digest.update(path.relative_to(source.parent).as_posix().encode())
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        return digest.hexdigest()


def read_piece(filters: Filters, file: tuple[PieceInfo, bytes]) -> Piece | str:
    """One file as a piece, or in a few words why it is none."""
    info, data = file
    try:
        piece = on_grid(parse_midi(data), info)
    except DescantError as error:
        log.info("%s left out: %s", info.path, error)
        return "unreadable"
    if piece is None:
        return "without notes"
    return filters.objection(piece) or piece


def _chunks(files: Iterable[Member]) -> Iterator[list[Member]]:
    files = iter(files)
    while chunk := list(islice(files, FILES_A_SHARD)):
        yield chunk
