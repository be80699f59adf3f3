"""Credits of a corpus: one line a part, from a table like that of the corpus's `LICENSES.md`.

A row is `| part, part | licence | attribution line | ... |`.  The file travels with the shards, so
that a model card can be written wherever a run ends.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from descant.errors import DescantError

FILE_NAME = "LICENSES.md"


@dataclass(frozen=True)
class Attribution:
    """What is owed to the makers of one part."""

    part: str
    licence: str
    line: str


def keep_attributions(source: Path, corpus: Path) -> None:
    """Put the table beside the shards; DescantError when it has no row that can be read."""
    if not source.is_file():
        raise DescantError(f"{source} does not exist; needed is a table of licences")
    if not read_attributions(source):
        raise DescantError(f"{source} has no row '| part | licence | attribution line |'")
    shutil.copyfile(source, corpus / FILE_NAME)


def corpus_attributions(corpus: Path, parts: Collection[str]) -> list[Attribution]:
    """The attributions of these parts; without a table, or for parts it lacks, none."""
    table = corpus / FILE_NAME
    known = read_attributions(table) if table.is_file() else []
    return [attribution for attribution in known if attribution.part in parts]


def read_attributions(table: Path) -> list[Attribution]:
    """Every row of the tables of a Markdown file."""
    found = []
    for line in table.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 3 and not _is_head(cells):
            found += [Attribution(part.strip(), *cells[1:3]) for part in cells[0].split(",")]
    return found


def _is_head(cells: list[str]) -> bool:
    return cells[0].lower() == "part" or not cells[0].strip("-: ")
