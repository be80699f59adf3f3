"""Thinned infill targets and shuffled steps recorded from midigpt 0.4.2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from descant.plan import Step, shuffle_steps, thin_targets

DATA = Path(__file__).parents[1] / "data" / "vectors"


def read(config: pytest.Config) -> dict[str, Any]:
    folder = Path(config.getoption("--vectors", None) or DATA)
    form: dict[str, Any] = json.loads((folder / "generation/infill_probability.json").read_text())
    return form


def test_the_recorded_bars_are_kept(pytestconfig: pytest.Config) -> None:
    for case in read(pytestconfig)["infill_probability"]:
        infill = {
            track["id"]: track["bars"]
            for track in case["tracks"]
            if not track["ignore"] and not track["autoregressive"]
        }
        kept = thin_targets(infill, case["p"], case["seed"])
        recorded = {int(track): tuple(bars) for track, bars in case["kept"].items()}
        assert kept == {track: recorded.get(track, ()) for track in infill}


def test_steps_come_in_the_recorded_order(pytestconfig: pytest.Config) -> None:
    for case in read(pytestconfig)["shuffle"]:
        steps = [Step(bar, bar + 4, False, ((0, bar),), (0,)) for bar in range(case["n"])]
        order = [step.start_bar for step in shuffle_steps(steps, case["seed"])]
        assert order == case["order"]
