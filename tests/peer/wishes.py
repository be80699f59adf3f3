"""Options of a request, and how a choice among them becomes one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from all_pairs import Choice

from descant.request import Abilities
from descant.score import Score

OPTIONS: dict[str, tuple[Any, ...]] = {
    "what": (
        "one bar",
        "some bars",
        "scattered bars",
        "two tracks",
        "all tracks",
        "whole track",
        "rest of a track",
        "two whole tracks",
        "rest and bars",
    ),
    "room": (1024, 1024, 320),
    "window": (0, 4, 8),
    "bars_per_step": ("auto", 1, 2, 4),
    "tracks_per_step": ("auto", 1, 2),
    "ar_overlap": (0.5, 0.0, 0.75),
    "min_overlap_bars": (2, 0),
    "mask_mode": ("auto", "token", "attention", "attention_skip", "attention_approx", "remove"),
    "hide": ("nothing", "a bar", "own bars", "much"),
    "ignore": (False, True),
    "attributes": ("none", "one", "all"),
    "bar_attributes": ("none", "one", "all"),
    "limits": (
        {},
        {"polyphony_hard_limit": 1},
        {"density_hard_limit": 5},
        {"polyphony_hard_limit": 3, "density_hard_limit": 12},
    ),
    "filters": (
        {},
        {"top_k": 5},
        {"top_p": 0.9},
        {"mask_k": 1},
        {"mask_p": 0.2},
        {"top_k": 20, "top_p": 0.95, "mask_k": 2},
        {"top_p": 0.8, "mask_p": 0.3, "mask_k": 1},
    ),
    "control": (
        {},
        {"pitch_mask": {"scale": "dorian", "root": 2}},
        {"pitch_mask": {"pitches": [48, 50, 55, 60, 62, 67]}},
        {"pitch_mask": {"pitch_classes": [0, 4, 7], "shape": {"type": "normal", "mean": 64}}},
        {"pitch_mask": {"shape": {"type": "uniform", "min": 40, "max": 80}}},
        {"rhythm_mask": {"grid": {"unit": "eighth", "strength": 0.9}}},
        {"rhythm_mask": {"grid": {"unit": "quarter_triplet"}}},
        {"rhythm_mask": {"positions": [{"pos": 0, "polyphony": 2}, {"pos": 6}, {"pos": 18}]}},
        {"remix": {"amount": 0.4}},
        {"remix": {"amount": 0.8, "mode": "full"}},
    ),
    "meter": (False, True),
    "velocity": (None, True, False),
    "microtiming": (None, True, False),
    "genre": (False, True),
    "context": ({}, {"context": "listed"}, {"context": "all"}, {"budget_margin": 3.0}),
    "infill_probability": (1.0, 0.5),
    "shuffle": (False, True),
    "temperature": ({}, {"temperature": 0.7}, {"temperature": 1.4, "temperature_escalation": 1.5}),
    "checks": (
        {},
        {"novelty_check": False, "silence_check": False},
        {"novelty_threshold": 0.4, "max_attempts": 2},
    ),
    "seed": (0, 7),
}


def options(pieces: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Every option of a request, for some pieces."""
    return {**OPTIONS, "piece": pieces}


