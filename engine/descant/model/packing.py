"""A checkpoint made small enough to ship: its weights in half precision, its card beside it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from descant.errors import CheckpointError
from descant.files import replace_file
from descant.model.checkpoint import load_checkpoint, save_checkpoint

CARD_SUFFIXES = (".json", ".md")


def pack_checkpoint(
    source: str | PathLike[str],
    target: str | PathLike[str],
    dtype: str = "float16",
    allow_torchscript: bool = False,
) -> list[Path]:
    """Write `source`, a checkpoint of any form, to `target` (.safetensors); the files written.

    `dtype` is "float16", two bytes a weight, or "float32", which midigpt itself writes; every
    backend and midigpt read both.  A card beside `source`, `<name>.json` and `<name>.md`, comes
    along under the new name.  Raises CheckpointError; `target` is then as it was.
    """
    source, target = Path(source), Path(target)
    checkpoint = load_checkpoint(source, allow_torchscript)
    if target.exists() and target.samefile(source):
        raise CheckpointError(f"cannot pack {source} onto itself: name another file")
    try:
        save_checkpoint(
            target,
            checkpoint.weights,
            checkpoint.architecture,
            checkpoint.encoder_config,
            checkpoint.metadata,
            dtype,
        )
        return [target, *_copy_card(source, target)]
    except OSError as error:
        raise CheckpointError(f"cannot write {target}: {error.strerror or error}") from None


def _copy_card(source: Path, target: Path) -> list[Path]:
    found = [suffix for suffix in CARD_SUFFIXES if source.with_suffix(suffix).is_file()]
    copies = [target.with_suffix(suffix) for suffix in found]
    for suffix, copy in zip(found, copies, strict=True):
        replace_file(copy, source.with_suffix(suffix).read_bytes())
    return copies
