"""A network together with the encoder it was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from descant.encoder_config import EncoderConfig
from descant.native import Network
from descant.request import Abilities
from descant.tokens import Codec


@dataclass(frozen=True)
class LoadedModel:
    """What a session needs of a checkpoint.  One session at a time may use the network."""

    encoder: EncoderConfig
    network: Network
    name: str = ""
    content_hash: str = ""

    @cached_property
    def codec(self) -> Codec:
        """Music to tokens and back."""
        return Codec(self.encoder)

    @cached_property
    def abilities(self) -> Abilities:
        """What requests may ask of this model."""
        return Abilities.from_encoder(self.encoder)
