"""Whole requests recorded from midigpt 0.4.2: plans, prompts, legal sets, tokens, results."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vector_files import Vectors, vector_files

from descant.engine import InferenceEngine
from descant.errors import AttemptsExhaustedError, GenerationError, NothingFitsError
from descant.generation import SamplingSession, step_run
from descant.generation.draws import Draws, greedy
from descant.generation.prompt import Prompt
from descant.native import DrawRule, StepRules
from descant.request import GenerationRequest
from descant.score import Bar, Notes, Score, Track

GOLDEN = 0.6180339887498949
PLASTIC = 0.7548776662466927
LONGEST = 4096


def cases_of(content: Any) -> Iterator[tuple[str, Any]]:
    for case in content["cases"]:
        if "0.2.4" not in str(content.get("upstream", "")):
            yield case["id"], case


VECTORS = {"case": Vectors("generation", "runs_*.json", cases_of)}


@pytest.fixture
def checkpoints(pytestconfig: pytest.Config) -> Path:
    chosen = pytestconfig.getoption("--vectors")
    found = vector_files(Vectors("generation", "checkpoints"), chosen)
    if not found:
        pytest.skip("no checkpoints beside these vectors")
    return found[0]


@cache
def engine_of(path: Path) -> InferenceEngine:
    return InferenceEngine.from_checkpoint(path, precision="fp32", threads=1)


def score_from(form: dict[str, Any]) -> Score:
    tracks = [
        Track([bar_from(b) for b in t["bars"]], t["instrument"], t["track_type"])
        for t in form["tracks"]
    ]
    return Score(tracks, form["resolution"], form.get("tempo", 500000))


def bar_from(form: dict[str, Any]) -> Bar:
    rows = [(*[*note, 0][:5], 64) for note in form["notes"]]
    notes = Notes.trusted(np.array(rows, dtype=np.int32).reshape(-1, 6))
    return Bar(notes, *form["ts"], future=form.get("future", False))


def recorded_form(score: Score) -> list[Any]:
    return [
        {
            "instrument": track.instrument,
            "track_type": track.track_type,
            "bars": [[list(bar.meter), bar.notes.array[:, :5].tolist()] for bar in track.bars],
            "attributes": dict(track.attributes),
        }
        for track in score.tracks
    ]


def expected_form(result: dict[str, Any]) -> list[Any]:
    return [
        {
            "instrument": track["instrument"],
            "track_type": track["track_type"],
            "bars": [
                [bar["ts"], [[*note, 0][:5] for note in bar["notes"]]] for bar in track["bars"]
            ],
            "attributes": track.get("attributes", {}),
        }
        for track in result["tracks"]
    ]


def stated_numbers(seed: int, attempt: int, step: int) -> DrawRule:
    """The numbers that replaced upstream's random draws in the recordings."""
    start = (seed % 1009) * PLASTIC
    return DrawRule(given=[math.modf((k + 1) * GOLDEN + start)[0] for k in range(LONGEST)])


@dataclass
class Attempt:
    """What one attempt of the replay was given and drew."""

    prompt: Prompt
    rules: StepRules
    vocabulary_size: int
    seed: int
    temperature: float
    tokens: list[int] = field(default_factory=list)
    end: str = ""


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
        for one, rules in zip(written, fresh, strict=True):
            drawn = one.drawn
            size = self._context.model.network.vocab_size()
            seen.append(
                Attempt(
                    prompt=self.prompt,
                    rules=rules,
                    vocabulary_size=size,
                    seed=one.seed,
                    temperature=one.temperature,
                    tokens=list(drawn.tokens),
                    end=drawn.end,
                )
            )
        return written

    monkeypatch.setattr(step_run.StepRun, "_draw", recording)
    return seen


def open_session(case: dict[str, Any], checkpoints: Path) -> SamplingSession:
    draws: Draws = greedy if case["draw"] == "greedy" else stated_numbers
    request = GenerationRequest.from_dict(case["request"])
    engine = engine_of(checkpoints / case["checkpoint"])
    return engine.session(score_from(case["score"]), request, replay=True, draws=draws)


