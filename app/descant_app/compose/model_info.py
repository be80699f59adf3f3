"""What the window knows of a loaded model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LaneInfo:
    """An attribute that levels can be painted for.

    `labels` names its levels by family of tracks ("drum", "bass", "low", "high").
    """

    name: str
    title: str
    per_bar: bool
    melodic: bool
    drum: bool
    labels: Mapping[str, tuple[str, ...]]

    @property
    def size(self) -> int:
        return len(next(iter(self.labels.values())))

    def fits(self, is_drum: bool) -> bool:
        """Whether tracks of this kind have it."""
        return self.drum if is_drum else self.melodic


@dataclass(frozen=True)
class ModelInfo:
    """Attributes:
    windows: sizes in bars it was trained with, ascending.
    mask_modes: every mode by name, with the reason why it cannot be used, "" when it can.
    refused_settings: names of `GenerateSettings` fields this model cannot honour, with why.
    """

    name: str
    title: str
    summary: str
    licence: str
    content_hash: str
    backend: str
    windows: tuple[int, ...]
    positions: int
    lanes: tuple[LaneInfo, ...]
    mask_modes: Mapping[str, str]
    refused_settings: Mapping[str, str] = field(default_factory=dict)
