"""Descant in replay mode against midigpt itself, over all pairs of options of a request.

Where the two may differ is said in `tests/vectors/deviations.py`, RUNS.  Each encoder gets half of
the pieces; `DESCANT_PEER_ROUNDS` (default 1) compares that many different collections of requests,
with all pieces where it is more than 1.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from all_pairs import Choice, all_pairs
from music import piece, pieces, result_form, score_form
from networks import ENCODERS, encoder_of, save_network
from rival_process import Rival
from wishes import Wish, options

from descant.engine import InferenceEngine
from descant.errors import (
    AttemptsExhaustedError,
    GenerationError,
    NothingFitsError,
    RequestValidationError,
)
from descant.generation import SamplingSession, step_run
from descant.generation.draws import greedy
from descant.generation.prompt import Prompt
from descant.native import StepRules, Vocabulary
from descant.request import Abilities, GenerationRequest

pytestmark = pytest.mark.peer

ROUNDS = int(os.environ.get("DESCANT_PEER_ROUNDS", "1"))
# A draw this close to another outcome may fall either way in float32.
CLOSE = 1e-3
# Upstream sorts more notes than these at one onset in an order of its own where pitches are equal.
CROWD = 16


@cache
def choices(encoder: str) -> list[Choice]:
    place = list(ENCODERS).index(encoder)
    names = sorted(pieces())
    offered = options(names[place % 2 :: 2] if ROUNDS == 1 else names)
    return [
        choice
        for number in range(ROUNDS)
        for choice in all_pairs(offered, seed=len(ENCODERS) * number + place)
    ]


@dataclass
class Attempt:
    """What one attempt of ours was given and drew."""

    prompt: Prompt
    rules: StepRules
    vocabulary: Vocabulary
    seed: int
    temperature: float
    tokens: list[int] = field(default_factory=list)
    end: str = ""

    def legal(self) -> Iterator[list[int]]:
        """Before each token, how many were legal and a checksum of their bitmap."""
        length = (self.vocabulary.size() + 7) // 8
        for token in self.tokens:
            bitmap = self.rules.mask().tobytes()[:length]
            yield [sum(byte.bit_count() for byte in bitmap), zlib.crc32(bitmap)]
            self.rules.accept(token)

    def has_crowd(self) -> bool:
        """Whether more than 16 notes were written at one onset, a pitch of them twice."""
        together: list[str] = []
        for name in map(self.vocabulary.token_name, self.tokens):
            if name.startswith(("TimeAbsolutePos", "BarEnd", "FillIn")):
                together.clear()
            elif name.startswith("NoteOnset"):
                together.append(name)
            if len(together) > CROWD and len(set(together)) < len(together):
                return True
        return False


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Attempt]:
    """Every attempt of the sessions that run in a test."""
    seen: list[Attempt] = []
    original = step_run.StepRun._draw

    def recording(self: step_run.StepRun, settings: Any, first_take: int) -> Any:
        fresh = [
            self._context.rules.rules(self._piece, self.prompt, seed) for seed, _, _ in settings
        ]
        written = original(self, settings, first_take)
        vocabulary = self._context.model.codec.vocabulary
        for one, rules in zip(written, fresh, strict=True):
            tokens, end = list(one.drawn.tokens), one.drawn.end
            seen.append(
                Attempt(self.prompt, rules, vocabulary, one.seed, one.temperature, tokens, end)
            )
        return written

    monkeypatch.setattr(step_run.StepRun, "_draw", recording)
    return seen


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("networks")

    @cache
    def network(encoder: str, positions: int) -> Path:
        return save_network(folder, encoder, positions, seed=positions)

    return network


@cache
def engine_of(path: Path) -> InferenceEngine:
    return InferenceEngine.from_checkpoint(path, precision="fp32", threads=1)


def run(session: SamplingSession) -> tuple[list[Any] | None, str | None]:
    try:
        return result_form(session.run()), None
    except NothingFitsError:
        return None, "no_model_dim_fits"
    except AttemptsExhaustedError:
        return None, "max_attempts"
    except GenerationError as error:
        return None, str(error)


class Sessions:
    """Every choice for one encoder; a class each, so that they can run side by side."""

    encoder: str

    def test_session(
        self, choice: Choice, networks: Any, rival: Rival, attempts: list[Attempt]
    ) -> None:
        score = piece(choice["piece"])
        wish = Wish(choice, score, Abilities.from_encoder(encoder_of(self.encoder))).request()
        path = networks(self.encoder, choice["room"])
        rival.ask({"checkpoint": str(path), "score": score_form(score), "request": wish})
        session = refusal = None
        try:
            request = GenerationRequest.from_dict(wish)
            session = engine_of(path).session(score, request, replay=True, draws=greedy)
        except RequestValidationError as problem:
            refusal = str(problem)
        result, error = run(session) if session else (None, None)
        theirs = rival.answer()
        assert (refusal is None) == ("refused" not in theirs), (refusal, theirs)
        if session is None:
            return
        compare_plan(session, theirs)
        if compare_attempts(attempts, theirs):
            assert error == theirs.get("error")
            assert result == theirs.get("result")
            if result is not None:
                assert session.gen_count == theirs["gen_count"]
                assert session.truncated == theirs["truncated"]


def compare_plan(session: SamplingSession, theirs: dict[str, Any]) -> None:
    assert session.plan_summary() == theirs["plan"]
    bars = {str(track): bars for track, bars in session.generated_bars.items()}
    assert bars == theirs["generated_bars"]
    assert session.dropped_context == theirs["dropped"]


def compare_attempts(ours: list[Attempt], theirs: dict[str, Any]) -> bool:
    """False when a draw too close to call ended the comparison early."""
    # Upstream also begins a step that has no room for a single token.
    others = [attempt for attempt in theirs["attempts"] if attempt["tokens"]]
    ours = [attempt for attempt in ours if attempt.tokens]
    for mine, other in zip(ours, others, strict=False):
        compare_prompt(mine.prompt, other)
        assert (mine.seed, mine.temperature) == (other["seed"], pytest.approx(other["temperature"]))
        same = same_tokens(mine, other)
        if is_hidden_otherwise(mine.prompt):
            assert same > 0
            return False
        for count, (own, upstream) in enumerate(
            zip(list(mine.legal())[:same], other["legal"], strict=False)
        ):
            assert own == upstream, f"legal tokens before token {count}"
        if same < len(other["tokens"]) or same < len(mine.tokens):
            assert min(other["margins"][: same + 1]) < CLOSE, (
                f"token {same} of {mine.tokens} is another than of {other['tokens']}"
            )
            return False
        if mine.has_crowd():
            return False
    assert len(ours) == len(others)
    return True


def is_hidden_otherwise(prompt: Prompt) -> bool:
    """Whether only the first token is drawn alike: deviation "attention_approx"."""
    return prompt.mask_mode == "attention_approx" and bool(prompt.hidden)


def same_tokens(mine: Attempt, other: dict[str, Any]) -> int:
    shorter = min(len(mine.tokens), len(other["tokens"]))
    differing = np.flatnonzero(
        np.array(mine.tokens[:shorter]) != np.array(other["tokens"][:shorter])
    )
    return int(differing[0]) if len(differing) else shorter


def compare_prompt(prompt: Prompt, other: dict[str, Any]) -> None:
    step = prompt.step
    assert [step.start_bar, step.end_bar] == other["window"]
    assert step.autoregressive == other["autoregressive"]
    assert [list(cell) for cell in step.targets] == other["targets"]
    assert prompt.ids.tolist() == other["prompt"]
    assert [list(span) for span in prompt.hidden] == other["spans"]
    shown = prompt.network_input(skip_gap=1)
    assert shown.ids.tolist() == other["input"]["ids"]
    assert np.flatnonzero(shown.visible == 0).tolist() == other["input"]["hidden"]
    if other["input"]["positions"] is not None:
        assert shown.positions.tolist() == other["input"]["positions"]


class TestYellow(Sessions):
    encoder = "yellow"


class TestGhost(Sessions):
    encoder = "ghost"


class TestPrism(Sessions):
    encoder = "prism"


class TestExpressive(Sessions):
    encoder = "expressive"
