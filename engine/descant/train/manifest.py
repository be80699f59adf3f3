"""What is known of the files of a corpus: licence, tier and split, from a CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from descant.errors import DescantError
from descant.train.piece import PieceInfo

COLUMNS = ("part", "path", "licence", "tier", "split")
SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Manifest:
    """What is known of files by (part, path); an empty one knows nothing and allows everything."""

    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    tiers: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path, tiers: Iterable[str]) -> Manifest:
        """Read the CSV; `tiers` are the ones to take.  DescantError names missing columns."""
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise DescantError(f"manifest {path} has no column {', '.join(missing)}")
            rows = {(row["part"], row["path"]): row for row in table}
        return cls(rows, frozenset(tiers))

    def info(self, name: str) -> PieceInfo | None:
        """Who the file called `part/split/path` is; None when it is not to be used.

        Without rows every file is used, and its licence is empty.
        """
        part, _, rest = name.partition("/")
        if not self.rows:
            return PieceInfo(part, name, "")
        path = rest.partition("/")[2]
        row = self.rows.get((part, path))
        if row is None or row["tier"] not in self.tiers or row["split"] not in SPLITS:
            return None
        return PieceInfo(part, path, row["licence"], row["split"])