class Wish:
    """Makes the request of one choice, weakening what this piece or model does not have."""

    def __init__(self, choice: Choice, score: Score, abilities: Abilities) -> None:
        self._choice = choice
        self._score = score
        self._abilities = abilities
        self._rng = random.Random(repr(sorted(choice.items(), key=str)))
        self._bars = len(score.tracks[0].bars)
        self._window = self._window_bars()
        # track -> (bars, autoregressive)
        self._targets = self._wanted()

    def request(self) -> dict[str, Any]:
        return {
            "tracks": [self._prompt(track) for track in range(len(self._score.tracks))],
            "config": self._config(),
            "controls": self._piece_controls(),
        }

    def _window_bars(self) -> int:
        wanted = self._choice["window"]
        allowed = self._abilities.num_bars_map
        return wanted if wanted in allowed and wanted <= self._bars else 0

    def _wanted(self) -> dict[int, tuple[list[int], bool]]:
        what, last = self._choice["what"], self._bars
        tracks = self._rng.sample(range(len(self._score.tracks)), len(self._score.tracks))
        first, second = tracks[0], tracks[-1]
        middle = self._rng.randrange(1, last - 2)
        rest = list(range(last - 3, last))
        if what == "one bar":
            return {first: ([middle], False)}
        if what == "some bars":
            return {first: ([middle, middle + 1, middle + 2], False)}
        if what == "scattered bars":
            return {first: ([0, 2, last - 1], False)}
        if what == "two tracks":
            return {second: ([1, 2], False), first: ([2, 5], False)}
        if what == "all tracks":
            return {track: ([2, 3], False) for track in tracks}
        if what == "whole track":
            return {first: ([], True)}
        if what == "rest of a track":
            return {first: (rest, True)}
        if what == "two whole tracks":
            return {second: ([], True), first: (rest, True)}
        return {second: ([1, 2], False), first: (rest, True)}

    def _prompt(self, track: int) -> dict[str, Any]:
        bars, autoregressive = self._targets.get(track, ([], False))
        prompt: dict[str, Any] = {"id": track, "bars": bars, "autoregressive": autoregressive}
        if track not in self._targets:
            spare = [t for t in range(len(self._score.tracks)) if t not in self._targets]
            if self._choice["ignore"] and track == spare[0]:
                return {**prompt, "ignore": True}
            return {**prompt, "mask_bars": self._hidden(track, [])}
        written = bars or list(range(self._bars))
        prompt["mask_bars"] = self._hidden(track, written)
        prompt["attributes"] = self._levels(track, self._choice["attributes"], per_bar=False)
        per_bar = {
            bar: self._levels(track, self._choice["bar_attributes"], per_bar=True)
            for bar in written[:2]
        }
        prompt["bar_attributes"] = {bar: levels for bar, levels in per_bar.items() if levels}
        prompt["controls"] = dict(self._choice["control"])
        if self._choice["meter"] and self._is_alone(track):
            prompt["controls"]["time_signature"] = self._meter_index(written[0])
        return prompt

    def _hidden(self, track: int, written: list[int]) -> list[int]:
        free = [bar for bar in range(self._bars) if bar not in written]
        hide = self._choice["hide"]
        if hide == "much":
            return [bar for bar in free if self._rng.random() < 0.4]
        if (hide == "own bars") != bool(written) or hide == "nothing" or not free:
            return []
        return self._rng.sample(free, min(len(free), 2 if written else 1))

    def _levels(self, track: int, how: str, per_bar: bool) -> dict[str, int]:
        drum = self._score.tracks[track].is_drum
        known = [
            a for a in self._abilities.attributes.values() if a.per_bar == per_bar and a.fits(drum)
        ]
        if how == "none" or not known:
            return {}
        chosen = known if how == "all" else [self._rng.choice(known)]
        return {ability.name: self._rng.randrange(ability.size) for ability in chosen}

    def _is_alone(self, track: int) -> bool:
        return len(self._targets) == 1 and track in self._targets

    def _meter_index(self, bar: int) -> int:
        return self._abilities.meters.index(self._score.tracks[0].bars[bar].meter)

    def _config(self) -> dict[str, Any]:
        choice = self._choice
        config = {
            "model_dim": self._window,
            "bars_per_step": self._bars_per_step(),
            "tracks_per_step": self._tracks_per_step(),
            "mask_mode": self._mask_mode(),
        }
        for name in ("ar_overlap", "min_overlap_bars", "infill_probability", "shuffle", "seed"):
            config[name] = choice[name]
        for name in ("limits", "filters", "temperature", "checks", "context"):
            config |= choice[name]
        if config.get("context") == "listed":
            spare = [t for t in range(len(self._score.tracks)) if t not in self._targets]
            config["context_drop"] = spare[-1:]
        return config

    def _bars_per_step(self) -> Any:
        wanted = self._choice["bars_per_step"]
        smallest = min(self._abilities.num_bars_map)
        return wanted if wanted == "auto" else min(wanted, self._window or smallest)

    def _tracks_per_step(self) -> Any:
        control = self._choice["control"]
        alone = "remix" in control or "positions" in control.get("rhythm_mask", {})
        return 1 if alone else self._choice["tracks_per_step"]

    def _mask_mode(self) -> str:
        wanted: str = self._choice["mask_mode"]
        return "attention" if wanted == "token" and not self._abilities.has_mask_bar else wanted

    def _piece_controls(self) -> dict[str, Any]:
        choice, abilities = self._choice, self._abilities
        controls: dict[str, Any] = {}
        if choice["velocity"] or (choice["velocity"] is False and abilities.switchable_velocity):
            controls["velocity"] = choice["velocity"]
        if choice["microtiming"] is not None and abilities.switchable_microtiming:
            controls["microtiming"] = choice["microtiming"]
        if choice["genre"] and abilities.genres:
            controls["genre"] = sorted(abilities.genres)[0]
        return controls
