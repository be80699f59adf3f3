"""InferenceEngine: a loaded model, ready for sessions.  The front desk of the library."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from descant.attributes import AttributeAnalyzer
from descant.encoder_config import EncoderConfig
from descant.generation import LoadedModel, SamplingSession
from descant.generation.draws import Draws, seeded
from descant.model.backend import open_network
from descant.model.checkpoint import load_checkpoint
from descant.model.native_backend import Precision
from descant.model.pretrained import DEFAULT_REPOSITORY, Confirm, Licence, fetch_pretrained
from descant.model.registry import bundled_models, resolve_model
from descant.request import Abilities, GenerationRequest, check_request
from descant.score import Score

log = logging.getLogger("descant.engine")


class InferenceEngine:
    """A network with its encoder.  One session at a time may run on an engine.

    Attributes:
        model: network, encoder, name and content hash.
    """

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self._tokenizer = model.codec
        self._analyzer = AttributeAnalyzer(model.encoder)

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        hf_repo: str = DEFAULT_REPOSITORY,
        *,
        device: str | None = None,
        token: str | None = None,
        confirm: Confirm | None = None,
    ) -> InferenceEngine:
        """A model by name: one that ships with Descant, else from a repository on the hub.

        `confirm` is shown the licence of weights that would be downloaded and says whether to go
        on; without it the licence is logged as a warning.  Raises CheckpointError when the model
        cannot be had.
        """
        if name in bundled_models():
            return cls.from_checkpoint(name, device=device)
        path = fetch_pretrained(name, hf_repo, token, confirm or _show_licence)
        return cls.from_checkpoint(path, device=device)

    @classmethod
    def from_checkpoint(
        cls,
        path: str | PathLike[str],
        *,
        device: str | None = None,
        backend: str = "auto",
        precision: Precision = "int8",
        threads: int | None = None,
        allow_torchscript: bool = False,
    ) -> InferenceEngine:
        """A checkpoint file (.safetensors, .pt bundle), legacy folder, or name of a bundled model.

        `backend` is "native", "torch", or "auto": native unless a `device` asks for torch.
        `precision` ("int8", "int6", "fp32") and `threads` are the native backend's.  Raises
        CheckpointError, BackendError.
        """
        checkpoint = load_checkpoint(resolve_model(path), allow_torchscript=allow_torchscript)
        network = open_network(
            checkpoint, backend=backend, device=device, precision=precision, threads=threads
        )
        encoder = EncoderConfig.from_dict(checkpoint.encoder_config)
        return cls(LoadedModel(encoder, network, Path(path).stem, checkpoint.content_hash))

    @property
    def abilities(self) -> Abilities:
        """What requests may ask of this model."""
        return self.model.abilities

    def session(
        self,
        score: Score,
        request: GenerationRequest,
        *,
        replay: bool = False,
        draws: Draws = seeded,
    ) -> SamplingSession:
        """Check a request and prepare to run it; generates nothing.

        `replay` follows midigpt 0.4.2 to the letter, defects included; see
        `descant.generation.replay`.  Raises RequestValidationError with every problem at once.
        """
        checked = check_request(score, request, self.abilities)
        return SamplingSession(self.model, score, checked, replay=replay, draws=draws)

    def warmup(self) -> None:
        """Nothing to do: a loaded model is ready.  Here because published scripts call it."""

    def measure(self, score: Score, track: int, bars: Sequence[int]) -> dict[str, Any]:
        """Levels of a track over the given bars, and of each of these bars, by attribute name.

        `{"track": {name: level}, "bars": {bar: {name: level}}}`, measured on the model grid.
        """
        tracks = tuple(replace(t, bars=tuple(t.bars[bar] for bar in bars)) for t in score.tracks)
        excerpt = self.model.codec.normalize_input(replace(score, tracks=tracks))
        whole = self._analyzer.compute_track_tokens(excerpt, track)
        by_type = {t: name for name, t in self._analyzer.attribute_token_types().items()}
        each = {
            bar: {
                by_type[kind]: level
                for kind, level in self._analyzer.compute_bar_tokens(excerpt, track, i).items()
            }
            for i, bar in enumerate(bars)
        }
        return {"track": whole, "bars": each}


def _show_licence(licence: Licence) -> bool:
    log.warning("downloading from %s under %s (%s)", licence.repository, licence.name, licence.url)
    return True
