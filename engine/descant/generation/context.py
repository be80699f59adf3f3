"""What all steps of one run share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from descant.generation.drawing import Stop
from descant.generation.draws import Draws
from descant.generation.loaded_model import LoadedModel
from descant.generation.sinks import PROGRESS_TOKENS, Sinks
from descant.generation.step_rules import RuleBook
from descant.plan import Cell
from descant.request import InferenceConfig

_HOTTEST = 3.0


@dataclass
class Counters:
    """What a session has done so far; token numbers count all attempts."""

    gen_count: int = 0
    context_len: int = 0
    step_gen_start: int = 0
    peak_window_tokens: int = 0
    attempt: int = 0
    truncated: bool = False
    encode_time: float = 0.0
    model_forward_time: float = 0.0
    _of_take: dict[int, int] = field(default_factory=dict)

    def step_begins(self, prompt_length: int) -> None:
        """A prompt of that length is about to be answered."""
        self.context_len = prompt_length
        self.step_gen_start = self.gen_count
        self._of_take = {}

    def token(self, take: int) -> None:
        """One more token of a take."""
        self.gen_count += 1
        count = self._of_take[take] = self._of_take.get(take, 0) + 1
        self.peak_window_tokens = max(self.peak_window_tokens, self.context_len + count)

    def window_tokens(self) -> int:
        """Prompt and answer of the step that is running; the longest of its takes."""
        return self.context_len + max(self._of_take.values(), default=0)


@dataclass
class Context:
    """Settings, rules and ears of one run; `wanted` is every cell the request asks for."""

    model: LoadedModel
    config: InferenceConfig
    rules: RuleBook
    seed: int
    wanted: Collection[Cell]
    draws: Draws
    sinks: Sinks
    stop: Stop
    counters: Counters
    skip_gap: int = 0

    def temperature(self, attempt: int) -> float:
        """The temperature of an attempt, from 0."""
        escalation = min(self.config.temperature_escalation, _HOTTEST)
        return float(self.config.temperature * escalation**attempt)

    def tell_progress(self) -> None:
        """To be called after each token."""
        if self.sinks.progress is not None and self.counters.gen_count % PROGRESS_TOKENS == 0:
            self.sinks.progress()
