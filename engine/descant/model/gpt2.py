"""GPT-2 in torch: the reference for the native network, what training fits, the path to a GPU.

Arithmetic and tensor names: spec/generation.md 2.2 and 2.3 (Radford et al. 2019, "Language models
are unsupervised multitask learners": pre-norm blocks, learned positions, tanh-GELU).  Differences
from the paper's release: the output head is stored apart from the embedding.

Shapes: B rows, T new tokens, S keys (past and new), E width, H heads, D = E / H, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  (the name all torch code uses)

from descant.model.architecture import Architecture
from descant.model.checkpoint import Checkpoint

INITIAL_SPREAD = 0.02


class Cache:
    """Keys and values of the tokens read so far: per layer one (2, B, H, length, D) buffer.

    The buffer grows by doubling up to `n_positions`; `length` is what is filled.  Shortening
    `length` forgets the newest tokens.
    """

    def __init__(
        self, sizes: Architecture, rows: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.architecture = sizes
        self.length = 0
        size = (2, rows, sizes.n_head, 0, sizes.n_embd // sizes.n_head)
        self.layers = [torch.empty(size, device=device, dtype=dtype) for _ in range(sizes.n_layer)]

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store (B, H, T, D) behind what is there; return all keys and values (B, H, S, D)."""
        end = self.length + keys.shape[2]
        buffer = self._room(layer, end)
        buffer[0, :, :, self.length : end] = keys
        buffer[1, :, :, self.length : end] = values
        return buffer[0, :, :, :end], buffer[1, :, :, :end]

    def _room(self, layer: int, needed: int) -> Tensor:
        old = self.layers[layer]
        if needed <= old.shape[3]:
            return old
        capacity = max(needed, min(2 * old.shape[3], self.architecture.n_positions))
        new = old.new_zeros((*old.shape[:3], capacity, old.shape[4]))
        new[:, :, :, : self.length] = old[:, :, :, : self.length]
        self.layers[layer] = new
        return new

    def fork(self, rows: int) -> Cache:
        """The same past for `rows` rows; this cache must hold one row."""
        if self.layers[0].shape[1] != 1:
            raise ValueError(f"only a cache of one row forks, not one of {self.layers[0].shape[1]}")
        other = Cache(self.architecture, rows, self.layers[0].device, self.layers[0].dtype)
        other.layers = [layer.repeat(1, rows, 1, 1, 1) for layer in self.layers]
        other.length = self.length
        return other


