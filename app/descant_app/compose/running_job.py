"""The window's record of the job that runs: what it was asked, and what has come of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from descant.score.types import Bar
from descant_app.compose.job_view import JobView
from descant_app.document.composition import BarCell
from descant_app.document.piece import Piece
from descant_app.document.takes import Batch


@dataclass
class RunningJob:
    """Attributes:
    about: the piece as the model is asked about it.
    parent: the take shown when it was asked for.
    carried: bars of that take which the new ones are written to go with.
    under: the piece's own bars there.
    shown: what is seen and heard where nothing is written yet.
    follows: whether what it writes is seen and heard; not when the user looks at a take meanwhile.
    made: seed and mask mode by number of the take within the job.
    bars: finished bars by number of the take within the job.
    takes: numbers in the take list, by number within the job.
    """

    about: Piece
    view: JobView
    parent: int | None = None
    number: int = 0
    follows: bool = True
    is_stopping: bool = False
    carried: Mapping[BarCell, Bar] = field(default_factory=dict)
    under: Mapping[BarCell, Bar] = field(default_factory=dict)
    shown: Mapping[BarCell, Bar] = field(default_factory=dict)
    made: list[tuple[int, str]] = field(default_factory=list)
    batch: Batch | None = None
    bars: dict[int, dict[BarCell, Bar]] = field(default_factory=dict)
    takes: dict[int, int] = field(default_factory=dict)

    def put_bar(self, take: int, cell: BarCell, rows: object) -> Bar | None:
        """Keep a finished bar; None when its track is not one of the piece's."""
        index = self.about.index_of(cell[0])
        if index is None:
            return None
        bar = self.about.score.tracks[index].bars[cell[1]].with_notes(rows)  # type: ignore[arg-type]
        self.bars.setdefault(take, {})[cell] = bar
        return bar

    def advance(self, **changes: object) -> None:
        """The job went on."""
        bars = sum(len(cells) for cells in self.bars.values())
        self.view = replace(self.view, bars=bars, **changes)  # type: ignore[arg-type]

    def unfinished(self) -> Mapping[int, Mapping[BarCell, Bar]]:
        """Bars of takes that never came as a whole."""
        return {n: bars for n, bars in self.bars.items() if n not in self.takes and bars}
