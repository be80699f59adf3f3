"""The C++ network against a GPT-2 in torch, and against itself fed in other ways."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from descant import native
from descant.errors import CheckpointError, GenerationError
from descant.model.architecture import Architecture
from descant.model.native_backend import NativeBackend, Precision

torch = pytest.importorskip("torch")

Array = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


CONFIG = Architecture(vocab_size=91, n_positions=96, n_embd=72, n_layer=3, n_head=3)
ODD = Architecture(vocab_size=7, n_positions=20, n_embd=10, n_layer=1, n_head=5)
WIDE = Architecture(vocab_size=200, n_positions=40, n_embd=320, n_layer=2, n_head=2)


def random_weights(config: Architecture, spread: float = 0.15) -> dict[str, Array]:
    rng = np.random.default_rng(0)
    width = config.n_embd

    def normal(*shape: int, scale: float = spread) -> Array:
        return rng.normal(scale=scale, size=shape).astype(np.float32)

    weights = {
        "transformer.wte.weight": normal(config.vocab_size, width, scale=0.5),
        "transformer.wpe.weight": normal(config.n_positions, width, scale=0.5),
        "transformer.ln_f.weight": 1 + normal(width),
        "transformer.ln_f.bias": normal(width),
        "lm_head.weight": normal(config.vocab_size, width),
    }
    for layer in range(config.n_layer):
        block = f"transformer.h.{layer}."
        for norm in ("ln_1", "ln_2"):
            weights[f"{block}{norm}.weight"] = 1 + normal(width)
            weights[f"{block}{norm}.bias"] = normal(width)
        for name, inputs, outputs in (
            ("attn.c_attn", width, 3 * width),
            ("attn.c_proj", width, width),
            ("mlp.c_fc", width, 4 * width),
            ("mlp.c_proj", 4 * width, width),
        ):
            weights[f"{block}{name}.weight"] = normal(inputs, outputs)
            weights[f"{block}{name}.bias"] = normal(outputs)
    return weights


def torch_logits(
    config: Architecture,
    weights: dict[str, Array],
    ids: Ids,
    positions: Ids,
    visible: npt.NDArray[np.bool_],
) -> Array:
    """Logits (V) of the last token, in float64, with plain tensor operations."""
    w = {name: torch.from_numpy(array).double() for name, array in weights.items()}
    length = len(ids)
    heads = (length, config.n_head, config.n_embd // config.n_head)
    allowed = torch.ones(length, length, dtype=torch.bool).tril() & torch.from_numpy(visible)

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        gain, bias = w[f"{name}.weight"], w[f"{name}.bias"]
        return torch.nn.functional.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][positions]  # (T, E)
    for layer in range(config.n_layer):
        block = f"transformer.h.{layer}"
        joined = linear(norm(x, f"{block}.ln_1"), f"{block}.attn.c_attn")  # (T, 3E)
        q, k, v = (part.view(heads).transpose(0, 1) for part in joined.chunk(3, dim=1))  # (H, T, D)
        scores = q @ k.transpose(1, 2) / math.sqrt(heads[2])  # (H, T, T)
        mixed = scores.masked_fill(~allowed, -math.inf).softmax(dim=2).nan_to_num() @ v
        x = x + linear(mixed.transpose(0, 1).reshape(x.shape), f"{block}.attn.c_proj")
        inner = linear(norm(x, f"{block}.ln_2"), f"{block}.mlp.c_fc")
        x = x + linear(torch.nn.functional.gelu(inner, approximate="tanh"), f"{block}.mlp.c_proj")
    head = w.get("lm_head.weight", w["transformer.wte.weight"])
    return (norm(x[-1], "transformer.ln_f") @ head.T).float().numpy()  # (V)


def random_ids(config: Architecture, length: int, seed: int = 1) -> Ids:
    return np.random.default_rng(seed).integers(config.vocab_size, size=length, dtype=np.int32)


def prefill(backend: NativeBackend, ids: Ids, hidden: tuple[int, ...] = ()) -> Array:
    visible = np.ones(len(ids), np.uint8)
    visible[list(hidden)] = 0
    logits = backend.network.prefill(ids, np.arange(len(ids), dtype=np.int32), visible)
    assert logits is not None
    return logits


def reference(
    config: Architecture, weights: dict[str, Array], ids: Ids, hidden: tuple[int, ...] = ()
) -> Array:
    visible = np.ones(len(ids), np.bool_)
    visible[list(hidden)] = False
    return torch_logits(config, weights, ids, np.arange(len(ids), dtype=np.int32), visible)


@pytest.mark.parametrize("config", [CONFIG, ODD, WIDE], ids=["plain", "odd", "wide"])
@pytest.mark.parametrize("length", [1, 2, 15, -1])
def test_prompt_logits_equal_torch(config: Architecture, length: int) -> None:
    weights = random_weights(config)
    ids = random_ids(config, length if length > 0 else config.n_positions - 1)
    backend = NativeBackend(weights, config, precision="fp32", threads=2)
    np.testing.assert_allclose(prefill(backend, ids), reference(config, weights, ids), atol=1e-4)


@pytest.mark.parametrize("hidden", [(3, 4, 5), (1, 30, 59), (0,), (58, 59)])
def test_hidden_tokens_equal_a_key_mask(hidden: tuple[int, ...]) -> None:
    weights = random_weights(CONFIG)
    ids = random_ids(CONFIG, 60)
    backend = NativeBackend(weights, CONFIG, precision="fp32", threads=1)
    wanted = reference(CONFIG, weights, ids, hidden)
    np.testing.assert_allclose(prefill(backend, ids, hidden), wanted, atol=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "int8", "int6"])
def test_what_is_hidden_cannot_change_one_bit(precision: Precision) -> None:
    backend = NativeBackend(random_weights(CONFIG), CONFIG, precision, threads=1)
    ids = random_ids(CONFIG, 50)
    other = ids.copy()
    other[10:20] = (other[10:20] + 1) % CONFIG.vocab_size
    hidden = tuple(range(10, 20))
    np.testing.assert_array_equal(prefill(backend, ids, hidden), prefill(backend, other, hidden))


@pytest.mark.parametrize("precision", ["fp32", "int8", "int6"])
@pytest.mark.parametrize("rows", [1, 8])
def test_rows_equal_a_row_alone_and_a_prompt_of_the_same_tokens(
    precision: Precision, rows: int
) -> None:
    """A row of a batch is a row alone to the bit; cached is uncached, in fp32 to the bit."""
    weights = random_weights(CONFIG)
    batch = NativeBackend(weights, CONFIG, precision, threads=2).network
    alone = NativeBackend(weights, CONFIG, precision, threads=1)
    prompt = random_ids(CONFIG, 37)
    tails = [random_ids(CONFIG, 30, seed=10 + row) for row in range(rows)]
    prefill_into(batch, prompt)
    batch.fork(rows, next_position=37)
    for step in range(30):
        logits = batch.extend([(row, tails[row][step : step + 1]) for row in range(rows)])
    for row, tail in enumerate(tails):
        prefill_into(alone.network, prompt)
        alone.network.fork(1, next_position=37)
        np.testing.assert_array_equal(logits[row], alone.network.extend([(0, tail)])[0])
        uncached = prefill(alone, np.concatenate([prompt, tail]))
        # Int8 rounds the weights of keys in groups, which begin anew in a row.
        spread = 0.0 if precision == "fp32" else 0.02 * float(np.ptp(uncached))
        np.testing.assert_allclose(logits[row], uncached, rtol=0, atol=spread)


def prefill_into(network: native.Network, ids: Ids) -> None:
    network.prefill(ids, np.arange(len(ids), dtype=np.int32), np.ones(len(ids), np.uint8))


def test_rows_equal_torch() -> None:
    weights = random_weights(CONFIG)
    network = NativeBackend(weights, CONFIG, "fp32", threads=2).network
    prompt, tail = random_ids(CONFIG, 20), random_ids(CONFIG, 5, seed=3)
    prefill_into(network, prompt)
    network.fork(2, next_position=22)  # positions may leave a gap
    logits = network.extend([(1, tail)])
    wanted = torch_logits(
        CONFIG,
        weights,
        np.concatenate([prompt, tail]),
        np.concatenate([np.arange(20), np.arange(22, 27)]).astype(np.int32),
        np.ones(25, np.bool_),
    )
    np.testing.assert_allclose(logits[0], wanted, atol=1e-4)


def test_runs_of_several_tokens_equal_single_tokens() -> None:
    network = NativeBackend(random_weights(CONFIG), CONFIG, "int8", threads=2).network
    tail = random_ids(CONFIG, 12, seed=5)
    prefill_into(network, random_ids(CONFIG, 9))
    network.fork(3, next_position=9)
    together = network.extend([(2, tail[:3]), (0, tail)])
    for step in range(12):
        single = network.extend([(1, tail[step : step + 1])])
        if step == 2:
            np.testing.assert_array_equal(single[0], together[0])
    np.testing.assert_array_equal(single[0], together[1])


def test_a_long_run_goes_through_in_blocks() -> None:
    weights = random_weights(CONFIG)
    network = NativeBackend(weights, CONFIG, "fp32", threads=2).network
    prompt, tail = random_ids(CONFIG, 3), random_ids(CONFIG, 80, seed=5)
    prefill_into(network, prompt)
    network.fork(2, next_position=3)
    logits = network.extend([(0, tail), (1, tail[:70])])
    wanted = reference(CONFIG, weights, np.concatenate([prompt, tail]))
    np.testing.assert_allclose(logits[0], wanted, atol=1e-4)
    wanted = reference(CONFIG, weights, np.concatenate([prompt, tail[:70]]))
    np.testing.assert_allclose(logits[1], wanted, atol=1e-4)


def test_rollback_forgets() -> None:
    network = NativeBackend(random_weights(CONFIG), CONFIG, "int8", threads=1).network
    tail = random_ids(CONFIG, 12, seed=6)
    prefill_into(network, random_ids(CONFIG, 9))
    network.fork(1, next_position=9)
    wanted = network.extend([(0, tail)])
    network.rollback(0, 4)
    network.extend([(0, random_ids(CONFIG, 5, seed=7))])
    network.rollback(0, 4)
    np.testing.assert_array_equal(network.extend([(0, tail[4:])]), wanted)


@pytest.mark.parametrize("shared", [0, 1, 30, 59, 60, 70])
def test_a_reused_trunk_equals_a_fresh_one(shared: int) -> None:
    weights = random_weights(CONFIG)
    first, second = random_ids(CONFIG, 70), random_ids(CONFIG, 60, seed=8)
    second[:shared] = first[: min(shared, 60)]
    used = NativeBackend(weights, CONFIG, "int8", threads=2)
    prefill(used, first)
    fresh = NativeBackend(weights, CONFIG, "int8", threads=2)
    np.testing.assert_array_equal(prefill(used, second), prefill(fresh, second))
    np.testing.assert_array_equal(prefill(used, second), prefill(fresh, second))


@pytest.mark.parametrize(("precision", "part"), [("int8", 0.03), ("int6", 0.1)])
def test_packed_weights_stay_close_to_fp32(precision: Precision, part: float) -> None:
    weights = random_weights(WIDE, spread=0.05)
    ids = random_ids(WIDE, 30)
    exact = prefill(NativeBackend(weights, WIDE, "fp32", threads=1), ids)
    close = prefill(NativeBackend(weights, WIDE, precision, threads=1), ids)
    assert np.abs(close - exact).max() < part * np.abs(exact).max()
    assert np.abs(close - exact).max() > 0


def test_a_missing_head_is_tied_to_the_embedding() -> None:
    weights = random_weights(CONFIG)
    del weights["lm_head.weight"]
    ids = random_ids(CONFIG, 10)
    backend = NativeBackend(weights, CONFIG, "fp32", threads=1)
    np.testing.assert_allclose(prefill(backend, ids), reference(CONFIG, weights, ids), atol=1e-4)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_weights_are_read_exactly(kind: str) -> None:
    weights = random_weights(CONFIG)
    ids = random_ids(CONFIG, 10)
    if kind == "float16":
        stored = {name: array.astype(np.float16) for name, array in weights.items()}
        rounded = {name: array.astype(np.float32) for name, array in stored.items()}
    else:
        tensors = {name: torch.from_numpy(array).bfloat16() for name, array in weights.items()}
        stored = {name: t.view(torch.uint16).numpy() for name, t in tensors.items()}
        rounded = {name: t.float().numpy() for name, t in tensors.items()}
    backend = NativeBackend(stored, CONFIG, "fp32", threads=1)
    np.testing.assert_array_equal(
        prefill(backend, ids), prefill(NativeBackend(rounded, CONFIG, "fp32", threads=1), ids)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"transformer.ln_f.bias": np.zeros(71, np.float32)},
            r"ln_f.bias has shape \(71\), not \(72\)",
        ),
        ({"transformer.ln_f.bias": np.full(72, np.nan, np.float32)}, "ln_f.bias holds a NaN"),
        ({"transformer.ln_f.bias": np.full(72, np.inf, np.float16)}, "ln_f.bias holds a NaN"),
        (
            {"transformer.h.0.attn.bias": np.zeros(1, np.float32)},
            "attn.bias is not a tensor of this",
        ),
        ({"transformer.h.2.ln_1.bias": None}, "h.2.ln_1.bias is missing"),
        ({"transformer.ln_f.bias": np.zeros(72, np.float64)}, "ln_f.bias has dtype float64"),
        ({"transformer.ln_f.bias": np.zeros(72, ">f4")}, "ln_f.bias has dtype >f4"),
    ],
)
def test_wrong_weights_are_refused(change: dict[str, Array | None], message: str) -> None:
    weights = random_weights(CONFIG) | change
    present = {name: array for name, array in weights.items() if array is not None}
    with pytest.raises(CheckpointError, match=message):
        NativeBackend(present, CONFIG)


def test_too_much_memory_is_refused_before_it_is_taken() -> None:
    backend = NativeBackend(random_weights(CONFIG), CONFIG, threads=1)
    prefill(backend, random_ids(CONFIG, 5))
    tile, scales = 64 * 64, 64 * 4  # heads are padded to 64; each value has a scale besides
    assert backend.network.memory_needed(8, 64) == 8 * 3 * 3 * (2 * (tile + scales) + scales)
    with pytest.raises(GenerationError, match="limit is 8192 MiB"), native.core_errors():
        backend.network.fork(10_000_000, next_position=5)
    assert backend.network.fork(2, next_position=5) is None


def test_mistakes_of_the_caller_are_refused() -> None:
    network = NativeBackend(random_weights(CONFIG), CONFIG, threads=1).network
    one, places, seen = np.zeros(1, np.int32), np.zeros(1, np.int32), np.ones(1, np.uint8)
    empty = np.zeros(0, np.int32)
    for wrong in (
        lambda: network.fork(1, 0),
        lambda: network.prefill(empty, empty, empty.astype(np.uint8)),
        lambda: network.prefill(one + 91, places, seen),
        lambda: network.prefill(one - 1, places, seen),
        lambda: network.prefill(one, places + 96, seen),
        lambda: network.prefill(one, places, seen * 0),
        lambda: network.prefill(one, np.zeros(2, np.int32), seen),
        lambda: network.prefill(np.zeros((1, 1), np.int32), places, seen),
        lambda: network.prefill(np.zeros(2, np.int32), np.zeros(2, np.int32), np.ones(2, np.uint8)),
    ):
        with pytest.raises(GenerationError), native.core_errors():
            wrong()
    prefill_into(network, random_ids(CONFIG, 4))
    network.fork(2, 90)
    for wrong in (
        lambda: network.fork(0, 4),
        lambda: network.fork(1, 3),
        lambda: network.fork(1, 97),
        lambda: network.extend([(2, one)]),
        lambda: network.extend([(-1, one)]),
        lambda: network.extend([(0, one), (0, one)]),
        lambda: network.extend([(0, empty)]),
        lambda: network.extend([(0, one + 91)]),
        lambda: network.extend([(0, np.zeros(7, np.int32))]),
        lambda: network.rollback(0, 1),
        lambda: network.rollback(2, 0),
    ):
        with pytest.raises(GenerationError), native.core_errors():
            wrong()
    assert network.extend([(0, np.zeros(6, np.int32))]).shape == (1, 91)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(GenerationError, match='"int4"; allowed are "int8", "int6" and "fp32"'):
        NativeBackend(random_weights(CONFIG), CONFIG, precision="int4")  # type: ignore[arg-type]


def test_threads_are_counted_and_kernels_named() -> None:
    backend = NativeBackend(random_weights(CONFIG), CONFIG, threads=3)
    assert backend.threads == 3
    assert backend.kernels in ("generic", "avx2", "avx512", "neon")
    assert NativeBackend(random_weights(CONFIG), CONFIG).threads >= 1


@pytest.mark.parametrize("precision", ["fp32", "int8", "int6"])
@pytest.mark.parametrize("isa", ["generic", "avx2", "avx512", "neon"])
def test_each_instruction_set_gives_the_same_music(
    isa: str, precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, ids = random_weights(WIDE), random_ids(WIDE, 39)
    monkeypatch.setenv("DESCANT_ISA", "generic")
    wanted = prefill(NativeBackend(weights, WIDE, precision, threads=1), ids)
    monkeypatch.setenv("DESCANT_ISA", isa)
    try:
        backend = NativeBackend(weights, WIDE, precision, threads=2)
    except GenerationError as error:
        pytest.skip(str(error))
    assert backend.kernels == isa
    tolerance = 1e-4 if precision == "fp32" else 0.01 * float(np.abs(wanted).max())
    np.testing.assert_allclose(prefill(backend, ids), wanted, atol=tolerance)


def test_an_unknown_instruction_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCANT_ISA", "sse9")
    with pytest.raises(GenerationError, match='DESCANT_ISA is "sse9"'):
        NativeBackend(random_weights(CONFIG), CONFIG)
