"""midigpt in a process of its own: runs the requests it reads, one JSON document a line.

Run by `rival_process.py` with an interpreter that has midigpt; nothing of Descant is imported here.
The random draw is replaced by the most probable token, the lowest id on a tie
(spec/generation.md 6.8 and 12), and every attempt is written down.
"""

from __future__ import annotations

import json
import sys
import traceback
import zlib
from functools import cache
from typing import Any

import numpy as np
import torch
from midigpt._types import Bar, Note, Score, Track
from midigpt.inference import session as upstream
from midigpt.inference.config import GenerationRequest
from midigpt.inference.engine import InferenceEngine
from midigpt.inference.validation import RequestValidationError

# Beginning of what upstream says -> what it is called here.
ERRORS = {
    "no model_dim": "no_model_dim_fits",
    "Max attempts": "max_attempts",
}

attempts: list[dict[str, Any]] = []
legal: torch.Tensor | None = None
offered: torch.Tensor | None = None


def score_from(form: dict[str, Any]) -> Score:
    tracks = [
        Track([_bar(bar) for bar in track["bars"]], track["instrument"], track["track_type"])
        for track in form["tracks"]
    ]
    return Score(tracks, form["resolution"], form["tempo"])


def _bar(form: dict[str, Any]) -> Bar:
    top, bottom = form["meter"]
    notes = [Note(*note) for note in form["notes"]]
    return Bar(notes, top, bottom, beat_length=form["beats"], future=form["future"])


def form_of(score: Score) -> list[Any]:
    return [
        {
            "instrument": track.instrument,
            "track_type": track.track_type,
            "bars": [
                [
                    [bar.ts_numerator, bar.ts_denominator],
                    [
                        [n.pitch, n.velocity, n.onset_ticks, n.duration_ticks, n.delta]
                        for n in bar.notes
                    ],
                ]
                for bar in track.bars
            ],
            "attributes": dict(track.attributes),
        }
        for track in score.tracks
    ]


@cache
def engine_of(path: str) -> InferenceEngine:
    return InferenceEngine.from_checkpoint(path)


def margin(chosen: int, after: torch.Tensor) -> float:
    """How far, in log-probability or mass, the nearest other outcome of a draw was."""
    assert offered is not None
    before = offered.double()
    order = torch.sort(before, descending=True).values
    rank = int((before > before[chosen]).sum())
    shown = torch.log(order[: rank + 2].clamp(min=1e-30))
    gaps = (shown[:-1] - shown[1:]).tolist()
    config = settings
    if config.mask_p > 0:
        mass = torch.cumsum(order, 0)[: rank + 2]
        gaps.append(float((mass - config.mask_p).abs().min()))
    if (config.mask_p > 0 or config.mask_k > 0) and (config.top_p < 1 or config.top_k > 0):
        # What is measured on a cut distribution depends on where exactly the cut was.
        kept = int((after > 0).sum()) + rank
        near = torch.log(order[: kept + 2].clamp(min=1e-30))
        gaps += (near[:-1] - near[1:]).tolist()
    return float(min(gaps, default=1.0))


def most_probable(probabilities: torch.Tensor, count: int, **_: object) -> torch.Tensor:
    chosen = int((probabilities == probabilities.max()).nonzero()[0, 0])
    assert legal is not None
    bitmap = np.packbits(legal.numpy().astype(bool), bitorder="little").tobytes()
    attempts[-1]["tokens"].append(chosen)
    attempts[-1]["legal"].append([int(legal.sum()), zlib.crc32(bitmap)])
    attempts[-1]["margins"].append(margin(chosen, probabilities))
    return torch.tensor([chosen])


def remember_legal(tensor: torch.Tensor, mask: torch.Tensor, value: Any) -> torch.Tensor:
    global legal
    if mask.dim() == 1 and value == float("-inf"):
        legal = ~mask
    return plain_fill(tensor, mask, value)


def remember_offered(session: Any, probabilities: torch.Tensor) -> torch.Tensor:
    global offered
    offered = probabilities
    return plain_filters(session, probabilities)


