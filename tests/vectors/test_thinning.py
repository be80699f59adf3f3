"""Thinned infill targets and shuffled steps recorded from midigpt 0.4.2."""

from __future__ import annotations

from typing import Any

from vector_files import Vectors

from descant.plan import Step, shuffle_steps, thin_targets

VECTORS = {"recorded": Vectors("generation", "infill_probability.json")}


def test_the_recorded_bars_are_kept(recorded: dict[str, Any]) -> None:
    for case in recorded["infill_probability"]:
        infill = {
            track["id"]: track["bars"]
            for track in case["tracks"]
            if not track["ignore"] and not track["autoregressive"]
        }
        kept = thin_targets(infill, case["p"], case["seed"])
        chosen = {int(track): tuple(bars) for track, bars in case["kept"].items()}
        assert kept == {track: chosen.get(track, ()) for track in infill}


def test_steps_come_in_the_recorded_order(recorded: dict[str, Any]) -> None:
    for case in recorded["shuffle"]:
        steps = [Step(bar, bar + 4, False, ((0, bar),), (0,)) for bar in range(case["n"])]
        order = [step.start_bar for step in shuffle_steps(steps, case["seed"])]
        assert order == case["order"]