class Projection(nn.Module):
    """y = x W + b with W stored input-major (in, out), as GPT-2 files hold it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.t(), self.bias)


class Attention(nn.Module):
    """Causal self-attention over the cache and the new tokens."""

    def __init__(self, sizes: Architecture, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = sizes.n_head, dropout
        self.c_attn = Projection(sizes.n_embd, 3 * sizes.n_embd)
        self.c_proj = Projection(sizes.n_embd, sizes.n_embd)

    def forward(self, x: Tensor, layer: int, cache: Cache | None, visible: Tensor | None) -> Tensor:
        rows, new, width = x.shape
        qkv = self.c_attn(x).view(rows, new, 3, self.heads, width // self.heads)  # (B, T, 3, H, D)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, T, D)
        if cache is not None:
            k, v = cache.append(layer, k, v)  # (B, H, S, D)
        causal = visible is None and k.shape[2] == new
        y = F.scaled_dot_product_attention(  # (B, H, T, D)
            q,
            k,
            v,
            attn_mask=None if causal else visible,
            is_causal=causal,
            dropout_p=self.dropout if self.training else 0.0,
        )
        out: Tensor = self.c_proj(y.transpose(1, 2).reshape(rows, new, width))  # (B, T, E)
        return out


class Feedforward(nn.Module):
    """Two projections around a tanh-GELU."""

    def __init__(self, sizes: Architecture) -> None:
        super().__init__()
        self.c_fc = Projection(sizes.n_embd, 4 * sizes.n_embd)
        self.c_proj = Projection(4 * sizes.n_embd, sizes.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))  # (B, T, E)
        return out


class Block(nn.Module):
    """One pre-norm layer: x += attn(ln_1(x)); x += mlp(ln_2(x))."""

    def __init__(self, sizes: Architecture, dropout: float) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(sizes.n_embd)
        self.attn = Attention(sizes, dropout)
        self.ln_2 = nn.LayerNorm(sizes.n_embd)
        self.mlp = Feedforward(sizes)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, layer: int, cache: Cache | None, visible: Tensor | None) -> Tensor:
        x = x + self.drop(self.attn(self.ln_1(x), layer, cache, visible))  # (B, T, E)
        x = x + self.drop(self.mlp(self.ln_2(x)))  # (B, T, E)
        return x


class GPT2(nn.Module):
    """The network.  Its state dict is the body of a format-2 checkpoint, name for name.

    `dropout` acts on embeddings, attention and residual branches while training only.
    """

    def __init__(self, sizes: Architecture, dropout: float = 0.0) -> None:
        super().__init__()
        self.architecture = sizes
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(sizes.vocab_size, sizes.n_embd),
                "wpe": nn.Embedding(sizes.n_positions, sizes.n_embd),
                "drop": nn.Dropout(dropout),
                "h": nn.ModuleList(Block(sizes, dropout) for _ in range(sizes.n_layer)),
                "ln_f": nn.LayerNorm(sizes.n_embd),
            }
        )
        self.lm_head = nn.Linear(sizes.n_embd, sizes.vocab_size, bias=False)
        self._initialise()

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> GPT2:
        """The trained network, ready to run: weights as float32, no gradients, no dropout."""
        model = cls(checkpoint.architecture)
        weights = {
            name: torch.from_numpy(array.astype(np.float32))
            for name, array in checkpoint.weights.items()
        }
        model.load_state_dict(weights)
        return model.eval().requires_grad_(False)

    @torch.no_grad()
    def _initialise(self) -> None:
        residual_spread = INITIAL_SPREAD / math.sqrt(2 * self.architecture.n_layer)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                deep = name.endswith("c_proj.weight")
                nn.init.normal_(weight, std=residual_spread if deep else INITIAL_SPREAD)

    def new_cache(self, rows: int = 1) -> Cache:
        """An empty cache on this network's device."""
        weight = self.lm_head.weight
        return Cache(self.architecture, rows, weight.device, weight.dtype)

    def forward(
        self,
        ids: Tensor,
        cache: Cache | None = None,
        positions: Tensor | None = None,
        visible: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, T, V) of the token after each of `ids` (B, T); the cache is extended by T.

        `positions` (T,) or (B, T) defaults to past length onwards.  `visible` (S,) or (B, S) is
        True for keys that may be seen, past ones included; a hidden token still gets an output,
        from the visible keys before it, or itself when there are none.  Raises ValueError when a
        position, or a mask of another length, does not fit.
        """
        past = 0 if cache is None else cache.length
        new = ids.shape[1]
        if positions is None:
            positions = torch.arange(past, past + new, device=ids.device)  # (T,)
        self._check(positions, past + new, visible)
        mask = _key_mask(past, new, visible, ids.device)  # (T, S), (B, 1, T, S) or None
        x = self.transformer["wte"](ids) + self.transformer["wpe"](positions)  # (B, T, E)
        x = self.transformer["drop"](x)
        for index, block in enumerate(self._blocks()):
            x = block(x, index, cache, mask)  # (B, T, E)
        if cache is not None:
            cache.length = past + new
        logits: Tensor = self.lm_head(self.transformer["ln_f"](x))  # (B, T, V)
        return logits

    def _blocks(self) -> Iterator[nn.Module]:
        blocks = self.transformer["h"]
        assert isinstance(blocks, nn.ModuleList)
        return iter(blocks)

    def _check(self, positions: Tensor, keys: int, visible: Tensor | None) -> None:
        limit = self.architecture.n_positions
        if positions.numel() and int(positions.max()) >= limit:
            raise ValueError(f"position {int(positions.max())} is outside 0..{limit - 1}")
        if visible is not None and visible.shape[-1] != keys:
            raise ValueError(f"the mask covers {tuple(visible.shape)} keys, not ({keys},)")


def _key_mask(past: int, new: int, visible: Tensor | None, device: torch.device) -> Tensor | None:
    """(T, S) or (B, 1, T, S): True where query t may look at key s; None for plain causality."""
    if visible is None and (past == 0 or new == 1):
        return None
    causal = torch.ones(new, past + new, dtype=torch.bool, device=device).tril(past)  # (T, S)
    if visible is None:
        return causal
    seen = causal & (visible if visible.ndim == 1 else visible[:, None, None])
    itself = causal & ~causal.tril(past - 1)  # (T, S)
    return seen | (itself & ~seen.any(dim=-1, keepdim=True))
