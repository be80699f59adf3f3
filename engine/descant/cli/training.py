"""Making models on the command line: `descant prepare`, `train` and `evaluate`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from descant.cli import report
from descant.errors import DescantError
from descant.train.attributions import keep_attributions
from descant.train.config import TrainConfig
from descant.train.manifest import Manifest
from descant.train.piece import Filters
from descant.train.prepare import Preparation

MANIFEST, LICENCES = "manifest.csv", "LICENSES.md"
ARCHIVES = (".xz", ".gz", ".bz2", ".tar", ".zip", ".parquet")


class _ShownProgress(logging.Handler):
    """Log lines on standard error, as it is when they come."""

    def emit(self, record: logging.LogRecord) -> None:
        report.err.print(record.getMessage(), soft_wrap=True, markup=False)


def show_progress() -> None:
    """Let the training room's log lines be seen."""
    log = logging.getLogger("descant.train")
    log.setLevel(logging.INFO)
    if not any(isinstance(handler, _ShownProgress) for handler in log.handlers):
        log.addHandler(_ShownProgress())


@dataclass(frozen=True)
class PrepareJob:
    """What `descant prepare` was asked to do.

    A source that is a folder with a `manifest.csv` stands for its archives, its manifest and its
    table of licences.
    """

    sources: Sequence[Path]
    out: Path
    manifest: Path | None
    tiers: str
    licences: Path | None
    licence: str
    filters: Filters
    workers: int | None

    def run(self) -> None:
        """Make the shards."""
        folders = [path for path in self.sources if (path / MANIFEST).is_file()]
        sources = [path for path in self.sources if path not in folders]
        sources += [p for folder in folders for p in sorted(folder.iterdir()) if _is_archive(p)]
        if len(folders) + (self.manifest is not None) > 1:
            raise DescantError("there can be one manifest at a time; prepare such folders singly")
        manifest = self.manifest or (folders[0] / MANIFEST if folders else None)
        tiers = self.tiers.split(",")
        known = Manifest.read(manifest, tiers) if manifest else Manifest()
        Preparation(self.out, known, self.filters, self.workers, self.licence).run(sources)
        found = [folder / LICENCES for folder in folders if (folder / LICENCES).is_file()]
        for table in [self.licences] if self.licences else found:
            keep_attributions(table, self.out)


@dataclass(frozen=True)
class TokensJob:
    """What `descant prepare --tokens` was asked to do."""

    corpus: Path
    out: Path
    encoder: str
    max_seq_len: int
    megabytes: float
    workers: int | None

    def run(self) -> None:
        """Write the shards."""
        from descant.train.tokenise import write_tokens

        config = TrainConfig(encoder_config_path=self.encoder, max_seq_len=self.max_seq_len)
        write_tokens(self.corpus, self.out, config, self.megabytes, self.workers)


def _is_archive(path: Path) -> bool:
    return path.suffix in ARCHIVES
