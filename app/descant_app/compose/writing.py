"""One job of the model's process: takes written one by one or side by side, told as they come.

A take is always what a session of its own gives for its seed, so that it can be made again: takes
drawn side by side that a session of its own would have tried again are tried again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from descant.engine import InferenceEngine
from descant.errors import DescantError
from descant.generation import GenerationCancelled, SamplingSession
from descant.request import GenerationRequest
from descant.score import Notes, Score
from descant.score.types import Bar
from descant_app.compose.acceptance import would_be_tried_again
from descant_app.compose.answer import Answer
from descant_app.compose.ranking import rank
from descant_app.compose.request import request_form
from descant_app.compose.speed import Speed
from descant_app.compose.validator import violations
from descant_app.compose.words import sentence
from descant_app.document.composition import BarCell, TrackId

Tell = Callable[..., None]
SEEDS = 2**31
TELL_S = 0.08
"""Progress is told this often at most."""


@dataclass(frozen=True)
class Variant:
    """Takes that differ in their seeds only."""

    mask_mode: str
    seeds: tuple[int, ...]


def variants_of(request: GenerationRequest, modes: Sequence[str]) -> list[Variant]:
    """The takes a request asks for: one a mode when modes are compared, all of the same seed."""
    config = request.config
    seed = config.seed if config.seed >= 0 else random.randrange(SEEDS)
    if modes:
        return [Variant(mode, (seed,)) for mode in modes]
    return [Variant(config.mask_mode, tuple(seed + i for i in range(config.num_candidates)))]


class Writing:
    """Runs one job; `stop` may come from another thread at any time."""

    def __init__(
        self,
        engine: InferenceEngine,
        score: Score,
        tracks: Sequence[TrackId],
        request: GenerationRequest,
        tell: Tell,
        modes: Sequence[str] = (),
    ) -> None:
        self._engine, self._score, self._tracks = engine, score, tuple(tracks)
        self._request, self._tell = request, tell
        self._variants = variants_of(request, modes)
        self._session: SamplingSession | None = None
        self._stopped = False
        self._begin = time.perf_counter()
        self._told_at = 0.0
        self._tokens = 0
        self._open: dict[int, list[set[tuple[int, int]]]] = {}
        self._steps_done = 0
        self._failures: list[str] = []
        self._offered = 0

    def stop(self) -> None:
        """End before the next token."""
        self._stopped = True
        session = self._session
        if session is not None:
            session.stop()

    def run(self, speed: Speed) -> None:
        """Write all takes, then tell that it ended and how."""
        first = 0
        for variant in self._variants:
            if not self._stopped:
                self._write(variant, first, speed)
            first += len(variant.seeds)
        seconds = time.perf_counter() - self._begin
        if self._failures and not self._offered and not self._stopped:
            self._tell("failed", self._failures[0])
        else:
            self._tell("ended", self._stopped, seconds, self._tokens, len(self._failures))

    # -- takes -------------------------------------------------------------------------------------

    def _write(self, variant: Variant, first: int, speed: Speed) -> None:
        count = len(variant.seeds)
        session = self._new_session(variant.mask_mode, variant.seeds[0], count)
        steps = session.steps()
        if first == 0:
            self._tell_begun(session, steps)
        begin, before = time.perf_counter(), self._tokens
        together = count > 1 and len(steps) == 1
        if together:
            self._side_by_side(session, variant, first)
        else:
            for i, seed in enumerate(variant.seeds):
                self._alone(variant.mask_mode, seed, first + i, session if count == 1 else None)
        if not self._stopped:
            rows = count if together else 1
            speed.learn(rows, self._tokens - before, time.perf_counter() - begin)

    def _side_by_side(self, session: SamplingSession, variant: Variant, first: int) -> None:
        self._follow(session, first)
        before = self._tokens
        try:
            results = session.run_variations()
        except GenerationCancelled as stopped:
            self._tokens = before + session.gen_count
            for i, result in enumerate(cast(list[dict[str, Any]], stopped.partial)):
                self._offer(session, first + i, variant, result["seed"], result["score"], False)
            return
        self._tokens = before + session.gen_count
        for i, result in enumerate(results):
            if would_be_tried_again(self._engine, self._score, session, result):
                self._alone(variant.mask_mode, result["seed"], first + i)
            else:
                self._offer(session, first + i, variant, result["seed"], result["score"], True)

    def _alone(
        self, mask_mode: str, seed: int, number: int, session: SamplingSession | None = None
    ) -> None:
        if self._stopped:
            return
        variant = Variant(mask_mode, (seed,))
        session = session or self._new_session(mask_mode, seed, 1)
        self._tell("restarted", number)
        self._follow(session, number)
        before = self._tokens
        try:
            self._offer(session, number, variant, seed, session.run(), True)
        except GenerationCancelled as stopped:
            partial = cast(Score, stopped.partial)
            self._offer(session, number, variant, seed, partial, False)
        except DescantError as error:
            self._failures.append(sentence(str(error)))
        self._tokens = before + session.gen_count

    def _new_session(self, mask_mode: str, seed: int, count: int) -> SamplingSession:
        form = request_form(self._request, mask_mode=mask_mode, seed=seed, num_candidates=count)
        session = self._engine.session(self._score, GenerationRequest.from_dict(form))
        self._session = session
        if self._stopped:
            session.stop()
        return session

    def _offer(
        self,
        session: SamplingSession,
        number: int,
        variant: Variant,
        seed: int,
        score: Score | None,
        complete: bool,
    ) -> None:
        if score is None or not (written := self._written(session, score)):
            return
        self._offered += 1
        checked = session.request
        scores = rank(self._engine, self._score, score, checked) if complete else {}
        found = violations(self._engine, self._score, score, checked)
        bars = {(self._tracks[track], bar): value for (track, bar), value in written.items()}
        answer = Answer(number, bars, seed, variant.mask_mode, complete, scores, tuple(found))
        self._tell("take", answer)

    def _written(self, session: SamplingSession, score: Score) -> Mapping[tuple[int, int], Bar]:
        """New bars: a session shares those it did not write."""
        found = {}
        for track, bars in session.generated_bars.items():
            for bar in bars:
                new = score.tracks[track].bars[bar]
                if new is not self._score.tracks[track].bars[bar]:
                    found[track, bar] = new
        return found

    # -- telling -----------------------------------------------------------------------------------

    def _tell_begun(self, session: SamplingSession, steps: Sequence[Any]) -> None:
        made = [(seed, variant.mask_mode) for variant in self._variants for seed in variant.seeds]
        bars = sum(len(bars) for bars in session.generated_bars.values())
        form = request_form(self._request, seed=made[0][0], num_candidates=len(made))
        self._tell("begun", form, made, len(steps) * len(made), bars * len(made))

    def _follow(self, session: SamplingSession, first: int) -> None:
        tracks = session.session_tracks
        targets = [{(tracks[t], bar) for t, bar in step.targets} for step in session.steps()]
        before = self._tokens

        def bar_written(take: int, track: int, bar: int, notes: Notes) -> None:
            number = first + take
            left = self._open.setdefault(number, [set(cells) for cells in targets])
            for cells in left:
                cells.discard((track, bar))
            self._steps_done += sum(not cells for cells in left)
            self._open[number] = [cells for cells in left if cells]
            self._tell_progress(before + session.gen_count, at_once=True)
            self._tell("bar", number, self._cell(track, bar), notes.array)

        self._open = {}
        session.bar_sink = bar_written
        session.progress_sink = lambda: self._tell_progress(before + session.gen_count)

    def _cell(self, track: int, bar: int) -> BarCell:
        return self._tracks[track], bar

    def _tell_progress(self, tokens: int, at_once: bool = False) -> None:
        now = time.perf_counter()
        if at_once or now - self._told_at >= TELL_S:
            self._told_at = now
            rate = tokens / max(1e-6, now - self._begin)
            self._tell("progress", self._steps_done, tokens, rate)
