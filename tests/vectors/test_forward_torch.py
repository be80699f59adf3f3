"""Logits of the torch network against upstream's (spec/generation.md 12, `forward.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from descant.model.checkpoint import load_checkpoint  # noqa: E402
from descant.model.gpt2 import GPT2  # noqa: E402

DATA = Path(__file__).parents[1] / "data" / "vectors" / "generation"


def cases(checkpoint: str) -> list[dict[str, Any]]:
    file = json.loads((DATA / "forward.json").read_text(encoding="utf-8"))
    return [case for case in file["cases"] if case["checkpoint"] == checkpoint]


@pytest.mark.parametrize("checkpoint", ["tiny_ghost.safetensors", "tiny_yellow_short.safetensors"])
def test_last_logits_are_upstreams(checkpoint: str) -> None:
    model = GPT2.from_checkpoint(load_checkpoint(DATA / "checkpoints" / checkpoint)).double()
    assert len(cases(checkpoint)) == 4
    for case in cases(checkpoint):
        ids = torch.tensor([case["ids"]])  # (1, T)
        visible = torch.ones(ids.shape[1], dtype=torch.bool)
        visible[case["hidden_keys"]] = False
        first = case["first_position"]
        positions = torch.arange(first, first + ids.shape[1])
        shown = visible if case["hidden_keys"] else None
        logits = model(ids, positions=positions, visible=shown)[0, -1]  # (V,)
        expected = torch.tensor(case["logits_first_24"], dtype=torch.float64)
        torch.testing.assert_close(logits[:24], expected, atol=2e-6, rtol=0)
        assert int(logits.argmax()) == case["argmax"]
        assert float(logits.logsumexp(0)) == pytest.approx(case["logsumexp"], abs=2e-6)
        assert float(logits.sum()) == pytest.approx(case["sum"], abs=1e-3)
