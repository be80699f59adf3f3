"""Legacy checkpoints: the weights inside a TorchScript program.  Opening one may run its code.

Such a file does not say how many heads the network has; as upstream does, the program is called
with an empty past of each usual count until one fits (spec/generation.md 2.1).
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from descant.errors import BackendError, CheckpointError
from descant.model.architecture import Architecture
from descant.model.weights import Array

_HEAD_COUNTS = (8, 16, 12, 4)
_NO_WEIGHTS = (".attn.bias", ".attn.masked_bias")
"""Buffers of older exports: the causal mask, which is no parameter."""


def read_program(path: Path) -> tuple[Architecture, dict[str, Array]]:
    """Sizes and weights; BackendError without torch, CheckpointError when it is no GPT-2."""
    if find_spec("torch") is None:
        raise BackendError(
            "a legacy checkpoint needs torch; install it with: pip install 'descant[torch]'"
        )
    try:
        program = _open(path)
    except Exception as error:
        # Torch reports damaged archives with bare RuntimeError and others.
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CheckpointError(f"model.pt is not a TorchScript program: {reason:.100}") from None
    weights = {
        name: tensor.detach().float().numpy()
        for name, tensor in program.state_dict().items()
        if not name.endswith(_NO_WEIGHTS)
    }
    return _architecture(program, weights), weights


def _open(path: Path) -> Any:
    import torch

    with warnings.catch_warnings():
        # Torch advises authors of new programs to export them otherwise; these are old ones.
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.load(str(path), map_location="cpu").eval()  # type: ignore[no-untyped-call]


def _architecture(program: Any, weights: dict[str, Array]) -> Architecture:
    try:
        vocab_size, n_embd = weights["transformer.wte.weight"].shape
        n_positions = len(weights["transformer.wpe.weight"])
    except (KeyError, ValueError):
        raise CheckpointError("model.pt has no GPT-2 inside: no transformer.wte and wpe") from None
    layers = {name.split(".")[2] for name in weights if name.startswith("transformer.h.")}
    n_head = _head_count(program, n_embd, len(layers))
    return Architecture(vocab_size, n_positions, n_embd, len(layers), n_head)


def _head_count(program: Any, n_embd: int, n_layer: int) -> int:
    for heads in _HEAD_COUNTS:
        if n_embd % heads == 0 and _accepts(program, heads, n_embd // heads, n_layer):
            return heads
    tried = ", ".join(map(str, _HEAD_COUNTS))
    raise CheckpointError(f"model.pt accepts no past of {tried} heads, so its count is unknown")


def _accepts(program: Any, heads: int, size: int, n_layer: int) -> bool:
    import torch

    empty = torch.zeros(1, heads, 0, size)
    past = tuple((empty, empty) for _ in range(n_layer))
    try:
        with torch.no_grad():
            program(torch.zeros(1, 1, dtype=torch.long), past)
    except Exception:
        # The program raises whatever its own code does with a shape that does not fit.
        return False
    return True
