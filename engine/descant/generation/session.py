"""One request on one score, from plan to finished bars.  Source: spec/generation.md 1.5, 7."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from descant.errors import DescantError
from descant.generation.context import Context, Counters
from descant.generation.drawing import Stop
from descant.generation.draws import Draws, seeded
from descant.generation.estimate import expected_tokens
from descant.generation.loaded_model import LoadedModel
from descant.generation.piece import Piece
from descant.generation.preparation import ordered, prepare
from descant.generation.prompt import Prompt, PromptBuilder
from descant.generation.replay import SKIP_GAP, ReplayPiece
from descant.generation.run import Run, Stopped
from descant.generation.sinks import BarSink, NoteSink, Sinks
from descant.generation.step_rules import RuleBook
from descant.generation.step_run import StepRun
from descant.plan import Step
from descant.request import CheckedRequest
from descant.score import Score

_SEEDS = 2**31


class GenerationCancelled(Exception):  # noqa: N818 - upstream's name; an outcome, not an error
    """Generation was stopped on request; `partial` holds what was finished until then."""

    def __init__(self, partial: Score | list[dict[str, Any]], gen_count: int) -> None:
        super().__init__(f"stopped after {gen_count} tokens")
        self.partial = partial
        self.gen_count = gen_count


class SamplingSession:
    """One request on one score; the score given is never changed.

    Build it with `InferenceEngine.session`.  `replay` follows midigpt 0.4.2 to the letter, defects
    included, to compare the two; `draws` says where random numbers come from.

    Attributes:
        resolved_seed: the seed in use.
        generated_bars: track id of the request -> sorted bars that are written.
        dropped_context: track ids left out because the prompt would not fit.
        max_context_len: positions of the model.
    """

    def __init__(
        self,
        model: LoadedModel,
        score: Score,
        request: CheckedRequest,
        *,
        replay: bool = False,
        draws: Draws = seeded,
    ) -> None:
        self.request = request
        self.max_context_len = model.network.positions()
        self.resolved_seed = _resolved(request.config.seed)
        self._model = model
        self._score = score
        self._replay = replay
        self._draws = draws
        self._piece_type = ReplayPiece if replay else Piece
        self._sinks = Sinks()
        self._stop = Stop()
        self._counters = Counters()
        self._preparation = prepare(
            model, score, request, self.resolved_seed, self._piece_type, self._attention
        )
        prepared = self._preparation
        arguments = (model.codec, prepared.prompts, request.config, request.controls)
        self._builder = PromptBuilder(*arguments)
        self._rules = RuleBook(*arguments, replay)
        self.dropped_context = sorted(prepared.dropped)
        self.generated_bars = {
            original: sorted(bar for t, bar in prepared.targets if t == track)
            for track, original in enumerate(prepared.tracks)
            if any(t == track for t, _ in prepared.targets)
        }

    # What is about to happen.

    def steps(self) -> list[Step]:
        """The steps in the order they are run; tracks are numbered without those left out."""
        prepared, config = self._preparation, self.request.config
        return ordered(
            prepared.plan(config.model_dim, prepared.targets), config, self.resolved_seed
        )

    def prompts(self) -> list[Prompt]:
        """The prompt of every step, as if no step before it had changed anything."""
        piece = self._new_piece()
        return [self._builder.build(piece, step) for step in self.steps()]

    def plan_summary(self) -> list[dict[str, Any]]:
        """Each step: window, whether autoregressive, and the bars written by track id."""
        return [
            {
                "window": [step.start_bar, step.end_bar],
                "autoregressive": step.autoregressive,
                "generate": _by_track(step, self._preparation.tracks),
            }
            for step in self.steps()
        ]

    @property
    def session_tracks(self) -> tuple[int, ...]:
        """Track ids of the request behind the session's track numbers, as in `Step.targets`."""
        return self._preparation.tracks

    def expected_tokens(self, prompt: Prompt) -> int:
        """How many tokens the answer to a prompt is likely to have."""
        return expected_tokens(self._new_piece(), prompt)

    # What has happened so far.

    @property
    def gen_count(self) -> int:
        """Tokens drawn, over all steps and attempts."""
        return self._counters.gen_count

    @property
    def context_len(self) -> int:
        """Length of the prompt of the step that runs, in tokens."""
        return self._counters.context_len

    @property
    def step_gen_start(self) -> int:
        """`gen_count` when the step that runs began."""
        return self._counters.step_gen_start

    @property
    def peak_window_tokens(self) -> int:
        """The most tokens that prompt and answer of a step had together."""
        return self._counters.peak_window_tokens

    @property
    def attempt(self) -> int:
        """Number of the attempt at the step that runs, from 1."""
        return self._counters.attempt

    @property
    def truncated(self) -> bool:
        """Whether a step ran into the end of the model's positions."""
        return self._counters.truncated

    @property
    def encode_time(self) -> float:
        """Seconds spent on making prompts."""
        return self._counters.encode_time

    @property
    def model_forward_time(self) -> float:
        """Seconds spent on drawing tokens."""
        return self._counters.model_forward_time

    def window_tokens(self) -> int:
        """Tokens of prompt and answer of the step that runs."""
        return self._counters.window_tokens()

    # Who is told.

    @property
    def note_sink(self) -> NoteSink | None:
        """Called with the new notes of each finished bar, as dicts."""
        return self._sinks.note

    @note_sink.setter
    def note_sink(self, sink: NoteSink | None) -> None:
        self._sinks.note = sink

    @property
    def bar_sink(self) -> BarSink | None:
        """Called with (take, track id, bar, notes) for each finished bar."""
        return self._sinks.bar

    @bar_sink.setter
    def bar_sink(self, sink: BarSink | None) -> None:
        self._sinks.bar = sink

    @property
    def progress_sink(self) -> Callable[[], object] | None:
        """Called every 32 tokens."""
        return self._sinks.progress

    @progress_sink.setter
    def progress_sink(self, sink: Callable[[], object] | None) -> None:
        self._sinks.progress = sink

    @property
    def prompt_state_sink(self) -> Callable[[Mapping[str, Any]], object] | None:
        """Called once a run with what the first step shows the model."""
        return self._sinks.prompt_state

    @prompt_state_sink.setter
    def prompt_state_sink(self, sink: Callable[[Mapping[str, Any]], object] | None) -> None:
        self._sinks.prompt_state = sink

    @property
    def cancel_event(self) -> threading.Event | None:
        """When set, the run ends before the next token; `stop` does it without an event."""
        return self._stop.also

    @cancel_event.setter
    def cancel_event(self, event: threading.Event | None) -> None:
        self._stop.also = event

    # Running.

    def stop(self) -> None:
        """End the run before the next token; from any thread."""
        self._stop.set()

    def run(self) -> Score:
        """Generate; the finished score.

        Raises GenerationError when it cannot be finished, GenerationCancelled on a stop.
        """
        run = self._new_run(self.resolved_seed)
        self._tell_prompt_state()
        try:
            return run.finish()
        except Stopped:
            raise GenerationCancelled(run.piece.score, self.gen_count) from None

    def run_variations(self) -> list[dict[str, Any]]:
        """`num_candidates` results: dicts of score, seed, gen_count, error, truncated.

        The seed of a result makes it again as a request of its own.  A plan of one step draws all
        of them side by side, for little more than the price of one.
        """
        seeds = [self.resolved_seed + i for i in range(self.request.config.num_candidates)]
        steps = self.steps()
        if len(steps) == 1:
            prompt = self._builder.build(self._new_piece(), steps[0])
            if len(prompt) + 1 < self.max_context_len:
                return self._side_by_side(prompt, seeds)
        return self._one_by_one(seeds)

    def _side_by_side(self, prompt: Prompt, seeds: Sequence[int]) -> list[dict[str, Any]]:
        self._tell_prompt_state()
        piece = self._new_piece()
        run = StepRun(self._context(self.resolved_seed), piece, prompt, 0)
        results = []
        for written in run.variations(seeds):
            score = None if written.dead_end else piece.with_written(written.bars)
            count = len(written.drawn.tokens)
            error = "no legal token was left" if written.dead_end else None
            results.append(_variation(score, written.seed, count, error, written.truncated))
        if self._stop.is_set():
            raise GenerationCancelled(results, self.gen_count)
        return results

    def _one_by_one(self, seeds: Sequence[int]) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        for seed in seeds:
            before = self.gen_count
            self._counters.truncated = False
            run = self._new_run(seed)
            score, error = None, None
            try:
                score = run.finish()
            except Stopped:
                raise GenerationCancelled(results, self.gen_count) from None
            except DescantError as problem:
                error = str(problem)
            count = self.gen_count - before
            results.append(_variation(score, seed, count, error, self.truncated))
        return results

    def __enter__(self) -> SamplingSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def _context(self, seed: int) -> Context:
        return Context(
            model=self._model,
            config=self.request.config,
            rules=self._rules,
            seed=seed,
            wanted=self._preparation.targets,
            draws=self._draws,
            sinks=self._sinks,
            stop=self._stop,
            counters=self._counters,
            skip_gap=SKIP_GAP if self._replay else 0,
        )

    def _new_piece(self) -> Piece:
        return self._piece_type(self._score, self._preparation.tracks, self._model.codec)

    def _new_run(self, seed: int) -> Run:
        return Run(self._context(seed), self._preparation, self._builder, self._new_piece())

    def _tell_prompt_state(self) -> None:
        if self._sinks.prompt_state is not None:
            self._sinks.prompt_state(self._prompt_state())

    def _prompt_state(self) -> dict[str, Any]:
        first = self.prompts()[0]
        written = {track for track, _ in first.step.targets}
        tracks = [
            {"id": self._preparation.tracks[track], "is_agent": track in written, "states": list(s)}
            for track, s in sorted(first.states.items())
        ]
        return {"start_bar": first.step.start_bar, "end_bar": first.step.end_bar, "tracks": tracks}

    def _attention(self, prompt: Prompt) -> npt.NDArray[np.float32] | None:
        shown = prompt.network_input()
        seen = self._model.network.last_attention(shown.ids, shown.positions, shown.visible)
        if seen is None:
            return None
        mass = np.zeros(len(prompt), dtype=np.float32)
        mass[shown.positions] = seen
        return mass


def _resolved(seed: int) -> int:
    return seed if seed >= 0 else random.randrange(_SEEDS)


def _by_track(step: Step, tracks: Sequence[int]) -> dict[str, list[int]]:
    bars: dict[str, list[int]] = {}
    for track, bar in step.targets:
        bars.setdefault(str(tracks[track]), []).append(bar)
    return bars


def _variation(
    score: Score | None, seed: int, count: int, error: str | None, truncated: bool
) -> dict[str, Any]:
    return {
        "score": score,
        "seed": seed,
        "gen_count": count,
        "error": error,
        "truncated": truncated,
    }
