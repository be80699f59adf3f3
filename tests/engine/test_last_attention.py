"""What the last token of a prompt looks at, against a plain GPT-2 in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from models import architecture_of, engine_of, random_weights

Array = np.ndarray


def norm(x: Array, weights: dict[str, Array], name: str) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: Array, weights: dict[str, Array], name: str) -> Array:
    return x @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def plain_last_attention(ids: Array, visible: Array, weights: dict[str, Array]) -> Array:
    """(T,): mean over the heads, summed over the upper half of the layers."""
    sizes = architecture_of("ghost_config")
    length, heads = len(ids), sizes.n_head
    x = weights["transformer.wte.weight"][ids] + weights["transformer.wpe.weight"][:length]
    mass = np.zeros(length)
    for layer in range(sizes.n_layer):
        block = f"transformer.h.{layer}"
        joined = linear(norm(x, weights, f"{block}.ln_1"), weights, f"{block}.attn.c_attn")
        q, k, v = (part.reshape(length, heads, -1) for part in np.split(joined, 3, axis=1))
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(q.shape[-1])
        allowed = np.tril(np.ones((length, length), bool)) & visible.astype(bool)[None, :]
        scores = np.where(allowed[None], scores, -np.inf)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = np.einsum("hqk,khd->qhd", shares, v).reshape(length, -1)
        x = x + linear(mixed, weights, f"{block}.attn.c_proj")
        inner = linear(norm(x, weights, f"{block}.ln_2"), weights, f"{block}.mlp.c_fc")
        inner = 0.5 * inner * (1 + np.tanh(np.sqrt(2 / np.pi) * (inner + 0.044715 * inner**3)))
        x = x + linear(inner, weights, f"{block}.mlp.c_proj")
        if layer >= sizes.n_layer // 2:
            mass += shares[:, -1].mean(0)
    return mass


@pytest.mark.parametrize("hidden", [range(0), range(10, 20), range(30, 40)])
def test_last_attention_equals_the_plain_network(hidden: range) -> None:
    ids = np.arange(3, 43, dtype=np.int32)
    visible = np.ones(40, np.uint8)
    visible[list(hidden)] = 0
    network = engine_of().model.network
    mass = network.last_attention(ids, np.arange(40, dtype=np.int32), visible)
    expected = plain_last_attention(ids, visible, random_weights(architecture_of("ghost_config")))
    assert mass is not None
    np.testing.assert_allclose(mass, expected, atol=2e-5)
    assert not mass[list(hidden)].any()


def test_it_leaves_the_prompt_for_the_next_prefill() -> None:
    ids, positions = np.arange(20, dtype=np.int32), np.arange(20, dtype=np.int32)
    network = engine_of().model.network
    fresh = network.prefill(ids, positions, np.ones(20, np.uint8))
    network.last_attention(ids, positions, np.ones(20, np.uint8))
    assert np.array_equal(network.prefill(ids, positions, np.ones(20, np.uint8)), fresh)
