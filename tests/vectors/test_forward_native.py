"""Logits of the C++ network against upstream's (spec/generation.md 12, `forward.json`)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descant.model.checkpoint import load_checkpoint
from descant.model.native_backend import NativeBackend, Precision

DATA = Path(__file__).parents[1] / "data" / "vectors" / "generation"


def folder(config: pytest.Config) -> Path:
    vectors = config.getoption("--vectors", None)
    return Path(vectors) / "generation" if vectors else DATA


def cases() -> list[dict[str, Any]]:
    file = json.loads((DATA / "forward.json").read_text(encoding="utf-8"))
    return list(file["cases"])


def logits_of(case: dict[str, Any], checkpoint: Path, precision: Precision) -> np.ndarray:
    loaded = load_checkpoint(checkpoint)
    backend = NativeBackend(loaded.weights, loaded.architecture, precision, threads=2)
    length = len(case["ids"])
    positions = np.arange(length, dtype=np.int32) + case["first_position"]
    visible = np.ones(length, np.uint8)
    visible[case["hidden_keys"]] = 0
    logits = backend.network.prefill(np.array(case["ids"], np.int32), positions, visible)
    assert logits is not None
    return logits.astype(np.float64)  # (V,)


@pytest.mark.parametrize("number", range(28))
@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("int8", 0.2)])
def test_last_logits_are_upstreams(
    number: int, precision: Precision, tolerance: float, pytestconfig: pytest.Config
) -> None:
    case = cases()[number]
    checkpoint = folder(pytestconfig) / "checkpoints" / case["checkpoint"]
    if not checkpoint.exists():
        pytest.skip(f"{case['checkpoint']} is not part of the repository; pass --vectors")
    logits = logits_of(case, checkpoint, precision)
    assert np.abs(logits[:24] - case["logits_first_24"]).max() < tolerance
    assert math.log(np.exp(logits).sum()) == pytest.approx(case["logsumexp"], abs=tolerance)
    assert int(logits.argmax()) == case["argmax"]
