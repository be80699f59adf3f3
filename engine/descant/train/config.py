"""Training settings: each field with help and range, checked in one place.

Names are upstream's where it has the field (spec/training.md 6), defaults those of section 8.
Dropout is 0 by default: a run on the shipped corpus reads few epochs of varied samples, and on a
CPU dropout alone costs six times the rest of a step.
"""

from __future__ import annotations

from dataclasses import Field, asdict, dataclass, field, fields, replace
from typing import Any

from descant.errors import DescantError

SIZES = {
    "tiny": (64, 2, 2),
    "small": (256, 6, 4),
    "medium": (384, 8, 8),
    "large": (512, 6, 8),
    "huge": (768, 12, 12),
}
"""Width, layers, heads."""

USUAL_TOKENS = 1024
"""What a sequence is planned with; few are longer."""


def _number(default: Any, help: str, low: float, high: float) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high})


def _choice(default: str, help: str, *allowed: str) -> Any:
    return field(default=default, metadata={"help": help, "allowed": allowed})


def _text(default: str, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class TrainConfig:
    """How a run goes.  It ends when its steps, its minutes or its epochs are used up: `max_steps`
    and `minutes` count when given, whichever is first, and `num_epochs` when neither is.
    """

    output_dir: str = _text("checkpoints", "folder of the run; also the name of the model")
    encoder_config_path: str = _text("descant", "a shipped encoder, its JSON, or a checkpoint")
    train_data: str = _text("", "folder made by descant prepare")
    init_from: str = _text("", "a model to go on from: bundled, or a checkpoint; sets the sizes")

    size: str = _choice("", "sets n_embd, n_layer and n_head at once", "", *SIZES)
    n_embd: int = _number(512, "width", 8, 65536)
    n_layer: int = _number(6, "blocks", 1, 512)
    n_head: int = _number(8, "attention heads", 1, 512)
    max_seq_len: int = _number(2048, "longest sequence the model reads, in tokens", 16, 65536)
    dropout: float = _number(0.0, "dropout", 0.0, 0.9)

    optimizer: str = _choice("muon", "of the matrices inside; the rest is AdamW's", "muon", "adamw")
    learning_rate: float = _number(6e-4, "peak rate", 1e-7, 1.0)
    weight_decay: float = _number(0.1, "decay of matrices", 0.0, 10.0)
    max_grad_norm: float = _number(1.0, "largest gradient norm, 0 = any", 0.0, 1e6)
    warmup_steps: int = _number(500, "optimiser steps of linear warm-up", 0, 10**6)
    lr_scheduler_type: str = _choice("cosine", "after warm-up", "cosine", "linear", "constant")
    final_rate: float = _number(0.1, "last rate as a share of the peak", 0.0, 1.0)
    ema_decay: float = _number(0.999, "decay of the averaged weights, 0 = off", 0.0, 0.99999)

    num_epochs: int = _number(10, "passes over the pieces, one sample a piece", 1, 10**7)
    max_steps: int = _number(0, "optimiser steps, 0 = no limit", 0, 10**9)
    minutes: float = _number(0.0, "minutes of training, 0 = no limit", 0, 10**6)
    per_device_batch_size: int = _number(8, "sequences of usual length in a batch", 1, 10**6)
    batch_tokens: int = _number(
        0, f"tokens in a batch, padding included; 0 = {USUAL_TOKENS} a sequence", 0, 10**8
    )
    gradient_accumulation_steps: int = _number(1, "batches of an optimiser step", 1, 10**6)
    pool: int = _number(0, "samples sorted by length together, 0 = chosen", 0, 10**7)
    num_workers: int = _number(0, "processes that make samples", 0, 1024)
    seed: int = _number(42, "seed of weights and samples", 0, 2**31 - 1)

    precision: str = _choice("bf16", "arithmetic", "bf16", "fp16", "fp32")
    accelerator: str = _choice("auto", "where to train", "auto", "cpu", "cuda", "mps")
    devices: int = _number(1, "processes, each with a device of its own", 1, 4096)
    num_nodes: int = _number(1, "machines", 1, 4096)
    strategy: str = _text("auto", "how processes work together, by Lightning's name")
    threads: int = _number(0, "CPU threads of a process, 0 = torch's choice", 0, 1024)
    compile: bool = field(default=False, metadata={"help": "compile the network (GPU)"})

    save_steps: int = _number(1000, "optimiser steps between saved states", 1, 10**9)
    save_minutes: float = _number(10.0, "most minutes between saved states", 0.0, 10**6)
    eval_steps: int = _number(500, "optimiser steps between validations", 1, 10**9)
    logging_steps: int = _number(50, "optimiser steps between log lines", 1, 10**6)
    eval_samples: int = _number(48, "validation samples of each kind, 0 = no validation", 0, 10**6)
    logger: str = _choice("none", "beside metrics.jsonl", "none", "tensorboard", "wandb")
    wandb_project: str = _text("descant", "project on wandb")
    wandb_entity: str = _text("", "entity on wandb")
    resume_from: str = _text("auto", "a saved state; auto = the run's newest; never = begin anew")

    max_tracks: int = _number(12, "most tracks of a sample", 1, 128)
    min_tracks: int = _number(1, "fewest tracks of a sample", 1, 128)
    min_fill_ratio: float = _number(0.25, "sounding bars: at least a share from here", 0, 1)
    infill_probability: float = _number(0.7, "samples with bars to fill in", 0, 1)
    infill_bar_fraction: float = _number(0.5, "largest chance of a scattered target", 0.01, 1)
    mask_apply_probability: float = _number(0.35, "samples with hidden bars", 0, 1)
    mask_mode: int = _number(2, "0 scattered, 1 the bars ahead, 2 all ways", 0, 2)
    mask_bar_fraction: float = _number(0.25, "mean share of bars hidden when scattered", 0, 0.5)
    mask_max_lookahead: int = _number(4, "most bars ahead that are hidden", 1, 64)
    attribute_dropout: float = _number(0.3, "levels of context that are not written", 0, 1)
    target_header_probability: float = _number(1.0, "samples whose targets have headers", 0, 1)
    target_weight: float = _number(2.0, "how much tokens of bars to write count", 0.01, 100)
    instrument_change_probability: float = _number(0.2, "samples on other instruments", 0, 1)
    value_change_probability: float = _number(0.1, "samples in double or half note values", 0, 1)
    added_drums_probability: float = _number(0.05, "samples over drums of another piece", 0, 1)
    velocity_off_probability: float = _number(0.1, "samples without velocity", 0, 1)
    microtiming_off_probability: float = _number(0.1, "samples without microtiming", 0, 1)

    def __post_init__(self) -> None:
        for item in fields(self):
            self._check(item)
        if self.size:
            for name, value in zip(("n_embd", "n_layer", "n_head"), SIZES[self.size], strict=True):
                object.__setattr__(self, name, value)
        if self.min_tracks > self.max_tracks:
            raise DescantError(
                f"min_tracks {self.min_tracks} is above {self.max_tracks}, max_tracks"
            )

    def _check(self, item: Field[Any]) -> None:
        value, kind = getattr(self, item.name), type(item.default)
        if kind is float and type(value) is int:
            value = float(value)
            object.__setattr__(self, item.name, value)
        if type(value) is not kind:
            raise DescantError(f"{item.name} is {value!r}; it must be of type {kind.__name__}")
        allowed, limits = item.metadata.get("allowed"), item.metadata
        if allowed and value not in allowed:
            names = ", ".join(filter(None, allowed))
            raise DescantError(f"{item.name} {value!r} is not one of {names}")
        if "low" in limits and not limits["low"] <= value <= limits["high"]:
            raise DescantError(f"{item.name} {value} is outside {limits['low']}..{limits['high']}")

    @property
    def tokens_a_batch(self) -> int:
        """Tokens of one batch of one process, padding included."""
        return self.batch_tokens or self.per_device_batch_size * USUAL_TOKENS

    @property
    def samples_a_pool(self) -> int:
        """How many samples are sorted by length together: some batches' worth."""
        return self.pool or max(128, 16 * self.tokens_a_batch // USUAL_TOKENS)

    def dry(self) -> TrainConfig:
        """Twenty steps with everything switched on, to see that a run works."""
        return replace(
            self,
            max_steps=20,
            minutes=0.0,
            warmup_steps=5,
            logging_steps=5,
            eval_steps=10,
            save_steps=10,
            eval_samples=min(4, self.eval_samples),
        )

    def form(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)
