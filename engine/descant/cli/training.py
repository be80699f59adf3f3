"""Making models on the command line: `descant prepare`, `train` and `evaluate`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descant.cli import report
from descant.errors import DescantError
from descant.model.registry import default_model
from descant.train.attributions import keep_attributions
from descant.train.config import TrainConfig
from descant.train.corpus import load_corpus
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


def describe_corpus(folder: Path) -> dict[str, Any]:
    """What a prepared corpus holds."""
    corpus = load_corpus(folder)
    splits = Counter(piece.info.split for piece in corpus.pieces)
    return {
        "corpus": str(folder),
        "pieces": len(corpus.pieces),
        "splits": dict(sorted(splits.items())),
        "licences": corpus.licences(),
        "parts": corpus.parts(),
        "sha256": corpus.fingerprint(),
    }


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


@dataclass(frozen=True)
class EvaluateJob:
    """What `descant evaluate` was asked to do."""

    model: str | None
    data: Path
    samples: int
    cases: int
    threads: int | None
    temperature: float
    top_p: float
    report: Path | None
    soundfont: Path | None

    def run(self) -> dict[str, Any]:
        """All numbers of the judgement."""
        try:
            from descant.train.judge.judgement import Judge
        except ImportError as error:
            raise DescantError(
                f"judging needs {error.name}; install it with: pip install 'descant[train]'"
            ) from None
        return Judge(
            self.model or default_model(),
            self.data,
            self.samples,
            self.cases,
            self.threads,
            {"temperature": self.temperature, "top_p": self.top_p},
            self.report,
            self.soundfont,
        ).run()


def print_judgement(found: Mapping[str, Any]) -> None:
    """The judgement as tables."""
    report.out.print("bits a note")
    kinds = list(found["bits_per_note"])
    columns = {"model": found["bits_per_note"], **found["baselines"]}
    _print_columns("", kinds, columns)
    for title in ("measures", "js_distance", "js_distance_of_all"):
        report.out.print(f"\n{title.replace('_', ' ')}")
        _print_columns("", list(found[title]["generated"]), found[title])
    report.out.print("\nlevels asked for")
    names = ("adjacent_rate", "rank_correlation", "bars")
    levels = found["attributes"]
    _print_columns("", list(levels), {n: {a: levels[a][n] for a in levels} for n in names})
    report.out.print(f"\nlegal mass {found['legal_mass']:.4f}")
    own, real = found["longest_copy"], found["longest_copy_of_real_bars"]
    report.out.print(f"longest copy {own} notes (real bars at the same places: {real})")
    modes = ", ".join(f"{mode} {notes:.1f}" for mode, notes in found["mask_modes"].items())
    report.out.print(f"notes a bar with hidden bars: {modes}")


def _print_columns(
    corner: str, rows: Sequence[str], columns: Mapping[str, Mapping[str, float]]
) -> None:
    made = report.table(corner, *columns)
    for row in rows:
        made.add_row(row, *(f"{column[row]:.3f}" for column in columns.values()))
    report.out.print(made)


def _is_archive(path: Path) -> bool:
    return path.suffix in ARCHIVES
