"""Attributes of music - density, polyphony, note length, key - as the levels an encoder writes.

Measured by the core (spec/encoding.md 8) on the score as given; callers pass the window that is
encoded, on the model grid (`Codec.normalize_input`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descant import native
from descant.encoder_config import EncoderConfig
from descant.errors import ScoreError
from descant.score import Score


class AttributeAnalyzer:
    """What one encoder measures, and the measuring.  Safe to use from several threads."""

    def __init__(self, config: EncoderConfig) -> None:
        self._core = native.AttributeAnalyzer(config.vocabulary.config)
        self._specs = {spec.name: spec for spec in config.vocabulary.attributes}

    def names(self) -> list[str]:
        """Attribute names in the encoder's order."""
        return list(self._specs)

    def attribute_sizes(self) -> dict[str, int]:
        """Name -> number of levels."""
        return {name: spec.size for name, spec in self._specs.items()}

    def attribute_levels(self) -> dict[str, str]:
        """Name -> "track" or "bar"."""
        return {name: "bar" if spec.per_bar else "track" for name, spec in self._specs.items()}

    def attribute_track_types(self) -> dict[str, str]:
        """Name -> "melodic", "drum" or "both"."""
        return {name: track_type(spec) for name, spec in self._specs.items()}

    def attribute_token_types(self) -> dict[str, str]:
        """Name -> canonical name of the token type that carries it."""
        return {name: spec.token_type for name, spec in self._specs.items()}

    def attribute_value_labels(self, family: str = "high") -> dict[str, list[str]]:
        """Name -> what each level means, for people.

        The family of the track - "drum", "bass", "low" or "high" by register - counts where an
        encoder's levels differ by it.
        """
        return {name: spec.labels(family) for name, spec in self._specs.items()}

    def token_domain_specs(self) -> list[tuple[str, int]]:
        """Token type and number of levels of each attribute."""
        return [(spec.token_type, spec.size) for spec in self._specs.values()]

    def annotate(self, score: Score) -> Score:
        """The score with every attribute that applies written on its tracks."""
        core = native.to_core(score)
        self._core.annotate(core)
        return native.from_core(core)

    def compute_track_tokens(self, score: Score, track: int) -> dict[str, int]:
        """Levels of the track-level attributes of one track, by attribute name."""
        levels = self._levels(score, track)
        return {name: levels[name] for name, spec in self._specs.items() if _is_in(levels, spec)}

    def compute_bar_tokens(self, score: Score, track: int, bar: int) -> dict[str, int]:
        """Levels of the bar-level attributes of one bar, by token type."""
        levels = self._levels(score, track)
        if not 0 <= bar < len(score.tracks[track].bars):
            raise ScoreError(f"bar {bar + 1} is not in track {track + 1}")
        return _bar_levels(levels, bar, [spec for spec in self._specs.values() if spec.per_bar])

    def compute_all(self, score: Score) -> list[dict[str, int]]:
        """Track-level levels of every track."""
        return [self.compute_track_tokens(score, track) for track in range(len(score.tracks))]

    def report(
        self, score: Score, track: int, requested: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        """What was asked for, what tokens say and what the notes are, for one generated track.

        `{"track": {name: entry}, "bars": [{name: entry}, ...]}`; an entry holds `requested`,
        `sampled` (the level on the track's attributes), `realized` (measured), `consistent`
        (sampled = realized) and `achieved` (requested = realized), None where unknown.
        """
        realized, sampled = self._levels(score, track), score.tracks[track].attributes
        wishes = requested or {}
        bars: list[dict[str, Any]] = []
        for bar in range(len(score.tracks[track].bars)):
            keys = {name: _bar_key(s, bar) for name, s in self._specs.items() if s.per_bar}
            bars.append(_entries(keys, realized, sampled, {}))
        keys = {name: name for name, spec in self._specs.items() if not spec.per_bar}
        return {"track": _entries(keys, realized, sampled, wishes), "bars": bars}

    def _levels(self, score: Score, track: int) -> dict[str, int]:
        """Measured levels of one track under their keys in `Track.attributes`."""
        if not 0 <= track < len(score.tracks):
            raise ScoreError(f"track {track + 1} is not one of the score's {len(score.tracks)}")
        core = native.to_core(score)
        nomml = score.tracks[track].attributes.get("_nomml_raw")
        core.set_attributes(track=track, attributes={} if nomml is None else {"_nomml_raw": nomml})
        self._core.annotate(core)
        levels = core.attributes[track]
        levels.pop("_nomml_raw", None)
        return levels


def track_type(spec: native.AttributeSpec) -> str:
    """The kind of tracks an attribute applies to: "melodic", "drum" or "both"."""
    if spec.melodic and spec.drum:
        return "both"
    return "drum" if spec.drum else "melodic"


def _is_in(levels: Mapping[str, int], spec: native.AttributeSpec) -> bool:
    return not spec.per_bar and spec.name in levels


def _bar_key(spec: native.AttributeSpec, bar: int) -> str:
    return f"bar_{spec.token_type}_{bar}"


def _bar_levels(
    levels: Mapping[str, int], bar: int, specs: list[native.AttributeSpec]
) -> dict[str, int]:
    found = ((spec.token_type, levels.get(_bar_key(spec, bar))) for spec in specs)
    return {token_type: level for token_type, level in found if level is not None}


def _entries(
    keys: Mapping[str, str],
    realized: Mapping[str, int],
    sampled: Mapping[str, int],
    wishes: Mapping[str, int],
) -> dict[str, Any]:
    return {
        name: _entry(realized[key], sampled.get(key), wishes.get(name))
        for name, key in keys.items()
        if key in realized
    }


def _entry(realized: int, sampled: int | None, requested: int | None) -> dict[str, Any]:
    return {
        "sampled": sampled,
        "realized": realized,
        "requested": requested,
        "consistent": None if sampled is None else sampled == realized,
        "achieved": None if requested is None else requested == realized,
    }
