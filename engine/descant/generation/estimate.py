"""How long an answer will probably be, from the music around it (spec/generation.md 4.5)."""

from __future__ import annotations

from statistics import median

from descant.generation.piece import Piece
from descant.generation.prompt import Prompt
from descant.plan import Cell

_EMPTY_BAR = 4  # tokens of a bar without notes
_NOTE = {True: 2.5, False: 3.5}  # tokens a note by drum, where no context tells
_BAR = {True: 60, False: 40}  # tokens a bar, likewise


def expected_tokens(piece: Piece, prompt: Prompt) -> int:
    """Tokens that the model is likely to write for a prompt."""
    said = sum(map(len, prompt.headers))
    return said + sum(_of_cell(piece, prompt, cell) for cell in prompt.step.targets)


def _of_cell(piece: Piece, prompt: Prompt, cell: Cell) -> int:
    track, bar = cell
    drum = piece.track(track).is_drum
    context = _context_tokens(prompt, track)
    notes_now = len(piece.grid.bar(track=track, bar=bar))
    if notes_now:
        return int(notes_now * _tokens_a_note(piece, track, context, drum)) + _EMPTY_BAR
    return int(median(context.values())) if context else _BAR[drum]


def _context_tokens(prompt: Prompt, track: int) -> dict[int, int]:
    """Tokens of the track's bars in the prompt that hold notes and stay as they are."""
    step = prompt.step
    lengths = {
        bar + step.start_bar: end - begin
        for place, bar, begin, end, _ in prompt.encoded.bars.tolist()
        if prompt.order[place] == track
    }
    targets = {bar for written, bar in step.targets if written == track}
    return {bar: n for bar, n in lengths.items() if n > _EMPTY_BAR and bar not in targets}


def _tokens_a_note(piece: Piece, track: int, context: dict[int, int], drum: bool) -> float:
    notes = sum(len(piece.grid.bar(track=track, bar=bar)) for bar in context)
    if not notes:
        return _NOTE[drum]
    return (sum(context.values()) - _EMPTY_BAR * len(context)) / notes