def remember_attempt(
    session: Any, score: Any, step: Any, temperature: float, seed: int = -1
) -> Score:
    attempts.append(
        {
            "window": [step.start_bar, step.end_bar],
            "autoregressive": step.is_autoregressive,
            "targets": sorted(list(cell) for cell in step.bars_to_generate),
            "seed": seed,
            "temperature": temperature,
            "input": None,
            "tokens": [],
            "legal": [],
            "margins": [],
        }
    )
    return plain_step(session, score, step, temperature, seed)


def remember_prompt(session: Any, *arguments: Any, **options: Any) -> Any:
    found = plain_prepare(session, *arguments, **options)
    if attempts and attempts[-1].get("prompt") is None:
        state, spans = found[1], found[3]
        attempts[-1]["prompt"] = list(state.context_tokens())
        attempts[-1]["spans"] = [list(s) for s in state.hidden_spans()] if spans else []
    return found


def remember_input(
    runner: Any, ids: torch.Tensor, key_mask: Any = None, position_ids: Any = None
) -> Any:
    if attempts[-1]["input"] is None:
        hidden = [] if key_mask is None else (~key_mask).nonzero().flatten().tolist()
        positions = None if position_ids is None else position_ids[0].tolist()
        attempts[-1]["input"] = {"ids": ids[0].tolist(), "hidden": hidden, "positions": positions}
    return plain_forward(runner, ids, key_mask, position_ids)


plain_fill = torch.Tensor.masked_fill
plain_filters = upstream.SamplingSession._apply_sampling_filters
plain_step = upstream.SamplingSession._sample_step
plain_prepare = upstream.SamplingSession._prepare_state
plain_forward = upstream._KVRunner.forward
settings: Any = None


def observe() -> None:
    """From now on everything a session draws is written to `attempts`."""
    torch.multinomial = most_probable
    torch.Tensor.masked_fill = remember_legal
    upstream.SamplingSession._apply_sampling_filters = remember_offered
    upstream.SamplingSession._sample_step = remember_attempt
    upstream.SamplingSession._prepare_state = remember_prompt
    upstream._KVRunner.forward = remember_input
    # Tracks are left out by their roles, never by attention: see `deviations.py`.
    upstream.context_fit.attention_from_last = lambda *_: None


def answer(case: dict[str, Any]) -> dict[str, Any]:
    global settings
    attempts.clear()
    score = score_from(case["score"])
    engine = engine_of(case["checkpoint"])
    try:
        session = engine.session(score, GenerationRequest.from_dict(case["request"]))
    except (RequestValidationError, ValueError, TypeError, KeyError) as error:
        return {"refused": str(error)}
    if case.get("check"):
        return {}
    settings = session._request.config
    plan = session.plan_summary()
    told = {
        "config": {k: v for k, v in vars(settings).items() if isinstance(v, (int, float, str))},
        "plan": plan,
        "generated_bars": {str(t): bars for t, bars in session.generated_bars.items()},
        "dropped": session.dropped_context,
    }
    attempts.clear()
    try:
        told["result"] = form_of(session.run())
        told["truncated"] = session.truncated
    except RuntimeError as error:
        told["error"] = next(
            (n for start, n in ERRORS.items() if str(error).startswith(start)), str(error)
        )
    return {**told, "attempts": attempts, "gen_count": session.gen_count}


def save_again(asked: dict[str, Any]) -> dict[str, Any]:
    """Write a checkpoint that was read in both of midigpt's forms."""
    model = engine_of(asked["checkpoint"])._model
    model.save_pretrained(asked["save"])
    bundle = {
        "format_version": 1,
        "arch": "gpt2",
        "config": vars(model.cfg),
        "encoder_config": model.encoder_config,
        "state_dict": model.state_dict(),
    }
    torch.save(bundle, asked["bundle"])
    return {}


def respond(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return save_again(asked) if "save" in asked else answer(asked)
    except Exception:
        return {"crashed": traceback.format_exc()}


def main() -> None:
    torch.set_num_threads(1)
    answers = sys.stdout
    sys.stdout = sys.stderr
    observe()
    for line in sys.stdin:
        answers.write(json.dumps(respond(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
