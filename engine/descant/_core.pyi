"""What the native core offers Python."""

# ruff: noqa: N818 - the names are the core's

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

PlanRow = tuple[int, int, bool, tuple[tuple[int, int], ...], tuple[int, ...]]
_Ints = npt.NDArray[np.int32]

class Error(RuntimeError): ...
class BadFile(Error): ...
class BadWeights(Error): ...
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
    unset_when_empty: bool
    def labels(self, family: str = "high") -> list[str]: ...

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
        block_headers: Sequence[Sequence[int]] = (),
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

class Score:
    resolution: int
    tempo: int
    @property
    def tracks(self) -> _Ints: ...
    @property
    def bars(self) -> _Ints: ...
    @property
    def notes(self) -> _Ints: ...
    @property
    def attributes(self) -> list[dict[str, int]]: ...
    def __init__(
        self,
        *,
        resolution: int,
        tempo: int,
        tracks: _Ints,
        bars: _Ints,
        notes: _Ints,
        attributes: Sequence[Mapping[str, int]] = ...,
    ) -> None: ...
    def copy(self) -> Score: ...
    def bar(self, *, track: int, bar: int) -> _Ints: ...
    def set_bar(self, *, track: int, bar: int, notes: _Ints) -> None: ...
    def set_future(self, *, track: int, bar: int, future: bool) -> None: ...
    def set_attributes(self, *, track: int, attributes: Mapping[str, int]) -> None: ...
    def resampled(self, *, resolution: int, use_delta: bool) -> Score: ...
    def windowed(self, *, tracks: Sequence[int], first_bar: int, bars: int) -> Score: ...

class EncodeOptions:
    window_bars: int
    targets: Sequence[tuple[int, int]]
    infill: bool
    partial_track: int
    partial_bars: int
    span_future: bool
    remove_future: bool
    velocity: int
    microtiming: int
    genre: int
    prompt: bool
    pitch_class_set: bool

class Encoded:
    @property
    def tokens(self) -> _Ints: ...
    @property
    def hidden(self) -> _Ints: ...
    @property
    def tracks(self) -> _Ints: ...
    @property
    def bars(self) -> _Ints: ...
    @property
    def blocks(self) -> _Ints: ...

class Encoder:
    def __init__(self, vocabulary: Vocabulary) -> None: ...
    def encode(self, score: Score, options: EncodeOptions) -> Encoded: ...

class BarDecoder:
    velocity_level: int
    @property
    def open(self) -> bool: ...
    @property
    def notes(self) -> _Ints: ...
    def __init__(self, *, vocabulary: Vocabulary, drum: bool, velocity_level: int = 0) -> None: ...
    def push(self, token: int) -> _Ints | None: ...

class AttributeAnalyzer:
    @property
    def attributes(self) -> list[AttributeSpec]: ...
    def __init__(self, config: EncoderConfig) -> None: ...
    def annotate(self, score: Score) -> None: ...
    def measure(
        self, *, control: AttributeControl, score: Score, track: int, bar: int = -1
    ) -> float | None: ...
    @staticmethod
    def level(*, control: AttributeControl, raw: float) -> int: ...

def attribute_from(control: AttributeControl) -> AttributeSpec: ...
def decode(vocabulary: Vocabulary, tokens: _Ints) -> Score: ...

_Logits = npt.NDArray[np.float32]

class Network:
    def __init__(self) -> None: ...
    def vocab_size(self) -> int: ...
    def positions(self) -> int: ...
    def memory_needed(self, rows: int, tokens: int) -> int: ...
    def prefill(
        self, ids: _Ints, positions: _Ints, visible: npt.NDArray[np.uint8]
    ) -> _Logits | None: ...
    def fork(self, rows: int, next_position: int) -> None: ...
    def extend(self, runs: Sequence[tuple[int, _Ints]]) -> _Logits: ...
    def rollback(self, row: int, length: int) -> None: ...
    def last_attention(
        self, ids: _Ints, positions: _Ints, visible: npt.NDArray[np.uint8]
    ) -> _Logits | None: ...
    def stop_requested(self) -> bool: ...

class Transformer(Network):
    threads: int
    kernels: str
    def __init__(
        self,
        *,
        weights: Mapping[str, npt.NDArray[Any]],
        vocab_size: int,
        positions: int,
        width: int,
        layers: int,
        heads: int,
        precision: str,
        threads: int = 0,
        memory_limit: int = ...,
    ) -> None: ...

class DrawRule:
    def __init__(
        self,
        *,
        greedy: bool = False,
        seed: int = 0,
        take: int = 0,
        step: int = 0,
        given: Sequence[float] = ...,
    ) -> None: ...

class Take:
    def __init__(
        self,
        *,
        rules: StepRules,
        draw: DrawRule,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        mask_k: int = 0,
        mask_p: float = 0.0,
        mask_notes_only: bool = True,
        guidance: float = 1.0,
    ) -> None: ...

class GenerationLoop:
    def __init__(
        self,
        *,
        network: Network,
        ids: _Ints,
        positions: _Ints,
        visible: npt.NDArray[np.uint8],
        next_position: int,
        takes: Sequence[Take],
        budget: int,
    ) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wait(self, seconds: float) -> bool: ...
    def join(self) -> None: ...
    def drain(self) -> list[tuple[int, int]]: ...
    @property
    def prefill_seconds(self) -> float: ...
    @property
    def takes(self) -> list[tuple[list[int], str]]: ...
