"""What recordings of midigpt 0.2.4 still say: its step plans and its legal sets.

Its prompts and results are not replayed: it read scores at whatever resolution they had, reopened
the last bar of the history, and lost the tempo (spec/generation.md 10, number 14).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from vector_files import Vectors

from descant.controls import BarNotes, TrackControls
from descant.encoder_config import load_encoder
from descant.native import StepOptions, StepRules, Vocabulary
from descant.plan import PlanSettings, make_plan
from descant.sampling import apply_controls

VECTORS = {"recorded": Vectors("generation", "runs_*.json")}
ENCODERS = {
    "tiny_yellow": "yellow_encoder",
    "tiny_ghost": "ghost_config",
    "tiny_prism": "prism_encoder",
    "tiny_expressive": "expressive_encoder",
    "tiny_expressive02": "expressive_config",
}
WISHES = {
    "note_density": "NoteDensity",
    "min_polyphony": "MinPolyphony",
    "max_polyphony": "MaxPolyphony",
    "min_note_duration": "MinNoteDuration",
    "max_note_duration": "MaxNoteDuration",
    "bar_note_density": "BarLevelOnsetDensity",
    "bar_max_polyphony": "BarLevelOnsetPolyphonyMax",
}


@cache
def vocabulary(checkpoint: str) -> Vocabulary:
    stem = "_".join(checkpoint.split(".")[0].split("/")[0].split("_")[:2])
    return load_encoder(ENCODERS[stem]).vocabulary


class Replay:
    """The rules upstream applied in one recorded step."""

    def __init__(self, case: dict[str, Any], step: dict[str, Any], version: str) -> None:
        self.case, self.step, self.version = case, step, version
        self.words = vocabulary(case["checkpoint"])
        prompts = {prompt["id"]: prompt for prompt in case["request"]["tracks"]}
        dropped = case.get("dropped_context", [])
        self.alive = [
            track
            for track in sorted(prompts)
            if not prompts[track].get("ignore") and track not in dropped
        ]
        numbers = self.alive if version == "0.4.2" else sorted(prompts)
        self.prompts = [prompts[track] for track in numbers]
        self.tracks = [case["score"]["tracks"][track] for track in numbers]
        self.written = sorted({track for track, _ in step["generate"]})

    def is_drum(self, track: int) -> bool:
        return bool(self.tracks[track]["track_type"] == "drum")

    def options(self) -> StepOptions:
        step, config = self.step, self.case["request"]["config"]
        start, end = step["window"]
        piece = self.case["request"].get("controls", {})
        options = StepOptions(
            version=self.version,
            strict=False,
            autoregressive=step["ar"],
            exact_bars=end - start if step["ar"] else -1,
            max_tracks=len(self.alive),
            blocks=[] if step["ar"] else [(self.is_drum(t), 4, 4) for t, _ in step["generate"]],
            polyphony_limit=config.get("polyphony_hard_limit", 0),
            density_limit=config.get("density_hard_limit", 0),
            velocity=piece.get("velocity", True),
            microtiming=piece.get("microtiming", True),
            kept_meter=self.kept_meter(),
        )
        self.add_wishes(options)
        self.add_controls(options)
        return options

    def kept_meter(self) -> int:
        asked = any("time_signature" in (p.get("controls") or {}) for p in self.prompts)
        pieces = [self.case["score"]["tracks"][track] for track in self.alive]
        meters = {tuple(bar["ts"]) for track in pieces for bar in track["bars"]}
        if self.version != "0.4.2" or asked or len(meters) != 1:
            return -1
        return self.words.time_signature_value(*meters.pop())

    def add_wishes(self, options: StepOptions) -> None:
        for track in self.written if self.step["ar"] else ():
            prompt = self.prompts[track]
            if prompt["bars"] and 0 not in prompt["bars"]:
                continue
            for name, value in prompt.get("attributes", {}).items():
                if name in WISHES:
                    options.wish_track(type=WISHES[name], value=value)
            if "time_signature" in prompt.get("controls", {}):
                options.wish_track(type="TimeSig", value=prompt["controls"]["time_signature"])
            for bar, levels in prompt.get("bar_attributes", {}).items():
                place = int(bar) - self.step["window"][0]
                for name, value in levels.items() if place >= 0 else ():
                    options.wish_bar(type=WISHES[name], track=track, bar=place, value=value)

    def add_controls(self, options: StepOptions) -> None:
        each = [self.prompts[track].get("controls") or {} for track in self.written]
        apply_controls(
            options,
            TrackControls.shared([TrackControls.from_dict(controls) for controls in each]),
            self.words,
            drum=all(self.is_drum(track) for track in self.written),
            reference=[self.notes(*cell) for cell in self.step["generate"]],
            seed=self.step["seed"],
        )

    def notes(self, track: int, bar: int) -> BarNotes:
        """A target bar on the model grid of 12 ticks."""
        scale = 12 / self.case["score"]["resolution"]
        rows = [
            [pitch, velocity, int(onset * scale), max(1, int(duration * scale)), 0, 64]
            for pitch, velocity, onset, duration, *_ in self.tracks[track]["bars"][bar]["notes"]
        ]
        return np.array(rows, np.int32).reshape(-1, 6)

    def check(self) -> None:
        prompt = np.array(self.step["prompt"], np.int32)
        rules = StepRules(vocabulary=self.words, options=self.options(), prompt=prompt)
        for token, recorded in zip(self.step["tokens"], self.step["legal"], strict=True):
            assert digest(rules, self.words.size()) == recorded, self.case["id"]
            rules.accept(token)
        assert rules.complete == self.step["complete"], self.case["id"]


def digest(rules: StepRules, size: int) -> list[int]:
    bits = np.zeros(size, np.uint8)
    bits[rules.legal()] = 1
    return [int(bits.sum()), zlib.crc32(np.packbits(bits, bitorder="little").tobytes())]


def cases_of(content: Any) -> Iterator[tuple[str, Any]]:
    for case in content["cases"]:
        if content["upstream"] == "0.2.4":
            yield case["id"], case


VECTORS = {"case": Vectors("generation", "runs_*.json", cases_of)}


def test_legal_sets(case: dict[str, Any]) -> None:
    for step in case["steps"]:
        Replay(case, step, "0.2.4").check()


def test_plan(case: dict[str, Any]) -> None:
    config = case["config"]
    prompts = sorted(case["request"]["tracks"], key=lambda prompt: prompt["id"])
    bars = len(case["score"]["tracks"][0]["bars"])
    selected = [[bar in prompt["bars"] for bar in range(bars)] for prompt in prompts]
    settings = PlanSettings(
        window=config["model_dim"],
        bars_per_step=config["bars_per_step"],
        tracks_per_step=config["tracks_per_step"],
        planner="grid",
    )
    steps = make_plan(
        selected,
        [prompt["id"] for prompt in prompts if prompt.get("autoregressive")],
        [prompt["id"] for prompt in prompts if prompt.get("ignore")],
        settings,
    )
    planned = [[step.start_bar, step.end_bar] for step in steps]
    recorded = [step["window"] for step in case["steps"]]
    assert [window for window in recorded if window not in planned] == []
