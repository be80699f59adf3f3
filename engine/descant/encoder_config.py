"""Encoder settings: the JSON a checkpoint carries, strictly checked, and the vocabulary they make.

Unknown keys are ignored, as upstream does; a known key with a value upstream would quietly bend
(a fraction for a whole number, a meter with trailing text) is refused.  Source: spec/encoding.md 3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from descant import native
from descant.encoder_fields import (
    boolean,
    domain_entries,
    genre_map,
    meters,
    optional,
    program_groups,
    whole,
    whole_list,
)
from descant.errors import EncoderError

_FOLDER = Path(__file__).parent / "encoders"
_DENSITY = "density_quantiles"
_LARGEST_TICKS = 32767

Params = Mapping[str, Any]


@dataclass(frozen=True)
class AttributeControl:
    """One attribute an encoder writes.

    `params` are those of spec/encoding.md 8.1, and Descant's own: `empty` ("lowest" or "unset":
    what a bar or track without notes has), `drums` ("ignored", for the key) and `edges` (family of
    track -> upper ends of the density levels).
    """

    name: str
    params: Params = field(default_factory=dict)

    @classmethod
    def from_dict(cls, form: object) -> AttributeControl:
        """Read one entry of `attribute_controls`; EncoderError names what is wrong."""
        if not isinstance(form, dict) or not isinstance(form.get("name"), str):
            raise EncoderError(f"attribute_controls has {form!r}; needed is an object with a name")
        params = form.get("params", {})
        if not isinstance(params, dict):
            raise EncoderError(f"params of attribute {form['name']!r} is {params!r}, not an object")
        _check_params(form["name"], params)
        return cls(form["name"], params)

    def to_dict(self) -> dict[str, Any]:
        return (
            {"name": self.name, "params": dict(self.params)} if self.params else {"name": self.name}
        )


def _check_params(name: str, params: Params) -> None:
    for key, value in params.items():
        if key == "edges":
            _check_edges(name, value)
        elif key not in ("mode", "level", "track_type", "empty", "drums"):
            raise EncoderError(f"attribute {name!r} takes no parameter {key!r}")
        elif not isinstance(value, str):
            raise EncoderError(f"{key} of attribute {name!r} is {value!r}, not a text")


def _check_edges(name: str, edges: object) -> None:
    if not isinstance(edges, dict) or not edges:
        raise EncoderError(
            f"edges of attribute {name!r} is {edges!r}, not lists by family of track"
        )
    for family, numbers in edges.items():
        whole_list(f"edges of attribute {name!r} for {family!r}", numbers, low=0, high=2**30)


@dataclass(frozen=True)
class EncoderConfig:
    """The settings of one encoder (spec/encoding.md 3).  None means: the key was absent.

    `token_domains` holds (type name, size) pairs taken as they are; None derives them.
    """

    resolution: int = 480
    decode_resolution: int = 480
    pitch_range: tuple[int, int] = (0, 127)
    velocity_levels: int = 32
    velocity_sticky: bool = True
    note_duration_max_beats: int = 8
    emit_delta_tokens: bool = False
    supports_infill: bool = False
    supports_mask_bar_token: bool = False
    switchable_velocity: bool = False
    switchable_microtiming: bool = False
    time_signatures: tuple[tuple[int, int], ...] | None = None
    instrument_merge_groups: tuple[tuple[int, ...], ...] | None = None
    num_bars_map: tuple[int, ...] | None = None
    genre_groups: Mapping[str, tuple[str, ...]] | None = None
    attribute_controls: tuple[AttributeControl, ...] = ()
    token_domains: tuple[tuple[str, int], ...] | None = None

    @classmethod
    def from_dict(cls, form: object) -> EncoderConfig:
        """Check and read the JSON object; EncoderError names key, value and what is allowed."""
        if not isinstance(form, dict):
            raise EncoderError(f"encoder settings are {form!r}; needed is a JSON object")
        fields: dict[str, Any] = {
            key: read(key, form[key]) for key, read in _READERS.items() if key in form
        }
        if fields.get("switchable_microtiming"):
            fields["emit_delta_tokens"] = True
        config = cls(**fields)
        config.vocabulary  # noqa: B018 - building it is the rest of the check
        return config

    @classmethod
    def from_json(cls, text: str) -> EncoderConfig:
        """Read JSON text."""
        try:
            form = json.loads(text)
        except ValueError as error:
            raise EncoderError(f"encoder settings are not JSON: {error}") from None
        return cls.from_dict(form)

    def to_dict(self) -> dict[str, Any]:
        """The form a checkpoint stores: every scalar key, what was given, and all token domains."""
        form: dict[str, Any] = {key: getattr(self, key) for key in _SCALARS}
        form["pitch_range"] = list(self.pitch_range)
        form["attribute_controls"] = [control.to_dict() for control in self.attribute_controls]
        form["token_domains"] = [
            {"type": name, "domain_size": size} for name, size in self.vocabulary.domains
        ]
        return form | self._optional_keys()

    def _optional_keys(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.time_signatures is not None:
            given["time_signatures"] = [f"{n}/{d}" for n, d in self.time_signatures]
        if self.instrument_merge_groups is not None:
            given["instrument_merge_groups"] = [
                list(group) for group in self.instrument_merge_groups
            ]
        if self.num_bars_map is not None:
            given["num_bars_map"] = list(self.num_bars_map)
        if self.genre_groups is not None:
            given["genre_groups"] = {name: list(names) for name, names in self.genre_groups.items()}
        return given

    @cached_property
    def vocabulary(self) -> native.Vocabulary:
        """The token ids these settings make; EncoderError when they contradict themselves."""
        with native.core_errors():
            return native.Vocabulary(config=self._to_core())

    @cached_property
    def levels_may_be_absent(self) -> bool:
        """Whether of music to be written only wishes are said, and nothing where there are none.

        Upstream's encoders always say every level.
        """
        return any(spec.unset_when_empty for spec in self.vocabulary.attributes)

    def _to_core(self) -> native.EncoderConfig:
        core = native.EncoderConfig()
        for key in _SCALARS:
            setattr(core, key, getattr(self, key))
        core.pitch_min, core.pitch_max = self.pitch_range
        for key in ("time_signatures", "instrument_merge_groups", "num_bars_map"):
            setattr(core, key, getattr(self, key) or ())
        core.genre_groups = {name: list(names) for name, names in (self.genre_groups or {}).items()}
        core.attribute_controls = [_core_control(control) for control in self.attribute_controls]
        core.token_domains = list(self.token_domains or ())
        core.density_quantiles = _density_quantiles()
        return core


def _core_control(control: AttributeControl) -> native.AttributeControl:
    params = {key: value for key, value in control.params.items() if key != "edges"}
    edges = control.params.get("edges", {})
    return native.AttributeControl(name=control.name, params=params, edges=edges)


_SCALARS = (
    "resolution",
    "decode_resolution",
    "velocity_levels",
    "velocity_sticky",
    "note_duration_max_beats",
    "emit_delta_tokens",
    "supports_infill",
    "supports_mask_bar_token",
    "switchable_velocity",
    "switchable_microtiming",
)


def _pitch_range(key: str, value: object) -> tuple[int, int]:
    pitches = whole_list(key, value, low=0, high=127)
    if len(pitches) != 2 or pitches[0] > pitches[1]:
        raise EncoderError(f"{key} is {value!r}; needed are a lowest and a highest pitch")
    return pitches[0], pitches[1]


def _controls(key: str, value: object) -> tuple[AttributeControl, ...]:
    if not isinstance(value, list):
        raise EncoderError(f"{key} is {value!r}, not a list")
    return tuple(AttributeControl.from_dict(entry) for entry in value)


_READERS: dict[str, Callable[[str, Any], object]] = {
    "resolution": whole(1, _LARGEST_TICKS),
    "decode_resolution": whole(1, _LARGEST_TICKS),
    "pitch_range": _pitch_range,
    "velocity_levels": whole(2, 128),
    "velocity_sticky": boolean,
    "note_duration_max_beats": whole(1, 1024),
    "emit_delta_tokens": boolean,
    "supports_infill": boolean,
    "supports_mask_bar_token": boolean,
    "switchable_velocity": boolean,
    "switchable_microtiming": boolean,
    "time_signatures": optional(meters),
    "instrument_merge_groups": optional(program_groups),
    "num_bars_map": optional(whole_list),
    "genre_groups": optional(genre_map),
    "attribute_controls": _controls,
    "token_domains": optional(domain_entries),
}


@cache
def _density_quantiles() -> list[list[int]]:
    rows = json.loads((_FOLDER / f"{_DENSITY}.json").read_text(encoding="utf-8"))
    return [rows.get(str(program), rows["0"]) for program in range(129)]


def shipped_encoders() -> list[str]:
    """Names of the encoders that come with Descant."""
    return sorted(path.stem for path in _FOLDER.glob("*.json") if path.stem != _DENSITY)


@cache
def load_encoder(name: str) -> EncoderConfig:
    """A shipped encoder by name; EncoderError lists the known names for another."""
    if name not in shipped_encoders():
        known = ", ".join(shipped_encoders())
        raise EncoderError(f"encoder {name!r} does not ship with Descant; there are {known}")
    return EncoderConfig.from_json((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
