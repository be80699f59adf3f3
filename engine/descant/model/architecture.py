"""The shape of a GPT-2: five numbers, and the tensors that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from descant.errors import CheckpointError

ARCH = "gpt2"
"""The only architecture there is."""

_LARGEST = 1 << 20
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of a network, named as in a checkpoint (spec/generation.md 2.1).

    Attributes:
        vocab_size: V, number of token ids.
        n_positions: P, longest sequence in tokens.
        n_embd: E, width; a multiple of `n_head`.
        n_layer: number of blocks.
        n_head: attention heads per block.
    """

    vocab_size: int
    n_positions: int
    n_embd: int
    n_layer: int
    n_head: int

    def __post_init__(self) -> None:
        for name, size in asdict(self).items():
            if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= _LARGEST:
                raise CheckpointError(
                    f"config.{name} is {size!r}; it must be a whole number from 1 to {_LARGEST}"
                )
        if self.n_embd % self.n_head:
            raise CheckpointError(
                f"config.n_embd is {self.n_embd}; it must be a multiple of n_head, {self.n_head}"
            )

    @classmethod
    def from_dict(cls, form: object) -> Architecture:
        """Read the `config` of a checkpoint; CheckpointError names a missing or impossible size."""
        if not isinstance(form, Mapping):
            raise CheckpointError(f"config must be an object of sizes, not {form!r:.40}")
        names = [field.name for field in fields(cls)]
        missing = [name for name in names if name not in form]
        if missing:
            raise CheckpointError(f"config has no {', '.join(missing)}")
        return cls(**{name: form[name] for name in names})

    def to_dict(self) -> dict[str, int]:
        """The `config` of a checkpoint."""
        return asdict(self)

    def tensor_shapes(self) -> dict[str, Shape]:
        """Name and shape of every tensor; matrices of blocks are input-major (2.2)."""
        v, p, e = self.vocab_size, self.n_positions, self.n_embd
        shapes: dict[str, Shape] = {
            "transformer.wte.weight": (v, e),
            "transformer.wpe.weight": (p, e),
        }
        for layer in range(self.n_layer):
            for name, shape in _block_shapes(e).items():
                shapes[f"transformer.h.{layer}.{name}"] = shape
        shapes |= {"transformer.ln_f.weight": (e,), "transformer.ln_f.bias": (e,)}
        return shapes | {"lm_head.weight": (v, e)}


def _block_shapes(e: int) -> dict[str, Shape]:
    return {
        "ln_1.weight": (e,),
        "ln_1.bias": (e,),
        "attn.c_attn.weight": (e, 3 * e),
        "attn.c_attn.bias": (3 * e,),
        "attn.c_proj.weight": (e, e),
        "attn.c_proj.bias": (e,),
        "ln_2.weight": (e,),
        "ln_2.bias": (e,),
        "mlp.c_fc.weight": (e, 4 * e),
        "mlp.c_fc.bias": (4 * e,),
        "mlp.c_proj.weight": (4 * e, e),
        "mlp.c_proj.bias": (e,),
    }


def check_shapes(found: Mapping[str, Shape], architecture: Architecture) -> None:
    """Raise CheckpointError unless exactly the tensors of the architecture are there."""
    # Every layer has a dozen tensors, so a count too large for the file is refused unlisted.
    if architecture.n_layer > len(found):
        raise CheckpointError(
            f"config.n_layer is {architecture.n_layer}; there are only {len(found)} tensors"
        )
    needed = architecture.tensor_shapes()
    _refuse_names("lacks the tensors", sorted(set(needed) - set(found)))
    _refuse_names("has unknown tensors", sorted(set(found) - set(needed)))
    for name, shape in needed.items():
        if found[name] != shape:
            raise CheckpointError(
                f"tensor {name} has shape {found[name]!s:.60}; config asks for {shape}"
            )


def _refuse_names(what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise CheckpointError(f"it {what} {', '.join(names[:3])}{more}")
