"""What the native core offers Python."""

# ruff: noqa: N818 - the names are the core's

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

PlanRow = tuple[int, int, bool, tuple[tuple[int, int], ...], tuple[int, ...]]

class Error(RuntimeError): ...
class BadFile(Error): ...
class BadScore(Error): ...
class BadVocabulary(Error): ...
class BadRequest(Error): ...
class IllegalToken(Error): ...
class NoLegalToken(Error): ...

class AttributeControl:
    name: str
    params: dict[str, str]
    edges: dict[str, list[int]]
    def __init__(
        self, *, name: str, params: Mapping[str, str], edges: Mapping[str, Sequence[int]]
    ) -> None: ...

class EncoderConfig:
    resolution: int
    decode_resolution: int
    pitch_min: int
    pitch_max: int
    velocity_levels: int
    velocity_sticky: bool
    note_duration_max_beats: int
    emit_delta_tokens: bool
    supports_infill: bool
    supports_mask_bar_token: bool
    switchable_velocity: bool
    switchable_microtiming: bool
    time_signatures: Sequence[tuple[int, int]]
    instrument_merge_groups: Sequence[Sequence[int]]
    num_bars_map: Sequence[int]
    genre_groups: Mapping[str, Sequence[str]]
    attribute_controls: Sequence[AttributeControl]
    density_quantiles: Sequence[Sequence[int]]
    token_domains: Sequence[tuple[str, int]]

class AttributeSpec:
    name: str
    token_type: str
    per_bar: bool
    melodic: bool
    drum: bool
    size: int
    def labels(self) -> list[str]: ...

class Vocabulary:
    config: EncoderConfig
    attributes: list[AttributeSpec]
    domains: list[tuple[str, int]]
    def __init__(self, config: EncoderConfig) -> None: ...
    def size(self) -> int: ...
    def has(self, type: str) -> bool: ...
    def offset(self, type: str) -> int: ...
    def domain_size(self, type: str) -> int: ...
    def encode(self, type: str, value: int) -> int: ...
    def type(self, token: int) -> str: ...
    def value(self, token: int) -> int: ...
    def token_name(self, token: int) -> str: ...
    def instrument_value(self, program: int) -> int: ...
    def program(self, instrument_value: int) -> int: ...
    def velocity_level(self, velocity: int) -> int: ...
    def velocity(self, level: int) -> int: ...
    def time_signature_value(self, numerator: int, denominator: int) -> int: ...
    def time_signature(self, value: int) -> tuple[int, int]: ...
    def num_bars_value(self, bars: int) -> int: ...
    def genre_value(self, name: str) -> int: ...
    def genres(self) -> list[str]: ...

def plan_windows(
    *,
    selected: npt.NDArray[np.bool_],
    autoregressive: npt.NDArray[np.bool_],
    ignore: npt.NDArray[np.bool_],
    window: int,
    bars_per_step: int,
    tracks_per_step: int,
    ar_overlap: float,
    min_overlap_bars: int,
) -> list[PlanRow]: ...
def plan_grid(
    *,
    selected: npt.NDArray[np.bool_],
    autoregressive: npt.NDArray[np.bool_],
    ignore: npt.NDArray[np.bool_],
    window: int,
    bars_per_step: int,
    tracks_per_step: int,
) -> list[PlanRow]: ...
