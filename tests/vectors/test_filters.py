"""Sampling filters recorded from midigpt: which tokens survive, and with which probability."""

from __future__ import annotations

from typing import Any

import numpy as np
from vector_files import Vectors

from descant.encoder_config import load_encoder
from descant.native import Sampler

VECTORS = {"recorded": Vectors("generation", "filters*.json")}
FILTERS = ("temperature", "top_k", "top_p", "mask_k", "mask_p")


def filtered(case: dict[str, Any], mask_notes_only: bool) -> tuple[list[int], np.ndarray]:
    vocabulary = load_encoder("yellow_encoder").vocabulary
    sampler = Sampler(
        vocabulary=vocabulary,
        mask_notes_only=mask_notes_only,
        **{name: case[name] for name in FILTERS},
    )
    logits = np.zeros(vocabulary.size(), np.float32)
    legal = np.zeros(-(-vocabulary.size() // 32) * 32, np.uint8)
    for token, value in case["logits_x256"]:
        logits[token] = value / 256
        legal[token] = 1
    mask = np.packbits(legal, bitorder="little").view("<u4").astype(np.uint32)
    ids, probabilities = sampler.distribution(logits=logits, mask=mask)
    alive = probabilities > 0
    return ids[alive].tolist(), probabilities[alive]


def test_the_recorded_tokens_survive(recorded: dict[str, Any]) -> None:
    strict = [case for case in recorded["cases"] if not case["ties"]]  # their order is not defined
    assert len(strict) > 30
    for case in strict:
        survivors, probabilities = filtered(case, mask_notes_only=recorded["upstream"] == "0.4.2")
        assert survivors == case["survivors"], case["id"]
        np.testing.assert_allclose(probabilities[:40], case["probs"], rtol=1e-4, atol=1e-7)
