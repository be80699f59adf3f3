"""The torch network behind the loop's contract, against plain runs without any cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from descant.errors import BackendError, GenerationError  # noqa: E402
from descant.model.architecture import Architecture  # noqa: E402
from descant.model.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from descant.model.gpt2 import GPT2  # noqa: E402
from descant.model.native_backend import NativeBackend  # noqa: E402
from descant.model.torch_backend import TorchNetwork, torch_network  # noqa: E402

SIZES = Architecture(vocab_size=31, n_positions=600, n_embd=16, n_layer=2, n_head=4)


@pytest.fixture(scope="module")
def model() -> GPT2:
    torch.manual_seed(3)
    network = GPT2(SIZES).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.add_(torch.randn_like(weight) * 0.3)
    return network


def prompt(length: int, hidden: tuple[int, ...] = (), skip_at: int = 0) -> tuple[np.ndarray, ...]:
    """Ids, positions (one left out at `skip_at`) and marks."""
    ids = np.arange(length, dtype=np.int32) * 7 % 31
    positions = np.arange(length, dtype=np.int32)
    if skip_at:
        positions[skip_at:] += 1
    visible = np.ones(length, np.uint8)
    visible[list(hidden)] = 0
    return ids, positions, visible


def plainly(
    model: GPT2, trunk: tuple[np.ndarray, ...], row: list[int], first_position: int
) -> np.ndarray:
    """Logits after trunk and row, computed at once."""
    ids, positions, visible = trunk
    all_ids = torch.tensor([*ids.tolist(), *row])[None]
    all_positions = [*positions.tolist(), *range(first_position, first_position + len(row))]
    seen = torch.tensor([*(visible > 0).tolist(), *[True] * len(row)])
    return model(all_ids, positions=torch.tensor(all_positions), visible=seen)[0, -1].numpy()


def close(one: np.ndarray | None, two: np.ndarray) -> None:
    assert one is not None
    np.testing.assert_allclose(one, two, atol=2e-5)


@pytest.mark.parametrize("hidden", [(), (3, 4), (0,)])
def test_a_prompt_gives_the_logits_of_its_last_token(model: GPT2, hidden: tuple[int, ...]) -> None:
    trunk = prompt(20, hidden, skip_at=9)
    close(TorchNetwork(model).prefill(*trunk), plainly(model, trunk, [], 0))


def test_what_prompts_share_is_reused_and_what_differs_is_not(model: GPT2) -> None:
    network = TorchNetwork(model)
    for trunk in (prompt(300), prompt(280), prompt(280, hidden=(5,)), prompt(290, skip_at=100)):
        close(network.prefill(*trunk), plainly(model, trunk, [], 0))


def test_rows_grow_unevenly_and_roll_back(model: GPT2) -> None:
    random = np.random.default_rng(0)
    trunk, network = prompt(12, hidden=(2, 3)), TorchNetwork(model)
    network.prefill(*trunk)
    network.fork(3, 14)
    rows: list[list[int]] = [[], [], []]
    for _ in range(40):
        if random.random() < 0.2:
            row = int(random.integers(3))
            kept = int(random.integers(len(rows[row]) + 1))
            network.rollback(row, kept)
            del rows[row][kept:]
        chosen = random.permutation(3)[: random.integers(1, 4)].tolist()
        runs = [(row, random.integers(0, 31, random.integers(1, 4))) for row in chosen]
        logits = network.extend(runs)
        for (row, ids), found in zip(runs, logits, strict=True):
            rows[row] += ids.tolist()
            close(found, plainly(model, trunk, rows[row], 14))


def test_a_new_prompt_drops_the_rows(model: GPT2) -> None:
    network = TorchNetwork(model)
    with pytest.raises(GenerationError, match="fork first"):
        network.extend([(0, np.array([1]))])
    network.prefill(*prompt(5))
    network.fork(1, 5)
    network.prefill(*prompt(6))
    with pytest.raises(GenerationError, match="fork first"):
        network.rollback(0, 0)


def test_mistakes_are_named_and_leave_the_cache_alone(model: GPT2) -> None:
    network, trunk = TorchNetwork(model), prompt(5)
    network.prefill(*trunk)
    network.fork(2, 598)
    one = np.array([1])
    for runs in ([], [(2, one)], [(0, one), (0, one)]):
        with pytest.raises(GenerationError, match="distinct rows below 2"):
            network.extend(runs)
    with pytest.raises(GenerationError, match=r"position 600 is outside 0\.\.599"):
        network.extend([(0, np.array([1, 2, 3]))])
    with pytest.raises(GenerationError, match="cannot keep 1"):
        network.rollback(0, 1)
    with pytest.raises(GenerationError, match="at least 1"):
        network.fork(0, 5)
    close(network.extend([(0, one)])[0], plainly(model, trunk, [1], 598))


def test_a_stopped_prompt_is_taken_up_again(model: GPT2, monkeypatch: pytest.MonkeyPatch) -> None:
    trunk, network = prompt(560), TorchNetwork(model)
    answers = iter([False, True])
    monkeypatch.setattr(TorchNetwork, "stop_requested", lambda self: next(answers, False))
    assert network.prefill(*trunk) is None
    close(network.prefill(*trunk), plainly(model, trunk, [], 0))


def test_a_network_loads_a_checkpoint_and_names_a_missing_device(
    model: GPT2, tmp_path: Path
) -> None:
    weights = {name: weight.numpy() for name, weight in model.state_dict().items()}
    save_checkpoint(tmp_path / "m.safetensors", weights, SIZES, {})
    checkpoint = load_checkpoint(tmp_path / "m.safetensors")
    network = torch_network(checkpoint, "cpu")
    assert (network.vocab_size(), network.positions()) == (31, 600)
    trunk = prompt(8)
    close(network.prefill(*trunk), plainly(model, trunk, [], 0))
    assert network.memory_needed(2, 10) == 2 * 4 * 2 * 16 * 2 * 18
    for name in ("cuda:77", "abacus"):
        with pytest.raises(BackendError, match=name):
            torch_network(checkpoint, name)


def test_the_native_network_says_the_same(model: GPT2) -> None:
    weights = {name: weight.numpy() for name, weight in model.state_dict().items()}
    own, other = NativeBackend(weights, SIZES, "fp32", threads=1).network, TorchNetwork(model)
    trunk = prompt(40, hidden=(6, 7), skip_at=20)
    close(own.prefill(*trunk), other.prefill(*trunk))  # type: ignore[arg-type]
    runs = [(0, np.array([3, 4])), (1, np.array([5]))]
    for network in (own, other):
        network.fork(2, 41)
    np.testing.assert_allclose(own.extend(runs), other.extend(runs), atol=1e-4)
