"""Generated tokens -> finished bars, one token at a time."""

from __future__ import annotations

from descant.generation.checks import Rows
from descant.generation.piece import Piece
from descant.generation.prompt import Prompt
from descant.native import BarDecoder
from descant.plan import Cell

_CARRIED = -1  # velocity level on entering a bar: that of the end of the target before it


class BarStream:
    """Follows the tokens of one take; `bars` holds what is finished, on the model grid."""

    def __init__(self, piece: Piece, prompt: Prompt) -> None:
        self._piece = piece
        self._prompt = prompt
        self._start = piece.codec.vocabulary.offset("FillInStart") if prompt.headers else -1
        self._cells = iter(prompt.step.targets)
        self._cell: Cell | None = next(self._cells)
        self._levels = {
            (prompt.order[track], bar + prompt.step.start_bar): level
            for track, bar, _, _, level in prompt.encoded.bars.tolist()
        }
        self._decoder = self._first_decoder(self._cell)
        self._headers = iter(prompt.headers)
        self._to_come = len(next(self._headers, ()))  # of the header before the notes
        self.bars: dict[Cell, Rows] = {}

    def push(self, token: int) -> tuple[Cell, Rows] | None:
        """Take the next token; the cell and its notes when it finishes a bar."""
        if self._cell is None:
            return None
        if self._to_come and token != self._start:
            self._to_come -= 1
            return None
        rows = self._decoder.push(token)
        if rows is None:
            return None
        finished = self._cell
        self.bars[finished] = rows
        self._cell = next(self._cells, None)
        if self._cell is not None and not self._prompt.step.autoregressive:
            self._decoder = self._block_decoder(self._cell, self._decoder.velocity_level)
            self._to_come = len(next(self._headers, ()))
        return finished, rows

    def cut_off(self) -> dict[Cell, Rows]:
        """The finished bars and, of a bar that was being written, the notes so far."""
        if self._cell is not None and self._decoder.open:
            return {**self.bars, self._cell: self._decoder.notes}
        return dict(self.bars)

    def _first_decoder(self, cell: Cell) -> BarDecoder:
        """The prompt ends inside the first block, or with the history of the written track."""
        ids = self._prompt.ids
        if self._prompt.step.autoregressive:
            decoder = self._new_decoder(cell[0], 0)
            begin, end = self._prompt.track_tokens()[cell[0]]
        else:
            decoder = self._block_decoder(cell, 0)
            begin, end = len(ids) - 1, len(ids)
        for token in ids[begin:end].tolist():
            decoder.push(token)
        return decoder

    def _block_decoder(self, cell: Cell, carried: int) -> BarDecoder:
        level = self._levels[cell]
        return self._new_decoder(cell[0], carried if level == _CARRIED else level)

    def _new_decoder(self, track: int, level: int) -> BarDecoder:
        drum = self._piece.track(track).is_drum
        return self._piece.codec.bar_decoder(drum, level)
