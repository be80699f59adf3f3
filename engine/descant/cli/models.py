"""Models on the command line."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import typer

from descant.cli import report
from descant.engine import InferenceEngine
from descant.model.native_backend import Precision
from descant.model.packing import pack_checkpoint
from descant.model.pretrained import Licence, fetch_pretrained
from descant.model.registry import bundled_models, default_model, resolve_model

STORED_AS = {"fp16": "float16", "fp32": "float32"}


def open_engine(
    model: str | None,
    backend: str = "auto",
    device: str | None = None,
    precision: Precision = "int8",
    threads: int | None = None,
) -> InferenceEngine:
    """The engine of a model by name or file; without one, of the default model."""
    return InferenceEngine.from_checkpoint(
        model or default_model(),
        backend=backend,
        device=device,
        precision=precision,
        threads=threads,
    )


def list_models() -> list[dict[str, Any]]:
    """The shipped models."""
    return [
        {
            "name": name,
            "title": model.card.title,
            "summary": model.card.summary,
            "licence": model.card.licence,
            "megabytes": round(model.path.stat().st_size / 1e6, 1),
        }
        for name, model in bundled_models().items()
    ]


def get_model(name: str, repository: str, accepted: bool) -> dict[str, Any]:
    """Download a model, asking about its licence unless it was accepted beforehand; where it lies
    and its size.  All talk goes to standard error, as the answer may be read by a program."""

    def confirm(licence: Licence) -> bool:
        typer.echo(
            f"{name} belongs to {licence.repository}; licence: {licence.name} ({licence.url})",
            err=True,
        )
        return accepted or typer.confirm("Accept this licence and download?", err=True)

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # of every retry, it tells
    report.err.print(f"looking for {name} in {repository} on huggingface.co")
    path = fetch_pretrained(name, repository, confirm=confirm)
    return {
        "name": name,
        "path": str(path),
        "megabytes": round(path.stat().st_size / 1e6, 1),
    }


def pack_model(model: str, target: Path, precision: str, allow_torchscript: bool) -> dict[str, Any]:
    """Write a model's weights anew, in half precision say; the files written and their size."""
    dtype = STORED_AS[precision]
    files = pack_checkpoint(resolve_model(model), target, dtype, allow_torchscript)
    return {
        "files": [str(path) for path in files],
        "megabytes": round(target.stat().st_size / 1e6, 1),
    }
