"""The torch network: cached equals uncached, positions, hidden keys, forks, names on file."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from descant.model.architecture import Architecture  # noqa: E402
from descant.model.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from descant.model.gpt2 import GPT2  # noqa: E402

SIZES = Architecture(vocab_size=31, n_positions=40, n_embd=16, n_layer=2, n_head=4)


@pytest.fixture(scope="module")
def model() -> GPT2:
    torch.manual_seed(3)
    network = GPT2(SIZES).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.add_(torch.randn_like(weight) * 0.3)  # far from the flat start, biases included
    return network


@pytest.fixture
def ids() -> torch.Tensor:
    return torch.arange(12)[None] * 7 % 31  # (1, T)


@pytest.mark.parametrize("pieces", [[1] * 12, [5, 7], [1, 10, 1], [12]])
def test_cached_and_uncached_logits_agree(
    model: GPT2, ids: torch.Tensor, pieces: list[int]
) -> None:
    cache = model.new_cache()
    parts = [model(part, cache) for part in ids.split(pieces, dim=1)]
    torch.testing.assert_close(torch.cat(parts, dim=1), model(ids))  # (1, T, V)
    assert cache.length == 12


def test_a_token_never_sees_the_future(model: GPT2, ids: torch.Tensor) -> None:
    changed = ids.clone()
    changed[0, 8] = 30
    before, after = model(ids), model(changed)
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


def test_hidden_keys_cannot_change_a_later_logit(model: GPT2, ids: torch.Tensor) -> None:
    visible = torch.ones(12, dtype=torch.bool)
    visible[4:7] = False
    changed = ids.clone()
    changed[0, 4:7] = 30
    before, after = model(ids, visible=visible), model(changed, visible=visible)
    torch.testing.assert_close(before[:, 7:], after[:, 7:])
    assert not torch.allclose(model(ids)[:, 7:], before[:, 7:])


def test_hidden_keys_stay_hidden_through_the_cache(model: GPT2, ids: torch.Tensor) -> None:
    visible = torch.ones(12, dtype=torch.bool)
    visible[4:7] = False
    cache = model.new_cache()
    parts = [
        model(ids[:, start:end], cache, visible=visible[:end])
        for start, end in ((0, 9), (9, 10), (10, 12))
    ]
    torch.testing.assert_close(torch.cat(parts, dim=1), model(ids, visible=visible))


def test_left_out_tokens_and_explicit_positions_equal_hidden_keys_of_one_layer(
    ids: torch.Tensor,
) -> None:
    torch.manual_seed(1)
    one = GPT2(Architecture(31, 40, 16, 1, 4)).eval().requires_grad_(False)
    visible = torch.ones(12, dtype=torch.bool)
    visible[4:7] = False
    kept = visible.nonzero().flatten()
    torch.testing.assert_close(
        one(ids[:, kept], positions=kept)[:, 4:], one(ids, visible=visible)[:, 7:]
    )


def test_a_forked_cache_continues_each_row_as_if_alone(model: GPT2, ids: torch.Tensor) -> None:
    trunk = model.new_cache()
    model(ids, trunk)
    rows = trunk.fork(3)
    ends = torch.tensor([[1, 2], [3, 4], [5, 6]])
    together = model(ends, rows)
    for row, end in enumerate(ends):
        alone = model(torch.cat([ids, end[None]], dim=1))[:, -2:]
        torch.testing.assert_close(together[row : row + 1], alone)
    with pytest.raises(ValueError, match="not one of 3"):
        rows.fork(2)


def test_a_shortened_cache_forgets(model: GPT2, ids: torch.Tensor) -> None:
    cache = model.new_cache()
    model(ids, cache)
    cache.length = 5
    torch.testing.assert_close(model(ids[:, 5:], cache), model(ids)[:, 5:])


def test_positions_and_masks_that_do_not_fit_are_refused(model: GPT2, ids: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"position 40 is outside 0\.\.39"):
        model(ids, positions=torch.arange(29, 41))
    with pytest.raises(ValueError, match=r"\(11,\) keys, not \(12,\)"):
        model(ids, visible=torch.ones(11, dtype=torch.bool))


def test_a_network_survives_its_checkpoint(model: GPT2, tmp_path: Path) -> None:
    weights = {name: weight.numpy() for name, weight in model.state_dict().items()}
    save_checkpoint(tmp_path / "w.safetensors", weights, SIZES, {})
    stored = load_checkpoint(tmp_path / "w.safetensors")
    again = GPT2.from_checkpoint(stored)
    torch.testing.assert_close(again(torch.arange(9)[None]), model(torch.arange(9)[None]))


def test_the_start_is_nearly_uniform_and_residuals_are_scaled_down() -> None:
    torch.manual_seed(0)
    fresh = GPT2(Architecture(500, 64, 64, 8, 4))
    loss = torch.nn.functional.cross_entropy(
        fresh(torch.randint(0, 500, (2, 64))).flatten(0, 1), torch.randint(0, 500, (128,))
    )
    assert abs(float(loss.detach()) - 6.2146) < 0.05  # ln 500
    spread = fresh.state_dict()["transformer.h.3.mlp.c_proj.weight"].std()
    assert abs(float(spread) - 0.02 / 4) < 0.0005
