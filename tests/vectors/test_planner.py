"""Step plans recorded from midigpt 0.4.2 (windows) and 0.2.4 (grid)."""

from __future__ import annotations

from typing import Any

import numpy as np
from vector_files import Vectors

from descant.plan import PlanSettings, Step, make_plan

VECTORS = {
    "windows": Vectors("generation", "planner.json"),
    "grids": Vectors("generation", "planner_v024.json"),
}


def plan(case: dict[str, Any], planner: str) -> list[Step]:
    names = ("bars_per_step", "tracks_per_step", "ar_overlap", "min_overlap_bars")
    settings = PlanSettings(
        window=case["model_dim"],
        planner=planner,  # type: ignore[arg-type]
        **{name: case[name] for name in names if name in case},
    )
    flagged = {
        name: [track for track, flag in enumerate(case[name]) if flag]
        for name in ("autoregressive", "ignore")
    }
    return make_plan(selected(case), settings=settings, **flagged)


def selected(case: dict[str, Any]) -> np.ndarray:
    return np.array([[bar == "1" for bar in track] for track in case["selected"]])


def as_recorded(step: Step, context: np.ndarray) -> dict[str, Any]:
    return {
        "window": [step.start_bar, step.end_bar],
        "ar": step.autoregressive,
        "generate": [list(cell) for cell in step.targets],
        "tracks": list(step.track_indices),
        "mapping": [list(row) for row in step.bar_mapping()],
        "context": ["".join("01"[bar] for bar in track) for track in context.astype(int)],
    }


def grid_context(case: dict[str, Any], steps: list[Step], index: int) -> np.ndarray:
    """0.2.4 shows a track that is being written only where earlier steps wrote it."""
    step = steps[index]
    wanted = selected(case)
    context = step.context(*wanted.shape)
    if not step.autoregressive:
        return context
    written = {cell for earlier in steps[:index] for cell in earlier.targets}
    for track in np.flatnonzero(case["autoregressive"]):
        if wanted[track].any():
            context[track] &= [(track, bar) in written for bar in range(wanted.shape[1])]
    return context


def test_windows_are_planned_as_0_4_2_plans_them(windows: dict[str, Any]) -> None:
    for case in windows["cases"]:
        shape = selected(case).shape
        steps = plan(case, "window")
        assert [as_recorded(s, s.context(*shape)) for s in steps] == case["steps"], case["id"]


def test_grids_are_planned_as_0_2_4_plans_them(grids: dict[str, Any]) -> None:
    for case in grids["cases"]:
        steps = plan(case, "grid")
        recorded = [as_recorded(s, grid_context(case, steps, i)) for i, s in enumerate(steps)]
        assert recorded == case["steps"], case["id"]
