"""`descant bench`: how fast a model writes on this machine."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from descant.bench import Figure, Rival, run_bench, save_random_model
from descant.bench.random_model import RANDOM_SIZES
from descant.bench.runner import Runner
from descant.cli.models import open_engine
from descant.errors import CheckpointError
from descant.model.checkpoint import load_checkpoint
from descant.model.native_backend import Precision
from descant.model.registry import default_model, resolve_model
from descant.native import Transformer


@dataclass(frozen=True)
class BenchJob:
    """What `descant bench` was asked to do."""

    model: str | None
    random: str | None
    against: str | None
    rounds: int
    precision: Precision
    threads: int | None

    def run(self) -> list[Figure]:
        """Measure; raises BackendError for a rival that is not installed."""
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = self._checkpoint(Path(folder))
            engine = open_engine(str(path), "native", None, self.precision, self.threads)
            rival = stack.enter_context(Rival(self.against, path)) if self.against else None
            network = engine.model.network
            threads = network.threads if isinstance(network, Transformer) else 1
            sizes = load_checkpoint(path).architecture
            return run_bench(Runner(engine), sizes, self.precision, threads, rival, self.rounds)

    def _checkpoint(self, folder: Path) -> Path:
        if self.random is None:
            return resolve_model(self.model or default_model())
        if self.random not in RANDOM_SIZES:
            raise CheckpointError(
                f"random model {self.random!r} is not one of {', '.join(RANDOM_SIZES)}"
            )
        return save_random_model(folder, self.random)
