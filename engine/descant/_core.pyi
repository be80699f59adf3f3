"""What the native core offers Python."""

# ruff: noqa: N818 - the names are the core's

from collections.abc import Mapping, Sequence
from typing import Any

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

class StepOptions:
    def __init__(
        self,
        *,
        version: str = "0.4.2",
        strict: bool = True,
        autoregressive: bool = False,
        exact_bars: int = -1,
        max_tracks: int = -1,
        require_notes: bool = True,
        blocks: Sequence[tuple[bool, int, int]] = (),
        polyphony_limit: int = 0,
        density_limit: int = 0,
        velocity: bool = True,
        microtiming: bool = True,
        kept_meter: int = -1,
    ) -> None: ...
    def wish_track(self, *, type: str, value: int) -> None: ...
    def wish_bar(self, *, type: str, track: int, bar: int, value: int) -> None: ...
    def limit_pitches(self, *, pitches: Sequence[int]) -> None: ...
    def weigh(self, *, pitches: Sequence[float] = (), positions: Sequence[float] = ()) -> None: ...
    def schedule(
        self,
        *,
        bars: Sequence[Sequence[tuple[int, Sequence[tuple[int, int]]]]],
        repeat: bool,
        count_at_pitch: bool,
    ) -> None: ...

class StepRules:
    complete: bool
    forced: int
    length: int
    blocks_done: int
    def __init__(
        self, *, vocabulary: Vocabulary, options: StepOptions, prompt: npt.NDArray[np.int32]
    ) -> None: ...
    def fork(self) -> StepRules: ...
    def accept(self, token: int) -> None: ...
    def mask(self) -> npt.NDArray[np.uint32]: ...
    def legal(self) -> list[int]: ...

class Sampler:
    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        mask_k: int = 0,
        mask_p: float = 0.0,
        mask_notes_only: bool = True,
    ) -> None: ...
    def draw(
        self, *, logits: npt.NDArray[np.float32], rules: StepRules, u: float | None
    ) -> int: ...
    def distribution(
        self, *, logits: npt.NDArray[np.float32], mask: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]: ...

def uniform(*, seed: int, take: int, step: int, token: int) -> float: ...
def read_smf(*, data: bytes, resolution: int) -> dict[str, Any]: ...
def write_smf(
    *, format: int, division: int, chunks: Sequence[tuple[int, Sequence[tuple[Any, ...]]]]
) -> bytes: ...