def run(session: SamplingSession) -> tuple[Score | None, str | None]:
    try:
        return session.run(), None
    except NothingFitsError:
        return None, "no_model_dim_fits"
    except AttemptsExhaustedError:
        return None, "max_attempts"
    except GenerationError as error:
        return None, str(error)


def cannot_be_drawn(case: dict[str, Any]) -> bool:
    """Tokens drawn under upstream's broken way of hiding (`deviations.RUNS`)."""
    hides = any(step.get("hidden_spans") for step in case["steps"])
    return hides and case["request"]["config"].get("mask_mode") == "attention_approx"


def test_plan(case: dict[str, Any], checkpoints: Path) -> None:
    session = open_session(case, checkpoints)
    config = session.request.config
    assert {name: getattr(config, name) for name in case["config"]} == case["config"]
    assert session.plan_summary() == case["plan"]
    bars = {str(track): bars for track, bars in session.generated_bars.items()}
    assert bars == case["generated_bars"]
    if "dropped_context" in case:
        assert session.dropped_context == sorted(case["dropped_context"])


def test_run(case: dict[str, Any], checkpoints: Path, attempts: list[Attempt]) -> None:
    session = open_session(case, checkpoints)
    if cannot_be_drawn(case):
        compare_prompt(session.prompts()[0], case["steps"][0], case)
        return
    result, error = run(session)
    # Upstream also begins a step that has no room for a single token.
    steps = [step for step in case["steps"] if step["tokens"]]
    for mine, recorded in zip(attempts, steps, strict=False):
        compare_prompt(mine.prompt, recorded, case)
        assert mine.tokens == recorded["tokens"]
        compare_legal(mine, recorded)
        assert (mine.end == "complete") == recorded["complete"]
        assert mine.seed == recorded["seed"]
        assert mine.temperature == pytest.approx(recorded["temperature"])
    assert len(attempts) == len(steps)
    assert error == case.get("error")
    if result is not None:
        assert session.gen_count == case["gen_count"]
        assert session.truncated == case["truncated"]
        assert recorded_form(result) == expected_form(case["result"])


def compare_prompt(prompt: Prompt, recorded: dict[str, Any], case: dict[str, Any]) -> None:
    step = prompt.step
    assert [step.start_bar, step.end_bar] == recorded["window"]
    assert step.autoregressive == recorded["ar"]
    assert [list(cell) for cell in step.targets] == recorded["generate"]
    if not any(bar.get("future") for t in case["score"]["tracks"] for bar in t["bars"]):
        # Upstream calls a bar that the score itself hides "context".
        assert [states.replace("A", "M") for _, states in sorted(prompt.states.items())] == (
            recorded["states"]
        )
    assert prompt.ids.tolist() == recorded["prompt"]
    assert [list(span) for span in prompt.hidden] == recorded.get("hidden_spans", [])
    shown = prompt.network_input(skip_gap=1)
    if "input_ids" in recorded:
        assert shown.ids.tolist() == recorded["input_ids"]
        assert shown.positions.tolist() == recorded["position_ids"]
        assert [shown.next_position] == recorded["decode_1"]["position_ids"]
    hidden = np.flatnonzero(shown.visible == 0).tolist()
    assert hidden == recorded.get("hidden_keys", [])


def compare_legal(mine: Attempt, recorded: dict[str, Any]) -> None:
    """`legal` holds, before each token, how many are legal and a checksum of their bitmap."""
    length = (mine.vocabulary_size + 7) // 8
    for token, (count, checksum) in zip(recorded["tokens"], recorded["legal"], strict=True):
        bitmap = mine.rules.mask().tobytes()[:length]
        assert sum(byte.bit_count() for byte in bitmap) == count
        assert zlib.crc32(bitmap) == checksum
        mine.rules.accept(token)
