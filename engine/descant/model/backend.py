"""Which way the network is run: our own C++ on the CPU, or torch on whatever it supports."""

from __future__ import annotations

import importlib.util

from descant.errors import BackendError
from descant.model.checkpoint import Checkpoint
from descant.model.native_backend import NativeBackend, Precision
from descant.native import Network

BACKENDS = ("auto", "native", "torch")


def open_network(
    checkpoint: Checkpoint,
    *,
    backend: str = "auto",
    device: str | None = None,
    precision: Precision = "int8",
    threads: int | None = None,
) -> Network:
    """The network of a checkpoint, ready to run.

    "auto" is native, or torch when a `device` other than the CPU is asked for.  `precision` and
    `threads` are the native backend's; torch computes in float32.  Raises BackendError for an
    unknown name, a device this machine lacks, or torch missing.
    """
    if backend not in BACKENDS:
        raise BackendError(f"backend {backend!r} is not one of {', '.join(BACKENDS)}")
    if backend == "auto":
        backend = "native" if device in (None, "cpu") else "torch"
    if backend == "torch":
        return _torch_network(checkpoint, device or "cpu")
    if device not in (None, "cpu"):
        raise BackendError(f"the native backend runs on the cpu, not on {device!r}; use torch")
    return NativeBackend(checkpoint.weights, checkpoint.architecture, precision, threads).network


def _torch_network(checkpoint: Checkpoint, device: str) -> Network:
    if importlib.util.find_spec("torch") is None:
        raise BackendError("the torch backend needs torch: pip install 'descant[torch]'")
    from descant.model.torch_backend import torch_network

    return torch_network(checkpoint, device)
