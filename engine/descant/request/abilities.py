"""What a loaded model can do, as far as a request is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from descant.encoder_config import EncoderConfig


@dataclass(frozen=True, slots=True)
class AttributeAbility:
    """One attribute with levels 0..size-1, and which tracks have it."""

    name: str
    per_bar: bool
    melodic: bool
    drum: bool
    size: int

    @property
    def level(self) -> str:
        """Where a request names it: for a "track" or for a "bar"."""
        return "bar" if self.per_bar else "track"

    def fits(self, is_drum: bool) -> bool:
        """Whether tracks of this type have the attribute."""
        return self.drum if is_drum else self.melodic


@dataclass(frozen=True)
class Abilities:
    """What requests may ask of one model; names are those of the encoder's fields.

    Attributes:
        num_bars_map: window sizes in bars, ascending; empty when the encoder does not say.
        meters: (numerator, denominator) in the encoder's order; empty allows any meter.
        position_count: number of positions inside a bar, in ticks of `resolution`; 0 without any.
        genres: canonical name by lower-case alias, canonical names included.
    """

    num_bars_map: tuple[int, ...] = ()
    meters: tuple[tuple[int, int], ...] = ()
    resolution: int = 12
    has_mask_bar: bool = False
    supports_infill: bool = True
    position_count: int = 0
    attributes: Mapping[str, AttributeAbility] = field(default_factory=dict)
    velocity_levels: int = 0
    switchable_velocity: bool = False
    emit_delta_tokens: bool = False
    switchable_microtiming: bool = False
    genres: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_encoder(cls, encoder: EncoderConfig) -> Abilities:
        """What a model with this encoder can do."""
        vocabulary = encoder.vocabulary
        return cls(
            num_bars_map=tuple(sorted(set(encoder.num_bars_map or ()))),
            meters=encoder.time_signatures or (),
            resolution=encoder.resolution,
            has_mask_bar=vocabulary.has("MaskBar"),
            supports_infill=encoder.supports_infill,
            position_count=dict(vocabulary.domains).get("TimeAbsolutePos", 0),
            attributes={
                spec.name: AttributeAbility(
                    spec.name, spec.per_bar, spec.melodic, spec.drum, spec.size
                )
                for spec in vocabulary.attributes
            },
            velocity_levels=dict(vocabulary.domains).get("VelocityLevel", 0),
            switchable_velocity=encoder.switchable_velocity,
            emit_delta_tokens=encoder.emit_delta_tokens,
            switchable_microtiming=encoder.switchable_microtiming,
            genres=_genres(encoder.genre_groups or {}),
        )

    def auto_window(self, shortest: int) -> int:
        """The largest window that a piece of `shortest` bars fills, or the smallest there is."""
        fitting = [size for size in self.num_bars_map if size <= shortest]
        return max(fitting) if fitting else min(self.num_bars_map, default=max(1, shortest))


def _genres(groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Later groups win an alias that two share (spec/encoding.md 4.2)."""
    names = {alias.lower(): name for name in sorted(groups) for alias in groups[name]}
    return names | {name.lower(): name for name in groups}
