"""One step of one session: draw its takes, follow their tokens, judge them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from descant.generation.bar_stream import BarStream
from descant.generation.checks import Rows, is_silent
from descant.generation.context import Context
from descant.generation.drawing import Drawn, draw
from descant.generation.piece import Piece
from descant.generation.prompt import Prompt
from descant.native import Take
from descant.plan import Cell
from descant.score import Notes


@dataclass(frozen=True)
class Written:
    """What one take wrote: its tokens, how they ended, the bars on the model grid."""

    drawn: Drawn
    bars: Mapping[Cell, Rows]
    seed: int
    temperature: float

    @property
    def truncated(self) -> bool:
        return self.drawn.end == "out_of_budget"

    @property
    def dead_end(self) -> bool:
        return self.drawn.end == "no_legal_token"


class StepRun:
    """Draws takes for one prompt and reports bars as they are finished."""

    def __init__(self, context: Context, piece: Piece, prompt: Prompt, number: int) -> None:
        self._context = context
        self._piece = piece
        self.prompt = prompt
        self._number = number
        self._streams: list[BarStream] = []
        self._first_take = 0

    def attempt(self, index: int, first_take: int = 0) -> Written:
        """One try, `index` counting from 0."""
        return self.takes([index], first_take)[0]

    def takes(self, attempts: Sequence[int], first_take: int = 0) -> list[Written]:
        """Several tries of this step side by side."""
        base = self._context.seed
        settings = [(base + i, self._context.temperature(i), i) for i in attempts]
        return self._draw(settings, first_take)

    def variations(self, seeds: Sequence[int]) -> list[Written]:
        """Several first tries side by side, each with the seed of its own session."""
        return self._draw([(seed, self._context.temperature(0), 0) for seed in seeds], 0)

    def _draw(self, settings: Sequence[tuple[int, float, int]], first_take: int) -> list[Written]:
        context = self._context
        takes = [self._take(*setting) for setting in settings]
        self._streams = [BarStream(self._piece, self.prompt) for _ in settings]
        self._first_take = first_take
        context.counters.step_begins(len(self.prompt))
        begin = time.perf_counter()
        drawn = draw(
            context.model.network, self.prompt, takes, self, context.stop, context.skip_gap
        )
        context.counters.model_forward_time += time.perf_counter() - begin
        return [
            Written(
                one, stream.cut_off() if one.end == "out_of_budget" else stream.bars, seed, warmth
            )
            for one, stream, (seed, warmth, _) in zip(drawn, self._streams, settings, strict=True)
        ]

    def _take(self, seed: int, temperature: float, attempt: int) -> Take:
        context, config = self._context, self._context.config
        return Take(
            rules=context.rules.rules(self._piece, self.prompt, seed),
            draw=context.draws(seed, attempt, self._number),
            temperature=temperature,
            top_k=config.top_k,
            top_p=config.top_p,
            mask_k=config.mask_k,
            mask_p=config.mask_p,
            guidance=config.level_guidance,
        )

    def token(self, take: int, token: int) -> None:
        """Listener: a token was drawn."""
        self._context.counters.token(take)
        finished = self._streams[take].push(token)
        if finished is not None:
            (track, bar), rows = finished
            self._context.sinks.bar_finished(
                self._first_take + take,
                self._piece.tracks[track],
                bar,
                self._in_ticks(track, bar, rows),
            )
        self._context.tell_progress()

    def _in_ticks(self, track: int, bar: int, rows: Rows) -> Notes:
        replaced = {target for of, target in self.prompt.step.targets if of == track}
        return self._piece.bars_of(track, {bar: rows}, replaced)[bar].notes

    def objection(self, written: Written) -> str | None:
        """Why a result is not acceptable; None when it is."""
        if written.dead_end:
            return "left no legal token"
        config = self._context.config
        if config.silence_check and is_silent(written.bars):
            return "silent"
        if config.novelty_check and self._piece.is_copy(
            self.prompt,
            written.drawn.tokens,
            written.bars,
            self._context.wanted,
            config.novelty_threshold,
        ):
            return "too much like the bars it replaces"
        return None
