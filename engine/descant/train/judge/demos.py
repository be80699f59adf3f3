"""Infills to look at and to hear: places by fixed seeds, chosen before anybody listened."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from descant.errors import DescantError
from descant.picture import draw_roll
from descant.train.corpus import Corpus
from descant.train.judge.cases import Case, draw_cases
from descant.train.judge.sound import render_wav
from descant.train.judge.writing import Writer
from descant.train.tokeniser import Tokeniser
from descant.train.windows import Limits, texture

log = logging.getLogger("descant.train")

STYLES = ("band", "drums", "song", "other")
A_STYLE = 2
SEED = 20_000_047
LIMITS = Limits((3, 6), 0.75)
WIDTH = 1100


@dataclass(frozen=True)
class Demo:
    """One infill: its style, its place, and the names of its files without an ending."""

    style: str
    case: Case
    name: str

    @property
    def place(self) -> str:
        """The bars written, as people count."""
        bars = self.case.bars
        return f"{self.style}, track {self.case.track + 1}, bars {bars[0] + 1}-{bars[-1] + 1}"


def make_demos(
    writer: Writer, valid: Corpus, tokeniser: Tokeniser, folder: Path, font: Path | None
) -> list[Demo]:
    """Write a MIDI file, a picture and, where FluidSynth is, a WAV file of each infill."""
    made = []
    for seed, demo in enumerate(_choose(valid, tokeniser)):
        score = writer.write(demo.case, seed)
        if score is None:
            continue
        midi = folder / f"{demo.name}.mid"
        score.to_midi(str(midi))
        cells = [(demo.case.track, bar) for bar in demo.case.bars]
        picture = folder / f"{demo.name}.png"
        title = f"{demo.place}: real above, written below"
        draw_roll(score, picture, highlight=cells, before=demo.case.score, title=title, width=WIDTH)
        made.append(demo)
    _render([folder / f"{demo.name}.mid" for demo in made], font)
    return made


def _choose(valid: Corpus, tokeniser: Tokeniser) -> Iterator[Demo]:
    for style in STYLES:
        pieces = Corpus([piece for piece in valid.pieces if texture(piece) == style])
        cases = draw_cases(pieces, tokeniser, A_STYLE, SEED, LIMITS) if pieces.pieces else []
        for number, case in enumerate(cases, 1):
            yield Demo(style, case, f"{style}-{number}")


def _render(files: list[Path], font: Path | None) -> None:
    try:
        for midi in files:
            render_wav(midi, midi.with_suffix(".wav"), font)
    except DescantError as error:
        log.warning("no sound in the report: %s", error)
