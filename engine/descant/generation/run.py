"""All steps of one run, window size after window size.  Source: spec/generation.md 4.6, 7."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from descant.errors import AttemptsExhaustedError, NothingFitsError
from descant.generation.context import Context
from descant.generation.piece import Piece
from descant.generation.preparation import Preparation, ordered
from descant.generation.prompt import Prompt, PromptBuilder
from descant.generation.step_run import StepRun, Written
from descant.plan import Step
from descant.score import Score


class Stopped(Exception):  # noqa: N818 - an outcome, not an error
    """The run was asked to stop; the piece holds what was finished."""


class Run:
    """Writes the targets of a preparation into a piece."""

    def __init__(
        self, context: Context, preparation: Preparation, builder: PromptBuilder, piece: Piece
    ) -> None:
        self._context = context
        self._preparation = preparation
        self._builder = builder
        self.piece = piece
        self._open = set(preparation.targets)
        self._step_number = 0
        self._cut_off = False  # whether the last answer that met no dead end was cut off

    def finish(self) -> Score:
        """Run every step; the finished score.

        Raises NothingFitsError, AttemptsExhaustedError, or Stopped.
        """
        sizes = list(self._window_sizes())
        for size in sizes:
            if self._run_steps(size, last=size == sizes[-1]):
                return self.piece.score
        raise NothingFitsError(
            f"even a window of {sizes[-1]} bars leaves no room for an answer in the model's "
            f"{self._context.model.network.positions()} positions; leave tracks out of the request"
        )

    def _window_sizes(self) -> Iterator[int]:
        """The wanted window and every smaller one that the model knows, largest first."""
        wanted = self._context.config.model_dim
        known = self._context.model.abilities.num_bars_map
        yield from (size for size in reversed(known or (wanted,)) if size <= wanted)

    def _run_steps(self, size: int, last: bool) -> bool:
        """Run the steps for what is still open; False to go on with smaller windows."""
        steps = self._preparation.plan(size, self._open)
        for step in ordered(steps, self._context.config, self._context.seed):
            prompt = self.build(step)
            if len(prompt) + 1 >= self._context.model.network.positions():
                return False
            run = StepRun(self._context, self.piece, prompt, self._step_number)
            written = self._acceptable(run, may_shrink=not last)
            if written is None:
                return False
            self._context.counters.truncated |= written.truncated
            self.piece.accept(prompt, written.drawn.tokens, written.bars)
            self._open -= set(step.targets)
            self._step_number += 1
        return True

    def build(self, step: Step) -> Prompt:
        """The prompt of a step as things stand."""
        begin = time.perf_counter()
        prompt = self._builder.build(self.piece, step)
        self._context.counters.encode_time += time.perf_counter() - begin
        return prompt

    def _acceptable(self, run: StepRun, may_shrink: bool) -> Written | None:
        """The first attempt that nothing speaks against; None to try a smaller window.

        A smaller window leaves more room for an answer that was cut off, or found none in time.
        """
        objections: Counter[str] = Counter()
        for written in self._attempts(run):
            self._stop_if_asked(run, written)
            objection = run.objection(written)
            if not written.dead_end:
                self._cut_off = written.truncated
            if objection is None:
                return None if self._cut_off and may_shrink else written
            objections[objection] += 1
        if self._cut_off and may_shrink:
            return None
        step = run.prompt.step
        reasons = ", ".join(f"{count} {reason}" for reason, count in objections.items())
        raise AttemptsExhaustedError(
            f"bars {step.targets[0][1] + 1} to {step.targets[-1][1] + 1}: none of "
            f"{objections.total()} attempts was acceptable ({reasons}); raise max_attempts or the "
            f"temperature, or switch the check off"
        )

    def _attempts(self, run: StepRun) -> Iterator[Written]:
        attempts = range(self._context.config.max_attempts)
        if self._context.config.batch_attempts:
            yield from run.takes(attempts)
            return
        for index in attempts:
            self._context.counters.attempt = index + 1
            yield run.attempt(index)

    def _stop_if_asked(self, run: StepRun, written: Written) -> None:
        if self._context.stop.is_set():
            self.piece.accept(run.prompt, written.drawn.tokens, written.bars)
            raise Stopped
