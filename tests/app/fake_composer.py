"""A composer without a process: what it is told, and answers given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from descant_app.compose.composer import Composer
from descant_app.compose.job_view import JobView
from descant_app.compose.model_info import LaneInfo, ModelInfo
from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, LOCKED, TARGET, Outlook
from descant_app.document.composition import BarCell, Composition, TrackId

DENSITY = ("silent", *(f"{n} notes a bar" for n in range(1, 9)), "9+ notes a bar")
VOICES = ("1 voice", *(f"{n} voices" for n in range(2, 10)), "10+ voices")
LENGTHS = ("32nd", "16th", "8th", "quarter", "half", "whole")
KEYS = ("C major", "G major", "D major", "A minor", "E minor", "no notes")


def _lane(name: str, title: str, labels: tuple[str, ...], bar: bool, drum: bool) -> LaneInfo:
    families = dict.fromkeys(("drum", "bass", "low", "high"), labels)
    return LaneInfo(name, title, bar, True, drum, families)


LANES = (
    _lane("bar_note_density", "Density", DENSITY, True, True),
    _lane("bar_min_polyphony", "Fewest voices", VOICES, True, True),
    _lane("bar_max_polyphony", "Most voices", VOICES, True, True),
    _lane("bar_min_note_duration", "Shortest notes", LENGTHS, True, False),
    _lane("bar_max_note_duration", "Longest notes", LENGTHS, True, False),
    _lane("note_density", "Density", DENSITY, False, True),
    _lane("key_signature", "Key", KEYS, False, False),
)

MODEL = ModelInfo(
    "fake", "Fake", "Answers nothing.", "CC0-1.0", "0" * 16, "none", (4, 8), 1024, LANES, {}
)


class FakeComposer(Composer):
    """`drafts`, `asked` record what it was told; `levels` is what it measured."""

    def __init__(self, document, model: ModelInfo | None = MODEL) -> None:
        super().__init__(document)
        self.model = model
        self.forecast.soon = lambda: None  # plans are given by `set_outlook`
        self.drafts: list[Composition | None] = []
        self.asked: list[object] = []
        self.running: JobView | None = None
        self.levels: dict[TrackId, Mapping[str, Sequence[int | None]]] = {}

    @property
    def job(self) -> JobView | None:
        return self.running

    def open(self) -> bool:
        return False

    def set_draft(self, composition: Composition | None) -> None:
        self.draft = composition
        self.drafts.append(composition)

    def infill_bar(self, cell: BarCell) -> None:
        self.asked.append(cell)

    def generate(self) -> None:
        self.asked.append(self.document.selection.bars)

    def measured(self, track: TrackId) -> Mapping[str, Sequence[int | None]] | None:
        return self.levels.get(track)

    def set_outlook(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self.outlook_changed.emit()


def roles_in(document, first: int, last: int) -> dict[BarCell, str]:
    """What the bars of one window are to the model, by the rules of the face."""
    wishes, roles = document.composition, {}
    for lane in document.lanes:
        for bar in range(first, last + 1):
            cell = (lane.id, bar)
            if cell in document.selection.bars:
                roles[cell] = TARGET
            elif lane.id in wishes.left_out:
                roles[cell] = LEFT_OUT
            elif cell in wishes.hidden:
                roles[cell] = HIDDEN
            else:
                roles[cell] = LOCKED if lane.locked else CONTEXT
    return roles
